package suite

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Flags choose the server that TestContract runs against. By default it is a fake.
type Flags struct {
	Live      bool
	Mock      bool
	mockRoot  bool
	Plan      bool
	InCI      bool
	keys      bool
	messages  int
	requests  int
	pause     time.Duration
	recipient string
	lookup    string
	Record    string
}

// Register defines the flags.
func (f *Flags) Register(flags *flag.FlagSet) {
	flags.BoolVar(&f.Live, "live", false, "run TestContract against the tenant that TGO_BASE_URL and TGO_API_KEY name, reading only")
	flags.BoolVar(&f.Mock, "mock", false, "run TestContract against the stateless mock server that TGO_BASE_URL names, on this machine")
	flags.BoolVar(&f.mockRoot, "mock.root", false, "with -mock: the mock has the paths of the contract at its root, without /api/v1, as Prism does")
	flags.BoolVar(&f.Plan, "plan", false, "with -live: print what the run would do, and stop there")
	flags.BoolVar(&f.InCI, "live.in-ci", false, "with -live: run even if CI is set in the environment")
	flags.BoolVar(&f.keys, "live.keys", false, "with -live: make API keys that expire in a day, and revoke them")
	flags.IntVar(&f.messages, "live.messages", 0, "with -live: send at most this `number` of real messages, to -live.recipient")
	flags.IntVar(&f.requests, "live.requests", 80, "with -live: make at most this `number` of requests")
	flags.DurationVar(&f.pause, "live.pause", time.Second, "with -live: how long to wait between two requests")
	flags.StringVar(&f.recipient, "live.recipient", "", "with -live: the `phone` that messages go to; TGO_LIVE_RECIPIENT must say the same")
	flags.StringVar(&f.lookup, "live.lookup", "", "with -live: a `phone` that may be looked up; by default the recipient")
	flags.StringVar(&f.Record, "record", "", "with -live: write the responses of the tenant to this `file`, without keys, phones, names and texts")
}

// Target is a server to run the cases against.
type Target struct {
	Name    string
	BaseURL string
	Key     tgo.Key
	lacks   map[Needs]string // what cases cannot have, with the reason
	Alone   bool             // no one else uses the server

	SenderField, SenderValue string // the field that names the sender in a request, and its value
	Recipient, Lookup        string

	Guard     *Guard // nil for a fake and a mock, where nothing can go wrong
	Recorder  *Recorder
	Coverage  *tgotest.Coverage
	Client    *tgo.Client
	transport http.RoundTripper
}

// connect makes the client and its transports: client, recorder, coverage, guard, server.
func (on *Target) connect(transport http.RoundTripper) error {
	on.Coverage = tgotest.NewCoverage()
	on.Recorder = &Recorder{Next: on.Coverage.Transport(transport), Base: on.BaseURL}
	on.transport = on.Recorder
	var err error
	on.Client, err = on.clientWith(on.Key)
	return err
}

// clientWith returns a client that sends each request once: retries are not part of the contract, and not wanted on a live
// tenant.
func (on *Target) clientWith(key tgo.Key) (*tgo.Client, error) {
	return tgo.New("", key, tgo.WithBaseURL(on.BaseURL), tgo.WithHTTPClient(&http.Client{Transport: on.transport}), tgo.WithReadRetries(), tgo.WithUserAgent("contract-suite"))
}

// Sender returns the sender that the flags name.
func (on *Target) Sender() *tgo.Sender {
	if on.SenderField == "sender_phone" {
		return on.Client.FromPhone(tgo.Phone(on.SenderValue))
	}
	id, _ := strconv.ParseInt(on.SenderValue, 10, 64)
	return on.Client.FromNumber(tgo.NumberID(id))
}

// Do sends a request as it is, with a key or without one, and validates the response.
func (on *Target) Do(t *testing.T, r contract.Request, key string) Answer {
	t.Helper()
	req := r.HTTP(t, on.BaseURL, key)
	a := RoundTrip(t, on.transport, req)
	a.tenant = on.Guard != nil
	a.MustConform(t, on.inContract(req))
	return a
}

