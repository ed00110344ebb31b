package contract_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
)

// bodyField is the field under which the fake reports problems with the body as a whole.
const bodyField = "body"

// badPhones has phones that are not in E.164 form.
var badPhones = map[string]string{
	"empty":               "",
	"a space":             " ",
	"no plus":             "201010000000",
	"00 for the plus":     "00201010000000",
	"two pluses":          "++201010000000",
	"letters":             "+20101000000a",
	"letters alone":       "mona",
	"too short":           "+201010",
	"16 digits":           "+2010100000001234",
	"leading zero":        "+0201010000000",
	"spaces":              "+20 101 000 0000",
	"space before":        " +201010000000",
	"space after":         "+201010000000 ",
	"line break after":    "+201010000000\n",
	"line break before":   "\n+201010000000",
	"two lines":           "+201010000000\n+201010000000",
	"hyphens":             "+20-101-000-0000",
	"Arabic-Indic digits": "+٢٠١٠١٠٠٠٠٠٠٠",
	"full-width digits":   "+２０１０１０００００００",
	"digits of two kinds": "+2٠١٠١٠٠٠٠٠٠٠",
	"plus alone":          "+",
	"a zero character":    "+201010000000\x00",
	"a direction mark":    "\u200e+201010000000",
}

// refusedRequest is a request that must be refused with 422, and the fields that the error must name.
type refusedRequest struct {
	request
	fields []string
	// documentCannot says why the document alone accepts it. The tests check that it does.
	documentCannot string
}

// json422 is a POST /messages with a JSON body.
func json422(name string, body []byte, fields ...string) refusedRequest {
	return refusedRequest{request: post("JSON: "+name, "/messages", jsonType, body), fields: fields}
}

// form422 is a POST /messages with a form.
func form422(name string, parts []part, fields ...string) refusedRequest {
	contentType, body := formBody(parts...)
	return refusedRequest{request: post("form: "+name, "/messages", contentType, body), fields: fields}
}

// only marks cases that the document alone accepts.
func only(why string, cases ...refusedRequest) []refusedRequest {
	for i := range cases {
		cases[i].documentCannot = why
	}
	return cases
}

// senderRefusals are about who sends: exactly one of sender_phone and sender_number_id.
func senderRefusals() []refusedRequest {
	both := []string{"sender_number_id", "sender_phone"}
	return []refusedRequest{
		json422("both senders", textOf(map[string]any{"sender_number_id": senderID}), both...),
		json422("no sender", textOf(map[string]any{"sender_phone": nil}), both...),
		json422("sender is null", textOf(map[string]any{"sender_phone": null}), both...),
		json422("sender number is null", textOf(map[string]any{"sender_phone": nil, "sender_number_id": null}), both...),
		json422("both senders are null", textOf(map[string]any{"sender_phone": null, "sender_number_id": null}), both...),
		json422("sender number is a string", textOf(map[string]any{"sender_phone": nil, "sender_number_id": "12"}), "sender_number_id"),
		json422("sender number 0", textOf(map[string]any{"sender_phone": nil, "sender_number_id": 0}), "sender_number_id"),
		json422("sender number -1", textOf(map[string]any{"sender_phone": nil, "sender_number_id": -1}), "sender_number_id"),
		json422("sender number 1.5", textOf(map[string]any{"sender_phone": nil, "sender_number_id": 1.5}), "sender_number_id"),
		json422("sender number is true", textOf(map[string]any{"sender_phone": nil, "sender_number_id": true}), "sender_number_id"),
		json422("sender number is a list", textOf(map[string]any{"sender_phone": nil, "sender_number_id": []int{12}}), "sender_number_id"),
		form422("both senders", with(imageParts(), field("sender_number_id", "12")), both...),
		form422("no sender", without(imageParts(), "sender_phone"), both...),
		form422("sender number is empty", with(without(imageParts(), "sender_phone"), field("sender_number_id", "")), both...),
		form422("sender number abc", with(without(imageParts(), "sender_phone"), field("sender_number_id", "abc")), "sender_number_id"),
		form422("sender number 0", with(without(imageParts(), "sender_phone"), field("sender_number_id", "0")), "sender_number_id"),
		form422("sender number -1", with(without(imageParts(), "sender_phone"), field("sender_number_id", "-1")), "sender_number_id"),
		form422("sender number 12.5", with(without(imageParts(), "sender_phone"), field("sender_number_id", "12.5")), "sender_number_id"),
		form422("sender number too large", with(without(imageParts(), "sender_phone"), field("sender_number_id", "9223372036854775808")), "sender_number_id"),
	}
}

