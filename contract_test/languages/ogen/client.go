package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/tgo-business/tgo-go/contract_test/languages/go/scenario"
	api "github.com/tgo-business/tgo-go/contract_test/languages/ogen/generated"
)

// apiKey is the key of each request.
type apiKey string

// ApiKeyAuth returns the key.
//
//nolint:staticcheck // ogen's interface has this name
func (k apiKey) ApiKeyAuth(context.Context, api.OperationName) (api.ApiKeyAuth, error) {
	return api.ApiKeyAuth{APIKey: string(k)}, nil
}

// newClient is the generated client with a key. It follows no redirects: a redirect would send the key to another host. net/http
// repeats a POST only if nothing of it was sent.
func newClient(url, key string) (*api.Client, error) {
	direct := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return api.NewClient(url, apiKey(key), api.WithClient(refusing{direct}))
}

// refused is a response that is not a success.
type refused struct {
	status int
	said   api.Error
}

func (e *refused) Error() string { return fmt.Sprintf("TGO returned %d: %s", e.status, e.said.Message) }

// refusing turns every refusal into the same error. ogen has a separate type for each status of each operation, and none of them
// has the status.
type refusing struct{ http.Client }

// Do makes a request.
func (c refusing) Do(r *http.Request) (*http.Response, error) {
	response, err := c.Client.Do(r) //nolint:gosec // the caller names the host
	if err != nil || response.StatusCode < http.StatusMultipleChoices {
		return response, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	e := &refused{status: response.StatusCode}
	if err := json.Unmarshal(body, &e.said); err != nil {
		return nil, fmt.Errorf("TGO returned %d without JSON: %w", e.status, err)
	}
	return nil, e
}

// requiredScopes are the scopes that each operation requires: x-required-scopes in openapi.yaml, which the generator drops.
var requiredScopes = map[string][]string{
	"sendMessage":          {"messages.send"},
	"listMessages":         {"messages.read"},
	"lookupContact":        {"contacts.lookup"},
	"getUsage":             {"usage.read"},
	"registerSenderNumber": {"messages.send"},
}

// success is the response of an operation, or the error with which it was refused.
func success[T any](operation string, answer any, err error) (T, error) {
	var none T
	var r *refused
	if errors.As(err, &r) {
		e := &scenario.Error{Status: r.status, Message: r.said.Message, Fields: r.said.Errors.Value}
		if e.Status == http.StatusForbidden {
			e.RequiredScopes = requiredScopes[operation]
		}
		return none, e
	}
	if err != nil {
		return none, err
	}
	if result, ok := answer.(T); ok {
		return result, nil
	}
	return none, fmt.Errorf("%s returned a %T", operation, answer)
}
