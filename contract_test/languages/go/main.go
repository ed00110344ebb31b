// Command go runs the scenario that all languages run, through the client that oapi-codegen makes of openapi.yaml.
package main

import (
	"cmp"
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

	"github.com/tgo-business/tgo-go/gen"
)

// scenario is scenario.json.
type scenario struct {
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

// fake is the line that `tgo fake` prints.
type fake struct {
	URL string `json:"url"`
}

// object is a JSON object.
type object = map[string]any

func main() {
	file := os.Getenv("TGO_SCENARIO")
	text, err := os.ReadFile(file) //nolint:gosec // the file that the caller names is read
	if err == nil {
		err = run(context.Background(), os.Getenv("TGO_FAKE"), text, filepath.Dir(file), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run carries out the scenario and prints a line for each step. The files that it names are found from dir.
func run(ctx context.Context, announcement string, text []byte, dir string, out io.Writer) error {
	p := player{dir: dir}
	if err := json.Unmarshal([]byte(announcement), &p.fake); err != nil {
		return fmt.Errorf("TGO_FAKE: %w", err)
	}
	if err := json.Unmarshal(text, &p.scenario); err != nil {
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
	scenario
	fake fake
	dir  string
}

// play makes all calls of a step and returns the first thing that is wrong.
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

// outcome is the result of a call or the error that the API answered with, as plain JSON values.
func (p *player) outcome(ctx context.Context, c call) (any, error) {
	key := c.Key
	if key == "" {
		key = "all"
	}
	result, err := p.do(ctx, c, p.Keys[key])
	var refused *apiError
	outcome := object{"result": result}
	switch {
	case errors.As(err, &refused):
		outcome = object{"error": object{
			"status": refused.Status, "message": refused.Message,
			"fields": orEmpty(refused.Fields), "required_scopes": append([]string{}, refused.RequiredScopes...),
		}}
	case err != nil:
		return nil, err
	}
	var plain any
	err = through(outcome, &plain)
	return plain, err
}

func (p *player) do(ctx context.Context, c call, key string) (any, error) {
	client, err := newClient(p.fake.URL, key)
	if err != nil {
		return nil, err
	}
	switch c.Call {
	case "send_text":
		m := gen.TextMessage{Type: gen.TextMessageTypeText}
		if err := json.Unmarshal(c.With, &m); err != nil {
			return nil, err
		}
		r, err := client.SendMessageWithResponse(ctx, m)
		return sent(r, err)
	case "send_media":
		var m form
		if err := errors.Join(json.Unmarshal(c.With, &m.MessageForm), json.Unmarshal(c.With, &m)); err != nil {
			return nil, err
		}
		if m.File != "" {
			m.File = filepath.Join(p.dir, m.File)
		}
		r, err := sendForm(ctx, client, m)
		return sent(r, err)
	case "lookup":
		var q gen.LookupContactParams
		if err := json.Unmarshal(c.With, &q); err != nil {
			return nil, err
		}
		r, err := client.LookupContactWithResponse(ctx, &q)
		if err != nil {
			return nil, err
		}
		if r.JSON200 == nil {
			return nil, refusal("lookupContact", r.HTTPResponse, r.Body)
		}
		contact := *r.JSON200
		return object{
			"exists": contact.Exists, "can_receive": contact.CanReceive, "reason_code": contact.ReasonCode,
			"recipient_id": contact.RecipientID, "is_verified": contact.IsVerified, "phone_verified_at": moment(contact.PhoneVerifiedAt),
		}, nil
	case "log":
		return readLog(ctx, client)
	case "usage":
		r, err := client.GetUsageWithResponse(ctx)
		if err != nil {
			return nil, err
		}
		if r.JSON200 == nil {
			return nil, refusal("getUsage", r.HTTPResponse, r.Body)
		}
		list := []object{}
		for _, n := range r.JSON200.Data {
			list = append(list, object{"sender_number_id": n.SenderNumberID, "sender_phone": nullable(n.SenderPhone), "messages_sent": n.MessagesSent})
		}
		return object{"data": list}, nil
	case "sender_numbers":
		r, err := client.ListSenderNumbersWithResponse(ctx)
		if err != nil {
			return nil, err
		}
		if r.JSON200 == nil {
			return nil, refusal("listSenderNumbers", r.HTTPResponse, r.Body)
		}
		list := []object{}
		for _, n := range r.JSON200.Data {
			list = append(list, object{
				"id": n.ID, "phone": n.Phone, "display_name": nullable(n.DisplayName),
				"status": n.Status, "verification_status": n.VerificationStatus,
			})
		}
		return object{"data": list}, nil
	case "me":
		r, err := client.GetMeWithResponse(ctx)
		if err != nil {
			return nil, err
		}
		if r.JSON200 == nil {
			return nil, refusal("getMe", r.HTTPResponse, r.Body)
		}
		m := *r.JSON200
		if m.APIKey == nil {
			m.APIKey = &gen.APIKey{}
		}
		return object{
			"user": nullable(m.User.Name), "api_key": nullable(m.APIKey.Name), "organization": nullable(m.Organization.Name),
			"email_verified": m.Organization.EmailVerified, "subscription": m.Subscription,
		}, nil
	case "subscription":
		r, err := client.GetSubscriptionWithResponse(ctx)
		if err != nil {
			return nil, err
		}
		if r.JSON200 == nil {
			return nil, refusal("getSubscription", r.HTTPResponse, r.Body)
		}
		s := *r.JSON200
		return object{"plan": s.Plan, "status": nullable(s.Status), "limits": s.Limits, "usage_snapshot": s.UsageSnapshot}, nil
	case "create_key":
		var body gen.CreateAPIKeyRequest
		if err := json.Unmarshal(c.With, &body); err != nil {
			return nil, err
		}
		r, err := client.CreateAPIKeyWithResponse(ctx, body)
		if err != nil {
			return nil, err
		}
		created := cmp.Or(r.JSON201, r.JSON2XX)
		if created == nil {
			return nil, refusal("createApiKey", r.HTTPResponse, r.Body)
		}
		k := created.Data
		return object{
			"begins": created.PlainTextKey[:4], "name": nullable(k.Name), "scopes": k.Scopes, "status": nullable(k.Status),
		}, nil
	case "revoke_key":
		var with struct{ ID int64 }
		if err := json.Unmarshal(c.With, &with); err != nil {
			return nil, err
		}
		r, err := client.RevokeAPIKeyWithResponse(ctx, with.ID)
		if err != nil {
			return nil, err
		}
		if r.StatusCode() != http.StatusNoContent {
			return nil, refusal("revokeApiKey", r.HTTPResponse, r.Body)
		}
		return object{}, nil
	case "register":
		var body gen.RegisterSenderNumberRequest
		if err := json.Unmarshal(c.With, &body); err != nil {
			return nil, err
		}
		r, err := client.RegisterSenderNumberWithResponse(ctx, body)
		if err != nil {
			return nil, err
		}
		registered := cmp.Or(r.JSON201, r.JSON2XX)
		if registered == nil {
			return nil, refusal("registerSenderNumber", r.HTTPResponse, r.Body)
		}
		n := registered.Data
		return object{
			"phone": n.Phone, "display_name": nullable(n.DisplayName), "status": n.Status, "verified_at": moment(n.VerifiedAt),
		}, nil
	case "raw":
		var with struct{ Path string }
		if err := json.Unmarshal(c.With, &with); err != nil {
			return nil, err
		}
		var answer any
		err := getJSON(ctx, p.fake.URL+with.Path, key, &answer)
		return answer, err
	case "arrivals":
		all, err := p.arrivals(ctx)
		return object{"count": len(all)}, err
	}
	return nil, errors.New("no such call")
}

func sent(r *gen.SendMessageHTTPResponse, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	accepted := cmp.Or(r.JSON201, r.JSON2XX)
	if accepted == nil {
		return nil, refusal("sendMessage", r.HTTPResponse, r.Body)
	}
	m := accepted.Data
	return object{
		"id": m.ID, "sender_number_id": m.SenderNumberID, "recipient_user_id": nullable(m.RecipientUserID),
		"message_type": m.MessageType, "content": nullable(m.Content), "status": m.Status,
	}, nil
}

// readLog reads all pages of the log.
func readLog(ctx context.Context, client *gen.ClientWithResponses) (any, error) {
	entries := []object{}
	ids := map[int64]bool{}
	for page := 1; ; page++ {
		r, err := client.ListMessagesWithResponse(ctx, &gen.ListMessagesParams{Page: &page})
		if err != nil {
			return nil, err
		}
		if r.JSON200 == nil {
			return nil, refusal("listMessages", r.HTTPResponse, r.Body)
		}
		for _, e := range r.JSON200.Data {
			ids[e.ID] = true
			entries = append(entries, object{
				"sender_number_id": e.SenderNumberID, "message_type": e.MessageType, "content": nullable(e.Content), "status": e.Status,
			})
		}
		if r.JSON200.Links.Next != "" {
			continue
		}
		return object{
			"pages": page, "total": nullable(r.JSON200.Meta.Total), "count": len(entries), "distinct": len(ids),
			"oldest": entries[max(0, len(entries)-5):],
		}, nil
	}
}

// arrivals are the messages that the fake has accepted.
func (p *player) arrivals(ctx context.Context) ([]object, error) {
	u, err := url.Parse(p.fake.URL)
	if err != nil {
		return nil, err
	}
	var all []object
	err = getJSON(ctx, u.ResolveReference(&url.URL{Path: "/_fake/messages"}).String(), "", &all)
	return all, err
}

func (p *player) arrived(ctx context.Context, id int64) (object, error) {
	all, err := p.arrivals(ctx)
	for _, m := range all {
		if m["id"] == float64(id) {
			return m, err
		}
	}
	return nil, errors.Join(err, fmt.Errorf("message %d has not arrived", id))
}

// compare holds a value against what is expected of it. An object may have more fields than are expected, except that
// an empty one must be empty.
func compare(path string, want, got any) error {
	switch want := want.(type) {
	case object:
		o, ok := got.(object)
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

func orEmpty(fields map[string][]string) map[string][]string {
	if fields == nil {
		return map[string][]string{}
	}
	return fields
}

// nullable is null for the zero value: our types for Go read null, and what was left out, as that.
func nullable[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func moment(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
