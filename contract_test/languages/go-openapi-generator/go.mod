module github.com/tgo-business/tgo-go/contract_test/languages/go-openapi-generator

go 1.26.0

replace github.com/tgo-business/tgo-go => ../../..

require github.com/tgo-business/tgo-go v0.0.0
