package laravel_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// request is a request that is sent to both servers.
type request struct {
	Name, Method string
	Target       string // below /api/v1, with the query
	ContentType  string // empty for none
	Body         []byte

	header map[string]string // replaces the usual headers; an empty value removes a header
	atRoot bool              // Target is the whole path
	limits bool              // also compare the headers of a rate limit, which all responses of the tenant have
}

// answer is the part of a response that is compared.
type answer struct {
	base   string // the URL of the request, without the target
	status int
	header http.Header
	body   []byte
}

// difference is a difference between two responses. If one of them does not have something, its value is "none".
type difference struct {
	request, aspect string
	fake, laravel   string
}

func (d difference) String() string {
	return fmt.Sprintf("%q: %s\n\tfake    %.300q\n\tLaravel %.300q", d.request, d.aspect, d.fake, d.laravel)
}

// explanation is the reason for differences. A star in its texts matches any text, and " | " separates alternatives.
type explanation struct {
	requests string // the names of its requests
	aspect   string
	fake     string
	laravel  string
	reason   string
}

func (e explanation) explains(d difference) bool {
	return oneOf(e.requests, d.request) && oneOf(e.aspect, d.aspect) && oneOf(e.fake, d.fake) && oneOf(e.laravel, d.laravel)
}

func oneOf(patterns, text string) bool {
	return slices.ContainsFunc(strings.Split(patterns, " | "), func(p string) bool { return glob(p, text) })
}

func glob(pattern, text string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == text
	}
	pattern = strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	return regexp.MustCompile("(?s)^" + pattern + "$").MatchString(text)
}

// TestFakeAgainstLaravel sends the same requests to the fake and to the tenant, and compares the responses. Each difference must be in the
// table of differences_test.go, and each row of the table must be needed.
func TestFakeAgainstLaravel(t *testing.T) {
	ten := startTenant(t)
	ten.query(t, "UPDATE sender_numbers SET id = 12 WHERE id = 1") // as in the examples of the contract
	b := &both{t: t, ten: ten, fake: tgotest.New(t, seededAs(ten)), transport: &http.Transport{DisableCompression: true}}
	t.Cleanup(b.transport.CloseIdleConnections)
	for _, name := range []string{"revoked", "empty"} { // the latter belongs to another tenant
		b.fake.RevokeKey(tgo.NewKey(ten.Keys[name]))
	}

	// A log with two pages and entries of both kinds, before any message that only one of them accepts.
	for i := range 17 {
		b.compare(1, jsonPost(fmt.Sprintf("seed: text %d", i),
			fmt.Sprintf(`{"sender_number_id":12,"to_phone":"+201010000000","type":"text","content":"text %d"}`, i)))
	}
	b.compare(1, form("seed: image", "image", file("a.png", "image/png", "\x89PNG")))
	// Reads come first, since the logs are not the same afterwards.
	// The order of the first list matters: keys are created, used and revoked. And if two processes render an error page for the first
	// time, Laravel lets one of them respond without it.
	ordered, free := slices.Concat(keyRequests(ten), acceptRequests(ten)), slices.Concat(ownRequests(ten), suiteRequests(t))
	reads := func(r request) bool { return r.Method == http.MethodGet }
	sends := func(r request) bool { return r.Method == http.MethodPost && r.Target == "/messages" }
	other := func(r request) bool { return !reads(r) && !sends(r) }
	b.compare(1, only(ordered, reads)...)
	b.compare(atATime, only(free, reads)...)
	b.compare(1, only(slices.Concat(ordered, free), other)...)
	b.compare(1, only(ordered, sends)...)
	b.compare(atATime, only(free, sends)...)
	b.compareTrouble()
	b.compareEmpty()
	problems, summary := judge(differences, b.differences)
	for _, p := range problems {
		t.Error(p)
	}
	t.Logf("%d cases, %d alike, %d more with the same status; %d differences:\n%s", b.cases, b.alike, b.sameStatus-b.alike,
		len(b.differences), summary)
}

// atATime is how many requests are sent concurrently if their order does not matter.
const atATime = 4

func only(list []request, are func(request) bool) []request {
	return slices.DeleteFunc(slices.Clone(list), func(r request) bool { return !are(r) })
}

