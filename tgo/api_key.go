package tgo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
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
//	ID          int64
//	Name        string
//	Prefix      string     // the first characters of the key, to know it by
//	Scopes      []string
//	Status      string     // whether the key works
//	ExpiresAt   *time.Time // nil if never
//	LastUsedAt  *time.Time // nil if never
type APIKey = gen.APIKey

// Scope is what a key may do.
type Scope = gen.Scope

// The scopes that the API knows.
const (
	// ScopeMessagesSend lets it send messages and register sender numbers.
	ScopeMessagesSend = gen.ScopeMessagesSend
	// ScopeMessagesRead lets it read the message log.
	ScopeMessagesRead = gen.ScopeMessagesRead
	// ScopeContactsLookup lets it ask whether a phone can receive messages.
	ScopeContactsLookup = gen.ScopeContactsLookup
	// ScopeUsageRead lets it read the usage.
	ScopeUsageRead = gen.ScopeUsageRead
	// ScopeAll grants everything.
	ScopeAll = gen.ScopeAll
)

// NewAPIKey is a key to create.
type NewAPIKey struct {
	// Name is a name to know the key by; required, and more than white space (assumed).
	Name string
	// Scopes is what the key may do; at least one, since the API does not say what a key without any may do.
	Scopes []Scope
	// ExpiresInDays is how long the key is valid, 1 to 365 days; 0 leaves it to the API, which makes it 90.
	ExpiresInDays int
}

// CreatedAPIKey is a key that was just created.
type CreatedAPIKey struct {
	APIKey
	// Key is the key itself. The API shows it this once: keep it.
	Key Key
}

var (
	opCreateAPIKey = operation{id: "createApiKey", name: "create API key"}
	opRevokeAPIKey = operation{id: "revokeApiKey", name: "revoke API key"}
)

// CreateAPIKey creates a key. It needs no scope.
//
// It is repeated by itself only where certainly nothing was sent. Errors are an [*InputError], an [*APIError], or the
// network's or the context's. Where the rest of the answer cannot be read ([ErrUnreadable]), Key is returned all the same if
// it could be.
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
	body, err := phpjson.Parse(trimJSON(a.Body)) // where it is whole, it does not matter that the answer was cut after it
	if err != nil {
		err = cmp.Or(a.Err, whyNotJSON(a), err)
	} else {
		err = withoutEnvelope(body).Read(&created.APIKey)
		for _, place := range []phpjson.Value{body, body.Member("data")} { // it may be beside the key's data or within
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

// outOf is an answer as an error may show it, without a new key. Where the key could be read, it is masked wherever it stands.
func (k Key) outOf(answer []byte) []byte {
	switch plain := k.Reveal(); {
	case plain == "":
	case k.validate() == nil:
		answer = []byte(redact.New(plain).Text(string(answer)))
	default: // it is no key as they are known, and could not be told apart
		return []byte(redact.Mask)
	}
	return withoutNewKey(answer)
}

// withoutNewKey is what of an answer stands before a new key, which may have any form, and may be cut.
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
		problems = append(problems, fieldError("name", "must have something in it"))
	}
	problems = append(problems, checkUTF8("name", k.Name))
	if len(k.Scopes) == 0 {
		problems = append(problems, fieldError("scopes", "must name at least one scope"))
	}
	seen := map[Scope]bool{}
	for _, s := range k.Scopes {
		switch {
		case !s.Valid():
			problems = append(problems, fieldError("scopes",
				"holds a scope that the API does not know; it knows messages.send, messages.read, contacts.lookup, usage.read and *"))
		case seen[s]:
			problems = append(problems, fieldError("scopes", "names "+string(s)+" twice"))
		}
		seen[s] = true
	}
	if k.ExpiresInDays < 0 || k.ExpiresInDays > 365 {
		problems = append(problems, fieldError("expires_in_days", "must be 1 to 365, or 0 for the API's default"))
	}
	return problems
}

// RevokeAPIKey revokes the key with this id (APIKey.ID) at once. It needs no scope. That the id is a number, and that a key
// which is not there is a 404, is assumed.
//
// Errors are an [*InputError], an [*APIError] (an [ErrNotFound] where there is no such key), or the network's or the
// context's.
func (c *Client) RevokeAPIKey(ctx context.Context, id int64) error {
	if id < 1 {
		return inputError(opRevokeAPIKey.name, fieldError("apiKey", "must be the id of a key, 1 or more"))
	}
	req, err := gen.NewRevokeAPIKeyRequest(c.baseURL, id)
	_, err = c.do(ctx, opRevokeAPIKey, req, err)
	return err
}
