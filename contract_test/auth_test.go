package contract_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// keyKind is a way to send a key, or none. scopes is what the key grants; nil means that it is not accepted.
type keyKind struct {
	name   string
	scopes []tgo.Scope
	key    func(fake *tgotest.Server) string
	edit   func(r *http.Request, fake *tgotest.Server)
}

var fourScopes = []tgo.Scope{tgo.ScopeMessagesSend, tgo.ScopeMessagesRead, tgo.ScopeContactsLookup, tgo.ScopeUsageRead}

func keyKinds(now time.Time) []keyKind {
	fixed := func(key string) func(*tgotest.Server) string { return func(*tgotest.Server) string { return key } }
	expiring := func(at time.Time) func(*tgotest.Server) string {
		return func(fake *tgotest.Server) string {
			return fake.AddKey(tgotest.Key{Scopes: []tgo.Scope{tgo.ScopeAll}, ExpiresAt: at}).Reveal()
		}
	}
	all := func(fake *tgotest.Server) string { return fake.NewKey(tgo.ScopeAll).Reveal() }
	kinds := []keyKind{
		{name: "no key", key: fixed("")},
		{name: "wrong key", key: fixed("tgo_wrong-key")},
		{name: "empty key", key: fixed(""), edit: func(r *http.Request, _ *tgotest.Server) { r.Header.Set("X-Api-Key", "") }},
		{name: "key in upper case", key: func(fake *tgotest.Server) string {
			return strings.Replace(all(fake), "tgo_", "TGO_", 1)
		}},
		{name: "part of a key", key: func(fake *tgotest.Server) string { k := all(fake); return k[:len(k)-1] }},
		{name: "more than a key", key: func(fake *tgotest.Server) string { return all(fake) + "x" }},
		{name: "key as a bearer token", key: fixed(""), edit: func(r *http.Request, fake *tgotest.Server) {
			r.Header.Set("Authorization", "Bearer "+all(fake))
		}},
		{name: "key in the query", key: fixed(""), edit: func(r *http.Request, fake *tgotest.Server) {
			query := r.URL.Query()
			query.Set("X-Api-Key", all(fake))
			query.Set("api_key", all(fake))
			r.URL.RawQuery = query.Encode()
		}},
		{name: "expired key", key: expiring(now.Add(-time.Hour))},
		{name: "key that expires now", key: expiring(now)},
		{name: "key that expires in a second", key: expiring(now.Add(time.Second)), scopes: []tgo.Scope{tgo.ScopeAll}},
		{name: "revoked key", key: func(fake *tgotest.Server) string {
			key := fake.NewKey(tgo.ScopeAll)
			fake.RevokeKey(key)
			return key.Reveal()
		}},
	}
	grants := [][]tgo.Scope{{}, {tgo.ScopeAll}, fourScopes}
	for i, s := range fourScopes {
		others := slices.Delete(slices.Clone(fourScopes), i, i+1)
		grants = append(grants, []tgo.Scope{s}, others)
	}
	for _, scopes := range grants {
		kinds = append(kinds, keyKind{name: fmt.Sprint("scopes ", scopes), scopes: scopes, key: func(fake *tgotest.Server) string { return fake.NewKey(scopes...).Reveal() }})
	}
	return kinds
}

// want returns the status that a key must lead to, according to the document's x-required-scopes alone.
func (k keyKind) want(t *testing.T, op operation) (status int, message string) {
	t.Helper()
	if k.scopes == nil {
		return http.StatusUnauthorized, textUnauthenticated
	}
	for _, required := range op.RequiredScopes() {
		if !slices.Contains(k.scopes, tgo.Scope(required)) && !slices.Contains(k.scopes, tgo.ScopeAll) {
			return http.StatusForbidden, textMissingScope
		}
	}
	status, _ = op.SuccessExamples(t)
	return status, ""
}

// TestKeysAllowWhatTheContractSays sends the document's own requests of every operation with every kind of key.
func TestKeysAllowWhatTheContractSays(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
	for _, op := range contract.Operations() {
		t.Run(op.OperationID, func(t *testing.T) {
			t.Parallel()
			for _, r := range contract.ExampleRequests(t, op) {
				for _, kind := range keyKinds(now) {
					t.Run(r.Name+"/"+kind.name, func(t *testing.T) {
						fake := suite.NewFake(t, func(c *tgotest.Config) { c.Now = func() time.Time { return now } })
						req := r.HTTP(t, fake.URL, kind.key(fake))
						if kind.edit != nil {
							kind.edit(req, fake)
						}
						before := suite.WorkspaceOf(t, fake)
						a := suite.Send(t, req)
						status, message := kind.want(t, op)
						if a.Status != status {
							t.Fatalf("returned %d %s, want %d", a.Status, a.Body, status)
						}
						after := suite.WorkspaceOf(t, fake)
						if message != "" {
							if got := a.Error(t); got.Message != message || got.Errors != nil {
								t.Errorf("says %q %v, want %q", got.Message, got.Errors, message)
							}
							if after != before {
								t.Errorf("it was refused, and still changed %+v into %+v", before, after)
							}
							return
						}
						if changes := op.Method != http.MethodGet && op.OperationID != "createApiKey"; (after != before) != changes {
							t.Errorf("it was accepted: the workspace was %+v and is %+v", before, after)
						}
					})
				}
			}
		})
	}
}

// TestKeyIsCheckedBeforeTheRequest: without a key, no one learns what is wrong with a request.
func TestKeyIsCheckedBeforeTheRequest(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	lookupOnly := fake.NewKey(tgo.ScopeContactsLookup).Reveal()
	for _, bad := range []request{
		{Method: "POST", Target: "/messages", ContentType: jsonType, Body: []byte(`{`)},
		{Method: "POST", Target: "/messages", ContentType: "text/plain", Body: []byte(`a`)},
		{Method: "POST", Target: "/messages", ContentType: multipartType, Body: []byte(`a`)},
		{Method: "GET", Target: "/messages?page=x"},
		{Method: "POST", Target: "/sender-numbers", ContentType: jsonType, Body: []byte(`{}`)},
	} {
		if a := suite.Send(t, bad.HTTP(t, fake.URL, "")); a.Status != http.StatusUnauthorized {
			t.Errorf("%s %s without a key returned %d", bad.Method, bad.Target, a.Status)
		}
		if a := suite.Send(t, bad.HTTP(t, fake.URL, lookupOnly)); a.Status != http.StatusForbidden {
			t.Errorf("%s %s without the scope returned %d", bad.Method, bad.Target, a.Status)
		}
	}
}