// seededAs makes a fake with the keys, sender numbers and contacts of a tenant.
func seededAs(ten *tenant) func(*tgotest.Config) {
	return func(c *tgotest.Config) {
		for _, name := range []string{"all", "messages.send", "messages.read", "contacts.lookup", "usage.read", "expired",
			"revoked", "empty"} {
			key := tgotest.Key{PlainText: ten.Keys[name], Name: name, Scopes: []tgo.Scope{tgo.Scope(name)},
				ExpiresAt: time.Now().AddDate(0, 0, 90)}
			switch name {
			case "all":
				key.Scopes = []tgo.Scope{tgo.ScopeAll}
			case "revoked", "empty":
				key.Scopes = nil
			case "expired":
				key.Scopes, key.ExpiresAt = nil, time.Now().AddDate(0, 0, -1)
			}
			c.Keys = append(c.Keys, key)
		}
		for i, state := range []string{"ready", "unverified", "pending", "suspended", "rejected", "removed"} {
			number := tgotest.SenderNumber{ID: tgo.NumberID(i + 1), Phone: ten.Senders[state]}
			switch state {
			case "ready":
				number.ID, number.DisplayName = 12, "Acme support"
			case "unverified":
				number.VerificationStatus = "pending_account_verification"
			case "pending":
				number.Status, number.VerificationStatus = "pending_verification", "pending_verification"
			case "rejected":
				number.Status, number.VerificationStatus = "rejected", "rejected"
			default:
				number.Status = state
			}
			c.SenderNumbers = append(c.SenderNumbers, number)
		}
		// The tenant lists them by their ids.
		slices.SortFunc(c.SenderNumbers, func(a, b tgotest.SenderNumber) int { return cmp.Compare(a.ID, b.ID) })
		for _, state := range []string{"reachable", "unreachable", "unverified"} {
			c.Contacts = append(c.Contacts, tgotest.Contact{Phone: ten.Contacts[state], State: tgotest.ContactState(state)})
		}
		c.Strangers = tgotest.ContactUnknown
		c.Tenants = []string{"127.0.0.1", "localhost", "acme.localhost"}
	}
}

// suiteRequests returns the requests of the cases in package contract_test, which writes them to a file.
func suiteRequests(t *testing.T) []request {
	t.Helper()
	path := filepath.Join(t.TempDir(), "requests")
	out, err := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-run=^TestRequestsFile$", "..",
		"-requests.out="+path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	var list []request
	for d := json.NewDecoder(bufio.NewReader(in)); ; {
		var r request
		err := d.Decode(&r)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
}

// both has the two servers, and the result of comparing them.
type both struct {
	t           *testing.T
	ten         *tenant
	fake        *tgotest.Server
	transport   *http.Transport
	cases       int
	alike       int
	sameStatus  int // how many of them have the same status
	differences []difference
}

// compare sends requests to both servers: one after the other, or several concurrently if their order does not matter.
func (b *both) compare(atATime int, list ...request) {
	b.t.Helper()
	var next atomic.Int64
	fake, laravel, failed := make([]answer, len(list)), make([]answer, len(list)), make([]error, len(list))
	var workers sync.WaitGroup
	for range atATime {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(list); i = int(next.Add(1)) - 1 {
				var errs [2]error
				fake[i], errs[0] = b.ask(b.fake.URL, list[i])
				laravel[i], errs[1] = b.ask(b.ten.URL, list[i])
				failed[i] = errors.Join(errs[:]...)
			}
		})
	}
	workers.Wait()
	for i, r := range list {
		if failed[i] != nil {
			b.t.Fatalf("%s: %v", r.Name, failed[i])
		}
		b.note(r, fake[i], laravel[i])
	}
}

// note records the differences between two responses.
func (b *both) note(r request, fake, laravel answer) {
	found := differ(r, fake, laravel)
	b.cases++
	if len(found) == 0 {
		b.alike++
	}
	if fake.status == laravel.status {
		b.sameStatus++
	}
	b.differences = append(b.differences, found...)
}

func (b *both) ask(baseURL string, r request) (answer, error) {
	if r.atRoot {
		baseURL = strings.TrimSuffix(baseURL, "/api/v1")
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(context.Background(), r.Method, baseURL+r.Target, body)
	if err != nil {
		return answer{}, err
	}
	headers := map[string]string{"Accept": "application/json", "X-Api-Key": b.ten.APIKey, "Content-Type": r.ContentType}
	maps.Copy(headers, r.header)
	for name, value := range headers {
		switch {
		case name == "Host":
			req.Host = value
		case value != "":
			req.Header.Set(name, value)
		}
	}
	resp, err := b.transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return answer{baseURL, resp.StatusCode, resp.Header, content}, err
}

// judge compares differences with a table. It returns what is in only one of them, and how many differences have each reason.
func judge(table []explanation, list []difference) (problems []string, summary string) {
	used := make([]bool, len(table))
	byReason := map[string]int{}
	for _, d := range list {
		i := slices.IndexFunc(table, func(e explanation) bool { return e.explains(d) })
		if i < 0 {
			problems = append(problems, "not in the table: "+d.String())
			continue
		}
		used[i] = true
		byReason[table[i].reason]++
	}
	for i, e := range table {
		if !used[i] {
			problems = append(problems, fmt.Sprintf("nothing differs so any more: %q", e))
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		summary += fmt.Sprintf("%5d  %s\n", byReason[reason], reason)
	}
	return problems, summary
}

// differ compares two responses. If the outcomes differ, nothing else is compared.
func differ(r request, fake, laravel answer) []difference {
	var list []difference
	note := func(aspect, a, b string) {
		if a == "" {
			a = "none"
		}
		if b == "" {
			b = "none"
		}
		if a != b {
			list = append(list, difference{r.Name, aspect, a, b})
		}
	}
	note("header Location", fake.header.Get("Location"), laravel.header.Get("Location"))
	methods := func(a answer) string {
		return strings.Join(strings.FieldsFunc(a.header.Get("Allow"), isSeparator), ", ")
	}
	note("header Allow", methods(fake), methods(laravel))
	presence := func(a answer, name string) string {
		if a.header.Get(name) == "" {
			return ""
		}
		return "present"
	}
	note("header Retry-After", presence(fake, "Retry-After"), presence(laravel, "Retry-After"))
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		if r.limits {
			note("header "+name, presence(fake, name), presence(laravel, name))
		}
	}
	if fake.status != laravel.status {
		note("status", fake.outcome(), laravel.outcome())
		return list
	}
	note("content type", fake.contentType(), laravel.contentType())
	if fake.contentType() != laravel.contentType() {
		return list
	}
	a, b := fake.facts(), laravel.facts()
	// If the fake does not read a body or a query, the tenant may still read a part of it.
	for _, whole := range []string{"errors.body", "errors.query"} {
		if a[whole] != "" && b[whole] == "" {
			note("fields", fake.outcome(), laravel.outcome())
			return list
		}
	}
	for _, fact := range slices.Sorted(maps.Keys(union(a, b))) {
		note(fact, a[fact], b[fact])
	}
	return list
}

// isSeparator reports whether a character separates the methods of an Allow header.
func isSeparator(r rune) bool { return r == ',' || r == ' ' }

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// contentType returns the media type with its charset, if there is a body.
func (a answer) contentType() string {
	if len(a.body) == 0 {
		return ""
	}
	mediaType, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return a.header.Get("Content-Type")
	}
	return strings.TrimSuffix(mediaType+" "+params["charset"], " ")
}

// outcome returns the status, and the messages of a refusal.
func (a answer) outcome() string {
	says := ""
	facts := a.facts()
	if facts["message"] != "" && len(facts) == 1 {
		says = " " + facts["message"]
	}
	for _, fact := range slices.Sorted(maps.Keys(facts)) {
		if strings.HasPrefix(fact, "errors.") {
			says += " [" + fact + ": " + facts[fact] + "]"
		}
	}
	if strings.HasPrefix(a.contentType(), "text/html") {
		says = " HTML"
	}
	return fmt.Sprintf("%d%s", a.status, says)
}

// facts returns the content of a body by path: the texts of a refusal; otherwise the types of all values, and some of the values.
func (a answer) facts() map[string]string {
	facts := map[string]string{}
	var v any
	if json.Unmarshal(a.body, &v) != nil {
		if len(a.body) > 0 && !strings.HasPrefix(a.contentType(), "text/html") {
			facts["body"] = string(a.body)
		}
		return facts
	}
	if object, ok := v.(map[string]any); ok && a.status >= 400 {
		for name, value := range object {
			fields, isObject := value.(map[string]any)
			switch {
			case name == "errors" && isObject:
				for field, messages := range fields {
					facts["errors."+field] = joined(messages)
				}
			case name == "message":
				facts[name] = fmt.Sprintf("%q", value)
			default:
				facts[name] = joined(value)
			}
		}
		return facts
	}
	types := map[string]map[string]bool{}
	addTypes(types, "", v)
	for path, kinds := range types {
		facts["type of "+path] = strings.Join(slices.Sorted(maps.Keys(kinds)), " or ")
	}
	addValues(facts, "", v)
	for path, value := range facts {
		if strings.HasPrefix(path, "value of links.") {
			facts[path] = strings.ReplaceAll(value, a.base, "BASE")
		}
	}
	return facts
}

// joined joins a list of texts whose order does not matter.
func joined(v any) string {
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprint(v)
	}
	var texts []string
	for _, text := range list {
		texts = append(texts, fmt.Sprint(text))
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// addTypes records the type of a value and of everything in it, by path. All items of a list have the same path.
func addTypes(types map[string]map[string]bool, path string, v any) {
	kind := ""
	switch v := v.(type) {
	case nil:
		kind = "null"
	case bool:
		kind = "boolean"
	case float64:
		kind = "number"
		if v == math.Trunc(v) {
			kind = "integer"
		}
	case string:
		kind = "string"
		for _, layout := range []string{"2006-01-02T15:04:05Z", "2006-01-02T15:04:05.000000Z"} {
			if _, err := time.Parse(layout, v); err == nil && len(v) == len(layout) {
				kind = "time as " + layout
			}
		}
	case []any:
		kind = "list"
		for _, item := range v {
			addTypes(types, path+"[]", item)
		}
	case map[string]any:
		kind = "object"
		for name, value := range v {
			addTypes(types, strings.TrimPrefix(path+"."+name, "."), value)
		}
	}
	if types[path] == nil {
		types[path] = map[string]bool{}
	}
	types[path][kind] = true
}

// compared has the names of values that must be the same. The others are ids, times and texts of the seed.
var compared = []string{
	"content", "message_type", "exists", "can_receive", "reason_code", "is_verified", "phone", "display_name", "status",
	"verification_status", "scopes", "current_page", "last_page", "per_page", "total", "messages_sent", "first", "last", "prev",
	"next", "sender_number_id", "sender_phone",
}

// addValues records the values that are compared; of an expiry, how many days away it is. For the items of a list, it records all values
// of a name together, in their order.
func addValues(facts map[string]string, path string, v any) {
	switch v := v.(type) {
	case []any:
		items, all := make([]map[string]string, len(v)), map[string]string{}
		for i, item := range v {
			items[i] = map[string]string{}
			addValues(items[i], path+"[]", item)
			maps.Copy(all, items[i])
		}
		for fact := range all {
			var values []string
			for _, item := range items {
				values = append(values, cmp.Or(item[fact], "none"))
			}
			facts[fact] = "[" + strings.Join(values, ",") + "]"
		}
	case map[string]any:
		for name, value := range v {
			at := strings.TrimPrefix(path+"."+name, ".")
			if slices.Contains(compared, name) {
				shown, _ := json.Marshal(value) // it was JSON
				facts["value of "+at] = string(shown)
			}
			if text, ok := value.(string); ok && name == "expires_at" {
				if expiry, err := time.Parse(time.RFC3339, text); err == nil {
					facts["value of "+at] = fmt.Sprintf("in %.0f days", time.Until(expiry).Hours()/24)
				}
			}
			addValues(facts, at, value)
		}
	}
}

// compareTrouble compares the servers when they fail: the fake has a fault, and the tenant is broken in the same way.
func (b *both) compareTrouble() {
	ten := b.ten
	send := jsonPost("", `{"sender_number_id":12,"to_phone":"+201010000000","type":"text","content":"a"}`)
	send.limits = true
	for _, trouble := range []struct {
		name       string
		fault      tgotest.Fault
		begin, end func()
	}{
		{"429", tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: "30"},
			func() { ten.set(b.t, "API_RATE_LIMIT", "1") }, func() { ten.set(b.t, "API_RATE_LIMIT", "1000000") }},
		{"500", tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusInternalServerError},
			func() { ten.query(b.t, "ALTER TABLE messages RENAME TO away") }, func() {
				ten.query(b.t,
					"ALTER TABLE away RENAME TO messages")
			}},
		{"503", tgotest.Fault{Kind: tgotest.FaultStatus, RetryAfter: "7"},
			func() { ten.artisan(b.t, "down", "--retry=7") }, func() { ten.artisan(b.t, "up") }},
		{"502", tgotest.Fault{Kind: tgotest.FaultHTML},
			func() { ten.command(b.t, "stop php-fpm") }, func() { ten.command(b.t, "start php-fpm") }},
	} {
		injected, err := b.fake.Inject(trouble.fault)
		if err != nil {
			b.t.Fatal(err)
		}
		trouble.begin()
		send.Name = "trouble: " + trouble.name
		b.compare(1, send)
		injected.Remove()
		trouble.end()
	}
}

