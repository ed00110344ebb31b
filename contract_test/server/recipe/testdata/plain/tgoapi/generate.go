// Package tgoapi is generated from the contract of the TGO Business API.
package tgoapi

//go:generate sh -c "go tool oapi-codegen -config oapi-codegen.yaml \"$(go list -m -f '{{.Dir}}' github.com/tgo-business/tgo-go)/openapi.yaml\""
