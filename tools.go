//go:build tools && ignore

// Package openapi names the generator here, beside the tool line of go.mod, which pins its version. Without "ignore" in the
// constraint, go mod tidy would make the generator a dependency of everyone who imports this module.
package openapi

import _ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
