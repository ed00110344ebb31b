//go:build !chi && !echo && !echo5 && !gin

package main

import (
	"net/http"

	"github.com/tgo-business/tgo-go/contract_test/server/api"
)

func mount(s api.StrictServerInterface) http.Handler {
	strict := api.NewStrictHandlerWithOptions(s, nil, api.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: unreadable, ResponseErrorHandlerFunc: failed,
	})
	return api.HandlerWithOptions(strict, api.StdHTTPServerOptions{BaseURL: basePath, ErrorHandlerFunc: unreadable})
}
