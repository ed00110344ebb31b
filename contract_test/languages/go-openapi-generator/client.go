package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	api "github.com/tgo-business/tgo-go/contract_test/languages/go-openapi-generator/generated"
	"github.com/tgo-business/tgo-go/contract_test/languages/go/scenario"
)

// newClient is the generated client. It follows no redirect, which would take the key along to another host. net/http repeats a
// POST only where nothing of it went out.
func newClient(url string) *api.APIClient {
	config := api.NewConfiguration()
	config.Servers = api.ServerConfigurations{{URL: url}}
	config.HTTPClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return api.NewAPIClient(config)
}

// withKey is a context whose requests have the key.
func withKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, api.ContextAPIKeys, map[string]api.APIKey{"ApiKeyAuth": {Key: key}})
}

// refusal makes the API's error of the one that the generated client returns.
func refusal(operation string, response *http.Response, err error) error {
	var said *api.GenericOpenAPIError
	if !errors.As(err, &said) || response == nil {
		return err
	}
	body, ok := said.Model().(api.Error)
	if !ok {
		return fmt.Errorf("TGO answered %d with no error in JSON: %w", response.StatusCode, err)
	}
	return scenario.Refusal(operation, response.StatusCode, body.Message, body.GetErrors())
}
