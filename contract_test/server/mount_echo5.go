//go:build echo5

package main

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/tgo-business/tgo-go/contract_test/server/api"
)

func mount(s api.StrictServerInterface) http.Handler {
	e := echo.New()
	e.HTTPErrorHandler = func(c *echo.Context, err error) {
		if _, ok := errors.AsType[*echo.HTTPError](err); ok {
			unreadable(c.Response(), c.Request(), err)
		} else {
			failed(c.Response(), c.Request(), err)
		}
	}
	api.RegisterHandlersWithBaseURL(e, api.NewStrictHandler(s, nil), basePath)
	return e
}
