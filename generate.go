// Package openapi has the contract of the TGO Business API, the hand-written document openapi.yaml, for programs that need it at run
// time, such as validators, mocks and documentation servers. The client is in package tgo.
//
// Two more editions are generated from that document: as JSON, and as OpenAPI 3.1. All three accept and refuse the same requests and
// answers. A program contains only the editions that it uses.
package openapi

import _ "embed"

//go:generate go tool oapi-codegen -config gen/config.yaml openapi.yaml
//go:generate go run ./gen/internal/operations -out gen/operations.gen.go openapi.yaml
//go:generate go tool oapi-codegen -config contract_test/server/oapi-codegen.yaml openapi.yaml
//go:generate go run ./gen/internal/editions -json gen/openapi.json -json-3.1 gen/openapi-3.1.json openapi.yaml

// Document is openapi.yaml: the OpenAPI 3.0.3 description of every endpoint, scope, schema and error. It must not be modified.
//
//go:embed openapi.yaml
var Document []byte

// Overlay is gen/overlay.yaml: an OpenAPI overlay with the hints that oapi-codegen needs to generate package gen from the document.
// It must not be modified.
//
//go:embed gen/overlay.yaml
var Overlay []byte

// DocumentJSON is Document as JSON, in the same order, without its comments. It must not be modified.
//
//go:embed gen/openapi.json
var DocumentJSON []byte

// Document31JSON is Document as OpenAPI 3.1, as JSON. It must not be modified.
//
//go:embed gen/openapi-3.1.json
var Document31JSON []byte
