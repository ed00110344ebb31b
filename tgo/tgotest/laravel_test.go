package tgotest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// says checks that an answer is a 422 with exactly these messages.
func (a answer) says(t testing.TB, want map[string][]string) {
	t.Helper()
	var r refusal
	a.decode(t, &r)
	if a.status != http.StatusUnprocessableEntity || r.Message != textInvalid || !reflect.DeepEqual(r.Errors, want) {
		t.Errorf("%d %q\n     %q\nwant %q", a.status, r.Message, r.Errors, want)
	}
}

// TestFieldMessages holds the messages byte for byte. That of the to_phone is documented, and the others are those of the
// same language file.
func TestFieldMessages(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	type errs = map[string][]string
	one := func(field, message string) errs { return errs{field: {message}} }
	noSender := errs{
		"sender_phone":     {"The sender phone field is required when sender number id is not present."},
		"sender_number_id": {"The sender number id field is required when sender phone is not present."},
	}
	twoSenders := errs{
		"sender_phone":     {"The sender phone field prohibits sender number id from being present."},
		"sender_number_id": {"The sender number id field prohibits sender phone from being present."},
	}
	malformed := one("query", "The query is not well formed: a % has no two hexadecimal digits after it.")
	null := json.RawMessage("null")
	message := map[string]any{"sender_phone": sender, "to_phone": recipient, "type": "text", "content": "hello"}
	for i, c := range []struct {
		change map[string]any // nil takes a field away
		want   errs
	}{
		{map[string]any{"to_phone": nil}, one("to_phone", "The to phone field is required.")},
		{map[string]any{"to_phone": null}, one("to_phone", "The to phone field is required.")},
		{map[string]any{"to_phone": ""}, one("to_phone", "The to phone field is required.")},
		{map[string]any{"to_phone": "0100"}, one("to_phone", "The to phone format is invalid.")},
		{map[string]any{"to_phone": 20}, one("to_phone", "The to phone must be a string.")},
		{map[string]any{"type": "video"}, one("type", "The selected type is invalid.")},
		{map[string]any{"type": "video", "content": nil}, one("type", "The selected type is invalid.")},
		{map[string]any{"type": 1}, one("type", "The selected type is invalid.")},
		{map[string]any{"content": nil}, one("content", "The content field is required when type is text.")},
		{map[string]any{"content": null}, one("content", "The content field is required when type is text.")},
		// What is no text is said to lack its media, as in a form.
		{map[string]any{"type": "image"}, one("media", "The media field is required.")},
		{map[string]any{"type": "document", "content": nil}, one("media", "The media field is required.")},
		{map[string]any{"type": "voice", "to_phone": nil}, errs{
			"media": {"The media field is required."}, "duration": {"The duration field is required when type is voice."}, "to_phone": {"The to phone field is required."},
		}},
		{map[string]any{"type": "image", "media": "bytes"}, one("media", "The media must be a file.")},
		{map[string]any{"media": "bytes"}, one("media", "The media must be a file.")},
		{map[string]any{"media": null}, one("media", "The media must be a file.")},
		{map[string]any{"duration": 12}, one("duration", "The duration is not a field of this request.")},
		{map[string]any{"type": "voice", "duration": 12}, errs{"media": {"The media field is required."}, "duration": {
			"The duration is not a field of this request.",
		}}},
		{map[string]any{"content": []int{1}}, one("content", "The content must be a string.")},
		{map[string]any{"sender_phone": nil}, noSender},
		{map[string]any{"sender_phone": " "}, noSender},
		{map[string]any{"sender_number_id": 1}, twoSenders},
		{map[string]any{"sender_phone": null}, noSender},
		{map[string]any{"sender_phone": nil, "sender_number_id": json.RawMessage("99999999999999999999")}, one("sender_number_id", "The sender number id must be an integer.")},
		{map[string]any{"sender_phone": nil, "sender_number_id": json.RawMessage("9223372036854775808")}, one("sender_number_id", "The sender number id must be an integer.")},
		{map[string]any{"sender_phone": nil, "sender_number_id": "1"}, one("sender_number_id", "The sender number id must be an integer.")},
		{map[string]any{"sender_phone": nil, "sender_number_id": 1.5}, one("sender_number_id", "The sender number id must be an integer.")},
		{map[string]any{"sender_phone": nil, "sender_number_id": 0}, one("sender_number_id", "The sender number id must be at least 1.")},
		{map[string]any{"sender_phone": nil, "sender_number_id": 99}, one("sender_number_id", "The selected sender number id is invalid.")},
		{map[string]any{"sender_phone": other}, one("sender_phone", "The selected sender phone is invalid.")},
		{map[string]any{"priority": 1}, one("priority", "The priority is not a field of this request.")},
		{map[string]any{"to_phone": nil, "type": nil}, errs{"to_phone": {"The to phone field is required."}, "type": {"The type field is required."}}},
		{map[string]any{"type": nil, "content": nil}, one("type", "The type field is required.")},
	} {
		body := maps.Clone(message)
		for field, v := range c.change {
			if body[field] = v; v == nil {
				delete(body, field)
			}
		}
		t.Run(fmt.Sprint("JSON ", i), func(t *testing.T) { ask(t, fake, http.MethodPost, "/messages", toJSON(body)).says(t, c.want) })
	}
	image := imageParts("picture")
	voice := replace(image, part{name: "type", content: "voice"})
	for i, c := range []struct {
		parts []part
		want  errs
	}{
		{voice, one("duration", "The duration field is required when type is voice.")},
		{append(slices.Clone(voice), part{name: "duration"}), one("duration", "The duration field is required when type is voice.")},
		{append(slices.Clone(voice), part{name: "duration", content: "0"}), one("duration", "The duration must be between 1 and 300.")},
		{append(slices.Clone(voice), part{name: "duration", content: "301"}), one("duration", "The duration must be between 1 and 300.")},
		{append(slices.Clone(voice), part{name: "duration", content: "12.5"}), one("duration", "The duration must be an integer.")},
		{append(slices.Clone(voice), part{name: "duration", content: "019"}), one("duration", "The duration must be an integer.")},
		{append(slices.Clone(voice), part{name: "duration", content: "+07"}), one("duration", "The duration must be an integer.")},
		{append(slices.Clone(image), part{name: "file_size", content: "007"}), one("file_size", "The file size must be an integer.")},
		{append(slices.Clone(image), part{name: "file_size", content: "00"}), one("file_size", "The file size must be an integer.")},
		{append(slices.Clone(image[1:]), part{name: "sender_number_id", content: "01"}), one("sender_number_id", "The sender number id must be an integer.")},
		{append(slices.Clone(image[1:]), part{name: "sender_number_id", content: "99999999999999999999"}), one("sender_number_id", "The sender number id must be an integer.")},
		{append(slices.Clone(image), part{name: "file_size", content: "-1"}), one("file_size", "The file size must be at least 0.")},
		{append(slices.Clone(image), part{name: "file_size", content: "large"}), one("file_size", "The file size must be an integer.")},
		{image[:3], one("media", "The media field is required.")},
		{replace(image, part{name: "media", content: "bytes"}), one("media", "The media must be a file.")},
		{replace(image, part{name: "type", content: "text"}), one("content", "The content field is required when type is text.")},
		{append(slices.Clone(image), part{name: "content", content: "a", filename: "a.txt"}), one("content", "The content must be a string.")},
		{append(slices.Clone(image), part{name: "sender_number_id", content: "1"}), twoSenders},
		{image[1:], noSender},
	} {
		body, contentType := form(c.parts...)
		t.Run(fmt.Sprint("form ", i), func(t *testing.T) {
			ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType)).says(t, c.want)
		})
	}
	for _, c := range []struct {
		method, path, body string
		want               errs
	}{
		{http.MethodPost, "/api-keys", `{}`, one("name", "The name field is required.")},
		{http.MethodPost, "/api-keys", `{"name":"a","scopes":"*"}`, one("scopes", "The scopes must be an array.")},
		{http.MethodPost, "/api-keys", `{"name":"a","scopes":[]}`, one("scopes", "The scopes must have at least 1 items.")},
		{http.MethodPost, "/api-keys", `{"name":"a","scopes":["usage.read","all"]}`, one("scopes.1", "The selected scopes.1 is invalid.")},
		{http.MethodPost, "/api-keys", `{"name":"a","scopes":["*","usage.read","*"]}`, errs{"scopes.0": {"The scopes.0 field has a duplicate value."}, "scopes.2": {"The scopes.2 field has a duplicate value."}}},
		{http.MethodPost, "/api-keys", `{"name":"a","expires_in_days":366}`, one("expires_in_days", "The expires in days must be between 1 and 365.")},
		{http.MethodPost, "/api-keys", `{"name":"a","expires_in_days":""}`, one("expires_in_days", "The expires in days must be an integer.")},
		{http.MethodPost, "/sender-numbers", `{"phone":"` + sender + `"}`, one("phone", "The phone has already been taken.")},
		{http.MethodGet, "/messages?page=0", "", one("page", "The page must be at least 1.")},
		{http.MethodGet, "/messages?page=x", "", one("page", "The page must be an integer.")},
		{http.MethodGet, "/contacts/lookup?sender_number_id=1", "", one("phone", "The phone field is required.")},
		{http.MethodGet, "/contacts/lookup?sender_number_id=1&phone=%20", "", one("phone", "The phone field is required.")},
		{http.MethodGet, "/contacts/lookup?sender_number_id=1&phone=0100", "", one("phone", "The phone format is invalid.")},
		{http.MethodGet, "/messages?page=02", "", one("page", "The page must be an integer.")},
		{http.MethodGet, "/messages?page=1&page=2", "", one("page", "The page is given twice.")},
		{http.MethodGet, "/messages?page=%zz", "", malformed},
		{http.MethodGet, "/contacts/lookup?sender_number_id=01&phone=%2B201010000000", "", one("sender_number_id", "The sender number id must be an integer.")},
		{http.MethodGet, "/contacts/lookup?sender_number_id=99999999999999999999&phone=%2B201010000000", "", one("sender_number_id", "The sender number id must be an integer.")},
		{http.MethodGet, "/contacts/lookup?phone&sender_number_id=1", "", one("phone", "The phone field is required.")},
		{http.MethodGet, "/contacts/lookup?phone=%2B201010000000&phone=%2B201066666666&sender_number_id=1", "", one("phone", "The phone is given twice.")},
		{http.MethodGet, "/contacts/lookup?phone=%2B201010000000&ph%6fne=&sender_number_id=1", "", one("phone", "The phone is given twice.")},
		{http.MethodGet, "/contacts/lookup?phone=%zz", "", malformed},
		{http.MethodGet, "/contacts/lookup?phone=%2B201010000000&sender_number_id=1&x=%", "", malformed},
		{http.MethodGet, "/contacts/lookup?phone=%2B201010000000;sender_number_id=1", "", one("query", "The query is not well formed: & separates parameters, and a semicolon is written as %3B.")},
		{http.MethodGet, "/contacts/lookup?phone=%2B201010000000", "", noSender},
		{http.MethodGet, "/contacts/lookup?phone=%2B201010000000&sender_number_id=1&sender_phone=%2B201001187188", "", twoSenders},
		{http.MethodGet, "/contacts/lookup?phone=%2B201010000000&sender_number_id=9", "", one("sender_number_id", "The selected sender number id is invalid.")},
	} {
		t.Run(c.method+" "+c.path+" "+c.body, func(t *testing.T) {
			a := ask(t, fake, c.method, c.path, strings.NewReader(c.body))
			a.says(t, c.want)
		})
	}
	for _, body := range []string{`[]`, `"a"`, `1`, `null`} {
		t.Run(body, func(t *testing.T) {
			ask(t, fake, http.MethodPost, "/messages", strings.NewReader(body)).says(t, one("body", "The body must be a JSON object."))
		})
	}
	fake.ExpectNoMessage(t)
}

