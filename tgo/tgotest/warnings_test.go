package tgotest_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// warned keeps the warnings of a fake.
type warned struct {
	mu   sync.Mutex
	list []string
}

func (w *warned) configure(c *tgotest.Config) {
	c.Warn = func(warning string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.list = append(w.list, warning)
	}
}

func (w *warned) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.list)
}

// In a query a plus is a space. The documentation's own lines write one bare; they work, and a warning tells of it.
func TestABarePlusWarns(t *testing.T) {
	t.Parallel()
	var w warned
	fake := tgotest.New(t, inbox, w.configure)
	warning := func(name string) string {
		return name + " contains a bare plus, which is a space in a query: write %2B"
	}
	for _, c := range []struct {
		query  string
		status int
		names  []string
	}{
		{"phone=%2B201010000000&sender_phone=%2B201001187188", 200, nil},
		{"phone=+201010000000&sender_phone=+201001187188", 200, []string{"phone", "sender_phone"}},
		{"phone=+201010000000&sender_number_id=1", 200, []string{"phone"}},
		{"phone=%2B201010000000&sender_phone=+201055555555", 422, []string{"sender_phone"}}, // refused for another reason
		{"phone=20+101000&sender_number_id=1", 422, nil},                                    // a space, and no phone
		{"phone=%2B201010000000&sender_number_id=1&q=+1", 200, nil},                         // nobody reads it
		{"phone=%2B201010000000&sender_number_id=+1", 422, nil},                             // a space before a number
	} {
		a := ask(t, fake, http.MethodGet, "/contacts/lookup?"+c.query, nil)
		all := shownRequests(t, fake)
		got := all[len(all)-1]
		var names []string
		for _, p := range got.Problems {
			if !p.Warning {
				continue
			}
			names = append(names, p.Field)
			if p.Message != warning(p.Field) || p.Contract == nil || !strings.HasPrefix(p.Contract.Excerpt, "In a query a literal `+` means a space") {
				t.Errorf("%s: the warning is %+v", c.query, p)
			}
		}
		if a.status != c.status || !reflect.DeepEqual(names, c.names) || (a.status == http.StatusUnprocessableEntity) != (len(got.Problems) > len(names)) {
			t.Errorf("%s: %d, %+v", c.query, a.status, got.Problems)
		}
		if got.Path != "/api/v1/contacts/lookup?"+c.query {
			t.Errorf("%s is shown as %s", c.query, got.Path)
		}
	}
	// Each comes once, and without an inbox too.
	if want := []string{"GET /api/v1/contacts/lookup: " + warning("phone"), "GET /api/v1/contacts/lookup: " + warning("sender_phone")}; !reflect.DeepEqual(w.all(), want) {
		t.Errorf("warned of %q", w.all())
	}
	var bare warned
	quiet := tgotest.New(t, bare.configure)
	if a := ask(t, quiet, http.MethodGet, "/contacts/lookup?phone=+201010000000&sender_number_id=1", nil); a.status != http.StatusOK || len(bare.all()) != 1 {
		t.Errorf("%d, warned of %q", a.status, bare.all())
	}
}

