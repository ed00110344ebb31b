package tgotest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// faultCase is a fault of a send and how it looks from outside.
type faultCase struct {
	fault       tgotest.Fault
	status      int    // 0 where no answer comes
	contentType string // of the answer
	body        func(body string) bool
	cut         bool // the answer breaks off
	delivery    tgo.Delivery
	is          error // what the client's error is
	stored      bool
}

func (c faultCase) String() string {
	return fmt.Sprintf("%v %d, stored %v", c.fault.Kind, c.fault.Status, c.fault.Stored)
}

func faultCases() []faultCase {
	const (
		jsonType = "application/json"
		htmlType = "text/html; charset=utf-8"
	)
	whole := func(b string) bool { return json.Valid([]byte(b)) && strings.Contains(b, `"sent_at"`) }
	half := func(b string) bool {
		return !json.Valid([]byte(b)) && strings.HasPrefix(b, `{"data":{"id":`) && !strings.Contains(b, `"message_id"`)
	}
	empty := func(b string) bool { return b == "" }
	says := func(text string) func(string) bool {
		return func(b string) bool {
			var r refusal
			return json.Unmarshal([]byte(b), &r) == nil && r.Message == text && r.Errors == nil
		}
	}
	page := func(title string) func(string) bool {
		return func(b string) bool {
			return strings.HasPrefix(b, "<!DOCTYPE html>") && strings.Contains(b, "<title>"+title+"</title>")
		}
	}
	var list []faultCase
	// What does not carry the request out by itself comes with and without Stored.
	both := func(c faultCase) {
		for _, stored := range []bool{false, true} {
			c.fault.Stored, c.stored = stored, stored
			list = append(list, c)
		}
	}
	status := func(status, want int, text string, delivery tgo.Delivery, is error) {
		both(faultCase{fault: tgotest.Fault{Kind: tgotest.FaultStatus, Status: status}, status: want, contentType: jsonType, body: says(text), delivery: delivery, is: is})
	}
	status(0, 503, "Service Unavailable", tgo.DeliveryUnknown, tgo.ErrServer)
	status(500, 500, "Server Error", tgo.DeliveryUnknown, tgo.ErrServer)
	status(504, 504, "Gateway Timeout", tgo.DeliveryUnknown, tgo.ErrServer)
	status(408, 408, "Request Timeout", tgo.DeliveryUnknown, nil)
	// What the contract has a text for is said in its words.
	status(401, 401, textUnauthenticated, tgo.DeliveryRejected, tgo.ErrUnauthenticated)
	status(403, 403, textMissingScope, tgo.DeliveryRejected, tgo.ErrScope)
	status(422, 422, textInvalid, tgo.DeliveryRejected, tgo.ErrValidation)
	status(429, 429, "Too Many Attempts.", tgo.DeliveryRejected, tgo.ErrRateLimited)
	html := func(status, want int, title string, is error) {
		both(faultCase{fault: tgotest.Fault{Kind: tgotest.FaultHTML, Status: status}, status: want, contentType: htmlType, body: page(title), delivery: tgo.DeliveryUnknown, is: is})
	}
	html(0, 502, "502 Bad Gateway", tgo.ErrServer)
	html(200, 200, "200 OK", tgo.ErrUnreadable)
	for given, want := range map[int]int{0: 307, 303: 303} {
		both(faultCase{fault: tgotest.Fault{Kind: tgotest.FaultRedirect, Status: given, Location: "/api/v1/usage"}, status: want, body: empty, delivery: tgo.DeliveryUnknown})
	}
	both(faultCase{fault: tgotest.Fault{Kind: tgotest.FaultCut}, delivery: tgo.DeliveryUnknown})
	list = append(list, faultCase{fault: tgotest.Fault{Kind: tgotest.FaultCutMidway}, delivery: tgo.DeliveryUnknown})

	// The others are carried out always.
	for _, stored := range []bool{false, true} {
		for _, c := range []faultCase{
			{fault: tgotest.Fault{Kind: tgotest.FaultNone, Delay: time.Millisecond}, status: 201, contentType: jsonType, body: whole, delivery: tgo.DeliveryAccepted},
			{fault: tgotest.Fault{Kind: tgotest.FaultCutResponse}, status: 201, contentType: jsonType, body: half, cut: true, delivery: tgo.DeliveryUnknown, is: tgo.ErrUnreadable},
			{fault: tgotest.Fault{Kind: tgotest.FaultBrokenJSON}, status: 201, contentType: jsonType, body: half, delivery: tgo.DeliveryUnknown, is: tgo.ErrUnreadable},
			{fault: tgotest.Fault{Kind: tgotest.FaultEmpty}, status: 201, contentType: jsonType, body: empty, delivery: tgo.DeliveryUnknown, is: tgo.ErrUnreadable},
		} {
			c.fault.Stored, c.stored = stored, true
			list = append(list, c)
		}
	}
	return list
}

// TestFaultCases checks that no kind of fault is missing in faultCases.
func TestFaultCases(t *testing.T) {
	t.Parallel()
	for kind := tgotest.FaultStatus; !strings.HasPrefix(kind.String(), "FaultKind("); kind++ {
		if !slices.ContainsFunc(faultCases(), func(c faultCase) bool { return c.fault.Kind == kind }) {
			t.Errorf("no case has the kind %q", kind)
		}
	}
}

// Large enough not to fit into the buffers between client and server, so that cutting it midway is felt.
var manyBytes = strings.Repeat("picture ", 1<<17)

func TestFaultsSeenThroughNetHTTP(t *testing.T) {
	t.Parallel()
	image, imageType := form(imageParts(manyBytes)...)
	for _, c := range faultCases() {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			for name, request := range map[string]func(*tgotest.Server) (answer, error){
				"text": func(fake *tgotest.Server) (answer, error) {
					return try(t, fake, http.MethodPost, "/messages", text(recipient, "hello"))
				},
				"image": func(fake *tgotest.Server) (answer, error) {
					return try(t, fake, http.MethodPost, "/messages", bytes.NewReader(image), withContentType(imageType))
				},
			} {
				fake := tgotest.New(t)
				injected := mustInject(t, fake, c.fault)
				a, err := request(fake)
				if (err != nil) != (c.status == 0 || c.cut) {
					t.Errorf("%s: the connection ended with %v", name, err)
				}
				if c.cut && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("%s: the answer ended with %v", name, err)
				}
				if a.status != c.status {
					t.Errorf("%s: status %d", name, a.status)
				}
				if c.status != 0 {
					if a.header.Get("Content-Type") != c.contentType || a.header.Get("Location") != c.fault.Location {
						t.Errorf("%s: the headers are %v", name, a.header)
					}
					if !c.body(a.body) {
						t.Errorf("%s: the body is %s", name, a.body)
					}
				}
				c.check(t, fake, injected)
			}
		})
	}
}

// check looks at what the fake knows after one send.
func (c faultCase) check(t *testing.T, fake *tgotest.Server, injected *tgotest.Injected) {
	t.Helper()
	if n := injected.Struck(); n != 1 {
		t.Errorf("%d requests came", n)
	}
	want := 0
	if c.stored {
		want = 1
	}
	if got := len(fake.Messages()); got != want {
		t.Errorf("%d messages are stored, want %d", got, want)
	}
	fake.ClearFaults()
	if page := readPage(t, fake, ""); page.Meta.Total != want {
		t.Errorf("%d messages are in the log, want %d", page.Meta.Total, want)
	}
}

func TestFaultsSeenThroughTheClient(t *testing.T) {
	t.Parallel()
	for _, c := range faultCases() {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			for name, send := range map[string]func(*tgo.Sender) (tgo.Receipt, error){
				"text": func(from *tgo.Sender) (tgo.Receipt, error) {
					return from.SendText(t.Context(), recipient, "hello")
				},
				"image": func(from *tgo.Sender) (tgo.Receipt, error) {
					return from.SendImage(t.Context(), recipient, tgo.Image{File: tgo.BytesFile("a.png", []byte(manyBytes)).WithContentType("image/png")})
				},
			} {
				for _, reused := range []bool{false, true} {
					fake := tgotest.New(t)
					if reused { // net/http treats a connection that served before differently
						if _, err := fake.Client.Me(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
					injected := mustInject(t, fake, c.fault)
					receipt, err := send(fake.Sender)
					if got := tgo.DeliveryOf(err); got != c.delivery {
						t.Errorf("%s, reused %v: the delivery is %v (%v), want %v", name, reused, got, err, c.delivery)
					}
					if c.is != nil && !errors.Is(err, c.is) {
						t.Errorf("%s, reused %v: got %v, want %v", name, reused, err, c.is)
					}
					if well := c.fault.Kind == tgotest.FaultNone; well != (err == nil) || well != (receipt.ID == 1) {
						t.Errorf("%s, reused %v: got number %d, %v", name, reused, receipt.ID, err)
					}
					c.check(t, fake, injected)
				}
			}
		})
	}
}

// pattern asks n times for the usage and writes x for each request that a fault struck, . for the others.
func pattern(t testing.TB, fake *tgotest.Server, n int) string {
	t.Helper()
	var b strings.Builder
	for range n {
		if ask(t, fake, http.MethodGet, "/usage", nil).status == http.StatusOK {
			b.WriteByte('.')
		} else {
			b.WriteByte('x')
		}
	}
	return b.String()
}

func TestFaultSkipAndTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		skip, times int
		want        string
		struck      int
	}{
		{0, 0, "xxxxxxxx", 8},
		{0, 1, "x.......", 1},
		{0, 3, "xxx.....", 3},
		{1, 1, ".x......", 1},
		{2, 3, "..xxx...", 3},
		{5, 0, ".....xxx", 3},
		{8, 1, "........", 0},
	} {
		t.Run(fmt.Sprintf("skip %d, times %d", c.skip, c.times), func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			injected := mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Operation: "getUsage", Skip: c.skip, Times: c.times})
			if injected.Struck() != 0 {
				t.Error("it struck before any request")
			}
			if got := pattern(t, fake, 8); got != c.want || injected.Struck() != c.struck {
				t.Errorf("got %s and %d, want %s and %d", got, injected.Struck(), c.want, c.struck)
			}
		})
	}
}

func TestFaultTimesHoldsUnderLoad(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	injected := mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Skip: 5, Times: 7})
	var mu sync.Mutex
	got := ""
	atOnce(20, func(int) {
		p := pattern(t, fake, 1)
		mu.Lock()
		defer mu.Unlock()
		got += p
	})
	if n := strings.Count(got, "x"); n != 7 || injected.Struck() != 7 {
		t.Errorf("%d requests were struck, and %d are told", n, injected.Struck())
	}
}

func TestFaultOperation(t *testing.T) {
	t.Parallel()
	requests := map[string]func(*tgotest.Server) answer{
		"sendMessage": func(f *tgotest.Server) answer {
			return ask(t, f, http.MethodPost, "/messages", text(recipient, "hello"))
		},
		"listMessages": func(f *tgotest.Server) answer { return ask(t, f, http.MethodGet, "/messages", nil) },
		"lookupContact": func(f *tgotest.Server) answer {
			return ask(t, f, http.MethodGet, "/contacts/lookup?phone=%2B201010000000&sender_number_id=1", nil)
		},
		"getUsage":          func(f *tgotest.Server) answer { return ask(t, f, http.MethodGet, "/usage", nil) },
		"listSenderNumbers": func(f *tgotest.Server) answer { return ask(t, f, http.MethodGet, "/sender-numbers", nil) },
		"registerSenderNumber": func(f *tgotest.Server) answer {
			return ask(t, f, http.MethodPost, "/sender-numbers", toJSON(map[string]any{"phone": newPhone()}))
		},
		"createApiKey": func(f *tgotest.Server) answer {
			return ask(t, f, http.MethodPost, "/api-keys", toJSON(map[string]any{"name": "a"}))
		},
		"revokeApiKey":    func(f *tgotest.Server) answer { return ask(t, f, http.MethodDelete, "/api-keys/2", nil) },
		"getMe":           func(f *tgotest.Server) answer { return ask(t, f, http.MethodGet, "/me", nil) },
		"getSubscription": func(f *tgotest.Server) answer { return ask(t, f, http.MethodGet, "/subscription", nil) },
	}
	routes, err := contract.Routes()
	if err != nil {
		t.Fatal(err)
	}
	if operations := slices.Sorted(maps.Keys(routes)); !slices.Equal(slices.Sorted(maps.Keys(requests)), operations) {
		t.Errorf("the requests are not one for each of %q", operations)
	}
	for struck := range requests {
		t.Run(struck, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			fake.NewKey() // number 2, to be revoked
			injected := mustInject(t, fake, tgotest.Fault{Operation: struck, Kind: tgotest.FaultStatus, Status: http.StatusTeapot})
			for name, request := range requests {
				if a := request(fake); (a.status == http.StatusTeapot) != (name == struck) || (name != struck && a.status/100 != 2) {
					t.Errorf("%s: %d %s", name, a.status, a.body)
				}
			}
			if injected.Struck() != 1 {
				t.Errorf("it struck %d times", injected.Struck())
			}
		})
	}
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		fake := tgotest.New(t)
		injected := mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusTeapot})
		for name, request := range requests {
			if a := request(fake); a.status != http.StatusTeapot {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if injected.Struck() != len(requests) {
			t.Errorf("it struck %d times", injected.Struck())
		}
	})
}

func TestFaultOfAnUnknownOperation(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for _, operation := range []string{"sendMessages", "SendMessage", "POST /messages", " "} {
		injected, err := fake.Inject(tgotest.Fault{Operation: operation, Kind: tgotest.FaultStatus})
		if err == nil || injected != nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", operation)) {
			t.Errorf("%q: %v", operation, err)
		}
	}
	if got := pattern(t, fake, 2); got != ".." {
		t.Errorf("a refused fault is at work: %s", got)
	}
}

// A fault that cannot be carried out, or never strikes, would let a test pass that tries nothing.
func TestFaultsThatAreNone(t *testing.T) {
	t.Parallel()
	for says, f := range map[string]tgotest.Fault{
		`"sendMessages"`: {Operation: "sendMessages"},
		fmt.Sprintf("kind: %d ", tgotest.FaultKinds): {Kind: tgotest.FaultKinds},
		"kind: -1 ":          {Kind: -1},
		"status: 42 ":        {Kind: tgotest.FaultStatus, Status: 42},
		"status: 100 ":       {Kind: tgotest.FaultHTML, Status: 100},
		"status: 600 ":       {Kind: tgotest.FaultRedirect, Status: 600},
		"skip, times and":    {Kind: tgotest.FaultCut, Times: -1},
		"times and delay":    {Kind: tgotest.FaultCut, Skip: -1},
		"delay must not be ": {Delay: -1},
		"kind: none does nothing without a delay":             {},
		"kind: none does nothing without a delay: set":        {Stored: true, Times: 1, Operation: "sendMessage"},
		`status: the kind "none" does not use it`:             {Status: 503, Delay: time.Millisecond},
		`status: the kind "cut" does not use it`:              {Kind: tgotest.FaultCut, Status: 503},
		`status: the kind "empty" does not use it`:            {Kind: tgotest.FaultEmpty, Status: 503},
		"status: 200 is not a redirect":                       {Kind: tgotest.FaultRedirect, Status: 200, Location: "/login"},
		"status: 300 is not a redirect":                       {Kind: tgotest.FaultRedirect, Status: 300, Location: "/login"},
		"status: 304 is not a redirect":                       {Kind: tgotest.FaultRedirect, Status: 304, Location: "/login"},
		"status: 305 is not a redirect":                       {Kind: tgotest.FaultRedirect, Status: 305, Location: "/login"},
		"a 204 response has no body, but the kind \"html\"":   {Kind: tgotest.FaultHTML, Status: 204},
		"a 304 response has no body, but the kind \"html\"":   {Kind: tgotest.FaultHTML, Status: 304},
		"a 204 response has no body, but the kind \"status\"": {Kind: tgotest.FaultStatus, Status: 204},
		"a 304 response has no body, but the kind \"status\"": {Kind: tgotest.FaultStatus, Status: 304},
		`location: "/\r\nX-Api-Key: a" cannot`:                {Kind: tgotest.FaultRedirect, Location: "/\r\nX-Api-Key: a"},
		`location: "/a\n" cannot`:                             {Kind: tgotest.FaultRedirect, Location: "/a\n"},
		`location: " " cannot`:                                {Kind: tgotest.FaultRedirect, Location: " "},
		`retry_after: "1\r" cannot`:                           {Kind: tgotest.FaultStatus, RetryAfter: "1\r"},
		`retry_after: "1\x00" cannot`:                         {Kind: tgotest.FaultStatus, RetryAfter: "1\x00"},
		`retry_after: the kind "none" does not use it`:        {Delay: time.Millisecond, RetryAfter: "1"},
		`retry_after: the kind "html" does not use it`:        {Kind: tgotest.FaultHTML, RetryAfter: "1"},
		`location: the kind "status" does not use it`:         {Kind: tgotest.FaultStatus, Status: 302, Location: "/login"},
		"location: a redirect needs one":                      {Kind: tgotest.FaultRedirect},
		"stored: a request that is cut midway":                {Kind: tgotest.FaultCutMidway, Stored: true},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			injected, err := fake.Inject(f)
			if err == nil || injected != nil || !strings.Contains(err.Error(), says) {
				t.Errorf("injected: %v", err)
			}
			if got := pattern(t, fake, 2); got != ".." {
				t.Errorf("a refused fault is at work: %s", got)
			}
			// One that is chosen cannot be refused before, so the answer says what is wrong.
			chosen := tgotest.New(t, func(c *tgotest.Config) { c.Faults = func(string) *tgotest.Fault { return &f } })
			a := ask(t, chosen, http.MethodPost, "/messages", text(recipient, "hello"))
			var r refusal
			a.decode(t, &r)
			if a.status != http.StatusInternalServerError || !strings.Contains(r.Message, "Config.Faults: ") || !strings.Contains(r.Message, says) || len(chosen.Messages()) > 0 {
				t.Errorf("chosen: %d %s", a.status, a.body)
			}
		})
	}
}

// What each kind has, typed here and not taken from the code under test, decides of every combination whether it is one.
func TestEveryCombinationOfAFault(t *testing.T) {
	t.Parallel()
	type has struct{ status, retryAfter, location, stored bool }
	kinds := map[tgotest.FaultKind]has{
		tgotest.FaultNone:        {stored: true},
		tgotest.FaultStatus:      {status: true, retryAfter: true, stored: true},
		tgotest.FaultHTML:        {status: true, stored: true},
		tgotest.FaultRedirect:    {status: true, location: true, stored: true},
		tgotest.FaultCut:         {stored: true},
		tgotest.FaultCutMidway:   {},
		tgotest.FaultCutResponse: {stored: true},
		tgotest.FaultBrokenJSON:  {stored: true},
		tgotest.FaultEmpty:       {stored: true},
	}
	fake := tgotest.New(t)
	good := 0
	for kind := tgotest.FaultNone; kind < tgotest.FaultKinds; kind++ {
		for bits := range 1 << 5 {
			var given has
			f := tgotest.Fault{Kind: kind}
			if given.status = bits&1 > 0; given.status {
				f.Status = 302
			}
			if given.retryAfter = bits&2 > 0; given.retryAfter {
				f.RetryAfter = "1"
			}
			if given.location = bits&4 > 0; given.location {
				f.Location = "/login"
			}
			if given.stored = bits&8 > 0; given.stored {
				f.Stored = true
			}
			if bits&16 > 0 {
				f.Delay = time.Millisecond
			}
			may := kinds[kind]
			want := (may.status || !given.status) && (may.retryAfter || !given.retryAfter) && may.location == given.location &&
				(may.stored || !given.stored) && (kind != tgotest.FaultNone || f.Delay > 0)
			if _, err := fake.Inject(f); (err == nil) != want {
				t.Errorf("%+v: %v", f, err)
			}
			if want {
				good++
			}
		}
	}
	if good != 52 { // so that the loop is known to have both
		t.Errorf("%d combinations are good", good)
	}
}

// Two variants that change the same would make an answer that the API never gives.
func TestVariantsThatContradictEachOther(t *testing.T) {
	t.Parallel()
	groups := map[string]string{}
	for _, v := range tgotest.Variants() {
		if group, _, _ := strings.Cut(string(v), "-"); slices.Contains([]string{"success", "page", "sender", "usage"}, group) && v != tgotest.VariantPageOldest {
			groups[string(v)] = group
		}
	}
	if len(groups) != 11 {
		t.Errorf("there are %v", groups)
	}
	for _, one := range tgotest.Variants() {
		for _, two := range tgotest.Variants() {
			if one == two {
				continue
			}
			contradiction := groups[string(one)] != "" && groups[string(one)] == groups[string(two)]
			fake, err := tgotest.Start(tgotest.Config{Variants: []tgotest.Variant{one, two}})
			if (err != nil) != contradiction {
				t.Errorf("%s and %s: %v", one, two, err)
			}
			if err != nil {
				continue
			}
			for _, path := range []string{"/messages", "/usage", "/me"} {
				if a, err := try(t, fake, http.MethodGet, path, nil); err != nil || a.status != http.StatusOK {
					t.Errorf("%s and %s: %s: %d, %v", one, two, path, a.status, err)
				}
			}
			_ = fake.Close()
		}
	}
}

func TestOfSeveralFaultsTheOldestStrikes(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	first := mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: 500, Times: 2})
	second := mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: 501, Times: 1})
	other := mustInject(t, fake, tgotest.Fault{Operation: "getMe", Kind: tgotest.FaultStatus, Status: 502})
	var got []int
	for range 4 {
		got = append(got, ask(t, fake, http.MethodGet, "/usage", nil).status)
	}
	if want := []int{500, 500, 501, 200}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if first.Struck() != 2 || second.Struck() != 1 || other.Struck() != 0 {
		t.Errorf("they struck %d, %d and %d times", first.Struck(), second.Struck(), other.Struck())
	}
}

func TestFaultsEnd(t *testing.T) {
	t.Parallel()
	t.Run("Remove", func(t *testing.T) {
		t.Parallel()
		fake := tgotest.New(t)
		removed := mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: 500})
		stays := mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: 501, Times: 1})
		before := ask(t, fake, http.MethodGet, "/usage", nil).status
		removed.Remove()
		removed.Remove()
		after := ask(t, fake, http.MethodGet, "/usage", nil).status
		if before != 500 || after != 501 || pattern(t, fake, 2) != ".." {
			t.Errorf("%d, then %d", before, after)
		}
		if removed.Struck() != 1 || stays.Struck() != 1 {
			t.Errorf("they struck %d and %d times", removed.Struck(), stays.Struck())
		}
	})
	t.Run("ClearFaults", func(t *testing.T) {
		t.Parallel()
		fake := tgotest.New(t)
		fake.ClearFaults() // there is nothing to clear yet
		first := mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus})
		mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultHTML})
		got := pattern(t, fake, 2)
		fake.ClearFaults()
		got += pattern(t, fake, 2)
		if got != "xx.." || first.Struck() != 2 {
			t.Errorf("%s, and the first struck %d times", got, first.Struck())
		}
		// Later ones work.
		mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Times: 1})
		if got := pattern(t, fake, 2); got != "x." {
			t.Errorf("a fault after them: %s", got)
		}
	})
}

func TestFaultIsACopy(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	f := tgotest.Fault{Kind: tgotest.FaultStatus, Status: 500}
	mustInject(t, fake, f)
	mustInject(t, fake, f).Remove()
	f.Status = 501
	if a := ask(t, fake, http.MethodGet, "/usage", nil); a.status != 500 {
		t.Errorf("%d", a.status)
	}
}

func TestFaultHeaders(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	t.Run("Retry-After", func(t *testing.T) {
		defer fake.ClearFaults()
		mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: "17"})
		a := ask(t, fake, http.MethodPost, "/messages", text(recipient, "hello"))
		if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "17" {
			t.Errorf("%d, Retry-After %q", a.status, a.header.Get("Retry-After"))
		}
		_, err := fake.Sender.SendText(t.Context(), recipient, "hello")
		var refused *tgo.APIError
		if !errors.As(err, &refused) || refused.RetryAfter != 17*time.Second {
			t.Errorf("the client says %v", err)
		}
	})
	t.Run("no Retry-After", func(t *testing.T) {
		defer fake.ClearFaults()
		mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusTooManyRequests})
		if a := ask(t, fake, http.MethodGet, "/usage", nil); a.header.Values("Retry-After") != nil {
			t.Errorf("Retry-After %q", a.header.Values("Retry-After"))
		}
	})
	t.Run("Location", func(t *testing.T) {
		defer fake.ClearFaults()
		mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultRedirect, Location: "https://elsewhere.example/login?from=here"})
		a := ask(t, fake, http.MethodGet, "/usage", nil)
		if a.status != http.StatusTemporaryRedirect || a.header.Get("Location") != "https://elsewhere.example/login?from=here" {
			t.Errorf("%d, Location %q", a.status, a.header.Get("Location"))
		}
	})
}

// A read may be repeated, and the client does so by itself.
func TestFaultOnceIsNoHarmToAClientThatReads(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	injected := mustInject(t, fake, tgotest.Fault{Operation: "getUsage", Kind: tgotest.FaultCut, Times: 1})
	if _, err := fake.Client.Usage(t.Context()); err != nil || injected.Struck() != 1 {
		t.Errorf("%v, after %d faults", err, injected.Struck())
	}
}

// With Stored the request is carried out as it would be: what is wrong with it stays wrong.
func TestStoredDoesNotMakeABadRequestGood(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	mustInject(t, fake, tgotest.Fault{Stored: true, Kind: tgotest.FaultCut})
	for name, request := range map[string]func() (answer, error){
		"wrong key": func() (answer, error) {
			return try(t, fake, http.MethodPost, "/messages", text(recipient, "hello"), withKey(tgo.NewKey("tgo_nobody-has-this-key")))
		},
		"wrong phone": func() (answer, error) { return try(t, fake, http.MethodPost, "/messages", text("0100", "hello")) },
	} {
		if a, err := request(); err == nil {
			t.Errorf("%s: answered %d", name, a.status)
		}
	}
	if messages := fake.Messages(); len(messages) > 0 {
		t.Errorf("stored: %v", contents(messages))
	}
}

func TestFaultsChooser(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.Faults = func(operation string) *tgotest.Fault {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, operation)
			if len(asked)%2 == 0 {
				return &tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusTeapot}
			}
			return nil
		}
	})
	var got []int
	for _, path := range []string{"/usage", "/me", "/messages", "/subscription"} {
		got = append(got, ask(t, fake, http.MethodGet, path, nil).status)
	}
	if want := []int{200, 418, 200, 418}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// It is not asked where an injected fault strikes, and is asked again when that has done its work.
	injected := mustInject(t, fake, tgotest.Fault{Operation: "getMe", Kind: tgotest.FaultStatus, Times: 1})
	for _, path := range []string{"/me", "/me", "/no-such-path"} {
		ask(t, fake, http.MethodGet, path, nil)
	}
	if injected.Struck() != 1 {
		t.Errorf("the injected fault struck %d times", injected.Struck())
	}
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"getUsage", "getMe", "listMessages", "getSubscription", "getMe"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %v, want %v", asked, want)
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	const delay = 30 * time.Millisecond
	for _, stored := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored %v", stored), func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			mustInject(t, fake, tgotest.Fault{Stored: stored, Delay: delay})
			begun := time.Now()
			a := ask(t, fake, http.MethodPost, "/messages", text(recipient, "hello"))
			if took := time.Since(begun); a.status != http.StatusCreated || took < delay {
				t.Errorf("%d after %v", a.status, took)
			}
			fake.ExpectMessage(t)
		})
	}
}

func TestDelayIsLongerThanTheClientWaits(t *testing.T) {
	t.Parallel()
	for _, kind := range []tgotest.FaultKind{tgotest.FaultNone, tgotest.FaultStatus, tgotest.FaultCut} {
		for _, stored := range []bool{false, true} {
			for _, byTimeout := range []bool{false, true} {
				if byTimeout && kind != tgotest.FaultNone {
					continue // it takes its time, and what the fake would do then does not matter
				}
				t.Run(fmt.Sprintf("%v, stored %v, by timeout %v", kind, stored, byTimeout), func(t *testing.T) {
					t.Parallel()
					entered := make(chan struct{})
					fake := tgotest.New(t, func(c *tgotest.Config) {
						c.Faults = func(string) *tgotest.Fault {
							close(entered) // a second request would panic
							return &tgotest.Fault{Kind: kind, Stored: stored, Delay: time.Hour}
						}
					})
					// The caller gives up as soon as the request is there, the client after a while.
					ctx, giveUp := context.WithCancel(t.Context())
					defer giveUp()
					client, want := fake.Client, context.Canceled
					if byTimeout {
						client, want = clientWith(t, fake, fake.Key, tgo.WithTimeout(time.Second)), context.DeadlineExceeded
					} else {
						go func() {
							<-entered
							giveUp()
						}()
					}
					_, err := client.FromPhone(sender).SendText(ctx, recipient, "hello")
					if tgo.DeliveryOf(err) != tgo.DeliveryUnknown || !errors.Is(err, want) {
						t.Errorf("got %v", err)
					}
					if stored {
						fake.ExpectMessage(t)
					}
					fake.ExpectNoMessage(t)
				})
			}
		}
	}
}

func TestFaultKindsHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for kind := tgotest.FaultNone; kind < tgotest.FaultKinds; kind++ {
		name := kind.String()
		if name == "" || strings.Contains(name, "FaultKind") || seen[name] {
			t.Errorf("kind %d is called %q", int(kind), name)
		}
		seen[name] = true
	}
	for _, kind := range []tgotest.FaultKind{-1, tgotest.FaultKinds} {
		if got, want := kind.String(), fmt.Sprintf("FaultKind(%d)", int(kind)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