// replace puts a part in the place of the one with its name.
func replace(parts []part, p part) []part {
	parts = slices.Clone(parts)
	parts[slices.IndexFunc(parts, func(old part) bool { return old.name == p.name })] = p
	return parts
}

// PHP's json_decode refuses half of a surrogate pair, and with it the whole body; Go's decoder makes U+FFFD of it.
func TestHalfOfASurrogatePairIsRefused(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for content, good := range map[string]bool{
		`\ud83c\udf89`: true, `a\uD83C\uDF89b`: true, `\\ud83c`: true, `\\\\ud83c`: true, `\ufffd`: true, `\u0041`: true, `\"\ud83c\udf89\"`: true, "🎉": true, `\\`: true, `a\u00e9`: true,
		`\ud83c`: false, `\udf89`: false, `\udf89\ud83c`: false, `\ud83c\ud83c\udf89`: false, `\ud83cx\udf89`: false, `\ud83c\n`: false, `\ud83c\u0041`: false, `\\\ud83c`: false, `a\uDBFF`: false,
	} {
		t.Run(content, func(t *testing.T) {
			a := ask(t, fake, http.MethodPost, "/messages", strings.NewReader(`{"sender_phone":"`+sender+`","to_phone":"`+recipient+`","type":"text","content":"`+content+`"}`))
			if !good {
				a.says(t, map[string][]string{"body": {`The body is not well formed: one \u of a surrogate pair is there without the other.`}})
				return
			}
			if a.status != http.StatusCreated {
				t.Fatalf("%d %s", a.status, a.body)
			}
			var want string
			if err := json.Unmarshal([]byte(`"`+content+`"`), &want); err != nil {
				t.Fatal(err)
			}
			fake.ExpectMessage(t, func(m tgotest.Message) bool { return m.Content == want })
		})
	}
	fake.ExpectNoMessage(t)
}