// contentRefusals are about content: texts, and captions of files.
func contentRefusals() []refusedRequest {
	cases := []refusedRequest{
		json422("no content", textOf(map[string]any{"content": nil}), "content"),
		json422("content is null", textOf(map[string]any{"content": null}), "content"),
		json422("content is a number", textOf(map[string]any{"content": 4821}), "content"),
		json422("content is a list", textOf(map[string]any{"content": []string{"a"}}), "content"),
		json422("content is an object", textOf(map[string]any{"content": map[string]any{"text": "a"}}), "content"),
		form422("no content of a text", without(textParts(), "content"), "content"),
	}
	for _, blank := range []string{"", " ", "\n", "\t\r\n  "} {
		cases = append(cases,
			json422(fmt.Sprintf("blank content %q", blank), textOf(map[string]any{"content": blank}), "content"),
			form422(fmt.Sprintf("blank content %q", blank), with(textParts(), field("content", blank)), "content"))
	}
	for _, blank := range []string{"\u00a0", "\u3000\u2009", "\ufeff", "\u200b \u200e"} {
		cases = append(cases, only("in Go's regular expressions only ASCII white space is white space; the fake trims as Laravel does",
			json422(fmt.Sprintf("blank content %+q", blank), textOf(map[string]any{"content": blank}), "content"),
			form422(fmt.Sprintf("blank content %+q", blank), with(textParts(), field("content", blank)), "content"))...)
	}
	half := func(escape string) []byte { return bytes.Replace(textOf(nil), []byte("Hello"), []byte(escape), 1) }
	return slices.Concat(cases, only("Go's decoder replaces half of a surrogate pair by U+FFFD; PHP's refuses the body, and so does the fake",
		json422("the first half of a surrogate pair", half(`Hi \ud83c!`), bodyField),
		json422("the second half of a surrogate pair", half(`Hi \udf89!`), bodyField)))
}

// typeRefusals are about the type of a message.
func typeRefusals() []refusedRequest {
	cases := []refusedRequest{
		json422("no type", textOf(map[string]any{"type": nil}), "type"),
		json422("type is null", textOf(map[string]any{"type": null}), "type"),
		json422("type is a number", textOf(map[string]any{"type": 1}), "type"),
		form422("no type", without(imageParts(), "type"), "type"),
	}
	for _, t := range []string{"video", "sticker", "Text", "TEXT", "text ", ""} {
		cases = append(cases, json422(fmt.Sprintf("type %q", t), textOf(map[string]any{"type": t}), "type"))
	}
	// These are wrong because JSON cannot have a file.
	for t, lacks := range map[string][]string{"image": {"media"}, "voice": {"duration", "media"}, "document": {"media"}} {
		cases = append(cases, json422(fmt.Sprintf("type %q", t), textOf(map[string]any{"type": t}), lacks...))
	}
	for _, t := range []string{"video", "sticker", "Image", "image ", ""} {
		cases = append(cases, form422(fmt.Sprintf("type %q", t), with(imageParts(), field("type", t)), "type"))
	}
	return cases
}

