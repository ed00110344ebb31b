//go:build tools && ignore

// Package openapi imports the generator here, in addition to the tool line of go.mod, which pins its version. Without "ignore" in the
// build constraint, go mod tidy would make the generator a dependency of every module that imports this one.
package openapi

import _ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
