package contract_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// judge is a transport that holds each answer against the document before the client sees it.
type judge struct {
	mu       sync.Mutex
	seen     map[string]bool // "operationId 201"
	problems []string
}

func newJudge() *judge { return &judge{seen: map[string]bool{}} }

func (j *judge) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := validateResponse(r, resp.StatusCode, resp.Header, body); err != nil {
		j.problems = append(j.problems, fmt.Sprintf("%s %s answered %d %s: %v", r.Method, r.URL.Path, resp.StatusCode, body, err))
	}
	if route, _, err := findRoute(r.Method, r.URL.Path); err == nil {
		j.seen[route.Operation.OperationID+" "+strconv.Itoa(resp.StatusCode)] = true
	}
	return resp, nil
}

// answered reports whether an operation answered with a status.
func (j *judge) answered(operationID, status string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seen[operationID+" "+status]
}

func (j *judge) report(t *testing.T) {
	t.Helper()
	for _, p := range j.problems {
		t.Error(p)
	}
}

// client is a client of the fake whose answers are judged.
func (j *judge) client(t *testing.T, fake *tgotest.Server, key tgo.Key) *tgo.Client {
	t.Helper()
	c, err := fake.ClientWith(key, tgo.WithHTTPClient(&http.Client{Transport: j}), tgo.WithReadRetries())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTheJudgeCondemns makes sure that the instrument of this file works.
func TestTheJudgeCondemns(t *testing.T) {
	t.Parallel()
	const contact = `{"exists":true,"can_receive":true,"reason_code":"ok","recipient_id":1,"is_verified":true,"phone_verified_at":"2025-01-10T08:00:00Z"}`
	req := rawRequest{method: http.MethodGet, target: "/contacts/lookup"}.request(t, "http://tenant"+basePath, "")
	header := http.Header{"Content-Type": {jsonType}}
	if err := validateResponse(req, http.StatusOK, header, []byte(contact)); err != nil {
		t.Error("a good answer is condemned:", err)
	}
	if err := validateResponse(req, http.StatusOK, header, []byte(strings.Replace(contact, "{", `{"brand":{"new":1},`, 1))); err != nil {
		t.Error("an unknown property is condemned:", err)
	}
	for name, bad := range map[string]struct {
		status      int
		contentType string
		body        string
	}{
		"a status that is not declared": {http.StatusTeapot, jsonType, `{"message":"a"}`},
		"another success":               {http.StatusCreated, jsonType, contact},
		"no JSON":                       {http.StatusOK, "text/html", contact},
		"a property is missing":         {http.StatusOK, jsonType, strings.Replace(contact, `"exists":true,`, "", 1)},
		"a property of another type":    {http.StatusOK, jsonType, strings.Replace(contact, `"exists":true`, `"exists":"yes"`, 1)},
		"null where it may not be":      {http.StatusOK, jsonType, strings.Replace(contact, `"ok"`, `null`, 1)},
		"a time that is none":           {http.StatusOK, jsonType, strings.Replace(contact, "T08", " 08", 1)},
		"an envelope":                   {http.StatusOK, jsonType, `{"data":` + contact + `}`},
		"an error without a message":    {http.StatusUnauthorized, jsonType, `{"error":"a"}`},
		"field errors that are no list": {http.StatusUnprocessableEntity, jsonType, `{"message":"a","errors":{"phone":"bad"}}`},
		"an empty body":                 {http.StatusOK, jsonType, ``},
	} {
		if validateResponse(req, bad.status, http.Header{"Content-Type": {bad.contentType}}, []byte(bad.body)) == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// TestEveryAnswerConforms drives every operation to its success and to every refusal that the document declares for it,
// and then looks whether one was left out.
func TestEveryAnswerConforms(t *testing.T) {
	t.Parallel()
	j := newJudge()
	fake := newExampleFake(t, func(c *tgotest.Config) { c.PageSize = 2 })
	client := j.client(t, fake, fake.Key)
	for _, c := range calls(t) {
		if _, err := c.do(t.Context(), client); err != nil && (c.method != "Client.RevokeAPIKey" || !errors.Is(err, tgo.ErrNotFound)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	driveRefusals(t, j, fake)
	j.report(t)

	for _, op := range operations() {
		for status := range op.responses() {
			switch {
			case status == "2XX":
				continue // the fake answers the documented code, except in a variant
			case status == "5XX":
				status = "503"
			case status == "403" && len(op.requiredScopes()) == 0:
				continue // the document lets it be, since the vendor names no scope
			}
			if !j.answered(op.OperationID, status) {
				t.Errorf("%s never answered %s", op.OperationID, status)
			}
		}
	}
}

// driveRefusals sends the document's examples with something wrong about each.
func driveRefusals(t *testing.T, j *judge, fake *tgotest.Server) {
	t.Helper()
	noScopes := fake.NewKey().Reveal()
	key := fake.Key.Reveal()
	said := func(a answer, status int, want string) {
		t.Helper()
		where := a.request.Method + " " + a.request.URL.Path
		if a.status != status {
			t.Errorf("%s answered %d %s, want %d", where, a.status, a.body, status)
			return
		}
		if got := a.refusal(t); got.Message != want || got.Errors != nil {
			t.Errorf("%s says %q %v, want %q", where, got.Message, got.Errors, want)
		}
	}
	for _, op := range operations() {
		for _, r := range exampleRequests(t, op) {
			said(roundTrip(t, j, r.request(t, fake.URL, "")), http.StatusUnauthorized, textUnauthenticated)
			said(roundTrip(t, j, r.request(t, fake.URL, "tgo_wrong")), http.StatusUnauthorized, textUnauthenticated)
			if len(op.requiredScopes()) > 0 {
				said(roundTrip(t, j, r.request(t, fake.URL, noScopes)), http.StatusForbidden, textMissingScope)
			}
			// The tenant is looked for before the key is looked at.
			for _, k := range []string{key, noScopes, "tgo_wrong", ""} {
				stranger := r.request(t, fake.URL, k)
				stranger.Host = "unknown.tgo-eg.com"
				said(roundTrip(t, j, stranger), http.StatusNotFound, textUnknownTenant)
			}
			for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
				fault, err := fake.Inject(tgotest.Fault{Operation: op.OperationID, Kind: tgotest.FaultStatus, Status: status, RetryAfter: "30", Times: 1})
				if err != nil {
					t.Fatal(err)
				}
				if a := roundTrip(t, j, r.request(t, fake.URL, key)); a.status != status || a.header.Get("Retry-After") != "30" {
					t.Errorf("%s answered %d, want %d with a Retry-After", op.OperationID, a.status, status)
				}
				fault.Remove()
			}
		}
	}
	for _, bad := range []rawRequest{
		{method: "POST", target: "/messages", contentType: jsonType, body: []byte(`{}`)},
		{method: "GET", target: "/messages?page=0"},
		{method: "GET", target: "/contacts/lookup"},
		{method: "POST", target: "/sender-numbers", contentType: jsonType, body: []byte(`{}`)},
		{method: "POST", target: "/api-keys", contentType: jsonType, body: []byte(`{}`)},
	} {
		a := roundTrip(t, j, bad.request(t, fake.URL, key))
		if a.status != http.StatusUnprocessableEntity || a.refusal(t).Message != textInvalid || len(a.refusal(t).Errors) == 0 {
			t.Errorf("%s %s answered %d %s", bad.method, bad.target, a.status, a.body)
		}
	}
	said(roundTrip(t, j, rawRequest{method: "DELETE", target: "/api-keys/99999"}.request(t, fake.URL, key)), http.StatusNotFound, "API key not found.")
	// Revoked already: there is nothing more to revoke.
	said(roundTrip(t, j, rawRequest{method: "DELETE", target: "/api-keys/7"}.request(t, fake.URL, key)), http.StatusNotFound, "API key not found.")
}

// TestAPathThatIsNoIDIsAnsweredAsTheContractSays: what stands in a path can be anything, and an answer to it must be one
// that the operation declares.
func TestAPathThatIsNoIDIsAnsweredAsTheContractSays(t *testing.T) {
	t.Parallel()
	fake := newExampleFake(t)
	for _, id := range []string{"abc", "0", "-1", "1.5", "99999999999999999999", "%20", "7a"} {
		a := send(t, rawRequest{method: http.MethodDelete, target: "/api-keys/" + id}.request(t, fake.URL, fake.Key.Reveal()))
		if a.status/100 != 4 {
			t.Errorf("DELETE /api-keys/%s answered %d %s", id, a.status, a.body)
		}
	}
}

// TestSenderStates sends from a number in each of its states, by each kind of message and each way to name it.
func TestSenderStates(t *testing.T) {
	t.Parallel()
	for _, state := range []struct {
		status, verification string
		says                 string
		is                   error
	}{
		{"active", "active", "", nil},
		{"active", "rejected", textSenderUnverified, tgo.ErrSenderUnverified},
		{"active", "pending_verification", textSenderUnverified, tgo.ErrSenderUnverified},
		{"active", "pending_account_verification", textSenderUnverified, tgo.ErrSenderUnverified},
		{"pending_account_verification", "active", textSenderUnverified, tgo.ErrSenderUnverified},
		{"pending_account_verification", "pending_account_verification", textSenderUnverified, tgo.ErrSenderUnverified},
		{"pending_verification", "active", textSenderInactive, tgo.ErrSenderInactive},
		{"pending_verification", "pending_account_verification", textSenderInactive, tgo.ErrSenderInactive},
		{"rejected", "active", textSenderInactive, tgo.ErrSenderInactive},
		{"suspended", "active", textSenderInactive, tgo.ErrSenderInactive},
	} {
		t.Run(state.status+" "+state.verification, func(t *testing.T) {
			t.Parallel()
			j := newJudge()
			fake := newExampleFake(t)
			client := j.client(t, fake, fake.Key)
			if !fake.SetSenderStatus(senderID, state.status, state.verification) {
				t.Fatal("there is no such sender number")
			}
			before := countsOf(t, fake)
			sent := 0
			for _, c := range onePerMethod(t) {
				if !c.sends() {
					continue
				}
				_, err := c.do(t.Context(), client)
				if state.is == nil {
					sent++
					if err != nil {
						t.Errorf("%s: %v", c.name, err)
					}
					continue
				}
				var refusal *tgo.APIError
				if !errors.As(err, &refusal) || refusal.Message != state.says || !errors.Is(err, state.is) {
					t.Errorf("%s: %v, want %q", c.name, err, state.says)
				}
				if d := tgo.DeliveryOf(err); d != tgo.DeliveryRejected {
					t.Errorf("%s: delivery is %v", c.name, d)
				}
			}
			if got := countsOf(t, fake); got != before.plus(sent) {
				t.Errorf("counts are %+v, want %+v and %d", got, before, sent)
			}
			for _, f := range bothSenders {
				if _, err := f.of(client).Check(t.Context()); !errors.Is(err, state.is) {
					t.Errorf("Check says %v of a number that sends with %v", err, state.is)
				}
			}
			j.report(t)

			raw := exampleRequests(t, operationByID(t, "sendMessage"))
			for _, r := range raw {
				a := send(t, r.request(t, fake.URL, fake.Key.Reveal()))
				if state.says == "" {
					if a.status != http.StatusCreated {
						t.Errorf("%s answered %d %s", r.name, a.status, a.body)
					}
					continue
				}
				// Byte for byte, and not only after decoding.
				if want := fmt.Sprintf("{\"message\":%q}\n", state.says); a.status != http.StatusUnprocessableEntity || string(a.body) != want {
					t.Errorf("%s answered %d %s, want 422 %s", r.name, a.status, a.body, want)
				}
			}
		})
	}
}

// TestContactStates looks everyone up, and then sends to them: a lookup must not promise what a send refuses.
func TestContactStates(t *testing.T) {
	t.Parallel()
	states := map[tgotest.ContactState]tgo.Contact{
		tgotest.ContactReachable:   {Exists: true, CanReceive: true, ReasonCode: "ok", IsVerified: true},
		tgotest.ContactUnreachable: {Exists: true, ReasonCode: "unreachable", IsVerified: true},
		tgotest.ContactUnverified:  {Exists: true, ReasonCode: "unverified"},
		tgotest.ContactUnknown:     {ReasonCode: "not_found"},
	}
	for state, want := range states {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			j := newJudge()
			now := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
			fake := newExampleFake(t, func(c *tgotest.Config) {
				c.Strangers = state
				c.Contacts = append(c.Contacts, tgotest.Contact{Phone: "+201010000001", State: state})
				c.Now = func() time.Time { return now }
			})
			fake.SetContact("+201010000002", state)
			client := j.client(t, fake, fake.Key)
			for _, phone := range []tgo.Phone{"+201010000001", "+201010000002", "+201010000003"} {
				for _, f := range bothSenders {
					got, err := f.of(client).Lookup(t.Context(), phone)
					if err != nil {
						t.Fatal(err)
					}
					if (got.RecipientID != nil) != want.Exists || (got.PhoneVerifiedAt != nil) != want.IsVerified {
						t.Errorf("%s: recipient %v, verified at %v", phone, got.RecipientID, got.PhoneVerifiedAt)
					}
					got.RecipientID, got.PhoneVerifiedAt = nil, nil
					if !reflect.DeepEqual(got, want) {
						t.Errorf("%s: %+v, want %+v", phone, got, want)
					}
					before := countsOf(t, fake)
					_, err = f.of(client).SendText(t.Context(), phone, "a")
					if want.CanReceive {
						if err != nil || countsOf(t, fake) != before.plus(1) {
							t.Errorf("%s can receive, but: %v", phone, err)
						}
						continue
					}
					var refusal *tgo.APIError
					if !errors.As(err, &refusal) || refusal.Status != http.StatusUnprocessableEntity || refusal.Message != textInvalid || len(refusal.Fields["to_phone"]) == 0 {
						t.Errorf("%s cannot receive, but: %v", phone, err)
					}
					if countsOf(t, fake) != before {
						t.Errorf("%s: the refused message was counted", phone)
					}
				}
			}
			j.report(t)
		})
	}
}

// TestASenderThatIsNotThere: numbers of nobody are refused under the field that named them.
func TestASenderThatIsNotThere(t *testing.T) {
	t.Parallel()
	j := newJudge()
	fake := newExampleFake(t)
	client := j.client(t, fake, fake.Key)
	for field, sender := range map[string]*tgo.Sender{
		"sender_phone":     client.FromPhone("+201001180000"),
		"sender_number_id": client.FromNumber(4711),
	} {
		for name, do := range map[string]func(context.Context) error{
			"text": func(ctx context.Context) error { _, err := sender.SendText(ctx, recipient, "a"); return err },
			"document": func(ctx context.Context) error {
				_, err := sender.SendDocument(ctx, recipient, tgo.Document{File: tgo.BytesFile("a", []byte("a"))})
				return err
			},
			"lookup": func(ctx context.Context) error { _, err := sender.Lookup(ctx, recipient); return err },
		} {
			var refusal *tgo.APIError
			if err := do(t.Context()); !errors.As(err, &refusal) || refusal.Status != http.StatusUnprocessableEntity || len(refusal.Fields) != 1 || len(refusal.Fields[field]) == 0 {
				t.Errorf("%s by %s: %v", name, field, err)
			}
		}
		if _, err := sender.Check(t.Context()); !errors.Is(err, tgo.ErrSenderUnknown) {
			t.Errorf("check by %s: %v", field, err)
		}
	}
	if n := len(fake.Messages()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
	j.report(t)
}

// TestWhatIsListedIsWhatThereIs compares the answers with what the fake was set up with, values and not only shapes.
func TestWhatIsListedIsWhatThereIs(t *testing.T) {
	t.Parallel()
	j := newJudge()
	now := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
	fake := newExampleFake(t, func(c *tgotest.Config) { c.Now = func() time.Time { return now } })
	client := j.client(t, fake, fake.Key)
	ctx := t.Context()

	registered, err := client.RegisterSenderNumber(ctx, "+201001187190", "")
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := client.SenderNumbers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(numbers) != 2 || numbers[1] != registered || numbers[0].ID != senderID || numbers[0].Phone != senderPhone || registered.DisplayName != "" || registered.Status != "pending_verification" {
		t.Errorf("numbers are %+v", numbers)
	}

	created, err := client.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "reader", Scopes: []tgo.Scope{tgo.ScopeMessagesRead}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(created.Key.Reveal(), "tgo_") || !strings.HasPrefix(created.Key.Reveal(), created.Prefix) {
		t.Errorf("the key does not begin with tgo_ and its prefix %s", created.Prefix)
	}
	if created.ExpiresAt == nil || !created.ExpiresAt.Equal(now.AddDate(0, 0, 90)) {
		t.Errorf("a key without a number of days expires at %v, want after 90 days", created.ExpiresAt)
	}
	me, err := j.client(t, fake, created.Key).Me(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if me.APIKey == nil || me.APIKey.ID != created.ID || me.APIKey.Name != "reader" || !slices.Equal(me.APIKey.Scopes, []string{"messages.read"}) || me.APIKey.Status != "active" {
		t.Errorf("the key says it is %+v", me.APIKey)
	}
	j.report(t)
}
