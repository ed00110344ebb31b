package tgo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// APIKey describes a key, without its secret.
//
// Its fields:
//
//	ID          int64      // for Client.RevokeAPIKey
//	Name        string     // the name given to it
//	Prefix      string     // the first characters of the key, to recognize it
//	Scopes      []string   // its permissions
//	Status      string     // "active" or "revoked"; may be another
//	ExpiresAt   *time.Time // nil if the key does not expire
//	LastUsedAt  *time.Time // nil if the key was never used
type APIKey = gen.APIKey

// Scope is a permission of a key.
type Scope = gen.Scope

// The scopes that the API knows.
const (
	// ScopeMessagesSend allows sending messages and registering sender numbers.
	ScopeMessagesSend = gen.ScopeMessagesSend
	// ScopeMessagesRead allows reading the message log.
	ScopeMessagesRead = gen.ScopeMessagesRead
	// ScopeContactsLookup allows asking whether a phone can receive messages.
	ScopeContactsLookup = gen.ScopeContactsLookup
	// ScopeUsageRead allows reading the usage.
	ScopeUsageRead = gen.ScopeUsageRead
	// ScopeAll allows everything.
	ScopeAll = gen.ScopeAll
)

// allScopes are the scopes above, in the order of the contract.
var allScopes = []Scope{ScopeMessagesSend, ScopeMessagesRead, ScopeContactsLookup, ScopeUsageRead, ScopeAll}

// maxKeyDays is the longest time that a key can be valid, in days, according to the API reference.
const maxKeyDays = 365

// NewAPIKey is a key to create.
type NewAPIKey struct {
	// Name is a name for the key. It is required and must not be only white space (assumed).
	Name string
	// Scopes are the permissions of the key. At least one is required, because the API does not document what a key without
	// scopes may do.
	Scopes []Scope
	// ExpiresInDays is how long the key is valid, from 1 to 365 days. With 0 the API uses its default, which is 90 days.
	ExpiresInDays int
}

// CreatedAPIKey is the result of [Client.CreateAPIKey].
type CreatedAPIKey struct {
	APIKey
	// Key is the key itself. The API shows it only once, so store it.
	Key Key
}

var (
	opCreateAPIKey = operation{id: "createApiKey", name: "create API key"}
	opRevokeAPIKey = operation{id: "revokeApiKey", name: "revoke API key"}
)

// CreateAPIKey creates a key. It needs no scope.
//
// It is repeated automatically only if certainly nothing was sent. Errors are an [*InputError], an [*APIError], or the
// network's or the context's. If a part of the response cannot be read ([ErrUnreadable]), Key is still returned if it could
// be read.
func (c *Client) CreateAPIKey(ctx context.Context, key NewAPIKey) (CreatedAPIKey, error) {
	if err := inputError(opCreateAPIKey.name, key.validate()...); err != nil {
		return CreatedAPIKey{}, err
	}
	req, err := gen.NewCreateAPIKeyRequestWithBody(c.baseURL, jsonType, nil)
	content := gen.CreateAPIKeyRequest{Name: key.Name, Scopes: key.Scopes, ExpiresInDays: key.ExpiresInDays}
	a, err := c.doJSON(ctx, opCreateAPIKey, req, err, content)
	if err != nil {
		return CreatedAPIKey{}, err
	}
	var created CreatedAPIKey
	var plain string
	body, err := phpjson.Parse(trimJSON(a.Body)) // if the JSON is complete, a cut after it does not matter
	if err != nil {
		err = cmp.Or(a.Err, whyNotJSON(a), err)
	} else {
		err = withoutEnvelope(body).Read(&created.APIKey)
		for _, place := range []phpjson.Value{body, body.Member("data")} { // it may be beside the data of the key or inside
			_ = place.Member("plain_text_key").Read(&plain)
		}
	}
	if plain != "" {
		created.Key = NewKey(plain)
	} else if err == nil {
		err = errors.New(`it has no "plain_text_key"`)
	}
	if err != nil {
		if wrong := (*phpjson.Error)(nil); errors.As(err, &wrong) {
			wrong.Value = string(created.Key.outOf([]byte(wrong.Value)))
		}
		a.Body = created.Key.outOf(a.Body)
		err = c.unreadable(opCreateAPIKey, a, err)
	}
	return created, err
}

// outOf returns a response as an error may show it, without a new key. A key that could be read is masked everywhere.
func (k Key) outOf(answer []byte) []byte {
	switch plain := k.Reveal(); {
	case plain == "":
	case k.validate() == nil:
		answer = []byte(redact.New(plain).Text(string(answer)))
	default: // the key has an unknown form, so it cannot be found in the response reliably
		return []byte(redact.Mask)
	}
	return withoutNewKey(answer)
}

// withoutNewKey returns the part of a response before a new key. The key may have any form, and may be cut.
func withoutNewKey(body []byte) []byte {
	const name = "plain_text_key"
	for i := range body {
		if end := i + len(name); end <= len(body) && bytes.EqualFold(body[i:end], []byte(name)) {
			value := bytes.TrimLeft(bytes.TrimPrefix(body[end:], []byte(`"`)), ": \t\r\n")
			if !bytes.HasPrefix(value, []byte("null")) {
				return slices.Concat(body[:i], []byte(name+`": "`+redact.Mask))
			}
		}
	}
	return body
}

func (k NewAPIKey) validate() []*FieldError {
	var problems []*FieldError
	if strings.TrimSpace(k.Name) == "" {
		problems = append(problems, fieldError("name", "must not be empty"))
	}
	problems = append(problems, checkUTF8("name", k.Name))
	if len(k.Scopes) == 0 {
		problems = append(problems, fieldError("scopes", "must name at least one scope"))
	}
	seen := map[Scope]bool{}
	for _, s := range k.Scopes {
		switch {
		case !slices.Contains(allScopes, s):
			problems = append(problems, fieldError("scopes", fmt.Sprintf("contains an unknown scope: use only %q", allScopes)))
		case seen[s]:
			problems = append(problems, fieldError("scopes", "contains "+string(s)+" twice: remove one"))
		}
		seen[s] = true
	}
	if k.ExpiresInDays < 0 || k.ExpiresInDays > maxKeyDays {
		problems = append(problems, fieldError("expires_in_days", fmt.Sprintf("must be 1 to %d, or 0 for the API's default", maxKeyDays)))
	}
	return problems
}

// RevokeAPIKey revokes the key with this id (APIKey.ID) immediately. It needs no scope. Two things are assumed: the id is a
// number, and the API returns 404 if there is no such key.
//
// Errors are an [*InputError], an [*APIError] (an [ErrNotFound] if there is no such key), or the network's or the context's.
func (c *Client) RevokeAPIKey(ctx context.Context, id int64) error {
	if id < 1 {
		return inputError(opRevokeAPIKey.name, fieldError("apiKey", "must be the id of a key, 1 or more"))
	}
	req, err := gen.NewRevokeAPIKeyRequest(c.baseURL, id)
	_, err = c.do(ctx, opRevokeAPIKey, req, err)
	return err
}