// mediaRefusals are about files and what describes them, such as a duration.
func mediaRefusals() []refusedRequest {
	noFile := with(imageParts(), part{Name: "media", Content: "bytes"})
	cases := []refusedRequest{
		form422("no media", without(imageParts(), "media"), "media"),
		form422("no media of a voice", without(voiceParts(), "media"), "media"),
		form422("the file under another name", append(without(imageParts(), "media"), part{Name: "file", Filename: "a.png", ContentType: "image/png", Content: "x"}), "file", "media"),
		form422("voice without a duration", without(voiceParts(), "duration"), "duration"),
		form422("file_size is a text", append(imageParts(), field("file_size", "large")), "file_size"),
		form422("file_size -1", append(imageParts(), field("file_size", "-1")), "file_size"),
		form422("file_size 1.5", append(imageParts(), field("file_size", "1.5")), "file_size"),
		json422("media in JSON", textOf(map[string]any{"media": "bytes"}), "media"),
		json422("duration of a text", textOf(map[string]any{"duration": 12}), "duration"),
	}
	for _, d := range []string{"0", "301", "-1", "4.5", "45.0", "abc", "", " 45", "45s", "0x10", "1e2", "00:45", "9999999999", "٤٥", "45\n"} {
		cases = append(cases,
			form422(fmt.Sprintf("voice of %q seconds", d), with(voiceParts(), field("duration", d)), "duration"))
	}
	return slices.Concat(cases,
		only("a schema sees the content of a part, not whether it has a file name",
			form422("media without a file name", noFile, "media"),
			form422("media with an empty file name", with(imageParts(), part{Name: "media", Content: "bytes", Disposition: `form-data; name="media"; filename=""`}), "media"),
			form422("media with filename* alone", with(imageParts(), part{Name: "media", Content: "bytes", Disposition: `form-data; name="media"; filename*=UTF-8''a.png`}), "media")),
		only("a schema sees one value for a field; which of two the API uses is not known",
			form422("media twice", append(imageParts(), filePart("b.png", "image/png", "b")), "media"),
			form422("to_phone twice", append(imageParts(), field("to_phone", "+201010000001")), "to_phone")),
	)
}

// phoneRefusals are about phones, in all operations.
func phoneRefusals() []refusedRequest {
	var cases []refusedRequest
	for _, name := range slices.Sorted(maps.Keys(badPhones)) {
		phone := badPhones[name]
		sender := []string{"sender_phone"}
		if strings.TrimSpace(phone) == "" { // it counts as absent
			sender = []string{"sender_number_id", "sender_phone"}
		}
		cases = append(cases,
			json422("to_phone: "+name, textOf(map[string]any{"to_phone": phone}), "to_phone"),
			json422("sender_phone: "+name, textOf(map[string]any{"sender_phone": phone}), sender...),
			form422("to_phone: "+name, with(imageParts(), field("to_phone", phone)), "to_phone"),
			form422("sender_phone: "+name, with(voiceParts(), field("sender_phone", phone)), sender...),
			refusedRequest{request: post("register: "+name, "/sender-numbers", jsonType, jsonOf(map[string]any{"phone": phone}, nil)), fields: []string{"phone"}},
			lookup422("phone: "+name, url.Values{"phone": {phone}, "sender_phone": {senderPhone}}, "phone"),
			lookup422("sender_phone: "+name, url.Values{"phone": {recipient}, "sender_phone": {phone}}, sender...),
		)
	}
	return append(cases,
		json422("no to_phone", textOf(map[string]any{"to_phone": nil}), "to_phone"),
		json422("to_phone is null", textOf(map[string]any{"to_phone": null}), "to_phone"),
		json422("to_phone is a number", textOf(map[string]any{"to_phone": int64(201010000000)}), "to_phone"),
		json422("to_phone is a list", textOf(map[string]any{"to_phone": []string{recipient}}), "to_phone"),
		form422("no to_phone", without(imageParts(), "to_phone"), "to_phone"),
	)
}

// lookup422 is a lookup.
func lookup422(name string, query url.Values, fields ...string) refusedRequest {
	return refusedRequest{
		request: request{Name: "lookup: " + name, Method: http.MethodGet, Target: "/contacts/lookup?" + query.Encode()},
		fields:  fields,
	}
}

