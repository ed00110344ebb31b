package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// verdict is what one exchange says of an assumption.
type verdict int

const (
	notSeen verdict = iota
	held
	refuted
)

func (v verdict) String() string { return [...]string{"not seen", "held", "refuted"}[v] }

// holds is held or refuted.
func holds(yes bool) verdict {
	if yes {
		return held
	}
	return refuted
}

// assumptions are those of the document, by their names in x-assumed, with the sentences there. The problems say which
// names have no sentence, or not the same one everywhere.
func assumptions() (sentences map[string]string, problems []string) {
	sentences = map[string]string{}
	walk("", rawDocument(), func(path, key string, value any) {
		if key != "x-assumed" {
			return
		}
		named, ok := value.(map[string]any)
		if !ok {
			problems = append(problems, path+": x-assumed is not a map")
		}
		for id, sentence := range named {
			text, _ := sentence.(string)
			if text == "" || (sentences[id] != "" && sentences[id] != text) {
				problems = append(problems, path+": "+id+" has no sentence, or not the same one as elsewhere")
			}
			sentences[id] = text
		}
	})
	return sentences, problems
}

// json reads the answer; objects as maps, numbers as json.Number. It is nil where there is no JSON.
func (x exchange) json() any { return decodedJSON(x.body) }

func decodedJSON(b []byte) any {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// at goes down into a JSON value by names; a list is gone into by each of its entries. It returns all that it finds.
func at(v any, path ...string) []any {
	if list, ok := v.([]any); ok {
		var found []any
		for _, entry := range list {
			found = append(found, at(entry, path...)...)
		}
		return found
	}
	if len(path) == 0 {
		return []any{v}
	}
	object, _ := v.(map[string]any)
	inner, ok := object[path[0]]
	if !ok {
		return nil
	}
	return at(inner, path[1:]...)
}

func (x exchange) ok(op string) bool { return x.op == op && x.status/100 == 2 }

// requestFields reads the text fields of a request, out of either body or the query.
func (x exchange) requestFields() map[string]string {
	fields := map[string]string{}
	for name := range x.query {
		fields[name] = x.query.Get(name)
	}
	mediaType, params, _ := mime.ParseMediaType(x.contentType)
	switch mediaType {
	case jsonType:
		object, _ := decodedJSON(x.requestBody).(map[string]any)
		for name, value := range object {
			fields[name] = fmt.Sprint(value)
		}
	case multipartType:
		reader := multipart.NewReader(bytes.NewReader(x.requestBody), params["boundary"])
		for {
			part, err := reader.NextPart()
			if err != nil {
				break
			}
			if part.FileName() == "" {
				text, _ := io.ReadAll(part)
				fields[part.FormName()] = string(text)
			}
		}
	}
	return fields
}

// has reports whether every object in a list of values has all these names.
func has(values []any, names ...string) bool {
	for _, v := range values {
		object, _ := v.(map[string]any)
		for _, name := range names {
			if _, ok := object[name]; !ok {
				return false
			}
		}
	}
	return true
}

// among reports whether all values are words of the list.
func among(values []any, words ...any) bool {
	return !slices.ContainsFunc(values, func(v any) bool { return !slices.Contains(words, v) })
}

// refusedInput checks that an input is refused: applies chooses the requests that have it, among those that are well
// formed otherwise.
func refusedInput(op string, applies func(fields map[string]string) bool) func(exchange) verdict {
	return func(x exchange) verdict {
		if x.op != op || (x.status != http.StatusUnprocessableEntity && x.status/100 != 2) || !applies(x.requestFields()) {
			return notSeen
		}
		return holds(x.status == http.StatusUnprocessableEntity)
	}
}

var shortPhone = regexp.MustCompile(`^\+[1-9][0-9]{0,5}$`)

// present judges values by a condition, where there are any.
func present(values []any, condition bool) verdict {
	if len(values) == 0 {
		return notSeen
	}
	return holds(condition)
}

// keyOfMe is the key in an answer of /me, with or without an envelope, if there is one.
func keyOfMe(x exchange) []any {
	if !x.ok("getMe") {
		return nil
	}
	keys := append(at(x.json(), "data", "api_key"), at(x.json(), "api_key")...)
	return slices.DeleteFunc(keys, func(v any) bool { return v == nil })
}

// logEntries are the entries of an answer with a page of the log, in whichever of the two likely forms.
func logEntries(x exchange) []any {
	if !x.ok("listMessages") {
		return nil
	}
	list, bare := x.json().([]any)
	if !bare {
		list = at(x.json(), "data")
	}
	return list
}

// listed says whether there is a list inside data.
func listed(v any) verdict {
	object, _ := v.(map[string]any)
	_, list := object["data"].([]any)
	return holds(list)
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// judges says of each assumption what an exchange has to do with it.
var judges = map[string]func(exchange) verdict{
	"log-pages": func(x exchange) verdict {
		if !x.ok("listMessages") {
			return notSeen
		}
		return holds(len(at(x.json(), "links", "next")) == 1 && len(at(x.json(), "meta", "last_page")) == 1 && len(at(x.json(), "meta", "total")) == 1)
	},
	"log-links": func(x exchange) verdict {
		if !x.ok("listMessages") {
			return notSeen
		}
		links := at(x.json(), "links")
		return holds(len(links) == 1 && has(links, "first", "last", "prev", "next"))
	},
	"log-meta": func(x exchange) verdict {
		if !x.ok("listMessages") {
			return notSeen
		}
		meta := at(x.json(), "meta")
		return holds(len(meta) == 1 && has(meta, "current_page", "last_page", "per_page", "total"))
	},
	"log-page-refused": refusedInput("listMessages", func(f map[string]string) bool {
		page, given := f["page"]
		n, err := strconv.Atoi(page)
		return given && (err != nil || n < 1)
	}),
	"log-data": func(x exchange) verdict {
		if !x.ok("listMessages") {
			return notSeen
		}
		return listed(x.json())
	},
	"log-newest-first": func(x exchange) verdict {
		var times []time.Time
		for _, v := range at(logEntries(x), "sent_at") {
			text, _ := v.(string)
			if t, layout := timeOf(text); layout != "" {
				times = append(times, t)
			}
		}
		newestFirst := slices.IsSortedFunc(times, func(a, b time.Time) int { return b.Compare(a) })
		if len(times) < 2 || (newestFirst && times[0].Equal(times[len(times)-1])) {
			return notSeen
		}
		return holds(newestFirst)
	},
	"log-nulls": func(x exchange) verdict {
		if !slices.Contains(append(at(logEntries(x), "sent_at"), at(logEntries(x), "content")...), nil) {
			return notSeen // an entry that has both says nothing of whether others may have none
		}
		return held
	},
	"message-status": func(x exchange) verdict {
		if !x.ok("listMessages") && !x.ok("sendMessage") {
			return notSeen
		}
		values := at(x.json(), "data", "status")
		return present(values, among(values, "sent"))
	},
	"lookup-needs-sender": refusedInput("lookupContact", func(f map[string]string) bool {
		return f["phone"] != "" && f["sender_phone"] == "" && f["sender_number_id"] == ""
	}),
	"lookup-one-sender": refusedInput("lookupContact", func(f map[string]string) bool {
		return f["phone"] != "" && f["sender_phone"] != "" && f["sender_number_id"] != ""
	}),
	"unknown-phone-200": func(x exchange) verdict {
		switch {
		case x.ok("lookupContact") && slices.Contains(at(x.json(), "exists"), any(false)):
			return holds(x.status == http.StatusOK)
		case x.op == "lookupContact" && x.status == http.StatusNotFound && !slices.Contains(at(x.json(), "message"), any(textUnknownTenant)):
			return refuted
		}
		return notSeen
	},
	"phone-seven-digits": refusedInput("sendMessage", func(f map[string]string) bool { return shortPhone.MatchString(f["to_phone"]) }),
	"text-required": refusedInput("sendMessage", func(f map[string]string) bool {
		content, given := f["content"]
		return f["type"] == "text" && (!given || content == "<nil>")
	}),
	// What is refused for another field says nothing of null.
	"null-is-absent": func(x exchange) verdict {
		fields, _ := decodedJSON(x.requestBody).(map[string]any)
		refused := at(x.json(), "errors")
		for _, name := range []string{"sender_phone", "sender_number_id", "display_name", "scopes", "expires_in_days"} {
			value, given := fields[name]
			switch {
			case !given || value != nil:
			case x.status/100 == 2:
				return held
			case x.status == http.StatusUnprocessableEntity && len(refused) == 1 && has(refused, name):
				return refuted
			}
		}
		return notSeen
	},
	"text-not-blank": refusedInput("sendMessage", func(f map[string]string) bool {
		content, given := f["content"]
		return f["type"] == "text" && given && blank(content)
	}),
	"key-scopes-once": refusedInput("createApiKey", func(f map[string]string) bool {
		list, given := f["scopes"]
		scopes := strings.Fields(strings.Trim(list, "[]"))
		n := len(scopes)
		slices.Sort(scopes)
		return given && (n == 0 || len(slices.Compact(scopes)) < n)
	}),
	"key-name-not-blank": refusedInput("createApiKey", func(f map[string]string) bool {
		name, given := f["name"]
		return given && blank(name)
	}),
	"reason-codes": func(x exchange) verdict {
		if !x.ok("lookupContact") {
			return notSeen
		}
		values := slices.DeleteFunc(at(x.json(), "reason_code"), func(v any) bool { return v == "ok" })
		return present(values, among(values, "not_found", "unreachable", "unverified"))
	},
	"usage-entries": func(x exchange) verdict {
		if !x.ok("getUsage") {
			return notSeen
		}
		return listed(x.json())
	},
	"usage-fields": func(x exchange) verdict {
		object, _ := x.json().(map[string]any)
		list, _ := object["data"].([]any)
		if !x.ok("getUsage") {
			return notSeen
		}
		return present(list, has(list, "sender_number_id", "sender_phone", "messages_sent"))
	},
	"me-key-fields": func(x exchange) verdict {
		return present(keyOfMe(x), has(keyOfMe(x), "id", "name", "prefix", "scopes"))
	},
	"user-fields": func(x exchange) verdict {
		users := append(at(x.json(), "data", "user"), at(x.json(), "user")...)
		if !x.ok("getMe") {
			return notSeen
		}
		return present(users, has(users, "id", "name"))
	},
	"subscription-active": func(x exchange) verdict {
		if !x.ok("getSubscription") {
			return notSeen
		}
		values := append(at(x.json(), "data", "status"), at(x.json(), "status")...)
		values = slices.DeleteFunc(values, func(v any) bool { return v == nil }) // an organization may have no subscription
		return present(values, among(values, "active"))
	},
	"sender-refused-422": func(x exchange) verdict {
		if x.op != "sendMessage" {
			return notSeen
		}
		values := at(x.json(), "message")
		if len(values) != 1 || !among(values, textSenderInactive, textSenderInactiveLater, textSenderUnverified, textSenderUnverifiedLater) {
			return notSeen
		}
		return holds(x.status == http.StatusUnprocessableEntity)
	},
	"rate-limit": func(x exchange) verdict {
		if x.status != http.StatusTooManyRequests {
			return notSeen
		}
		return holds(x.header.Get("Retry-After") != "")
	},
	"server-error": func(x exchange) verdict {
		if x.status/100 != 5 {
			return notSeen
		}
		html := strings.HasPrefix(x.header.Get("Content-Type"), "text/html")
		return holds(html || len(at(x.json(), "message")) == 1)
	},
}

// historyJudges are those of assumptions that one exchange alone does not show. They are given all of them.
var historyJudges = map[string]func([]exchange) map[int]verdict{
	// A page says that it is the one that was asked for, or else has not the entries of the first again.
	"log-page-parameter": func(all []exchange) map[int]verdict {
		first, found := []any(nil), map[int]verdict{}
		for i, x := range all {
			ids := at(logEntries(x), "id")
			if page, _ := strconv.Atoi(x.query.Get("page")); page < 2 {
				if len(ids) > 0 {
					first = ids
				}
			} else if is := append(at(x.json(), "meta", "current_page"), at(x.json(), "current_page")...); x.ok("listMessages") && len(is) > 0 {
				found[i] = holds(slices.Contains(is, any(json.Number(strconv.Itoa(page)))))
			} else if len(ids) > 0 && slices.Equal(ids, first) {
				found[i] = refuted
			}
		}
		return found
	},
	// A key that was revoked here is not there any more.
	"unknown-key-404": func(all []exchange) map[int]verdict {
		gone, found := map[string]bool{}, map[int]verdict{}
		for i, x := range all {
			if x.op != "revokeApiKey" {
				continue
			}
			if gone[x.target] {
				found[i] = holds(x.status == http.StatusNotFound)
			}
			gone[x.target] = gone[x.target] || x.status/100 == 2
		}
		return found
	},
	// After a send the log has an entry with its id, and not the same message as another entry.
	"log-id": func(all []exchange) map[int]verdict {
		found := map[int]verdict{}
		var pending []map[string]any // what sending answered since a first page of the log was read
		var before []any             // the ids on that page
		for i, x := range all {
			for _, v := range at(x.json(), "data") {
				if sent, ok := v.(map[string]any); ok && x.ok("sendMessage") && before != nil {
					pending = append(pending, sent)
				}
			}
			if page := x.query.Get("page"); !x.ok("listMessages") || (page != "" && page != "1") {
				continue
			}
			ids := at(logEntries(x), "id")
			for _, sent := range pending {
				if slices.Contains(ids, sent["id"]) {
					found[i] = held
					continue
				}
				for _, v := range logEntries(x) {
					entry, _ := v.(map[string]any)
					same := func(name string) bool { return entry[name] == sent[name] }
					if !slices.Contains(before, entry["id"]) && same("message_type") && same("sender_number_id") && same("content") {
						found[i] = refuted
					}
				}
			}
			pending, before = nil, append([]any{}, ids...)
		}
		return found
	},
}

// finding is what all exchanges say of an assumption.
type finding struct {
	verdict       verdict
	held, refuted int
	by            string // the first exchange that refuted it
}

// assumptionReport checks all assumptions against all exchanges.
func assumptionReport(all []exchange) map[string]finding {
	return checkAssumptions(all, judges, historyJudges)
}

// checkAssumptions runs the checks of all assumptions on all exchanges: those that look at one exchange, and those that need
// all of them.
func checkAssumptions(all []exchange, checks map[string]func(exchange) verdict, historyChecks map[string]func([]exchange) map[int]verdict) map[string]finding {
	report := map[string]finding{}
	note := func(id string, x exchange, v verdict) {
		f := report[id]
		switch v {
		case held:
			f.held++
		case refuted:
			if f.refuted++; f.refuted == 1 {
				f.by = fmt.Sprintf("%s %s, answered %d", x.method, x.op, x.status)
			}
		case notSeen:
		}
		switch {
		case f.refuted > 0:
			f.verdict = refuted
		case f.held > 0:
			f.verdict = held
		}
		report[id] = f
	}
	for id, check := range checks {
		report[id] = finding{}
		for _, x := range all {
			note(id, x, check(x))
		}
	}
	for id, check := range historyChecks {
		report[id] = finding{}
		for i, v := range check(all) {
			note(id, all[i], v)
		}
	}
	return report
}

// writeAssumptions has a line for each assumption.
func writeAssumptions(w io.Writer, name string, report map[string]finding) {
	sentences, _ := assumptions() // the tests report what is wrong with them
	counts := map[verdict]int{}
	_, _ = fmt.Fprintf(w, "What the contract assumes, as %s has it:\n", name)
	for _, id := range slices.Sorted(maps.Keys(report)) {
		f := report[id]
		counts[f.verdict]++
		_, _ = fmt.Fprintf(w, "  %-9s %-20s %s", f.verdict, id, sentences[id])
		if f.verdict == refuted {
			_, _ = fmt.Fprintf(w, " (%d times not; first by %s)", f.refuted, f.by)
		}
		_, _ = fmt.Fprintln(w)
	}
	_, _ = fmt.Fprintf(w, "  %d held, %d refuted, %d not seen\n", counts[held], counts[refuted], counts[notSeen])
}

// TestEveryAssumptionIsNamed: whatever the document calls assumed has a name and a judge, and every judge a sentence.
func TestEveryAssumptionIsNamed(t *testing.T) {
	t.Parallel()
	sentences, problems := assumptions()
	for _, p := range problems {
		t.Error(p)
	}
	for id := range sentences {
		if (judges[id] == nil) == (historyJudges[id] == nil) {
			t.Errorf("%s has no judge, or two", id)
		}
	}
	for _, id := range slices.Concat(slices.Collect(maps.Keys(judges)), slices.Collect(maps.Keys(historyJudges))) {
		if sentences[id] == "" {
			t.Errorf("the document does not assume %s", id)
		}
	}
	places := 0
	check := func(path string, node map[string]any) {
		description, _ := node["description"].(string)
		says := node["x-source"] == "assumed" || node["x-source"] == "framework" || strings.Contains(description, "assumed")
		if _, named := node["x-assumed"]; says != named {
			t.Errorf("%s: says that it assumes something: %v, names it in x-assumed: %v", path, says, named)
		}
		if says {
			places++
		}
	}
	doc := rawDocument()
	for _, part := range []string{"paths", "components"} {
		walk(part, doc[part], func(path, key string, value any) {
			if node, ok := value.(map[string]any); ok {
				check(path+"/"+key, node)
			}
		})
	}
	walk("paths", doc["paths"], func(path, key string, value any) {
		list, _ := value.([]any)
		for i, entry := range list {
			if node, ok := entry.(map[string]any); ok && key == "parameters" {
				check(path+"/parameters/"+strconv.Itoa(i), node)
			}
		}
	})
	if places < 25 {
		t.Errorf("only %d places assume something: is the walk complete?", places)
	}
}

// exerciseAssumptions makes a fake show all that the contract assumes.
func exerciseAssumptions(t *testing.T, configure ...func(*tgotest.Config)) []exchange {
	t.Helper()
	fake := newExampleFake(t, append([]func(*tgotest.Config){eachTimeLater, func(c *tgotest.Config) {
		c.PageSize = 2
		c.SenderNumbers = append(c.SenderNumbers, tgotest.SenderNumber{ID: 13, Phone: "+201001187189", Status: "suspended"})
		c.Contacts = append(c.Contacts,
			tgotest.Contact{Phone: "+201010000001", State: tgotest.ContactUnreachable},
			tgotest.Contact{Phone: "+201010000002", State: tgotest.ContactUnverified},
			tgotest.Contact{Phone: "+201010000003", State: tgotest.ContactUnknown})
	}}, configure...)...)
	w := &witness{next: http.DefaultTransport, base: fake.URL}
	do := func(list ...rawRequest) {
		t.Helper()
		for _, r := range list {
			resp, err := w.RoundTrip(r.request(t, fake.URL, fake.Key.Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
		}
	}
	for _, op := range operations() {
		do(exampleRequests(t, op)...)
		if op.method == http.MethodPost {
			do(exampleRequests(t, op)...)
		}
	}
	get := func(target string) rawRequest { return rawRequest{method: http.MethodGet, target: target} }
	remove := rawRequest{method: http.MethodDelete, target: "/api-keys/7"}
	do(get("/messages"), get("/messages?page=2"), get("/messages?page=0"), get("/usage"), remove, remove, rawRequest{method: http.MethodDelete, target: "/api-keys/8"})
	do(post("", "/messages", jsonType, textOf(nil)), get("/messages"))
	do(get("/contacts/lookup?phone=%2B201010000000"))
	do(get("/contacts/lookup?phone=%2B201010000000&sender_number_id=12&sender_phone=%2B201001187188"))
	for i := range 4 {
		do(get("/contacts/lookup?phone=%2B20101000000" + strconv.Itoa(i) + "&sender_number_id=12"))
	}
	do(
		post("", "/messages", jsonType, textOf(map[string]any{"to_phone": "+2010"})),
		post("", "/messages", jsonType, textOf(map[string]any{"content": " "})),
		post("", "/messages", jsonType, textOf(map[string]any{"content": null})),
		post("", "/messages", jsonType, textOf(map[string]any{"sender_phone": "+201001187189"})),
		post("", "/api-keys", jsonType, []byte(`{"name":" "}`)),
		post("", "/api-keys", jsonType, []byte(`{"name":"a","scopes":[]}`)),
		post("", "/messages", jsonType, textOf(map[string]any{"sender_number_id": null})),
	)
	for _, f := range []tgotest.Fault{{Kind: tgotest.FaultStatus, Status: 429, RetryAfter: "30", Times: 1}, {Kind: tgotest.FaultStatus, Times: 1}, {Kind: tgotest.FaultHTML, Times: 1}} {
		if _, err := fake.Inject(f); err != nil {
			t.Fatal(err)
		}
		do(get("/me"))
	}
	return w.exchanges()
}

// TestTheFakeDoesWhatTheContractAssumes: all assumptions are seen, and none is refuted.
func TestTheFakeDoesWhatTheContractAssumes(t *testing.T) {
	t.Parallel()
	for id, f := range assumptionReport(exerciseAssumptions(t)) {
		if f.verdict != held {
			t.Errorf("%s is %s (%s)", id, f.verdict, f.by)
		}
	}
}

// variantRefutes says which assumptions each variant refutes.
var variantRefutes = map[tgotest.Variant][]string{
	tgotest.VariantSuccess200:       {},
	tgotest.VariantSuccess202:       {},
	tgotest.VariantPageBare:         {"log-links", "log-meta", "log-pages"},
	tgotest.VariantPageLinks:        {"log-meta", "log-pages"},
	tgotest.VariantPageNone:         {"log-links", "log-meta", "log-pages"},
	tgotest.VariantPageList:         {"log-data", "log-links", "log-meta", "log-pages"},
	tgotest.VariantLenientPage:      {"log-page-refused"},
	tgotest.VariantPageOldest:       {"log-newest-first"},
	tgotest.VariantSender400:        {"sender-refused-422"},
	tgotest.VariantSender403:        {"sender-refused-422"},
	tgotest.VariantSender409:        {"sender-refused-422"},
	tgotest.VariantUsageNames:       {"usage-fields"},
	tgotest.VariantUsageMap:         {"usage-entries"},
	tgotest.VariantMeData:           {},
	tgotest.VariantSubscriptionData: {},
	tgotest.VariantSubscriptionNull: {},
	tgotest.VariantKeyFlat:          {},
	tgotest.VariantScope401:         {},
	tgotest.VariantNewerWording:     {},
	tgotest.VariantAccountFields:    {"me-key-fields", "user-fields"},
	tgotest.VariantAccountScope:     {}, // that the vendor names no scope is no assumption, but open all the same
	tgotest.VariantQueued:           {"message-status"},
	tgotest.VariantWords:            {"reason-codes", "subscription-active"},
	tgotest.VariantKeyForever:       {},
	tgotest.VariantRevokeUnknown:    {"unknown-key-404"},
	tgotest.VariantNullRefused:      {"null-is-absent"},
	tgotest.VariantErrorsBare:       {},
}

// shownByScopes are variants that a key with all scopes does not see.
var shownByScopes = map[tgotest.Variant]bool{tgotest.VariantAccountScope: true, tgotest.VariantScope401: true}

// TestVariantsRefuteWhatTheyAreFor: this is also how we know that the judges can refute, and that each variant does something.
func TestVariantsRefuteWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	usual := recordingOf(exerciseAssumptions(t))
	for _, v := range tgotest.Variants() {
		t.Run(string(v), func(t *testing.T) {
			t.Parallel()
			all := exerciseAssumptions(t, func(c *tgotest.Config) { c.Variants = []tgotest.Variant{v} })
			var replayed []exchange
			for _, r := range recordingOf(all) {
				replayed = append(replayed, r.exchange())
			}
			report := assumptionReport(all)
			if reflect.DeepEqual(recordingOf(all), usual) != shownByScopes[v] {
				t.Error("its answers are the usual ones, or it is in shownByScopes for nothing")
			}
			for how, report := range map[string]map[string]finding{"live": report, "replayed": assumptionReport(replayed)} {
				got := []string{}
				for _, id := range slices.Sorted(maps.Keys(report)) {
					if report[id].verdict == refuted {
						got = append(got, id)
					}
				}
				want, known := variantRefutes[v]
				if how == "replayed" {
					want = slices.DeleteFunc(slices.Clone(want), func(id string) bool { return id == "null-is-absent" }) // no body of a request is recorded
				}
				if !known || !slices.Equal(got, want) {
					t.Errorf("%s: refutes %v, want %v", how, got, want)
				}
			}
		})
	}
	if _, err := tgotest.Start(tgotest.Config{Variants: []tgotest.Variant{"success-418"}}); err == nil || !strings.Contains(err.Error(), "success-418") {
		t.Errorf("a variant that there is not: %v", err)
	}
}

// TestTheClientWorksUnderEveryVariant makes every call against every variant, and looks at what the client makes of the
// answers that differ.
func TestTheClientWorksUnderEveryVariant(t *testing.T) {
	t.Parallel()
	for _, v := range tgotest.Variants() {
		t.Run(string(v), func(t *testing.T) {
			t.Parallel()
			fake := newExampleFake(t, func(c *tgotest.Config) {
				c.Variants = []tgotest.Variant{v}
				c.PageSize = 3
				c.SenderNumbers = append(c.SenderNumbers,
					tgotest.SenderNumber{ID: 13, Phone: "+201001187189", Status: "suspended"},
					tgotest.SenderNumber{ID: 14, Phone: "+201001187199", VerificationStatus: "pending_account_verification"})
				c.Contacts = append(c.Contacts, tgotest.Contact{Phone: "+201010000001", State: tgotest.ContactUnreachable})
			})
			var sent []int64
			for _, c := range calls(t) {
				if media, _ := c.body["media"].(string); len(media) > 1<<20 {
					continue // no variant has to do with files, and large ones take their time
				}
				got, err := c.do(t.Context(), fake.Client)
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				if receipt, ok := got.(tgo.Receipt); ok {
					sent = append(sent, receipt.ID)
				}
			}
			checkVariant(t, fake, v, sent)
		})
	}
}

func checkVariant(t *testing.T, fake *tgotest.Server, v tgotest.Variant, sent []int64) {
	t.Helper()
	ctx := t.Context()
	var logged []int64
	for _, e := range logOf(t, fake.Client) {
		logged = append(logged, e.ID)
	}
	if v != tgotest.VariantPageOldest {
		slices.Reverse(logged)
	}
	if len(sent) < 50 || !slices.Equal(logged, sent) {
		t.Errorf("%d messages were sent, and the log has %d, or others", len(sent), len(logged))
	}
	for phone, want := range map[tgo.Phone]error{"+201001187189": tgo.ErrSenderInactive, "+201001187199": tgo.ErrSenderUnverified} {
		_, err := fake.Client.FromPhone(phone).SendText(ctx, recipient, "a")
		if got := sentinelsOf(err); len(got) != 1 || sentinels[got[0]] != want || tgo.DeliveryOf(err) != tgo.DeliveryRejected { //nolint:errorlint // one of the package's own variables is looked for
			t.Errorf("%s: it is %v, delivery %v, want %v", phone, got, tgo.DeliveryOf(err), want)
		}
	}
	if contact, err := fake.Sender.Lookup(ctx, "+201010000001"); err != nil || contact.CanReceive || contact.ReasonCode == "" {
		t.Errorf("the lookup says %+v, %v", contact, err)
	}
	if number, err := fake.Sender.Check(ctx); err != nil || number.ID != senderID {
		t.Errorf("the check says %+v, %v", number, err)
	}
	me, err := fake.Client.Me(ctx)
	if err != nil || me.APIKey == nil || (me.APIKey.Name != "all" && v != tgotest.VariantAccountFields) || me.Organization.Name == "" {
		t.Errorf("me is %+v, %v", me, err)
	}
	if s, err := fake.Client.Subscription(ctx); err != nil || (s.Status == "") != (v == tgotest.VariantSubscriptionNull) || len(s.Limits) == 0 {
		t.Errorf("the subscription is %+v, %v", s, err)
	}
	usage, err := fake.Client.Usage(ctx)
	if err != nil || !strings.Contains(string(usage.Raw), strconv.Itoa(len(sent))) {
		t.Errorf("the usage is %s, %v", usage.Raw, err)
	}
	if v != tgotest.VariantUsageNames && v != tgotest.VariantUsageMap && usage.Senders[0].MessagesSent != int64(len(sent)) {
		t.Errorf("the usage counts %d, want %d", usage.Senders[0].MessagesSent, len(sent))
	}
	key, err := fake.Client.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "a", Scopes: []tgo.Scope{tgo.ScopeUsageRead}})
	if err != nil || (key.ExpiresAt == nil) != (v == tgotest.VariantKeyForever) {
		t.Errorf("the key is %+v, %v", key, err)
	}
	if err := fake.Client.RevokeAPIKey(ctx, key.ID); err != nil {
		t.Errorf("revoking: %v", err)
	}
}
