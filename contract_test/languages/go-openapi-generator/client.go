package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	api "github.com/tgo-business/tgo-go/contract_test/languages/go-openapi-generator/generated"
	"github.com/tgo-business/tgo-go/contract_test/languages/go/scenario"
)

// newClient is the generated client. It follows no redirects: a redirect would send the key to another host. net/http repeats a
// POST only if nothing of it was sent.
func newClient(url string) *api.APIClient {
	config := api.NewConfiguration()
	config.Servers = api.ServerConfigurations{{URL: url}}
	config.HTTPClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return api.NewAPIClient(config)
}

// withKey returns a context whose requests have the key.
func withKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, api.ContextAPIKeys, map[string]api.APIKey{"ApiKeyAuth": {Key: key}})
}

// requiredScopes are the scopes that each operation requires: x-required-scopes in openapi.yaml, which the generator drops.
var requiredScopes = map[string][]string{
	"sendMessage":          {"messages.send"},
	"listMessages":         {"messages.read"},
	"lookupContact":        {"contacts.lookup"},
	"getUsage":             {"usage.read"},
	"registerSenderNumber": {"messages.send"},
}

// refusal turns the error of the generated client into a scenario.Error if the API refused the request.
func refusal(operation string, response *http.Response, err error) error {
	var said *api.GenericOpenAPIError
	if !errors.As(err, &said) || response == nil {
		return err
	}
	body, ok := said.Model().(api.Error)
	if !ok {
		return fmt.Errorf("TGO returned %d without an error in JSON: %w", response.StatusCode, err)
	}
	e := &scenario.Error{Status: response.StatusCode, Message: body.Message, Fields: body.GetErrors()}
	if e.Status == http.StatusForbidden {
		e.RequiredScopes = requiredScopes[operation]
	}
	return e
}
