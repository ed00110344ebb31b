// Package scenario runs the scenario of all languages with any client that is generated for Go.
package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"
)

// Object is a JSON object.
type Object = map[string]any

// Error is a refusal by the API.
type Error struct {
	Status  int                 `json:"status"`
	Message string              `json:"message"`
	Fields  map[string][]string `json:"fields"`
	// RequiredScopes are the scopes that the key needs; they are set for a 403 only.
	RequiredScopes []string `json:"required_scopes"`
}

func (e *Error) Error() string { return fmt.Sprintf("TGO returned %d: %s", e.Status, e.Message) }

// API has the operations of a generated client. A result has the fields that the table in ../../README.md names, read through the
// generated types; a refusal is an *Error.
type API interface {
	// SendText sends a text as JSON.
	SendText(ctx context.Context, m Message) (Object, error)
	// SendForm sends a form.
	SendForm(ctx context.Context, m Message) (Object, error)
	// Lookup looks up a phone.
	Lookup(ctx context.Context, q Query) (Object, error)
	// Log reads a page of the log.
	Log(ctx context.Context, page int32) (Page, error)
	// Usage reads the usage of each sender number.
	Usage(ctx context.Context) ([]Object, error)
	// SenderNumbers reads the sender numbers.
	SenderNumbers(ctx context.Context) ([]Object, error)
	// Register registers a sender number.
	Register(ctx context.Context, n Number) (Object, error)
	// CreateKey creates a key.
	CreateKey(ctx context.Context, k Key) (Object, error)
	// RevokeKey revokes a key.
	RevokeKey(ctx context.Context, id int64) error
	// Me reads the owner of the key.
	Me(ctx context.Context) (Object, error)
	// Subscription reads the subscription.
	Subscription(ctx context.Context) (Object, error)
}

// Message is a message to send. Fields that are zero are omitted.
type Message struct {
	Type           string `json:"type"`
	SenderPhone    string `json:"sender_phone"`
	SenderNumberID int64  `json:"sender_number_id"`
	ToPhone        string `json:"to_phone"`
	Content        string `json:"content"`
	Duration       int32  `json:"duration"`
	FileName       string `json:"file_name"`
	FileSize       int64  `json:"file_size"`
	FileType       string `json:"file_type"`
	// File is the path of the file to send.
	File string `json:"file"`
}

// Query is the query of a lookup. Fields that are zero are omitted.
type Query struct {
	Phone          string `json:"phone"`
	SenderPhone    string `json:"sender_phone"`
	SenderNumberID int64  `json:"sender_number_id"`
}

// Number is a sender number to register.
type Number struct {
	Phone       string `json:"phone"`
	DisplayName string `json:"display_name"`
}

// Key is a key to create. ExpiresInDays is omitted if it is zero.
type Key struct {
	Name          string   `json:"name"`
	Scopes        []string `json:"scopes"`
	ExpiresInDays int32    `json:"expires_in_days"`
}

// Page is a page of the log.
type Page struct {
	// Entries have an id in addition to the fields in the table.
	Entries []Object
	// More reports whether there is a link to the next page.
	More bool
	// Total is the total of the page's meta.
	Total any
}

// Connect makes a client of the API at url that uses the key.
type Connect func(url, key string) (API, error)

