//go:build tools

// Package openapi names the generator here so that it stays in go.mod at the version pinned by go.mod's tool line.
package openapi

import _ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