// queryRefusals are about queries, of lookups and of the log.
func queryRefusals() []refusedRequest {
	both := []string{"sender_number_id", "sender_phone"}
	cases := []refusedRequest{
		lookup422("no phone", url.Values{"sender_phone": {senderPhone}}, "phone"),
		lookup422("sender number abc", url.Values{"phone": {recipient}, "sender_number_id": {"abc"}}, "sender_number_id"),
		lookup422("sender number 0", url.Values{"phone": {recipient}, "sender_number_id": {"0"}}, "sender_number_id"),
		lookup422("sender number -1", url.Values{"phone": {recipient}, "sender_number_id": {"-1"}}, "sender_number_id"),
		lookup422("sender number 1.5", url.Values{"phone": {recipient}, "sender_number_id": {"1.5"}}, "sender_number_id"),
		lookup422("sender number is empty", url.Values{"phone": {recipient}, "sender_number_id": {""}}, both...),
	}
	for _, page := range []string{"", " ", "0", "-1", "abc", "1.5"} {
		cases = append(cases, refusedRequest{
			request: request{Name: fmt.Sprintf("log: page %q", page), Method: http.MethodGet, Target: "/messages?page=" + url.QueryEscape(page)},
			fields:  []string{"page"},
		})
	}
	query := func(name, target string, fields ...string) refusedRequest {
		return refusedRequest{request: request{Name: "query: " + name, Method: http.MethodGet, Target: target}, fields: fields}
	}
	const byNumber = "/contacts/lookup?phone=%2B201010000000&sender_number_id="
	return slices.Concat(cases,
		only("OpenAPI cannot require exactly one of several parameters; x-exactly-one-of does",
			lookup422("both senders", url.Values{"phone": {recipient}, "sender_phone": {senderPhone}, "sender_number_id": {"12"}}, both...),
			lookup422("no sender", url.Values{"phone": {recipient}}, both...)),
		only("kin-openapi uses the first of two values, PHP the last",
			query("a phone twice", byNumber+"12&phone=%2B201010000001", "phone"),
			query("a number twice", byNumber+"12&sender_number_id=12", "sender_number_id"),
			query("a page twice", "/messages?page=1&page=2", "page")),
		only("Go accepts leading zeros; PHP does not, and neither does the fake",
			query("a number with a leading zero", byNumber+"012", "sender_number_id"),
			query("a page with a leading zero", "/messages?page=02", "page"),
			form422("sender number 012", with(without(imageParts(), "sender_phone"), field("sender_number_id", "012")), "sender_number_id"),
			form422("voice of \"045\" seconds", with(voiceParts(), field("duration", "045")), "duration"),
			form422("file_size 007", append(imageParts(), field("file_size", "007")), "file_size")),
		only("Go ignores malformed parts of a query; PHP uses them as they are",
			query("half an escape", byNumber+"12&other=%zz", "query"),
			query("half an escape of a page", "/messages?page=%", "query"),
			query("a semicolon", byNumber+"12&other=1;2", "query")),
	)
}

// accountRefusals are about registering numbers and making keys.
func accountRefusals() []refusedRequest {
	register := func(name string, body string, fields ...string) refusedRequest {
		return refusedRequest{request: post("register: "+name, "/sender-numbers", jsonType, []byte(body)), fields: fields}
	}
	key := func(name string, change map[string]any, fields ...string) refusedRequest {
		body := jsonOf(map[string]any{"name": "a", "scopes": []string{"messages.send"}, "expires_in_days": 30}, change)
		return refusedRequest{request: post("key: "+name, "/api-keys", jsonType, body), fields: fields}
	}
	cases := []refusedRequest{
		register("no phone", `{"display_name":"a"}`, "phone"),
		register("display_name is a number", `{"phone":"+201001187190","display_name":1}`, "display_name"),
		register("unknown field", `{"phone":"+201001187190","status":"active"}`, "status"),
		register("no JSON", `{"phone":`, bodyField),
		key("no name", map[string]any{"name": nil}, "name"),
		key("name is empty", map[string]any{"name": ""}, "name"),
		key("name is blank", map[string]any{"name": " \n"}, "name"),
		key("name is null", map[string]any{"name": null}, "name"),
		key("name is a number", map[string]any{"name": 1}, "name"),
		key("scopes is empty", map[string]any{"scopes": []string{}}, "scopes"),
		key("scopes is a string", map[string]any{"scopes": "messages.send"}, "scopes"),
		key("unknown scope", map[string]any{"scopes": []string{"messages.send", "messages.delete"}}, "scopes.1"),
		key("scope twice", map[string]any{"scopes": []string{"messages.send", "messages.send"}}, "scopes.0", "scopes.1"),
		key("unknown field", map[string]any{"plain_text_key": "tgo_mine"}, "plain_text_key"),
	}
	for _, days := range []any{0, -1, 366, 30.5, "30"} {
		cases = append(cases, key(fmt.Sprintf("expires in %s days", jsonOf(map[string]any{}, map[string]any{"d": days})), map[string]any{"expires_in_days": days}, "expires_in_days"))
	}
	return append(cases, only("the document does not know which numbers are registered",
		register("phone that is registered already", `{"phone":"`+senderPhone+`"}`, "phone"))...)
}