// To Laravel a text of white space is no text. What counts as white space was measured with PHP.
func TestBlankTexts(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	image := imageParts("picture")
	send := func(t *testing.T, parts ...part) answer {
		t.Helper()
		body, contentType := form(parts...)
		return ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
	}
	for _, blank := range []string{
		"", " ", "\t\r\n\v\f ", "\u0085", "\u00a0", "\u1680", "\u180e", "\u2000\u200a", "\u2028\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", "\u200b", "\u200e", " \u200b\u3000\ufeff", "\x00",
	} {
		t.Run(fmt.Sprintf("%q", blank), func(t *testing.T) {
			ask(t, fake, http.MethodPost, "/messages", text(recipient, blank)).says(t, map[string][]string{"content": {"The content field is required when type is text."}})
			send(t, image[0], image[1], part{name: "type", content: "text"}, part{name: "content", content: blank}).
				says(t, map[string][]string{"content": {"The content field is required when type is text."}})
			ask(t, fake, http.MethodPost, "/api-keys", toJSON(map[string]any{"name": blank})).says(t, map[string][]string{"name": {"The name field is required."}})
			// A caption, and what describes a file, may be left out, and are.
			a := send(t, append(slices.Clone(image), part{name: "content", content: blank}, part{name: "duration", content: blank}, part{name: "file_name", content: blank},
				part{name: "file_size", content: blank}, part{name: "file_type", content: blank}, part{name: "sender_number_id", content: blank})...)
			if a.status != http.StatusCreated || !strings.Contains(a.body, `"content":null`) {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if m := fake.ExpectMessage(t); m.Content != "" || m.Duration != 0 {
				t.Errorf("arrived as %+v", m)
			}
			if page := readPage(t, fake, ""); !strings.Contains(string(page.Data[0]), `"content":null`) {
				t.Errorf("logged as %s", page.Data[0])
			}
			// So is the name of a number.
			if a := ask(t, fake, http.MethodPost, "/sender-numbers", toJSON(map[string]any{"phone": newPhone(), "display_name": blank})); a.status != http.StatusCreated || !strings.Contains(a.body, `"display_name":null`) {
				t.Errorf("registered: %d %s", a.status, a.body)
			}
		})
	}
	for _, dark := range []string{"\u200c", "\u200d", "\u200f", "\u2060", "\u00ad", "\u061c", "a", "."} {
		if a := ask(t, fake, http.MethodPost, "/messages", text(recipient, dark)); a.status != http.StatusCreated {
			t.Errorf("%q: %d %s", dark, a.status, a.body)
		}
		fake.ExpectMessage(t, func(m tgotest.Message) bool { return m.Content == dark })
	}
	ask(t, fake, http.MethodPost, "/messages", strings.NewReader(`{"sender_phone":" ","to_phone":"0","type":"text","content":"a","sender_number_id":1}`)).
		says(t, map[string][]string{"to_phone": {"The to phone format is invalid."}})
	fake.ExpectNoMessage(t)
}

// What is blank at both ends of a text is gone where the text is stored. What must not have it there is refused, not trimmed:
// the contract is strict about what is sent.
func TestTextsAreStoredTrimmed(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	const around, want = " \u3000\ufeff\na \u200c\r\n b\u200b\u200e\t", "a \u200c\r\n b"
	const quoted = `"a ` + "\u200c" + `\r\n b"`
	formBody, contentType := form(append(imageParts("picture"), part{name: "content", content: around})...)
	for kind, a := range map[string]answer{
		"text":  ask(t, fake, http.MethodPost, "/messages", text(recipient, around)),
		"image": ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(formBody), withContentType(contentType)),
	} {
		if a.status != http.StatusCreated || !strings.Contains(a.body, `"content":`+quoted) {
			t.Errorf("%s: %d %s", kind, a.status, a.body)
		}
		if m := fake.ExpectMessage(t, tgotest.OfType(kind)); m.Content != want {
			t.Errorf("%s: arrived as %q", kind, m.Content)
		}
	}
	for _, entry := range readPage(t, fake, "").Data {
		if !strings.Contains(string(entry), `"content":`+quoted) {
			t.Errorf("logged as %s", entry)
		}
	}
	for path, body := range map[string]map[string]any{
		"/sender-numbers": {"phone": newPhone(), "display_name": around},
		"/api-keys":       {"name": around},
	} {
		if a := ask(t, fake, http.MethodPost, path, toJSON(body)); a.status != http.StatusCreated || !strings.Contains(a.body, `name":`+quoted) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for field, value := range map[string]string{"sender_phone": sender + " ", "to_phone": " " + recipient, "type": "text "} {
		message := map[string]any{"sender_phone": sender, "to_phone": recipient, "type": "text", "content": "hello"}
		message[field] = value
		ask(t, fake, http.MethodPost, "/messages", toJSON(message)).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, field)
	}
}

