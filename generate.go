// Package openapi holds the contract of the TGO Business API, the hand-written document openapi.yaml, for programs that
// need it at run time: validators, mocks, documentation servers. The client is in the package tgo.
//
// There are two more editions, made of that document: as JSON, and as OpenAPI 3.1. The three accept and refuse the same. A
// program carries those that it uses.
package openapi

import _ "embed"

//go:generate go tool oapi-codegen -config gen/config.yaml openapi.yaml
//go:generate go run ./gen/internal/operations -out gen/operations.gen.go openapi.yaml
//go:generate go run ./gen/internal/editions -json gen/openapi.json -json-3.1 gen/openapi-3.1.json openapi.yaml
//go:generate go tool oapi-codegen -config contract_test/server/oapi-codegen.yaml openapi.yaml

// Document is openapi.yaml: the OpenAPI 3.0.3 description of every endpoint, scope, schema and error. It is not to be
// written to.
//
//go:embed openapi.yaml
var Document []byte

// DocumentJSON is Document as JSON, in the same order, without its comments. It is not to be written to.
//
//go:embed gen/openapi.json
var DocumentJSON []byte

// Document31JSON is Document as OpenAPI 3.1, as JSON. It is not to be written to.
//
//go:embed gen/openapi-3.1.json
var Document31JSON []byte

// Overlay is gen/overlay.yaml: an OpenAPI overlay with the hints by which oapi-codegen makes package gen of the document. It is
// not to be written to.
//
//go:embed gen/overlay.yaml
var Overlay []byte