// shapeRefusals are about bodies as a whole: unknown fields, malformed JSON and forms, wrong content types.
func shapeRefusals() []refusedRequest {
	good := textOf(nil)
	goodType, goodForm := formBody(imageParts()...)
	_, boundary, _ := strings.Cut(goodType, "boundary=")
	all := []string{"sender_number_id", "sender_phone", "to_phone", "type"}
	raw := func(name, contentType string, body []byte) refusedRequest {
		return refusedRequest{request: post(name, "/messages", contentType, body), fields: []string{bodyField}}
	}
	cases := []refusedRequest{
		json422("unknown field", textOf(map[string]any{"priority": "high"}), "priority"),
		json422("misspelt field", textOf(map[string]any{"content": nil, "contents": "a"}), "content", "contents"),
		json422("a field in upper case", textOf(map[string]any{"content": nil, "Content": "a"}), "Content", "content"),
		form422("unknown field", append(imageParts(), field("priority", "high")), "priority"),
		form422("unknown file", append(imageParts(), part{Name: "media2", Filename: "b.png", Content: "b"}), "media2"),
		form422("nothing in it", nil, "sender_number_id", "sender_phone", "to_phone", "type"),
		json422("an empty object", []byte(`{}`), all...),
		json422("an empty list", []byte(`[]`), bodyField),
		json422("a list of messages", slices.Concat([]byte("["), good, []byte("]")), bodyField),
		json422("a string", []byte(`"Hello"`), bodyField),
		json422("null", []byte(`null`), bodyField),
		json422("nothing", []byte(``), bodyField),
		json422("white space", []byte("  \n"), bodyField),
		json422("cut short", good[:len(good)-1], bodyField),
		json422("single quotes", []byte(`{'type': 'text'}`), bodyField),
		json422("a trailing comma", bytes.Replace(good, []byte("}"), []byte(",}"), 1), bodyField),
		json422("a form as JSON", goodForm, bodyField),
		raw("no body and no Content-Type", "", nil),
		raw("no Content-Type", "", good),
		raw("text/plain", "text/plain", good),
		raw("text/json", "text/json", good),
		raw("application/xml", "application/xml", []byte(`<message/>`)),
		raw("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", []byte("type=text&content=a")),
		raw("multipart/mixed", "multipart/mixed; boundary="+boundary, goodForm),
		raw("application/octet-stream", "application/octet-stream", goodForm),
		raw("an invalid Content-Type", "json", good),
	}
	// If a form cannot be parsed, or ends too early, fields may be reported as missing, too.
	broken := func(name, contentType string, body []byte) {
		c := raw(name, contentType, body)
		c.fields = nil
		cases = append(cases, c)
	}
	broken("form without a boundary", multipartType, goodForm)
	broken("form with an empty boundary", multipartType+`; boundary=""`, goodForm)
	broken("form with another boundary", multipartType+"; boundary=other", goodForm)
	broken("JSON as a form", multipartType+"; boundary=x", good)
	broken("form of no bytes", goodType, []byte{})
	// The file comes last, so no field is missing if the form is cut in the file or after it.
	inFile := bytes.Index(goodForm, []byte("PNG\r\n"))
	end := len(goodForm) - len("--\r\n")
	broken("form cut in the first field's name", goodType, goodForm[:len("--"+boundary)+20])
	broken("form cut in a field", goodType, goodForm[:bytes.Index(goodForm, []byte(recipient))+4])
	// If the bytes end within the head of a part, Go's parser takes that as the end of the form. What is missing is reported.
	cutInHead := raw("form cut in the head of the file", goodType, goodForm[:inFile-30])
	cutInHead.fields = []string{"body", "media"}
	cases = append(cases, cutInHead,
		raw("form cut in the file", goodType, goodForm[:inFile]),
		raw("form cut after the file", goodType, goodForm[:end-len("\r\n--"+boundary)]),
		raw("form cut in the last boundary", goodType, goodForm[:end-10]),
		raw("form cut before the last two hyphens", goodType, goodForm[:end]),
		raw("form cut between the last two hyphens", goodType, goodForm[:end+1]),
	)
	return slices.Concat(cases, only("kin-openapi's decoder stops where the first JSON value ends",
		json422("something after it", slices.Concat(good, []byte("x")), bodyField),
		json422("two messages", slices.Concat(good, good), bodyField)))
}