// A parameter that is empty is refused and is not there: nothing is said of it and another together.
func TestEmptyParameters(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for path, want := range map[string]map[string][]string{
		"/contacts/lookup?phone=%2B201010000000&sender_number_id=1&sender_phone=":                  {"sender_phone": {"The sender phone format is invalid."}},
		"/contacts/lookup?phone=%2B201010000000&sender_number_id=1&sender_phone=%20%E3%80%80":      {"sender_phone": {"The sender phone format is invalid."}},
		"/contacts/lookup?sender_number_id=%20&phone=%2B201010000000&sender_phone=%2B201001187188": {"sender_number_id": {"The sender number id must be an integer."}},
		"/messages?page=":    {"page": {"The page must be an integer."}},
		"/messages?page":     {"page": {"The page must be an integer."}},
		"/messages?page=%20": {"page": {"The page must be an integer."}},
	} {
		a := ask(t, fake, http.MethodGet, path, nil)
		var said struct {
			Errors map[string][]string `json:"errors"`
		}
		if err := json.Unmarshal([]byte(a.body), &said); err != nil || a.status != http.StatusUnprocessableEntity || !reflect.DeepEqual(said.Errors, want) {
			t.Errorf("%s: %d %s, want %v", path, a.status, a.body, want)
		}
	}
	if a := ask(t, fake, http.MethodGet, "/contacts/lookup?phone=%2B201010000000&sender_number_id=1&other=&other=a", nil); a.status != http.StatusOK {
		t.Errorf("a parameter that the contract does not know: %d %s", a.status, a.body)
	}
}

