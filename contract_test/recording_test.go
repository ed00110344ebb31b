package contract_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

var replayFile = flag.String("replay", "", "hold the answers recorded in this `file` against today's document and today's fake")

// recordedAnswer is an answer as it is kept: without keys, phones, names, texts, times and hosts.
type recordedAnswer struct {
	Operation   string          `json:"operation"`
	Method      string          `json:"method"`
	Target      string          `json:"target"`
	Status      int             `json:"status"`
	ContentType string          `json:"content_type,omitempty"`
	RetryAfter  bool            `json:"retry_after,omitempty"`
	Body        json.RawMessage `json:"body,omitempty"`
	NotJSON     int             `json:"not_json,omitempty"` // its length, where the body is none
}

// writeRecording keeps what a run has seen.
func writeRecording(name string, on *target) error {
	b, err := json.MarshalIndent(recordingOf(on.witness.exchanges()), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(b, '\n'), 0o600)
}

func recordingOf(all []exchange) []recordedAnswer {
	list := []recordedAnswer{}
	redacted := redactorFor(all...)
	for _, x := range all {
		r := recordedAnswer{
			Operation: x.op, Method: x.method, Target: redacted.target(x), Status: x.status,
			ContentType: x.header.Get("Content-Type"), RetryAfter: x.header.Get("Retry-After") != "",
		}
		if v := decodedJSON(x.body); v != nil {
			r.Body, _ = json.Marshal(redacted.json("", v)) // it came out of JSON
		} else {
			r.NotJSON = len(x.body)
		}
		list = append(list, r)
	}
	return list
}

// redactor replaces whatever may tell of somebody, and keeps the shape. What is not known to be harmless is replaced. Ids
// become their ranks, and times others in the same order, for the judges of assumptions look at that.
type redactor struct {
	ids   []string
	times []time.Time
}

func redactorFor(all ...exchange) *redactor {
	r := &redactor{}
	for _, x := range all {
		r.collect("", x.json())
		if x.op == "revokeApiKey" {
			r.ids = append(r.ids, path.Base(x.target))
		}
	}
	slices.SortFunc(r.ids, compareIDs)
	r.ids = slices.Compact(r.ids)
	slices.SortFunc(r.times, time.Time.Compare)
	r.times = slices.CompactFunc(r.times, time.Time.Equal)
	return r
}

func compareIDs(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

func (r *redactor) collect(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for field, inner := range v {
			r.collect(field, inner)
		}
	case []any:
		for _, inner := range v {
			r.collect(name, inner)
		}
	case json.Number:
		if isID(name) {
			r.ids = append(r.ids, v.String())
		}
	case string:
		if t, layout := timeOf(v); layout != "" {
			r.times = append(r.times, t)
		} else if isID(name) {
			r.ids = append(r.ids, v)
		}
	}
}

func isID(name string) bool { return name == "id" || strings.HasSuffix(name, "_id") }

// whole reports whether a number is a whole one.
func whole(n json.Number) bool {
	_, err := n.Int64()
	return err == nil
}

// id is the rank of an id, a number where the id is one.
func (r *redactor) id(s string) string {
	i, _ := slices.BinarySearchFunc(r.ids, s, compareIDs)
	rank := strconv.Itoa(i + 1)
	if !whole(json.Number(s)) {
		return "id_" + rank
	}
	return rank
}

// timeOf reads a time, and says how it is written; empty where it is none.
func timeOf(s string) (t time.Time, layout string) {
	for _, separator := range []string{"T", " "} {
		for _, zone := range []string{"Z07:00", "Z0700", ""} {
			layout := "2006-01-02" + separator + "15:04:05" + zone
			if t, err := time.Parse(layout, s); err == nil {
				return t, layout
			}
		}
	}
	return time.Time{}, ""
}

