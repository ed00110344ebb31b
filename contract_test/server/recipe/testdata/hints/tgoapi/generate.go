// Package tgoapi is generated from the contract of the TGO Business API.
package tgoapi

//go:generate go tool tgo-openapi openapi.yaml overlay.yaml
//go:generate go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml
