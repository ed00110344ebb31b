package tgotest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

type shownCounts struct{ All, Accepted, Failed, Doubled, Unread int }

type shownSummary struct {
	ID                                                  int64
	Method, Path, Operation, Outcome, Fault, Type, From string
	Status, Attempt                                     int
	Text, Problem, Test                                 string
	To                                                  string `json:"to_phone"`
	FileName                                            string `json:"file_name"`
	MessageID                                           int64  `json:"message_id"`
	ResentOf                                            int64  `json:"resent_of"`
	UserAgent                                           string `json:"user_agent"`
	Warning, Read                                       bool
}

type shownPage struct {
	Run          string
	Last         int64
	Total, Found shownCounts
	Doubled      int
	Requests     []shownSummary
	More         bool
	UnderWay     []map[string]string `json:"under_way"`
	Faults       []map[string]any
	FaultsByCode bool `json:"faults_by_code"`
	Forgotten    int64
}

func inboxPage(t *testing.T, a *admin, query string) shownPage {
	t.Helper()
	return as[shownPage](t, a.ask(t, false, http.MethodGet, "/inbox"+query, nil, 200))
}

func (p shownPage) ids() (ids []int64) {
	for _, r := range p.Requests {
		ids = append(ids, r.ID)
	}
	return ids
}

// resend lets the inbox send a request again, and returns the id of the new one.
func resend(t *testing.T, a *admin, id int64, status int) int64 {
	t.Helper()
	again := as[struct {
		ID     int64
		Status int
	}](t, a.ask(t, false, http.MethodPost, fmt.Sprintf("/requests/%d/resend", id), map[string]any{}, 200))
	if again.Status != status {
		t.Errorf("sent again, request %d is answered %d, want %d", id, again.Status, status)
	}
	return again.ID
}

func TestSearch(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: sender, DisplayName: "Acme متجر"}}
		c.Contacts = []tgotest.Contact{{Phone: recipient}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
		c.Keys = []tgotest.Key{{Name: "shop", Scopes: []tgo.Scope{tgo.ScopeAll}}}
	})
	a := newAdmin(t, fake)
	sendTexts(t, fake, "Your code is 4821", "طلبك جاهز للاستلام")                                                     // 1, 2
	sendPicture(t, fake, []byte("p"))                                                                                 // 3
	ask(t, fake, http.MethodPost, "/messages", text("+201066666666", "Are you there?"))                               // 4: 422
	ask(t, fake, http.MethodGet, "/usage", nil, func(r *http.Request) { r.Header.Set("X-Tgo-Test", "TestCheckout") }) // 5
	mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: 503, Times: 1})
	ask(t, fake, http.MethodPost, "/messages", text(other, "Your code is 17")) // 6: 503
	sendTexts(t, fake, "Your code is 4821")                                    // 7: as 1
	for query, want := range map[string][]int64{
		"":                      {7, 6, 5, 4, 3, 2, 1},
		"code":                  {7, 6, 1},
		"CODE 4821":             {7, 1},
		`"code is 17"`:          {6},
		`"is code"`:             nil,
		"code -4821":            {6},
		"جاهز":                  {2},
		"type:image":            {3},
		"-type:text":            {5, 3},
		"status:503":            {6},
		"status:4xx":            {4},
		"status:2":              {7, 5, 3, 2, 1},
		"to:01066666666":        {4},
		"to:00201066666666":     {4},
		`to:"+20 10 6666 6666"`: {4},
		"to:٠١٠٦٦٦٦٦٦٦٦":        {4},
		"01066666666":           {4},
		"to:+2010":              {7, 6, 4, 3, 2, 1},
		"from:acme type:text":   {7, 2, 1},
		"from:0100118 code":     {7, 6, 1},
		"key:shop status:503":   {6},
		"test:checkout":         {5},
		"operation:getUsage":    {5},
		"is:doubled":            {7, 1},
		"is:failed":             {6, 4},
		"is:failed -status:503": {4},
		"is:accepted":           {7, 3, 2, 1},
		"is:nothing":            nil,
		"a.png":                 {3},
		"unreachable":           {4},
		"\"set on purpose\"":    {6},
		"-":                     nil, // a minus alone is text
		"colon:in:text":         nil,
		"to: code":              nil, // "to:" alone is text too
		"   ":                   {7, 6, 5, 4, 3, 2, 1},
	} {
		page := inboxPage(t, a, "?q="+escaped(query))
		if query == "-" { // many things have one
			continue
		}
		if got := page.ids(); !slices.Equal(got, want) || page.Found.All != len(want) || page.Total.All != 7 {
			t.Errorf("%q finds %v (%d of %d), want %v", query, got, page.Found.All, page.Total.All, want)
		}
	}
	if page := inboxPage(t, a, "?q=code&is=failed"); !slices.Equal(page.ids(), []int64{6}) || page.Found != (shownCounts{3, 2, 1, 2, 3}) || page.Total != (shownCounts{7, 4, 2, 2, 7}) {
		t.Errorf("%+v", page)
	}
}

func escaped(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// TestSummaries of sends that were refused say what those that were accepted do.
func TestSummaries(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: sender, DisplayName: "Acme"}}
	})
	a := newAdmin(t, fake)
	agent := func(r *http.Request) { r.Header.Set("User-Agent", "shop/2.0") }
	ask(t, fake, http.MethodPost, "/messages", strings.NewReader(`{"sender_phone":"`+sender+`","to_phone":"0100","type":"text","content":"مرحبا \u0645"}`), agent)
	body, contentType := form(append(imageParts("PNG"), part{name: "colour", content: "red"})...)
	ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
	ask(t, fake, http.MethodPost, "/messages", strings.NewReader(`{"sender_number_id":12,"to_phone":"`+recipient+`","type":"text","content":"`+strings.Repeat("م", 300)+`"}`))
	ask(t, fake, http.MethodPost, "/messages", strings.NewReader(`not JSON`))
	sendTexts(t, fake, "accepted")
	page := inboxPage(t, a, "")
	slices.Reverse(page.Requests)
	for i, want := range []shownSummary{
		{Type: "text", To: "0100", From: sender, Text: "مرحبا م", Problem: "The to phone format is invalid.", Status: 422, Outcome: "refused", UserAgent: "shop/2.0"},
		{Type: "image", To: recipient, From: sender, FileName: "picture.png", Status: 422, Outcome: "refused"},
		{Type: "text", To: recipient, From: "number 12", Text: strings.Repeat("م", 200) + "…", Problem: "The selected sender number id is invalid.", Status: 422, Outcome: "refused"},
		{Status: 422, Outcome: "refused"},
		{Type: "text", To: recipient, From: "Acme " + sender, Text: "accepted", Status: 201, Outcome: "accepted", MessageID: 1},
	} {
		got := page.Requests[i]
		if want.Problem == "" && want.Outcome == "refused" {
			want.Problem = got.Problem
			if got.Problem == "" {
				t.Errorf("%d: nothing is said to be wrong", i)
			}
		}
		if want.UserAgent == "" {
			want.UserAgent = got.UserAgent
		}
		want.ID, want.Method, want.Path, want.Operation, want.Attempt = int64(i+1), "POST", "/api/v1/messages", "sendMessage", 1
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

func TestPagesOfTheInbox(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.MaxMessages = 600 })
	a := newAdmin(t, fake)
	for range 700 {
		if _, err := fake.Client.Usage(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	page := inboxPage(t, a, "")
	if page.Total.All != 600 || page.Forgotten != 100 || page.Last != 700 || len(page.Requests) != 100 || !page.More || page.Requests[0].ID != 700 {
		t.Fatalf("%+v", page)
	}
	seen := int64(701)
	for query := "?limit=33"; ; query = fmt.Sprintf("?limit=33&before=%d", seen) {
		page := inboxPage(t, a, query)
		for _, r := range page.Requests {
			if r.ID != seen-1 {
				t.Fatalf("after %d comes %d", seen, r.ID)
			}
			seen = r.ID
		}
		if !page.More {
			break
		}
	}
	if seen != 101 {
		t.Errorf("the last is %d", seen)
	}
}

// A request that comes again is counted, however it ended before; one without a body may come as often as one likes.
func TestAttempts(t *testing.T) {
	t.Parallel()
	clock := newClock(noon)
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.Now = clock.now })
	mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: 503, Times: 2})
	for range 3 {
		ask(t, fake, http.MethodPost, "/messages", text(recipient, "x"))
	}
	body, contentType := form(imageParts("PNG")...)
	second, secondType := bytes.ReplaceAll(body, []byte(boundaryOf(contentType)), []byte("another")), "multipart/form-data; boundary=another"
	ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
	ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(second), withContentType(secondType))
	ask(t, fake, http.MethodGet, "/usage", nil)
	ask(t, fake, http.MethodGet, "/usage", nil)
	clock.advance(time.Minute + time.Second)
	ask(t, fake, http.MethodPost, "/messages", text(recipient, "x"))
	var got []string
	for _, r := range inboxPage(t, newAdmin(t, fake), "").Requests {
		got = append(got, fmt.Sprint(r.Status, " ", r.Attempt))
	}
	slices.Reverse(got)
	if want := []string{"503 1", "503 2", "201 3", "201 1", "201 2", "200 1", "200 1", "201 1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func boundaryOf(contentType string) string {
	_, boundary, _ := strings.Cut(contentType, "boundary=")
	return boundary
}

func TestRemovingAndUndoing(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	a := newAdmin(t, fake)
	undo := func(status int) { t.Helper(); a.ask(t, false, http.MethodPost, "/undo", map[string]any{}, status) }
	expect := func(requests []int64, texts ...string) {
		t.Helper()
		if got := inboxPage(t, a, "").ids(); !slices.Equal(got, requests) {
			t.Errorf("the requests are %v, want %v", got, requests)
		}
		if got := contents(fake.Messages()); !slices.Equal(got, texts) {
			t.Errorf("the messages are %q, want %q", got, texts)
		}
	}
	sendTexts(t, fake, "a", "b", "c")
	fake.ExpectMessage(t)
	a.ask(t, false, http.MethodDelete, "/requests/2", nil, 204)
	expect([]int64{3, 1}, "a", "c")
	sendTexts(t, fake, "d")
	undo(204)
	expect([]int64{4, 3, 2, 1}, "a", "b", "c", "d")
	undo(404)
	a.ask(t, false, http.MethodDelete, "/messages", nil, 204)
	expect(nil)
	sendTexts(t, fake, "e")
	expect([]int64{5}, "e")
	undo(204)
	expect([]int64{5, 4, 3, 2, 1}, "a", "b", "c", "d", "e")
	// A test that has taken a message does not get it again.
	if m := fake.ExpectMessage(t); m.Content != "b" {
		t.Errorf("then comes %q", m.Content)
	}
	a.ask(t, false, http.MethodDelete, "/messages", nil, 204)
	a.ask(t, false, http.MethodPost, "/reset", map[string]any{}, 204)
	undo(404) // a reset is for good
	expect(nil)
}

func TestResending(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	a := newAdmin(t, fake)
	ask(t, fake, http.MethodPost, "/messages", text("0100", "refused"), func(r *http.Request) { r.Header.Set("X-Tgo-Test", "T") })
	sendPicture(t, fake, []byte("picture"))
	ask(t, fake, http.MethodGet, "/messages?page=1", nil)
	ask(t, fake, http.MethodGet, "/usage", nil, func(r *http.Request) { r.Header.Del("X-Api-Key") })
	for i, status := range []int{422, 201, 200, 401} {
		resend(t, a, int64(i+1), status)
	}
	requests := shownRequests(t, fake)
	for i := range 4 {
		before, again := requests[i], requests[i+4]
		if again.Status != before.Status || again.Path != before.Path || again.Method != before.Method || again.Body != before.Body || again.KeyName != before.KeyName {
			t.Errorf("got  %+v\nwant %+v", again, before)
		}
	}
	page := inboxPage(t, a, "")
	if r := page.Requests[3]; r.ResentOf != 1 || r.Test != "T" {
		t.Errorf("%+v", r)
	}
	if all := fake.Messages(); len(all) != 2 || all[1].Media.SHA256 != all[0].Media.SHA256 || all[1].Media.Name != "a.png" || all[1].Media.ContentType != "image/png" || fake.Doubled() != nil {
		t.Errorf("%+v, doubled %v", all, fake.Doubled())
	}
	// It meets faults as any other.
	mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultCut, Stored: true, Times: 1})
	resend(t, a, 2, 0)
	if n := len(fake.Messages()); n != 3 {
		t.Errorf("%d messages", n)
	}
	// With the key revoked it is refused as the API does.
	fake.RevokeKey(fake.Key)
	resend(t, a, 2, 401)
}

// TestRequestsUnderWay are shown when they take long, and only as long as they do.
func TestRequestsUnderWay(t *testing.T) {
	t.Parallel()
	seen := make(chan struct{})
	end := sync.OnceFunc(func() { close(seen) })
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) {
		c.Faults = func(string) *tgotest.Fault {
			<-seen
			return nil
		}
	})
	t.Cleanup(end) // otherwise the fake would not end
	a := newAdmin(t, fake)
	l := listen(t, strings.TrimSuffix(fake.URL, "/api/v1"), "")
	done := make(chan error, 1)
	go func() {
		_, err := fake.Sender.SendText(t.Context(), recipient, "x")
		done <- err
	}()
	if name, _, _ := l.next(); name != "under_way" {
		t.Fatalf("a slow request is reported as %s", name)
	}
	if page := inboxPage(t, a, ""); len(page.UnderWay) != 1 || page.UnderWay[0]["method"] != "POST" || page.UnderWay[0]["path"] != "/api/v1/messages" || len(page.Requests) != 0 {
		t.Errorf("%+v", page)
	}
	end()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if name, _, _ := l.next(); name != "request" {
		t.Errorf("its end is reported as %s", name)
	}
	if page := inboxPage(t, a, ""); len(page.UnderWay) != 0 || len(page.Requests) != 1 {
		t.Errorf("%+v", page)
	}
}

func TestReadMarks(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	a := newAdmin(t, fake)
	sendTexts(t, fake, "a", "b", "c")
	a.ask(t, false, http.MethodPost, "/requests/2/read", map[string]any{}, 204)
	if page := inboxPage(t, a, "?is=unread"); !slices.Equal(page.ids(), []int64{3, 1}) || page.Total.Unread != 2 {
		t.Errorf("%+v", page)
	}
	a.ask(t, false, http.MethodPost, "/requests/read", map[string]any{}, 204)
	sendTexts(t, fake, "d")
	if page := inboxPage(t, a, "?is=unread"); !slices.Equal(page.ids(), []int64{4}) {
		t.Errorf("%+v", page)
	}
}

// TestFaultsInWords: the inbox says of each fault what it does and for how long.
func TestFaultsInWords(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.Faults = func(string) *tgotest.Fault { return nil } })
	a := newAdmin(t, fake)
	for _, c := range []struct {
		fault    tgotest.Fault
		requests int
		want     string // empty when it is over
	}{
		{tgotest.Fault{Kind: tgotest.FaultStatus}, 3, "503 Service Unavailable on every request until stopped, struck 3 times"},
		{tgotest.Fault{Kind: tgotest.FaultStatus, Status: 429, Operation: "getUsage", Times: 1}, 0, "429 Too Many Requests on the next getUsage request, not struck yet"},
		{tgotest.Fault{Kind: tgotest.FaultStatus, Status: 599, Stored: true, Times: 3}, 1, "599 after the request was executed on the next 2 requests, struck once"},
		{tgotest.Fault{Kind: tgotest.FaultStatus, Times: 1}, 1, ""},
		{tgotest.Fault{Kind: tgotest.FaultHTML, Skip: 2}, 1, "HTML page with 502 Bad Gateway on every request after 1 more until stopped, not struck yet"},
		{tgotest.Fault{Kind: tgotest.FaultRedirect, Location: "/x"}, 0, "307 Temporary Redirect to /x on every request until stopped, not struck yet"},
		{tgotest.Fault{Kind: tgotest.FaultCut, Delay: time.Second}, 0, "connection cut without a response, 1s late on every request until stopped, not struck yet"},
		{tgotest.Fault{Kind: tgotest.FaultCutMidway}, 0, "connection cut in the middle of the upload on every request until stopped, not struck yet"},
		{tgotest.Fault{Kind: tgotest.FaultCutResponse}, 0, "connection cut in the middle of the response on every request until stopped, not struck yet"},
		{tgotest.Fault{Kind: tgotest.FaultBrokenJSON}, 0, "half of the JSON on every request until stopped, not struck yet"},
		{tgotest.Fault{Kind: tgotest.FaultEmpty}, 0, "empty response on every request until stopped, not struck yet"},
		{tgotest.Fault{Delay: 3 * time.Second}, 0, "response 3s late on every request until stopped, not struck yet"},
	} {
		injected := mustInject(t, fake, c.fault)
		for range c.requests {
			ask(t, fake, http.MethodGet, "/usage", nil)
		}
		page := inboxPage(t, a, "")
		switch {
		case !page.FaultsByCode:
			t.Error("nothing is said of Config.Faults")
		case c.want == "" && len(page.Faults) != 0, c.want != "" && (len(page.Faults) != 1 || page.Faults[0]["summary"] != c.want):
			t.Errorf("%+v: %v, want %q", c.fault, page.Faults, c.want)
		}
		injected.Remove()
	}
}

// TestOptionsAreWhatTheFakeTakes: the page has no words of its own, and every one that it offers works.
func TestOptionsAreWhatTheFakeTakes(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	a := newAdmin(t, fake)
	o := as[struct {
		Operations []string
		FaultKinds []struct {
			Kind, Label string
			Status      int
			Fields      []string
		} `json:"fault_kinds"`
		Presets []struct {
			Label string
			Fault map[string]any
		}
		ContactStates        []string `json:"contact_states"`
		SenderStatuses       []string `json:"sender_statuses"`
		VerificationStatuses []string `json:"verification_statuses"`
		Scopes               []string
		DoubledWithinMS      int64 `json:"doubled_within_ms"`
	}](t, a.ask(t, false, http.MethodGet, "/options", nil, 200))
	if len(o.Operations) != 10 || len(o.ContactStates) != 4 || len(o.SenderStatuses) != 6 || len(o.VerificationStatuses) != 4 || len(o.Scopes) != 5 || o.DoubledWithinMS != 60_000 {
		t.Errorf("%+v", o)
	}
	for i, kind := range o.FaultKinds {
		if kind.Kind != tgotest.FaultKind(i).String() {
			t.Errorf("kind %d is %q", i, kind.Kind)
		}
		// A field is offered where the fake takes it, and nowhere else.
		for field, value := range map[string]any{"status": kind.Status, "retry_after": "1", "location": "/x", "stored": true} {
			if field == "status" && kind.Status == 0 {
				value = 503
			}
			body := map[string]any{"kind": kind.Kind, "times": 1, field: value, "delay_ms": 1}
			if kind.Kind == "redirect" {
				body["location"] = "/x"
			}
			want := 422
			if slices.Contains(kind.Fields, field) || field == "stored" && kind.Kind != "cut midway" { // some are stored anyway
				want = 201
			}
			a.ask(t, false, http.MethodPost, "/faults", body, want)
		}
	}
	if next := tgotest.FaultKind(len(o.FaultKinds)).String(); !strings.HasPrefix(next, "FaultKind(") {
		t.Errorf("the kind %q is not offered", next)
	}
	a.ask(t, false, http.MethodDelete, "/faults", nil, 204)
	for _, preset := range o.Presets {
		a.ask(t, false, http.MethodPost, "/faults", preset.Fault, 201)
	}
}

func TestPhones(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	a := newAdmin(t, fake)
	send := func(to tgo.Phone, text string) {
		t.Helper()
		if _, err := fake.Sender.SendText(t.Context(), to, text); err != nil {
			t.Fatal(err)
		}
	}
	send(recipient, "one")
	send(other, "two")
	send(recipient, "three")
	send(recipient, "three")
	type phones struct {
		Total  int
		Phones []struct {
			Phone             string
			Messages, Doubled int
			Last              received
		}
	}
	all := as[phones](t, a.ask(t, false, http.MethodGet, "/phones", nil, 200))
	if all.Total != 2 || all.Phones[0].Phone != recipient || all.Phones[0].Messages != 3 || all.Phones[0].Doubled != 1 || all.Phones[0].Last.ID != 4 || all.Phones[1].Phone != other || all.Phones[1].Doubled != 0 {
		t.Errorf("%+v", all)
	}
	for query, want := range map[string]string{escaped("0" + other[3:]): other, "THREE": recipient, escaped(recipient): recipient} {
		if some := as[phones](t, a.ask(t, false, http.MethodGet, "/phones?q="+query, nil, 200)); some.Total != 1 || some.Phones[0].Phone != want {
			t.Errorf("%s: %+v", query, some)
		}
	}
	type thread struct {
		Total    int
		Messages []received
		More     bool
	}
	latest := as[thread](t, a.ask(t, false, http.MethodGet, "/phones/"+recipient+"?limit=2", nil, 200))
	if latest.Total != 3 || !latest.More || len(latest.Messages) != 2 || latest.Messages[0].ID != 3 || latest.Messages[1].ID != 4 {
		t.Errorf("%+v", latest)
	}
	older := as[thread](t, a.ask(t, false, http.MethodGet, "/phones/"+recipient+"?limit=2&before=3", nil, 200))
	if older.Total != 3 || older.More || len(older.Messages) != 1 || older.Messages[0].ID != 1 {
		t.Errorf("%+v", older)
	}
}

func TestJSONLines(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	sendTexts(t, fake, "a", "b\n", "c")
	lines := bufio.NewScanner(strings.NewReader(newAdmin(t, fake).ask(t, false, http.MethodGet, "/requests.jsonl?q=-b", nil, 200)))
	var got []int64
	for lines.Scan() {
		var r shownSummary
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r.ID)
		if strings.Contains(lines.Text(), fake.Key.Reveal()) {
			t.Error("the key is in it")
		}
	}
	if !slices.Equal(got, []int64{1, 3}) {
		t.Errorf("%v", got)
	}
}

// A second click finds nothing to remove, and what the first one removed can still be brought back.
func TestUndoAfterRemovingNothing(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	a := newAdmin(t, fake)
	sendTexts(t, fake, "a", "b")
	a.ask(t, false, http.MethodDelete, "/messages", nil, 204)
	a.ask(t, false, http.MethodDelete, "/messages", nil, 204)
	a.ask(t, false, http.MethodPost, "/undo", map[string]any{}, 204)
	if got := contents(fake.Messages()); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q", got)
	}
}

// Attempts are counted among the requests that are there.
func TestAttemptsAfterUndo(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	a := newAdmin(t, fake)
	attempts := func() (got []int) {
		for _, r := range inboxPage(t, a, "").Requests {
			got = append(got, r.Attempt)
		}
		return got
	}
	sendTexts(t, fake, "x", "x")
	a.ask(t, false, http.MethodDelete, "/requests/2", nil, 204)
	sendTexts(t, fake, "x")
	if got := attempts(); !slices.Equal(got, []int{2, 1}) {
		t.Errorf("with the second deleted: %v", got)
	}
	a.ask(t, false, http.MethodDelete, "/messages", nil, 204)
	a.ask(t, false, http.MethodPost, "/undo", map[string]any{}, 204)
	sendTexts(t, fake, "x")
	if got := attempts(); !slices.Equal(got, []int{3, 2, 1}) {
		t.Errorf("after undo: %v", got)
	}
}

// TestInboxUnderLoad does everything at once.
func TestInboxUnderLoad(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.MaxMessages, c.KeepMedia = 40, 10_000 })

	var wg sync.WaitGroup
	do := func(times int, what func(i int)) {
		wg.Go(func() {
			for i := range times {
				what(i)
			}
		})
	}
	plain := func(method, path string) {
		r, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(fake.URL, "/api/v1")+"/_fake"+path, strings.NewReader("{}"))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := direct.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		if resp.StatusCode >= 500 {
			t.Errorf("%s %s: %d", method, path, resp.StatusCode)
		}
		_ = resp.Body.Close()
	}
	for worker := range 4 {
		do(150, func(i int) {
			_, _ = fake.Sender.SendText(t.Context(), recipient, fmt.Sprint("message ", i%7, worker%2))
			if i%10 == 0 {
				_, _ = fake.Sender.SendImage(t.Context(), recipient, tgo.Image{File: tgo.BytesFile("p.png", make([]byte, 3000)).WithContentType("image/png")})
			}
		})
	}
	do(60, func(i int) { plain("DELETE", fmt.Sprint("/requests/", i*4)) })
	do(60, func(int) { plain("POST", "/undo") })
	do(10, func(int) { plain("DELETE", "/messages") })
	do(10, func(int) { plain("POST", "/reset") })
	do(40, func(i int) { plain("POST", fmt.Sprint("/requests/", i*7, "/resend")) })
	do(40, func(i int) { plain("GET", "/inbox?q=message+is:doubled") })
	do(20, func(i int) { plain("GET", "/requests.har") })
	do(20, func(i int) { plain("GET", "/phones/"+recipient) })
	wg.Wait()
	seen := int64(0)
	for _, m := range fake.Messages() {
		if m.ID <= seen {
			t.Fatalf("after %d comes %d", seen, m.ID)
		}
		seen = m.ID
	}
	for _, r := range shownRequests(t, fake) {
		if r.Message != nil && r.Message["request_id"] != float64(r.ID) {
			t.Errorf("request %d brought message %v, that of request %v", r.ID, r.Message["id"], r.Message["request_id"])
		}
	}
}

// Two files of one size are two messages.
func TestAttemptsOfFiles(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	for _, content := range []string{"one", "two"} {
		sendPicture(t, fake, []byte(content))
	}
	if r := inboxPage(t, newAdmin(t, fake), "").Requests[0]; r.Attempt != 1 {
		t.Errorf("%+v", r)
	}
}

// What the fake did not read it cannot send again, nor show as a command.
func TestResendingWhatWasNotRead(t *testing.T) {
	t.Parallel()
	for _, kind := range []tgotest.FaultKind{tgotest.FaultCut, tgotest.FaultCutMidway} {
		fake := tgotest.New(t, inbox)
		mustInject(t, fake, tgotest.Fault{Kind: kind, Times: 1})
		if _, err := try(t, fake, http.MethodPost, "/messages", text(recipient, strings.Repeat("x", 20_000))); err == nil {
			t.Fatal("there is an answer")
		}
		a := newAdmin(t, fake)
		r := as[map[string]any](t, a.ask(t, false, http.MethodGet, "/requests/1", nil, 200))
		if r["can_resend"] != false || r["body_cut"] != true || r["curl"] != "" {
			t.Errorf("%v: %v %v %v", kind, r["can_resend"], r["body_cut"], short(fmt.Sprint(r["curl"])))
		}
		a.ask(t, false, http.MethodPost, "/requests/1/resend", map[string]any{}, 409)
	}
}

func TestResendingARefusedFile(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	body, contentType := form(append(imageParts("PNG"), part{name: "colour", content: "red"})...)
	ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
	resend(t, newAdmin(t, fake), 1, 422)
	if all := shownRequests(t, fake); len(all) != 2 || len(all[0].Form) != 5 || len(all[1].Form) != 5 {
		t.Errorf("%+v", all)
	}
}