// PHP knows neither filename* nor name*.
func TestFilesAreNamedAsPHPReadsThem(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	for disposition, want := range map[string]string{ // the file's name, or the field that is to blame and what is said of it
		`form-data; name="media"; filename="a.png"`:                         "a.png",
		`form-data; name=media; filename=a.png`:                             "a.png",
		`form-data; name="media"; filename="a.png"; filename*=UTF-8''b.png`: "a.png",
		`form-data; name="media"; filename*=UTF-8''b.png; filename="a.png"`: "a.png",
		`form-data; name="media"; filename="a; filename*=b.png"`:            "a; filename*=b.png",
		`form-data; name="media"; filename="a\"; filename*=b.png"`:          `a"; filename*=b.png`,
		`form-data; name="media"; filename="../a.png"`:                      "a.png",
		`form-data; name="media"; filename*=UTF-8''b.png`:                   "media: The media must be a file.",
		`form-data; filename*=UTF-8''%D9%81.png; name="media"`:              "media: The media must be a file.",
		`form-data; name="media"; filename*0="a."; filename*1="png"`:        "media: The media must be a file.",
		`form-data; name="media"`:                                           "media: The media must be a file.",
		`form-data; name="media"; filename=""`:                              "media: The media field is required.",
		`form-data; name*=UTF-8''media; filename="a.png"`:                   "body: A part of the multipart body has no name.",
		`attachment; name="media"; filename="a.png"`:                        "body: A part of the multipart body has no name.",
	} {
		t.Run(disposition, func(t *testing.T) {
			body, contentType := form(imageParts("picture")...)
			at := bytes.Index(body, []byte(`form-data; name="media"`))
			end := at + bytes.Index(body[at:], []byte("\r\n"))
			body = slices.Concat(body[:at], []byte(disposition), body[end:])
			a := ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
			field, message, refused := strings.Cut(want, ": ")
			requests := shownRequests(t, fake)
			shown := requests[len(requests)-1].Form
			if !refused {
				if m := fake.ExpectMessage(t); m.Media.Name != want || !slices.ContainsFunc(shown, func(p map[string]any) bool { return p["file_name"] == want }) {
					t.Errorf("the file is called %q, and shown are %+v", m.Media.Name, shown)
				}
				return
			}
			var r refusal
			a.decode(t, &r)
			if a.status != http.StatusUnprocessableEntity || !slices.Contains(r.Errors[field], message) {
				t.Errorf("%d %s, want %s", a.status, a.body, want)
			}
		})
	}
	fake.ExpectNoMessage(t)
}