// ErrorText returns an error of the client as it may be printed. The error itself may have parts of a live tenant's response.
func (on *Target) ErrorText(err error) string {
	known := SentinelsOf(err)
	var api *tgo.APIError
	if errors.As(err, &api) {
		known = append(known, fmt.Sprintf("%s returned %d", api.Op, api.Status))
	}
	if on.Guard == nil || len(known) == 0 {
		return fmt.Sprint(err)
	}
	return strings.Join(known, ", ")
}

// inContract returns the request with the path that the contract has, wherever the server has its API.
func (on *Target) inContract(r *http.Request) *http.Request { return inContract(r, on.BaseURL) }

// inContract returns a request to a base URL with the path that the contract has.
func inContract(r *http.Request, baseURL string) *http.Request {
	base, err := url.Parse(baseURL)
	if err != nil {
		return r
	}
	moved := r.Clone(r.Context())
	moved.URL.Path = contract.BasePath + strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(base.Path, "/"))
	return moved
}

// FakeTarget returns a fake, on which all cases can run.
func FakeTarget(t testing.TB, configure ...func(*tgotest.Config)) *Target {
	t.Helper()
	fake := NewFake(t, append([]func(*tgotest.Config){EachTimeLater, func(c *tgotest.Config) { c.PageSize = 2 }}, configure...)...)
	for i := range 5 {
		if _, err := fake.Sender.SendText(t.Context(), contract.Recipient, "message "+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	on := &Target{
		Name: "a fake", BaseURL: fake.URL, Key: fake.Key, Alone: true,
		SenderField: "sender_phone", SenderValue: contract.SenderPhone, Recipient: contract.Recipient, Lookup: contract.Recipient,
	}
	if err := on.connect(http.DefaultTransport); err != nil {
		t.Fatal(err)
	}
	return on
}

// NewTarget returns the server that the flags and the environment name. The error has all that is wrong with these.
func NewTarget(f Flags, env func(string) string) (*Target, error) {
	var problems []error
	must := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, errors.New(problem))
		}
	}
	on := &Target{Name: "a live tenant", BaseURL: env("TGO_BASE_URL"), lacks: map[Needs]string{}, Recipient: f.recipient, Lookup: f.lookup}
	must(on.BaseURL != "", "TGO_BASE_URL is not set; it is the server's address with /api/v1")
	must(env("TGO_API_KEY") != "", "TGO_API_KEY is not set")
	must(f.Live != f.Mock, "-live and -mock exclude each other: choose one")
	on.Key = tgo.NewKey(env("TGO_API_KEY"))
	if f.Live {
		ci := env("CI")
		must(ci == "" || ci == "false" || ci == "0" || f.InCI, "CI is set in the environment: a live run there also needs -live.in-ci")
	}
	phone, id := env("TGO_SENDER_PHONE"), env("TGO_SENDER_NUMBER_ID")
	switch {
	case phone != "" && id != "":
		must(false, "TGO_SENDER_PHONE and TGO_SENDER_NUMBER_ID are both set: set only one")
	case phone != "":
		_, err := tgo.ParsePhone(phone)
		must(err == nil, "TGO_SENDER_PHONE is not a phone in E.164 form")
		on.SenderField, on.SenderValue = "sender_phone", phone
	case id != "":
		n, err := strconv.ParseInt(id, 10, 64)
		must(err == nil && n > 0, "TGO_SENDER_NUMBER_ID is not a positive number")
		on.SenderField, on.SenderValue = "sender_number_id", id
	}
	must(f.messages >= 0 && f.requests > 0 && f.pause >= 0, "-live.messages, -live.requests and -live.pause must not be negative")
	rules := guardRules{requests: f.requests, pause: f.pause, keys: f.keys}
	if f.messages == 0 {
		must(f.recipient == "", "-live.recipient without -live.messages: how many messages may be sent?")
		on.lacks[NeedsSend] = "no messages are allowed; allow them with -live.messages and -live.recipient"
	} else {
		_, err := tgo.ParsePhone(f.recipient)
		must(err == nil, "-live.messages needs -live.recipient, a phone in E.164 form")
		must(env("TGO_LIVE_RECIPIENT") == f.recipient, "TGO_LIVE_RECIPIENT must name the same phone as -live.recipient: real messages go there")
		must(on.SenderValue != "", "sending needs TGO_SENDER_PHONE or TGO_SENDER_NUMBER_ID")
		rules.messages, rules.recipient = f.messages, f.recipient
		if on.Lookup == "" {
			on.Lookup = f.recipient
		}
	}
	if on.Lookup == "" || on.SenderValue == "" {
		on.lacks[NeedsLookup] = "no phone was named that may be looked up; name one with -live.lookup, and a sender with TGO_SENDER_PHONE or TGO_SENDER_NUMBER_ID"
	} else {
		_, err := tgo.ParsePhone(on.Lookup)
		must(err == nil, "-live.lookup is not a phone in E.164 form")
		rules.lookups = []string{on.Lookup}
	}
	if !f.keys {
		on.lacks[NeedsKeys] = "making keys is not allowed; allow it with -live.keys"
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	guard, err := newGuard(on.BaseURL, rules)
	if err != nil {
		return nil, fmt.Errorf("TGO_BASE_URL: %w", err)
	}
	if f.Mock {
		if guard.base.Scheme != "http" {
			return nil, errors.New("TGO_BASE_URL: a mock must be http on this machine; use -live for another server")
		}
		return mockTarget(on, f.mockRoot)
	}
	on.Guard = guard
	return on, on.connect(guard)
}