// What is sent to a wrong path, or by a wrong method, is shown whole.
func TestBodiesOfWrongPaths(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	for i, path := range []string{"/nothing", "/usage"} {
		ask(t, fake, http.MethodPost, path, strings.NewReader("abc"))
		if r := shownRequests(t, fake)[i]; r.Body != "abc" || !strings.Contains(r.Curl, "abc") {
			t.Errorf("%+v", r)
		}
	}
}

// TestSearchForZeros: they are in no phone that has none.
func TestSearchForZeros(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	if _, err := fake.Sender.SendText(t.Context(), other, "x"); err != nil {
		t.Fatal(err)
	}
	a := newAdmin(t, fake)
	for _, query := range []string{"0000", "to:0000", "٠٠٠٠"} {
		if got := inboxPage(t, a, "?q="+escaped(query)).ids(); got != nil {
			t.Errorf("%s finds %v", query, got)
		}
	}
}

// Config.Faults may return the same fault again with other values.
func TestAFaultThatChanges(t *testing.T) {
	t.Parallel()
	f := &tgotest.Fault{Kind: tgotest.FaultStatus, Status: 503}
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.Faults = func(string) *tgotest.Fault { return f } })
	ask(t, fake, http.MethodGet, "/usage", nil)
	f.Status = 429
	if r := inboxPage(t, newAdmin(t, fake), "").Requests[0]; r.Fault != "503 Service Unavailable, set on purpose" {
		t.Error(r.Fault)
	}
}

// A client that asks for the head of the events gets it and no more.
func TestHeadOfEvents(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	conn, err := dial(soon(t), fake)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the test is over
	_, _ = fmt.Fprint(conn, "HEAD /_fake/events HTTP/1.1\r\nHost: localhost\r\n\r\nGET /_fake/options HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	r := bufio.NewReader(conn)
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", method, resp.StatusCode)
		}
		_ = resp.Body.Close()
	}
}

// TestKeysAreMasked wherever they were put by mistake, and in the answer that tells a new one.
func TestKeysAreMasked(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	const secret = "tgo_live_0123456789abcdef"
	ask(t, fake, http.MethodGet, "/usage", nil, func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+secret)
		r.Header.Set("Cookie", "k="+secret)
		r.Header.Set("X-Api-Key", "123456789")
	})
	created := ask(t, fake, http.MethodPost, "/api-keys", toJSON(map[string]any{"name": "k", "scopes": []string{"*"}}))
	var key struct {
		PlainTextKey string `json:"plain_text_key"`
		Data         any
	}
	created.decode(t, &key)
	a := newAdmin(t, fake)
	for _, path := range []string{"/requests", "/requests/1", "/requests/2", "/requests.har", "/requests.jsonl"} {
		got := a.ask(t, false, http.MethodGet, path, nil, 200)
		for _, text := range []string{secret, "12345678", key.PlainTextKey} {
			if strings.Contains(got, text) {
				t.Errorf("%s shows %q", path, text)
			}
		}
	}
}

// TestArchiveOfOddRequests: the query is in its order, and sizes are those of all of a body.
func TestArchiveOfOddRequests(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.PageSize = 10 })
	ask(t, fake, http.MethodGet, "/usage?e=1&d=2&c=3&b=4&a=5&%zz=6", nil)
	sendTexts(t, fake, slices.Repeat([]string{strings.Repeat("x", 4000)}, 10)...)
	long := ask(t, fake, http.MethodGet, "/messages", nil)
	type names struct{ Name, Value string }
	har := as[struct {
		Log struct {
			Entries []struct {
				Request  struct{ QueryString []names }
				Response struct {
					BodySize int
					Content  struct{ Size int }
				}
			}
		}
	}](t, newAdmin(t, fake).ask(t, false, http.MethodGet, "/requests.har", nil, 200))
	if got := har.Log.Entries[0].Request.QueryString; !slices.Equal(got, []names{{"e", "1"}, {"d", "2"}, {"c", "3"}, {"b", "4"}, {"a", "5"}}) {
		t.Error(got)
	}
	if got := har.Log.Entries[11].Response; got.BodySize != len(long.body) || got.Content.Size != len(long.body) {
		t.Errorf("%+v of %d bytes", got, len(long.body))
	}
}