// compareEmpty compares the responses for an empty tenant.
func (b *both) compareEmpty() {
	b.fake = tgotest.New(b.t, func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{{PlainText: b.ten.Keys["empty"], Name: "empty", Scopes: []tgo.Scope{tgo.ScopeAll}}}
		c.Variants = []tgotest.Variant{tgotest.VariantSubscriptionNull}
	})
	for _, target := range []string{"/me", "/subscription", "/sender-numbers", "/messages", "/messages?page=2", "/usage"} {
		r := get("empty tenant: "+target, target).with("X-Api-Key", b.ten.Keys["empty"])
		fake, err := b.ask(b.fake.URL, r)
		if err != nil {
			b.t.Fatal(err)
		}
		laravel, err := b.ask(strings.Replace(b.ten.URL, "127.0.0.1", "127.0.0.2", 1), r)
		if err != nil {
			b.t.Fatal(err)
		}
		b.note(r, fake, laravel)
	}
}

// TestDiffer compares responses without a server.
func TestDiffer(t *testing.T) {
	says := func(status int, body string, headers ...string) answer {
		a := answer{base: "http://a/api/v1", status: status, header: http.Header{"Content-Type": {"application/json"}},
			body: []byte(body)}
		for i := 0; i < len(headers); i += 2 {
			a.header.Set(headers[i], headers[i+1])
		}
		return a
	}
	refused := `{"message":"Invalid.","errors":{"a":["The a is bad.","The a is odd."]}}`
	for name, c := range map[string]struct {
		fake, laravel answer
		want          []difference // without the request
	}{
		"the same": {says(200, `{"data":[{"id":1},{"id":2}]}`), says(200, `{ "data": [ {"id": 3} ] }`), nil},
		"status": {says(422, refused), says(201, `{}`), []difference{{"", "status",
			"422 [errors.a: The a is bad. The a is odd.]", "201"}}},
		"message": {says(404, `{"message":"a"}`), says(404, `{"message":"b"}`), []difference{{"", "message", `"a"`,
			`"b"`}}},
		"other order": {says(422, refused), says(422,
			`{"errors":{"a":["The a is odd.","The a is bad."]},"message":"Invalid."}`), nil},
		"other field": {says(422, refused), says(422, `{"message":"Invalid.","errors":{"b":["The b is bad."]}}`),
			[]difference{{"", "errors.a", "The a is bad. The a is odd.", "none"}, {"", "errors.b", "none", "The b is bad."}}},
		"unread body": {says(422, `{"message":"","errors":{"body":["The body is bad."]}}`), says(422, refused),
			[]difference{{"", "fields", "422 [errors.body: The body is bad.]", "422 [errors.a: The a is bad. The a is odd.]"}}},
		"type": {says(200, `{"a":1,"b":[]}`), says(200, `{"a":1.5,"b":{}}`), []difference{{"", "type of a",
			"integer", "number"}, {"", "type of b", "list", "object"}}},
		"null in a list": {says(200, `[{"a":"x"},{"a":null}]`), says(200, `[{"a":"x"}]`), []difference{{"", "type of [].a",
			"null or string", "string"}}},
		"missing": {says(200, `{"a":true}`), says(200, `{}`), []difference{{"", "type of a", "boolean", "none"}}},
		"date": {says(200, `"2025-01-10T08:00:00Z"`), says(200, `"2025-01-10T08:00:00.000000Z"`), []difference{{"",
			"type of ", "time as 2006-01-02T15:04:05Z", "time as 2006-01-02T15:04:05.000000Z"}}},
		"value": {says(200, `{"data":{"content":"a"}}`), says(200, `{"data":{"content":"b"}}`), []difference{{"",
			"value of data.content", `"a"`, `"b"`}}},
		"link": {says(200, `{"links":{"next":"http://a/api/v1/messages?page=2"}}`), says(200,
			`{"links":{"next":"http://b/api/v1/messages?page=2"}}`), []difference{{"", "value of links.next",
			`"BASE/messages?page=2"`, `"http://b/api/v1/messages?page=2"`}}},
		"content type": {says(404, `{}`), says(404, `<html>`, "Content-Type", "text/html; charset=UTF-8"), []difference{{"",
			"content type", "application/json", "text/html UTF-8"}}},
		"values in a list": {says(200, `{"data":[{"content":"a"},{"content":null},{}]}`),
			says(200, `{"data":[{"content":null},{"content":"a"},{}]}`), []difference{{"", "value of data[].content",
				`["a",null,none]`, `[null,"a",none]`}}},
		"headers": {says(429, `{}`, "Retry-After", "30"), says(429, `{}`, "Retry-After", "7", "X-RateLimit-Limit",
			"1"), []difference{{"", "header X-RateLimit-Limit", "none", "present"}}},
		"no Retry-After": {says(429, `{}`, "Retry-After", "30"), says(429, `{}`), []difference{{"", "header Retry-After",
			"present", "none"}}},
		"Allow": {says(405, `{}`, "Allow", "GET"), says(405, `{}`, "Allow", "GET, HEAD"), []difference{{"",
			"header Allow", "GET", "GET, HEAD"}}},
		"Allow with other white space": {says(405, `{}`, "Allow", "GET, HEAD"), says(405, `{}`, "Allow", "GET,HEAD"), nil},
		"neither has text":             {says(204, ``), says(204, ``, "Content-Type", "text/html"), nil},
	} {
		if got := differ(request{limits: true}, c.fake, c.laravel); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestDifferencesAreNarrow looks for rows of the table that could hide other differences.
func TestDifferencesAreNarrow(t *testing.T) {
	for _, e := range differences {
		for side, patterns := range map[string]string{"the fake": e.fake, "Laravel": e.laravel} {
			for _, pattern := range strings.Split(patterns, " | ") {
				if strings.Trim(pattern, "*") == "" {
					t.Errorf("%q explains any response of %s", e, side)
				}
				if !oneOf(e.aspect, "status") {
					continue
				}
				for _, outcome := range []string{`500 "Server Error"`, "500 HTML", "200", "201", "204", "302 HTML", `404 "a"`,
					"422 [errors.a: The a is bad.]", "422 [errors.media: The a is bad.]"} {
					if glob(pattern, outcome) && (outcome[:3] == "422" || !strings.HasPrefix(pattern, outcome[:3])) {
						t.Errorf("%q: %s may return %s", e, side, outcome)
					}
				}
			}
		}
	}
}

// TestJudge compares differences with a table of two rows.
func TestJudge(t *testing.T) {
	table := []explanation{
		{"form: * | JSON: b", "status", "422 *", "201", "stricter"},
		{"*", "message", `"a"`, `"b" | "c"`, "other words"},
	}
	status := difference{"form: a", "status", "422 [errors.a: The a is bad.]", "201"}
	other := difference{"JSON: b", "status", "422 Invalid.", "201"}
	words := difference{"anything", "message", `"a"`, `"b"`}
	if problems, summary := judge(table, []difference{status, other,
		words, {"anything", "message", `"a"`, `"c"`}}); len(problems) > 0 || summary != "    2  other words\n    2  stricter\n" {
		t.Errorf("%q, %q", problems, summary)
	}
	for name, changed := range map[string]difference{
		"another request": {"JSON: bc", status.aspect, status.fake, status.laravel},
		"another aspect":  {status.request, "errors.a", status.fake, status.laravel},
		"the fake's":      {status.request, status.aspect, "404 x", status.laravel},
		"Laravel's":       {status.request, status.aspect, status.fake, "500"},
	} {
		if problems, _ := judge(table, []difference{status, words,
			changed}); len(problems) != 1 || !strings.HasPrefix(problems[0], "not in the table: ") {
			t.Errorf("%s: %q", name, problems)
		}
	}
	if problems, _ := judge(table, []difference{status}); len(problems) != 1 || !strings.HasPrefix(problems[0],
		"nothing differs so any more: ") {
		t.Errorf("%q", problems)
	}
}