// target keeps the path and the names of the parameters.
func (r *redactor) target(x exchange) string {
	u, err := url.Parse(x.target)
	if err != nil {
		return "/"
	}
	if x.op == "revokeApiKey" {
		u = &url.URL{Path: path.Join(path.Dir(u.Path), r.id(path.Base(u.Path)))}
	}
	query := u.Query()
	for name := range query {
		switch value := query.Get(name); {
		case strings.Contains(name, "phone"):
			query.Set(name, "+201000000000")
		case name != "page" || len(value) > 6:
			query.Set(name, "1")
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// harmless are the words that the document has for a string which may grow others, and the texts of its errors.
var harmless = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	walk("", rawDocument(), func(path, key string, value any) {
		list, _ := value.([]any)
		if key == "message" && strings.Contains(path, "/examples/") {
			list = []any{value}
		} else if key != "x-extensible-enum" {
			return
		}
		for _, one := range list {
			if text, ok := one.(string); ok {
				known[text] = true
			}
		}
	})
	return known
})

var (
	// wordFields hold words of the API, and pageFields numbers of pages and entries.
	wordFields = []string{"status", "verification_status", "message_type", "reason_code", "scopes"}
	pageFields = []string{"current_page", "last_page", "per_page", "total"}

	plainName = regexp.MustCompile(`^[a-z_]{1,30}$`)
)

func (r *redactor) json(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		object := map[string]any{}
		for _, field := range slices.Sorted(maps.Keys(v)) {
			inner := field
			if name == "errors" {
				inner = "message"
			}
			object[redactedName(field)] = r.json(inner, v[field])
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = r.json(name, v[i])
		}
		return list
	case json.Number:
		switch {
		case !whole(v):
			return json.Number("0.5")
		case isID(name):
			return json.Number(r.id(v.String()))
		case slices.Contains(pageFields, name) && len(v) <= 6:
			return v
		}
		return 1000001 // it may be a phone or a code
	case string:
		return r.text(name, v)
	}
	return v
}

// knownWord hides a word that the document does not have.
func knownWord(s string) string {
	if harmless()[s] {
		return s
	}
	return "another_word"
}

// redactedName hides the name of a field that may be anything: some answers have phones or names there.
func redactedName(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return "another_field"
}

func (r *redactor) text(name, s string) string {
	t, layout := timeOf(s)
	switch {
	case s == "":
		return s
	case slices.Contains(wordFields, name):
		return knownWord(s)
	case name == "message" && harmless()[s]:
		return s
	case layout != "":
		i, _ := slices.BinarySearchFunc(r.times, t, time.Time.Compare)
		return time.Date(2025, 1, 10, 8, 0, i, 0, time.UTC).In(t.Location()).Format(layout)
	case isID(name):
		return r.id(s)
	case strings.Contains(name, "phone"):
		return "+201000000000"
	case strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://"):
		u, err := url.Parse(s)
		if err != nil {
			return "https://tenant.example/"
		}
		page := ""
		if n, err := strconv.Atoi(u.Query().Get("page")); err == nil {
			page = "?page=" + strconv.Itoa(n)
		}
		return "https://tenant.example" + basePath + "/messages" + page
	}
	return "redacted"
}

// against says what of a recording is not as today's document has it.
func (r recordedAnswer) against(t testing.TB) error {
	t.Helper()
	req := rawRequest{method: r.Method, target: r.Target}.request(t, "http://tenant"+basePath, "tgo_redacted")
	body := []byte(r.Body)
	if r.NotJSON > 0 {
		body = []byte("(no JSON)")
	}
	return validateResponse(req, r.Status, http.Header{"Content-Type": {r.ContentType}}, body)
}

// exchange makes an exchange of a recording, for the judges of assumptions. What was asked is mostly gone.
func (r recordedAnswer) exchange() exchange {
	x := exchange{op: r.Operation, method: r.Method, target: r.Target, status: r.Status, body: r.Body, header: http.Header{"Content-Type": {r.ContentType}}}
	if u, err := url.Parse(r.Target); err == nil {
		x.query = u.Query()
	}
	if r.RetryAfter {
		x.header.Set("Retry-After", "1")
	}
	return x
}

// shapes notes the types that stand at each place of an answer. The words of errors and free-form parts are left out.
func shapes(into map[string]map[string]bool, where string, v any) {
	kind := "null"
	switch v := v.(type) {
	case map[string]any:
		kind = "object"
		for name, inner := range v {
			shapes(into, where+"."+name, inner)
		}
	case []any:
		kind = "list"
		for _, inner := range v {
			shapes(into, where+"[]", inner)
		}
	case string:
		kind = "text"
	case json.Number:
		kind = "number"
	case bool:
		kind = "boolean"
	}
	if into[where] == nil {
		into[where] = map[string]bool{}
	}
	into[where][kind] = true
}

// freeForm are places that the document leaves open, so their shape says nothing.
var freeForm = regexp.MustCompile(`\.(limits|usage_snapshot|plan|errors)\b`)

func shapesOf(list []recordedAnswer) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, r := range list {
		if r.Operation != "" && r.Body != nil {
			shapes(all, r.Operation+" "+strconv.Itoa(r.Status), decodedJSON(r.Body))
		}
	}
	maps.DeleteFunc(all, func(where string, _ map[string]bool) bool { return freeForm.MatchString(where) })
	return all
}

// shapeDifferences compares a recording with the fake's answers, for the operations and statuses that both have.
func shapeDifferences(recording, fake map[string]map[string]bool) []string {
	answers := func(of map[string]map[string]bool) map[string]bool {
		found := map[string]bool{}
		for where := range of {
			if !strings.ContainsAny(where, ".[") {
				found[where] = true
			}
		}
		return found
	}
	inBoth := func(where string) bool {
		answer := where
		if i := strings.IndexAny(where, ".["); i > 0 {
			answer = where[:i]
		}
		return answers(recording)[answer] && answers(fake)[answer]
	}
	kinds := func(of map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(of)), " or ") }
	var list []string
	for _, where := range slices.Sorted(maps.Keys(recording)) {
		switch {
		case !inBoth(where):
		case fake[where] == nil:
			list = append(list, fmt.Sprintf("%s: %s, and the fake has no such thing", where, kinds(recording[where])))
		default:
			for kind := range recording[where] {
				if !fake[where][kind] {
					list = append(list, fmt.Sprintf("%s: %s, and the fake has %s", where, kind, kinds(fake[where])))
				}
			}
		}
	}
	for _, where := range slices.Sorted(maps.Keys(fake)) {
		parent := where
		if i := strings.LastIndexAny(where, ".["); i > 0 {
			parent = where[:i]
		}
		// Where the recording has an empty list or null above, it cannot have more.
		if inBoth(where) && recording[where] == nil && recording[parent] != nil && (recording[parent]["object"] && strings.HasPrefix(where[len(parent):], ".")) {
			list = append(list, fmt.Sprintf("%s: missing, and the fake has %s", where, kinds(fake[where])))
		}
	}
	return list
}

// fakeAnswers are those of a fake that shows all it has.
func fakeAnswers(t *testing.T) []recordedAnswer {
	t.Helper()
	all := exerciseAssumptions(t)
	all = append(all, exerciseAssumptions(t, func(c *tgotest.Config) {
		c.PageSize = 1
		c.Keys = []tgotest.Key{{Name: "expires", Scopes: fourScopes, ExpiresAt: time.Now().Add(time.Hour)}}
		for len(c.Keys) < 7 {
			c.Keys = append(c.Keys, tgotest.Key{})
		}
	})...)
	return recordingOf(all)
}

// checkRecording reports where a recording is against the contract, and where its answers have another shape than those of
// the fake.
func checkRecording(t *testing.T, list, ofTheFake []recordedAnswer) (against, differs []string) {
	t.Helper()
	for _, r := range list {
		if err := r.against(t); err != nil {
			against = append(against, fmt.Sprintf("%s %s, answered %d: %v", r.Method, r.Target, r.Status, err))
		}
	}
	return against, shapeDifferences(shapesOf(list), shapesOf(ofTheFake))
}

// readRecording reads what writeRecording wrote.
func readRecording(t *testing.T, name string) []recordedAnswer {
	t.Helper()
	var list []recordedAnswer
	if err := json.Unmarshal(readFile(t, name), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return list
}

// TestRecordings holds what is kept in testdata/recordings against the document and the fake.
func TestRecordings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/recordings/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no recordings: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			against, differs := checkRecording(t, readRecording(t, name), fakeAnswers(t))
			for _, problem := range against {
				t.Errorf("against the document: %s", problem)
			}
			for _, d := range differs {
				t.Errorf("other than the fake: %s", d)
			}
		})
	}
}

// replay holds the recording of a tenant against the document, and tells what it has otherwise than the fake and what it
// says of the assumptions.
func replay(t *testing.T, name string) {
	t.Helper()
	list := readRecording(t, name)
	against, differs := checkRecording(t, list, fakeAnswers(t))
	for _, problem := range against {
		t.Errorf("against the document: %s", problem)
	}
	for _, d := range differs {
		t.Logf("other than the fake: %s", d) // a tenant may differ where the contract allows it
	}
	var all []exchange
	for _, r := range list {
		all = append(all, r.exchange())
	}
	writeAssumptions(os.Stdout, "the recording", assumptionReport(all))
}

// TestDriftIsFound changes a recording in ways in which a server may change.
func TestDriftIsFound(t *testing.T) {
	t.Parallel()
	list := readRecording(t, "testdata/recordings/fake.json")
	for name, c := range map[string]struct {
		operation, old, new string
		against, differs    string
	}{
		"a field goes":              {"lookupContact", `"exists":true,`, ``, "exists", "lookupContact 200.exists: missing"},
		"a field becomes another":   {"lookupContact", `"exists":true`, `"exists":"yes"`, "exists", "lookupContact 200.exists: text, and the fake has boolean"},
		"a field comes":             {"lookupContact", `{`, `{"blocked_until":"redacted",`, "", "lookupContact 200.blocked_until: text, and the fake has no such thing"},
		"an optional field goes":    {"getUsage", `"messages_sent"`, `"sent"`, "", "getUsage 200.data[].messages_sent: missing"},
		"an envelope comes":         {"lookupContact", `{"can`, `{"data":{},"can`, "", "lookupContact 200.data: object"},
		"a status is not declared":  {"getMe", ``, ``, "status is not supported", ""},
		"a time is no time":         {"sendMessage", `"2025-01-10T`, `"2025-01-10 `, "sent_at", ""},
		"nothing is any more there": {"listMessages", `"data"`, `"items"`, "data", "listMessages 200.data: missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed, done := slices.Clone(list), false
			for i := range changed {
				r := &changed[i]
				if r.Operation != c.operation || r.Status/100 != 2 {
					continue
				}
				var compact strings.Builder
				_ = json.NewEncoder(&compact).Encode(decodedJSON(r.Body))
				after := compact.String()
				if c.old == "" {
					r.Status = 218
				} else if after = strings.Replace(after, c.old, c.new, 1); after == compact.String() {
					continue
				}
				r.Body, done = json.RawMessage(after), true
			}
			if !done {
				t.Fatal("nothing was changed")
			}
			against, differs := checkRecording(t, changed, fakeAnswers(t))
			if (len(against) > 0) != (c.against != "") || !strings.Contains(strings.Join(against, "\n"), c.against) {
				t.Errorf("against the document: %q, want %q", against, c.against)
			}
			if !strings.Contains(strings.Join(differs, "\n"), c.differs) {
				t.Errorf("other than the fake: %q, want %q", differs, c.differs)
			}
		})
	}
}

// TestRecordingsTellNothingOfAnybody records a run that is full of what must not be kept.
func TestRecordingsTellNothingOfAnybody(t *testing.T) {
	t.Parallel()
	on := fakeTarget(t, func(c *tgotest.Config) {
		c.SenderNumbers[0].DisplayName = "Acme Geheim"
		c.Keys[0].Name = "Mona's key"
	})
	runCases(t, on, contractCases())
	on.do(t, post("", "/messages", jsonType, textOf(map[string]any{"to_phone": "+2010"})), on.key.Reveal())
	file := filepath.Join(t.TempDir(), "recording.json")
	if err := writeRecording(file, on); err != nil {
		t.Fatal(err)
	}
	kept := string(readFile(t, file))
	for _, secret := range []string{
		on.key.Reveal(), strings.TrimPrefix(on.key.Reveal(), "tgo_")[:6], senderPhone[1:], recipient[1:], "1001187188", "Acme", "Mona", "message 1", testText,
		"127.0.0.1", "Fake user", time.Now().UTC().Format("2006-01-02"),
	} {
		if strings.Contains(kept, secret) {
			t.Errorf("the recording shows %q", secret)
		}
	}
	if list := readRecording(t, file); len(list) < 60 {
		t.Errorf("only %d answers were kept", len(list))
	}
}

// TestRedaction shows what becomes of what must not be kept.
func TestRedaction(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"message":"The phone +20 101 000 0000 of tgo_abc is bad"}`:                    `{"message":"redacted"}`,
		`{"message":"The recipient Mona Adel of acme.tgo-eg.com said: secret"}`:         `{"message":"redacted"}`,
		`{"message":"Unauthenticated."}`:                                                `{"message":"Unauthenticated."}`,
		`{"data":{"message":"Dear Mona Adel, your code is 4821"}}`:                      `{"data":{"message":"redacted"}}`,
		`{"errors":{"phone":["+201010000000 is taken"]},"message":"a"}`:                 `{"errors":{"phone":["redacted"]},"message":"redacted"}`,
		`{"errors":{"contacts.+201010000000":["a"]}}`:                                   `{"errors":{"another_field":["redacted"]}}`,
		`{"errors":{"duration":["The sender number is not active."]}}`:                  `{"errors":{"duration":["The sender number is not active."]}}`,
		`{"Acme Support":{"mona@acme.com":{"tgo_abcdef123":[1]}}}`:                      `{"another_field":{"another_field":{"another_field":[1000001]}}}`,
		`{"201010000000":1,"at":"2026-11-24 07:00:01"}`:                                 `{"another_field":1000001,"at":"2025-01-10 08:00:00"}`,
		`{"status":"mona","reason_code":"+20.101.000.0000","message_type":"text"}`:      `{"message_type":"text","reason_code":"another_word","status":"another_word"}`,
		`{"note":"٠١٠١٠٠٠٠٠٠٠","number":201010000000,"otp":482113,"ratio":-1.5}`:        `{"note":"redacted","number":1000001,"otp":1000001,"ratio":0.5}`,
		`[{"id":90133},{"id":201010000000},{"id":7,"user_id":90133},{"id":"Mona"}]`:     `[{"id":3},{"id":4},{"id":1,"user_id":3},{"id":"id_2"}]`,
		`["2026-11-24T07:00:02.5Z","2026-11-24T07:00:01Z","2026-11-24T09:00:02+02:00"]`: `["2025-01-10T08:00:02Z","2025-01-10T08:00:00Z","2025-01-10T10:00:01+02:00"]`,
		`{"meta":{"current_page":2,"total":12},"page":{"total":201010000000}}`:          `{"meta":{"current_page":2,"total":12},"page":{"total":1000001}}`,
		`{"next":"https://acme.tgo-eg.com/x/messages?page=2&k=tgo_a"}`:                  `{"next":"https://tenant.example/api/v1/messages?page=2"}`,
	} {
		if got := string(recordingOf([]exchange{{body: []byte(in)}})[0].Body); got != want {
			t.Errorf("%s is kept as %s, want %s", in, got, want)
		}
	}
}
