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

// apiKey is the key that goes with each request.
type apiKey string

// ApiKeyAuth returns the key.
//
//nolint:staticcheck // ogen's interface has this name
func (k apiKey) ApiKeyAuth(context.Context, api.OperationName) (api.ApiKeyAuth, error) {
	return api.ApiKeyAuth{APIKey: string(k)}, nil
}

// newClient is the generated client with a key. It follows no redirect, which would take the key along to another host. net/http
// repeats a POST only where nothing of it went out.
func newClient(url, key string) (*api.Client, error) {
	direct := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return api.NewClient(url, apiKey(key), api.WithClient(refusing{direct}))
}

// refused is an answer that is no success.
type refused struct {
	status int
	said   api.Error
}

func (e *refused) Error() string { return fmt.Sprintf("TGO answered %d: %s", e.status, e.said.Message) }

// refusing makes one error of all refusals. ogen has a type of its own for each status of each operation, and none of them holds
// the status.
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
		return nil, fmt.Errorf("TGO answered %d with no JSON: %w", e.status, err)
	}
	return nil, e
}

// success is what an operation answered with, or the error that it was refused with.
func success[T any](operation string, answer any, err error) (T, error) {
	var none T
	var r *refused
	if errors.As(err, &r) {
		return none, scenario.Refusal(operation, r.status, r.said.Message, r.said.Errors.Value)
	}
	if err != nil {
		return none, err
	}
	if result, ok := answer.(T); ok {
		return result, nil
	}
	return none, fmt.Errorf("%s answered with a %T", operation, answer)
}