// That null counts as absent is assumed, so that it works with a warning; of the fields that only the form has, the vendor's
// document says so.
func TestANullWarns(t *testing.T) {
	t.Parallel()
	const message = `{"sender_phone":"+201001187188","to_phone":"+201010000000","type":"text","content":"a",`
	for _, c := range []struct {
		path, body string
		warned     []string // the fields, each of which is refused where null is
	}{
		{"/messages", message + `"sender_number_id":null}`, []string{"sender_number_id"}},
		{"/messages", `{"sender_phone":null,"sender_number_id":1,"to_phone":"+201010000000","type":"text","content":"a"}`, []string{"sender_phone"}},
		{"/messages", message + `"duration":null,"file_name":null,"file_size":null,"file_type":null}`, nil},
		{"/sender-numbers", `{"phone":"+201055555555","display_name":null}`, []string{"display_name"}},
		{"/api-keys", `{"name":"a","scopes":null,"expires_in_days":null}`, []string{"expires_in_days", "scopes"}},
	} {
		var w warned
		fake := tgotest.New(t, inbox, w.configure)
		if a := ask(t, fake, http.MethodPost, c.path, strings.NewReader(c.body)); a.status != http.StatusCreated {
			t.Errorf("%s: %d %s", c.body, a.status, a.body)
		}
		var shown, want []string
		for _, p := range shownRequests(t, fake)[0].Problems {
			if p.Warning && strings.Contains(p.Message, "null") && p.Contract != nil && strings.HasPrefix(p.Contract.Excerpt, "null-is-absent:") {
				shown = append(shown, p.Field)
			}
		}
		for _, name := range c.warned {
			want = append(want, "POST /api/v1"+c.path+": "+name+" is null; it is an assumption that null counts as absent: leave the field out")
		}
		if !slices.Equal(shown, c.warned) || !slices.Equal(w.all(), want) {
			t.Errorf("%s: warned of %q, shown %q", c.body, w.all(), shown)
		}
		a := ask(t, tgotest.New(t, withVariants(tgotest.VariantNullRefused)), http.MethodPost, c.path, strings.NewReader(c.body))
		var r refusal
		if a.status == http.StatusUnprocessableEntity {
			a.decode(t, &r)
		}
		if refused := slices.Sorted(maps.Keys(r.Errors)); !slices.Equal(refused, c.warned) || (a.status == http.StatusCreated) != (len(c.warned) == 0) {
			t.Errorf("%s: refused with %d for %q", c.body, a.status, r.Errors)
		}
	}
}

func TestAnUnknownHostIsTold(t *testing.T) {
	t.Parallel()
	var w warned
	fake := tgotest.New(t, inbox, w.configure)
	askHost := func(path, host string) answer {
		return ask(t, fake, http.MethodGet, path, nil, func(r *http.Request) { r.Host = host })
	}
	askHost("/usage", "localhost")
	for range 2 {
		askHost("/usage", "shop.test:8080").mustRefuse(t, http.StatusNotFound, textUnknownTenant)
	}
	askHost("/usage", strings.Repeat("a", 5000)+".test").mustRefuse(t, http.StatusNotFound, textUnknownTenant)
	askHost("/usage", "$(id).test").mustRefuse(t, http.StatusNotFound, textUnknownTenant)
	// The admin API and the pages are by name too.
	ask(t, fake, http.MethodGet, "", nil, func(r *http.Request) { r.Host, r.URL.Path = "inbox.test", "/_fake/messages" })
	got := w.all()
	if len(got) != 4 {
		t.Fatalf("warned of %q", got)
	}
	for i, want := range []string{`the host "shop.test", `, `the host "` + strings.Repeat("a", 100) + `...", `, `the host "$(id).test", `, `the host "inbox.test", `} {
		if !strings.Contains(got[i], want) || len(got[i]) > 400 {
			t.Errorf("%q is not in %q", want, got[i])
		}
	}
	for i, want := range []string{"tgo fake --tenant shop.test, or", "--tenant HOST,", "--tenant HOST,", "--tenant inbox.test,"} {
		if !strings.Contains(got[i], want) {
			t.Errorf("%q is not in %q", want, got[i])
		}
	}
	// A scan of many hosts must not fill the log.
	for i := range 300 {
		askHost("/usage", fmt.Sprintf("h%d.test", i))
	}
	if n := len(w.all()); n != 100 {
		t.Errorf("%d warnings", n)
	}
}