// A text may come as a form, as the vendor's own collection sends it.
func TestTextAsAForm(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	parts := append(imageParts("")[:2], part{name: "type", content: "text"}, part{name: "content", content: "hello"})
	body, contentType := form(parts...)
	a := ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
	if a.status != http.StatusCreated || !strings.Contains(a.body, `"message_type":"text"`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if m := fake.ExpectMessage(t); m.Content != "hello" || m.Media != nil || m.Type != "text" || m.To != recipient || m.SenderPhone != sender {
		t.Errorf("arrived as %+v", m)
	}
	body, contentType = form(append(parts, imageParts("picture")[3])...)
	if a := ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType)); a.status != http.StatusCreated {
		t.Fatalf("with a file: %d %s", a.status, a.body)
	}
	if m := fake.ExpectMessage(t); m.Content != "hello" || m.Media == nil || m.Media.Size != int64(len("picture")) || m.Type != "text" {
		t.Errorf("with a file it arrived as %+v", m)
	}
}

// PHP takes the last of two values of the same name, whichever way the sender is named.
func TestContentTwiceInJSON(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for _, from := range []string{`"sender_phone":"` + sender + `"`, `"sender_number_id":` + strconv.Itoa(int(fake.SenderNumberID))} {
		body := `{` + from + `,"to_phone":"` + recipient + `","type":"text","content":1,"content":"a"}`
		if a := ask(t, fake, http.MethodPost, "/messages", strings.NewReader(body)); a.status != http.StatusCreated {
			t.Errorf("%s: %d %s", from, a.status, a.body)
			continue
		}
		if m := fake.ExpectMessage(t); m.Content != "a" {
			t.Errorf("%s: arrived as %q", from, m.Content)
		}
	}
	// The name of a key is decoded with all else: the fake refuses the first, and must not ask for a number.
	ask(t, fake, http.MethodPost, "/api-keys", strings.NewReader(`{"name":1,"name":"a","scopes":["*"]}`)).
		says(t, map[string][]string{"name": {"The name must be a string."}})
}