// mockTarget returns a server that responds with what the document has and remembers nothing. It needs no guard.
func mockTarget(on *Target, root bool) (*Target, error) {
	on.Name = "a stateless mock"
	on.SenderField, on.SenderValue, on.Recipient, on.Lookup = "sender_phone", contract.SenderPhone, contract.Recipient, contract.Recipient
	on.lacks = map[Needs]string{
		NeedsState: "a stateless mock remembers nothing",
		NeedsAuth:  "a mock accepts every key",
	}
	transport := http.DefaultTransport
	if root {
		transport = RoundTripper(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.URL.Path = strings.TrimPrefix(r.URL.Path, contract.BasePath)
			return http.DefaultTransport.RoundTrip(r)
		})
	}
	return on, on.connect(transport)
}

// scopesOf has the scopes for what cases need. Cases that read, read the log and the usage too.
var scopesOf = map[Needs][]string{
	NeedsRead: {"messages.read", "usage.read"}, NeedsLookup: {"contacts.lookup"}, NeedsSend: {"messages.send"},
}

// ReadScopes asks the target for the scopes of the key, so cases that need others are skipped.
func (on *Target) ReadScopes(t *testing.T) {
	t.Helper()
	me, err := on.Client.Me(t.Context())
	if err != nil || me.APIKey == nil || len(me.APIKey.Scopes) == 0 || slices.Contains(me.APIKey.Scopes, "*") {
		return // the cases report what is wrong
	}
	for need, scopes := range scopesOf {
		for _, scope := range scopes {
			if on.lacks[need] == "" && !slices.Contains(me.APIKey.Scopes, scope) {
				on.lacks[need] = "the key lacks the scope " + scope
			}
		}
	}
}

// RoundTripper makes a transport of a function.
type RoundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f RoundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Sentinels has all error variables of package tgo that a response can lead to.
var Sentinels = map[string]error{
	"ErrUnauthenticated":  tgo.ErrUnauthenticated,
	"ErrScope":            tgo.ErrScope,
	"ErrTenant":           tgo.ErrTenant,
	"ErrNotFound":         tgo.ErrNotFound,
	"ErrValidation":       tgo.ErrValidation,
	"ErrRateLimited":      tgo.ErrRateLimited,
	"ErrServer":           tgo.ErrServer,
	"ErrSenderInactive":   tgo.ErrSenderInactive,
	"ErrSenderUnverified": tgo.ErrSenderUnverified,
	"ErrSenderUnknown":    tgo.ErrSenderUnknown,
	"ErrUnreadable":       tgo.ErrUnreadable,
}

// SentinelsOf returns the names of the sentinels that an error is.
func SentinelsOf(err error) []string {
	names := []string{}
	for name, sentinel := range Sentinels {
		if errors.Is(err, sentinel) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
