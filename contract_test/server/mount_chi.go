//go:build chi

package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/tgo-business/tgo-go/contract_test/server/api"
)

func mount(s api.StrictServerInterface) http.Handler {
	strict := api.NewStrictHandlerWithOptions(s, nil, api.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: unreadable, ResponseErrorHandlerFunc: failed,
	})
	return api.HandlerWithOptions(strict, api.ChiServerOptions{
		BaseURL: basePath, BaseRouter: chi.NewRouter(), ErrorHandlerFunc: unreadable,
	})
}