// Main runs the scenario that the environment names and exits.
func Main(connect Connect) {
	file := os.Getenv("TGO_SCENARIO")
	text, err := os.ReadFile(file) //nolint:gosec // the caller names the file
	if err == nil {
		err = Run(context.Background(), os.Getenv("TGO_FAKE"), text, filepath.Dir(file), connect, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// script is scenario.json.
type script struct {
	Keys  map[string]string `json:"keys"`
	Steps []step            `json:"steps"`
}

type step struct {
	Name  string `json:"name"`
	Calls []call `json:"calls"`
}

type call struct {
	Call    string          `json:"call"`
	Key     string          `json:"key"`
	Times   int             `json:"times"`
	With    json.RawMessage `json:"with"`
	Expect  any             `json:"expect"`
	Arrived any             `json:"arrived"`
}

// Run runs a scenario against the fake that printed announcement, and prints a line for each step. File names in the scenario are
// relative to dir.
func Run(ctx context.Context, announcement string, scenario []byte, dir string, connect Connect, out io.Writer) error {
	p := player{dir: dir, connect: connect}
	if err := json.Unmarshal([]byte(announcement), &p.fake); err != nil {
		return fmt.Errorf("TGO_FAKE: %w", err)
	}
	if err := json.Unmarshal(scenario, &p.script); err != nil {
		return err
	}
	failed := false
	for _, s := range p.Steps {
		if err := p.play(ctx, s); err != nil {
			failed = true
			fmt.Fprintf(out, "step %s FAIL %s\n", s.Name, strings.ReplaceAll(err.Error(), "\n", " "))
			continue
		}
		fmt.Fprintf(out, "step %s ok\n", s.Name)
	}
	if failed {
		return errors.New("the scenario failed")
	}
	return nil
}

type player struct {
	script
	// fake is the line that `tgo fake` prints.
	fake struct {
		URL string `json:"url"`
	}
	dir     string
	connect Connect
}

// play makes all calls of a step and returns the first failure.
func (p *player) play(ctx context.Context, s step) error {
	var first error
	for _, c := range s.Calls {
		for range max(1, c.Times) {
			if err := p.check(ctx, c); first == nil {
				first = err
			}
		}
	}
	return first
}

func (p *player) check(ctx context.Context, c call) error {
	outcome, err := p.outcome(ctx, c)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Call, err)
	}
	if err := compare(c.Call, c.Expect, outcome); err != nil || c.Arrived == nil {
		return err
	}
	var sent struct{ Result struct{ ID int64 } }
	if err := through(outcome, &sent); err != nil {
		return err
	}
	arrived, err := p.arrived(ctx, sent.Result.ID)
	if err != nil {
		return err
	}
	return compare(c.Call+" arrived", c.Arrived, arrived)
}

// outcome is the result of a call, or the error with which the API refused it, as plain JSON values.
func (p *player) outcome(ctx context.Context, c call) (any, error) {
	key := c.Key
	if key == "" {
		key = "all"
	}
	result, err := p.do(ctx, c, p.Keys[key])
	var refused *Error
	outcome := Object{"result": result}
	switch {
	case errors.As(err, &refused):
		said := *refused
		if said.Fields == nil {
			said.Fields = map[string][]string{}
		}
		said.RequiredScopes = append([]string{}, said.RequiredScopes...)
		outcome = Object{"error": said}
	case err != nil:
		return nil, err
	}
	var plain any
	err = through(outcome, &plain)
	return plain, err
}

func (p *player) do(ctx context.Context, c call, key string) (any, error) {
	api, err := p.connect(p.fake.URL, key)
	if err != nil {
		return nil, err
	}
	switch c.Call {
	case "send_text":
		return with(c, func(m Message) (Object, error) { return api.SendText(ctx, m) })
	case "send_media":
		return with(c, func(m Message) (Object, error) {
			if m.File != "" {
				m.File = filepath.Join(p.dir, m.File)
			}
			return api.SendForm(ctx, m)
		})
	case "lookup":
		return with(c, func(q Query) (Object, error) { return api.Lookup(ctx, q) })
	case "log":
		return readLog(ctx, api)
	case "usage":
		list, err := api.Usage(ctx)
		return Object{"data": list}, err
	case "sender_numbers":
		list, err := api.SenderNumbers(ctx)
		return Object{"data": list}, err
	case "me":
		return api.Me(ctx)
	case "subscription":
		return api.Subscription(ctx)
	case "create_key":
		return with(c, func(k Key) (Object, error) { return api.CreateKey(ctx, k) })
	case "revoke_key":
		return with(c, func(k struct{ ID int64 }) (Object, error) { return Object{}, api.RevokeKey(ctx, k.ID) })
	case "register":
		return with(c, func(n Number) (Object, error) { return api.Register(ctx, n) })
	case "raw":
		return with(c, func(at struct{ Path string }) (Object, error) {
			answer := Object{}
			return answer, getJSON(ctx, p.fake.URL+at.Path, key, &answer)
		})
	case "arrivals":
		all, err := p.arrivals(ctx)
		return Object{"count": len(all)}, err
	}
	return nil, errors.New("no such call")
}

// with makes a call with its arguments.
func with[T any](c call, do func(T) (Object, error)) (any, error) {
	var arguments T
	if err := json.Unmarshal(c.With, &arguments); err != nil {
		return nil, err
	}
	return do(arguments)
}

// readLog reads all pages of the log.
func readLog(ctx context.Context, api API) (any, error) {
	entries := []Object{}
	ids := map[any]bool{}
	for number := int32(1); ; number++ {
		page, err := api.Log(ctx, number)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			ids[e["id"]] = true
			entries = append(entries, e)
		}
		if !page.More {
			return Object{
				"pages": number, "total": page.Total, "count": len(entries), "distinct": len(ids),
				"oldest": entries[max(0, len(entries)-5):],
			}, nil
		}
	}
}

// arrivals are the messages that the fake has accepted.
func (p *player) arrivals(ctx context.Context) ([]Object, error) {
	u, err := url.Parse(p.fake.URL)
	if err != nil {
		return nil, err
	}
	var all []Object
	err = getJSON(ctx, u.ResolveReference(&url.URL{Path: "/_fake/messages"}).String(), "", &all)
	return all, err
}

func (p *player) arrived(ctx context.Context, id int64) (Object, error) {
	all, err := p.arrivals(ctx)
	for _, m := range all {
		if m["id"] == float64(id) {
			return m, err
		}
	}
	return nil, errors.Join(err, fmt.Errorf("message %d has not arrived", id))
}

// getJSON reads any JSON, for requests that are not part of the API.
func getJSON(ctx context.Context, url, key string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	r.Header.Set("X-Api-Key", key)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// compare compares a value with the expected one. An object may have more fields than expected, but an object that is
// expected to be empty must be empty.
func compare(path string, want, got any) error {
	switch want := want.(type) {
	case Object:
		o, ok := got.(Object)
		if !ok || (len(want) == 0 && len(o) > 0) {
			break
		}
		for name, w := range want {
			if err := compare(path+"."+name, w, o[name]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			break
		}
		for i := range want {
			if err := compare(fmt.Sprintf("%s[%d]", path, i), want[i], list[i]); err != nil {
				return err
			}
		}
		return nil
	default:
		if reflect.DeepEqual(want, got) {
			return nil
		}
	}
	return fmt.Errorf("%s is %s, want %s", path, text(got), text(want))
}

func text(v any) string {
	t, _ := json.Marshal(v)
	return string(t)
}

// through puts a value into another by way of JSON.
func through(from, into any) error {
	t, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(t, into)
}

// Moment returns a time in the format of the scenario, or null for nil.
func Moment(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