// refusedRequests returns all of them. A new limit needs requests here that break it.
func refusedRequests() []refusedRequest {
	return slices.Concat(senderRefusals(), contentRefusals(), typeRefusals(), mediaRefusals(), phoneRefusals(), queryRefusals(), accountRefusals(), shapeRefusals())
}

// wordings are the messages that a refusal may have: lines of the English language file of Laravel 9, with the name of a field
// filled in, and texts of the fake if Laravel has no rule.
var wordings = []*regexp.Regexp{
	regexp.MustCompile(`^The [a-z0-9. ]+ field is required( when [a-z ]+ is ([a-z]+|not present))?\.$`),
	regexp.MustCompile(`^The [a-z ]+ field prohibits [a-z ]+ from being present\.$`),
	regexp.MustCompile(`^The [a-z0-9. ]+ field has a duplicate value\.$`),
	regexp.MustCompile(`^The [a-z0-9 ]+ must be (a string|an integer|an array|a file|at least [01]|between 1 and (300|365))\.$`),
	regexp.MustCompile(`^The [a-z ]+ must have at least 1 items\.$`),
	regexp.MustCompile(`^The [a-z ]+ format is invalid\.$`),
	regexp.MustCompile(`^The [a-z ]+ has already been taken\.$`),
	regexp.MustCompile(`^The selected [a-z0-9. ]+ is invalid\.$`),
	regexp.MustCompile(`^The \w+ is (not a field of this request|given twice)\.$`),
	regexp.MustCompile(`^The (multipart )?body is (missing|not UTF-8|not well formed|cut short)(: [^:]+)?\.$`),
	regexp.MustCompile(`^The body must be a JSON object\.$`),
	regexp.MustCompile(`^The query is not well formed: [^:]+\.$`),
	regexp.MustCompile(`^The Content-Type must be one of [a-z/, -]+\.$`),
}

// TestFakeRefusesInvalidRequests sends all of them to one fake and checks each time that nothing has changed.
func TestFakeRefusesInvalidRequests(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	before := suite.WorkspaceOf(t, fake)
	for _, c := range refusedRequests() {
		t.Run(c.Name, func(t *testing.T) {
			a := suite.Send(t, c.HTTP(t, fake.URL, fake.Key.Reveal()))
			if after := suite.WorkspaceOf(t, fake); after != before {
				t.Errorf("the workspace was %+v and is %+v", before, after)
				before = after
			}
			if a.Status != http.StatusUnprocessableEntity {
				t.Fatalf("returned %d %s, want 422", a.Status, a.Body)
			}
			got := a.Error(t)
			if got.Message != textInvalid {
				t.Errorf("says %q, want %q", got.Message, textInvalid)
			}
			named := slices.Sorted(maps.Keys(got.Errors))
			if c.fields == nil {
				if !slices.Contains(named, bodyField) {
					t.Errorf("names %v, want %s among them", got.Errors, bodyField)
				}
			} else if !slices.Equal(named, c.fields) {
				t.Errorf("names %v, want %v", got.Errors, c.fields)
			}
			for name, messages := range got.Errors {
				if len(messages) == 0 {
					t.Errorf("has no message for %s", name)
				}
				for _, m := range messages {
					if !slices.ContainsFunc(wordings, func(w *regexp.Regexp) bool { return w.MatchString(m) }) {
						t.Errorf("neither Laravel nor the fake has this message: %s", m)
					}
					if strings.Contains(m, recipient) || strings.Contains(m, senderPhone) || strings.Contains(m, "kin") || strings.Contains(m, "{") {
						t.Errorf("the message shows a value or the validator: %s", m)
					}
				}
			}
		})
	}
}

// TestDocumentRefusesInvalidRequests validates the same requests with the document alone.
func TestDocumentRefusesInvalidRequests(t *testing.T) {
	t.Parallel()
	cannot := 0
	for _, c := range refusedRequests() {
		_, err := contract.ValidateRequest(c.HTTP(t, "http://tenant"+basePath, "tgo_key"), c.Body)
		switch {
		case c.documentCannot != "":
			cannot++
			if err != nil {
				t.Errorf("%s: the document refuses it after all, so take documentCannot away: %v", c.Name, err)
			}
		case err == nil:
			t.Errorf("%s: the document accepts it; say why in documentCannot if it cannot refuse it", c.Name)
		}
	}
	if cannot != 31 {
		t.Errorf("the document accepts %d of the requests, want 31: if that is right, change the number here", cannot)
	}
}
