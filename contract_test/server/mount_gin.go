//go:build gin

package main

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/tgo-business/tgo-go/contract_test/server/api"
)

func mount(s api.StrictServerInterface) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	strict := api.NewStrictHandlerWithOptions(s, nil, api.StrictGinServerOptions{
		RequestErrorHandlerFunc:  func(c *gin.Context, err error) { unreadable(c.Writer, c.Request, err) },
		HandlerErrorFunc:         func(c *gin.Context, err error) { failed(c.Writer, c.Request, err) },
		ResponseErrorHandlerFunc: func(c *gin.Context, err error) { failed(c.Writer, c.Request, err) },
	})
	api.RegisterHandlersWithOptions(g, strict, api.GinServerOptions{
		BaseURL: basePath, ErrorHandler: func(c *gin.Context, err error, _ int) { unreadable(c.Writer, c.Request, err) },
	})
	return g
}