// A path that the contract does not have names itself, and the one that was meant.
func TestUnknownPathsNameTheNearest(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	root := strings.TrimSuffix(fake.URL, "/api/v1")
	const (
		none = " Its paths begin with /api/v1."
		all  = " Below /api/v1 it has /api-keys, /api-keys/{apiKey}, /contacts/lookup, /me, /messages, /sender-numbers, /subscription, /usage."
	)
	meant := func(text string) string { return " Did you mean " + text + "?" }
	for _, c := range []struct{ method, path, want string }{
		{"POST", "/api/v1/message", "The API has no path /api/v1/message." + meant("POST /api/v1/messages")},
		{"GET", "/api/v1/message", "The API has no path /api/v1/message." + meant("GET /api/v1/messages")},
		{"PUT", "/api/v1/message", "The API has no path /api/v1/message." + meant("GET or POST /api/v1/messages")},
		{"POST", "/messages", "The API has no path /messages." + meant("POST /api/v1/messages")},
		{"POST", "/v1/messages", "The API has no path /v1/messages." + meant("POST /api/v1/messages")},
		{"POST", "/api/messages", "The API has no path /api/messages." + meant("POST /api/v1/messages")},
		{"POST", "/api/v2/messages", "The API has no path /api/v2/messages." + meant("POST /api/v1/messages")},
		{"POST", "/api/v1/api/v1/messages", "The API has no path /api/v1/api/v1/messages." + meant("POST /api/v1/messages")},
		{"POST", "/api/v1/messages/", "The API has no path /api/v1/messages/." + meant("POST /api/v1/messages")},
		{"POST", "/api/v1/Messages", "The API has no path /api/v1/Messages." + meant("POST /api/v1/messages")},
		{"POST", "/api/v1/messages/send", "The API has no path /api/v1/messages/send." + meant("POST /api/v1/messages")},
		{"GET", "/api/v1/messages/70552/delivery-status", "The API has no path /api/v1/messages/70552/delivery-status." + meant("GET /api/v1/messages")},
		{"POST", "/api/v1//messages", "The API has no path /api/v1//messages: an empty part, . or .. is in it." + meant("POST /api/v1/messages")},
		{"GET", "/api/v1/contact/lookup", "The API has no path /api/v1/contact/lookup." + meant("GET /api/v1/contacts/lookup")},
		{"GET", "/api/v1/contacts", "The API has no path /api/v1/contacts." + meant("GET /api/v1/contacts/lookup")},
		{"GET", "/api/v1/sender_numbers", "The API has no path /api/v1/sender_numbers." + meant("GET /api/v1/sender-numbers")},
		{"DELETE", "/api/v1/apikeys/12", "The API has no path /api/v1/apikeys/12." + meant("DELETE /api/v1/api-keys/{apiKey}")},
		{"GET", "/api/v1/subscriptions", "The API has no path /api/v1/subscriptions." + meant("GET /api/v1/subscription")},
		{"DELETE", "/api/v1/api_keys/12", "The API has no path /api/v1/api_keys/12." + meant("DELETE /api/v1/api-keys/{apiKey}")},
		{"DELETE", "/api-keys/12", "The API has no path /api-keys/12." + meant("DELETE /api/v1/api-keys/{apiKey}")},
		// Where the beginning is right, the rest is what is wrong.
		{"GET", "/api/v1/webhooks", "The API has no path /api/v1/webhooks." + all},
		{"GET", "/api/v1/nope", "The API has no path /api/v1/nope." + all},
		{"GET", "/api/v1", "The API has no path /api/v1." + all},
		{"GET", "/api/v10/nope", "The API has no path /api/v10/nope." + none},
		// What stands where a path has a parameter is no likeness to it.
		{"GET", "/webhooks/subscriptions-endpoint", "The API has no path /webhooks/subscriptions-endpoint." + none},
		{"GET", "/nope/%3Cscript%3E", "The API has no path /nope/%3Cscript%3E." + none},
		{"GET", "/api/v1/nope/a-very-long-identifier", "The API has no path /api/v1/nope/a-very-long-identifier." + all},
		{"GET", "/", "The API has no path /." + none},
		{"GET", "/%22%3Cb%3E%0a", "The API has no path /%22%3Cb%3E%0a." + none},
		{"GET", "/" + strings.Repeat("m", 5000), "The API has no path /" + strings.Repeat("m", 99) + "...." + none},
	} {
		there, err := url.Parse(root + c.path)
		if err != nil {
			t.Fatal(err)
		}
		a := ask(t, fake, c.method, "", nil, func(r *http.Request) { r.URL = there })
		var r refusal
		a.decode(t, &r)
		if a.status != http.StatusNotFound || r.Message != c.want {
			t.Errorf("%s %s: %d %s\nwant %s", c.method, c.path, a.status, r.Message, c.want)
		}
	}
}
