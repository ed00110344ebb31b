package tgotest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// request is one that a fake refuses.
type request struct {
	method, path, contentType, body string
	key                             string // "none", the name of another one, or empty for the usual one
	host                            string
	variant                         tgotest.Variant
}

func get(path string) request { return request{method: http.MethodGet, path: path} }
func post(path, body string) request {
	return request{http.MethodPost, path, "application/json", body, "", "", ""}
}
func (r request) withKey(k string) request { r.key = k; return r }
func (r request) at(host string) request   { r.host = host; return r }
func (r request) to(v tgotest.Variant) request {
	r.variant = v
	return r
}

// textWith is a good text message as JSON, with some fields otherwise.
func textWith(fields ...string) request {
	all := map[string]string{"sender_number_id": "1", "to_phone": `"` + recipient + `"`, "type": `"text"`, "content": `"hello"`}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		if all[name] = value; value == "" {
			delete(all, name)
		}
	}
	var list []string
	for name, value := range all {
		list = append(list, fmt.Sprintf("%q: %s", name, value))
	}
	return post("/messages", "{"+strings.Join(list, ", ")+"}")
}

// imageWith is a good image message as a form, with more parts, which take the place of those of their names.
func imageWith(parts ...part) request {
	all := slices.DeleteFunc(imageParts("picture"), func(p part) bool {
		return slices.ContainsFunc(parts, func(q part) bool { return p.name == q.name })
	})
	body, contentType := form(append(all, parts...)...)
	return request{method: http.MethodPost, path: "/messages", contentType: contentType, body: string(body)}
}

// imageTwice is an image message with a part that is there once more.
func imageTwice(p part) request {
	body, contentType := form(append(imageParts("picture"), p)...)
	return request{method: http.MethodPost, path: "/messages", contentType: contentType, body: string(body)}
}

func (r request) of(contentType, body string) request {
	r.contentType, r.body = contentType, body
	return r
}

// TestRefusalsSayWhere looks at what the inbox says of requests that are wrong: it is to cite the rule that was broken.
func TestRefusalsSayWhere(t *testing.T) {
	t.Parallel()
	contract := strings.Split(string(openapi.Document), "\n")
	const (
		lookup       = "/contacts/lookup?phone=%2B201010000000"
		messages     = "#/paths/~1messages/post"
		log          = "#/paths/~1messages/get/parameters/0"
		contacts     = "#/paths/~1contacts~1lookup/get"
		responses    = "#/components/responses/"
		textBody     = "#/components/schemas/TextMessage"
		formBody     = "#/components/schemas/MessageForm"
		phone        = "#/components/schemas/Phone"
		phonePattern = `pattern: '^\+[1-9][0-9]{6,14}$'`
		newSender    = "#/components/schemas/RegisterSenderNumberRequest"
		newKey       = "#/components/schemas/CreateApiKeyRequest"
		scope        = "#/components/schemas/Scope"
		form         = "multipart/form-data; boundary=b"
		ruleItself   = "x-rule" // the line is the beginning of the rule that says the message
	)
	for _, c := range []struct {
		request
		complaint   string // the field, and the beginning of the message
		below, line string // the cited line, and the pointer below which it is
	}{
		// Paths, tenants, keys and scopes.
		{get("/nothing"), ": The API has no path", "#/paths", "paths:"},
		{get("/usage/1"), ": The API has no path", "#/paths", "paths:"},
		{request{method: http.MethodPut, path: "/usage"}, ": This path allows only GET.", "#/paths/~1usage", "/usage:"},
		{get("/api-keys/7?x=1"), ": This path allows only DELETE.", "#/paths/~1api-keys~1{apiKey}", "/api-keys/{apiKey}:"},
		{get("/usage").at("elsewhere.example"), ": Tenant could not be identified", responses, "UnknownTenant:"},
		{request{method: http.MethodDelete, path: "/api-keys/1"}.at("elsewhere.example"), ": Tenant could not be identified", responses, "UnknownTenantOrKey:"},
		{get("/usage").withKey("none"), ": Unauthenticated.", responses, "Unauthenticated:"},
		{get("/usage").withKey("wrong"), ": Unauthenticated.", responses, "Unauthenticated:"},
		{get("/usage").withKey("narrow"), ": This API key does not", "#/paths/~1usage/get", "x-required-scopes: [usage.read]"},
		{get("/usage").withKey("narrow").to(tgotest.VariantScope401), ": This API key does not", "#/paths/~1usage/get", "x-required-scopes: [usage.read]"},
		{get("/me").withKey("narrow").to(tgotest.VariantAccountScope), ": This API key does not", "#/paths/~1me/get", "x-required-scopes: []"},
		{request{method: http.MethodDelete, path: "/api-keys/99"}, ": API key not found.", responses, "UnknownTenantOrKey:"},
		{request{method: http.MethodDelete, path: "/api-keys/mine"}, ": API key not found.", responses, "UnknownTenantOrKey:"},

		// The query.
		{get("/messages?page=x"), "page: The page must be an integer.", log, "type: integer"},
		{get("/messages?page=02"), "page: The page must be an integer.", log, "type: integer"},
		{get("/messages?page="), "page: The page must be an integer.", log, "type: integer"},
		{get("/messages?page=0"), "page: The page must be at least 1.", log, "minimum: 1"},
		{get("/messages?page=1&page=2"), "page: The page is given twice.", log, "- name: page"},
		{get("/contacts/lookup?phone=%zz"), "query: The query is not well formed: a %", contacts, "parameters:"},
		{get("/contacts/lookup?phone=1;2"), "query: The query is not well formed: &", contacts, "parameters:"},
		{get("/contacts/lookup?sender_number_id=1"), "phone: The phone field is required.", contacts + "/parameters/0", "required: true"},
		{get("/contacts/lookup?sender_number_id=1&phone=0100"), "phone: The phone format is invalid.", phone, phonePattern},
		{get(lookup + "&sender_phone="), "sender_phone: The sender phone field is required when", contacts, "x-exactly-one-of: [sender_phone, sender_number_id]"},
		{get(lookup + "&sender_phone=&sender_number_id=1"), "sender_phone: The sender phone format is invalid.", phone, phonePattern},
		{get(lookup + "&sender_number_id=1&phone=%2B201010000001"), "phone: The phone is given twice.", contacts + "/parameters/0", "- name: phone"},
		{get(lookup), "sender_number_id: The sender number id field is required when", contacts, "x-exactly-one-of: [sender_phone, sender_number_id]"},
		{get(lookup + "&sender_number_id=1&sender_phone=%2B201001187188"), "sender_phone: The sender phone field prohibits", contacts, "x-exactly-one-of: [sender_phone, sender_number_id]"},
		{get(lookup + "&sender_number_id=99"), "sender_number_id: The selected sender number id is invalid.", responses, "InvalidRequest:"},
		{get(lookup + "&sender_phone=%2B209999999999"), "sender_phone: The selected sender phone is invalid.", responses, "InvalidRequest:"},
		{get(lookup + "&sender_number_id=0"), "sender_number_id: The sender number id must be at least 1.", contacts + "/parameters/2", "minimum: 1"},
		{get(lookup + "&sender_number_id=one"), "sender_number_id: The sender number id must be an integer.", contacts + "/parameters/2", "type: integer"},
		{get(lookup + "&sender_number_id=99999999999999999999"), "sender_number_id: The sender number id must be an integer.", contacts + "/parameters/2", "format: int64"},

		// A body as a whole.
		{post("/messages", ""), "body: The body is missing.", messages, "required: true"},
		{post("/messages", "").of("text/xml", "<a/>"), "body: The Content-Type must be one of", messages, "content:"},
		{post("/messages", "{"), "body: The body is not well formed.", messages, "application/json:"},
		{post("/messages", "[]"), "body: The body must be a JSON object.", textBody, "type: object"},
		{post("/sender-numbers", "null"), "body: The body must be a JSON object.", newSender, "type: object"},
		{textWith(`content: "\ud83d"`), "body: The body is not well formed: one", messages, "application/json:"},
		{textWith("content: \"\xff\""), "body: The body is not UTF-8.", messages, "application/json:"},
		{textWith(`content: "` + strings.Repeat("x", 1<<20) + `"`), "body: The body is larger than", messages, "application/json:"},
		{post("/messages", "").of("multipart/form-data", "--b--"), "body: The multipart body is not well formed: its boundary", messages, "multipart/form-data:"},
		{post("/messages", "").of(form, "--b\r\nx\r\n--b--\r\n"), "body: The multipart body is not well formed.", messages, "multipart/form-data:"},
		{post("/messages", "").of(form, "--b\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\ntext"), "body: The multipart body is cut short.", messages, "multipart/form-data:"},
		{post("/messages", "").of(form, "--b\r\nContent-Disposition: form-data\r\n\r\ntext\r\n--b--\r\n"), "body: A part of the multipart body has no name.", messages, "multipart/form-data:"},
		{imageWith(part{name: "content", content: strings.Repeat("x", 1<<20+1)}), "body: The body has more than", messages, "multipart/form-data:"},

		// The fields of a message.
		{textWith("to_phone: "), "to_phone: The to phone field is required.", textBody, "required: [to_phone, type, content]"},
		{textWith("to_phone: null"), "to_phone: The to phone field is required.", textBody, "required: [to_phone, type, content]"},
		{imageWith(part{name: "to_phone"}), "to_phone: The to phone field is required.", formBody, "required: [to_phone, type]"},
		{textWith(`to_phone: "0100"`), "to_phone: The to phone format is invalid.", phone, phonePattern},
		{imageWith(part{name: "to_phone", content: "0100"}), "to_phone: The to phone format is invalid.", phone, phonePattern},
		{textWith("to_phone: 1"), "to_phone: The to phone must be a string.", phone, "type: string"},
		{textWith(`to_phone: "` + other + `"`), "to_phone: This phone cannot receive messages: unreachable.", responses, "MessageRefused:"},
		{textWith(`to_phone: "` + other + `"`).to(tgotest.VariantWords), "to_phone: This phone cannot receive messages: blocked.", responses, "MessageRefused:"},
		{textWith("content: "), "content: The content field is required when type is text.", formBody, ruleItself},
		{textWith(`content: " "`), "content: The content field is required when type is text.", formBody, ruleItself},
		{textWith("content: 1"), "content: The content must be a string.", textBody + "/properties/content", "type: string"},
		{textWith(`type: "video"`), "type: The selected type is invalid.", textBody + "/properties/type", "enum: [text]"},
		{imageWith(part{name: "type", content: "video"}), "type: The selected type is invalid.", formBody + "/properties/type", "enum: [text, image, voice, document]"},
		{textWith(`type: "image"`), "media: The media field is required.", formBody, ruleItself},
		{textWith(`type: "image"`, `media: "x"`), "media: The media must be a file.", formBody + "/properties/media", "format: binary"},
		{textWith("colour: 1"), "colour: The colour is not a field of this request.", textBody, "additionalProperties: false"},
		{imageWith(part{name: "colour", content: "1"}), "colour: The colour is not a field of this request.", formBody, "additionalProperties: false"},
		{textWith("sender_number_id: "), "sender_phone: The sender phone field is required when", textBody, ruleItself},
		{imageWith(part{name: "sender_phone"}), "sender_number_id: The sender number id field is required when", formBody, ruleItself},
		{textWith(`sender_phone: "` + sender + `"`), "sender_number_id: The sender number id field prohibits", textBody, ruleItself},
		{imageWith(part{name: "sender_number_id", content: "1"}), "sender_phone: The sender phone field prohibits", formBody, ruleItself},
		{textWith(`sender_number_id: "one"`), "sender_number_id: The sender number id must be an integer.", textBody + "/properties/sender_number_id", "type: integer"},
		{textWith("sender_number_id: 1.0"), "sender_number_id: The sender number id must be an integer.", textBody + "/properties/sender_number_id", "type: integer"},
		{textWith("sender_number_id: 99999999999999999999"), "sender_number_id: The sender number id must be an integer.", textBody + "/properties/sender_number_id", "format: int64"},
		{textWith("sender_number_id: 0"), "sender_number_id: The sender number id must be at least 1.", textBody + "/properties/sender_number_id", "minimum: 1"},
		{textWith("sender_number_id: 99"), "sender_number_id: The selected sender number id is invalid.", responses, "MessageRefused:"},
		{textWith("sender_number_id: ", `sender_phone: "+209999999999"`), "sender_phone: The selected sender phone is invalid.", responses, "MessageRefused:"},
		{imageWith(part{name: "sender_phone", content: "+209999999999"}), "sender_phone: The selected sender phone is invalid.", responses, "MessageRefused:"},
		{textWith("sender_number_id: 2"), ": " + textSenderInactive, responses + "MessageRefused", "senderNotActive:"},
		{textWith("sender_number_id: 2").to(tgotest.VariantNewerWording), ": Sender number is not active.", responses + "MessageRefused", "senderNotActiveLater:"},
		{textWith("sender_number_id: 2").to(tgotest.VariantSender403), ": " + textSenderInactive, responses + "MessageRefused", "senderNotActive:"},
		{textWith("sender_number_id: 3"), ": " + textSenderUnverified, responses + "MessageRefused", "senderNotVerified:"},
		{textWith("sender_number_id: 3").to(tgotest.VariantSender409), ": " + textSenderUnverified, responses + "MessageRefused", "senderNotVerified:"},
		{textWith(`to_phone: "0100"`).to(tgotest.VariantErrorsBare), ": " + textInvalid, responses, "MessageRefused:"},
		{imageWith(part{name: "type", content: "voice"}), "duration: The duration field is required when type is voice.", formBody, ruleItself},
		{imageWith(part{name: "duration", content: "0"}), "duration: The duration must be between 1 and 300.", formBody + "/properties/duration", "minimum: 1"},
		{imageWith(part{name: "duration", content: "301"}), "duration: The duration must be between 1 and 300.", formBody + "/properties/duration", "maximum: 300"},
		{imageWith(part{name: "duration", content: "long"}), "duration: The duration must be an integer.", formBody + "/properties/duration", "type: integer"},
		{imageWith(part{name: "file_size", content: "-1"}), "file_size: The file size must be at least 0.", formBody + "/properties/file_size", "minimum: 0"},
		{imageWith(part{name: "media", content: "x"}), "media: The media must be a file.", formBody + "/properties/media", "format: binary"},
		{imageWith(part{name: "content", content: "x", filename: "a.txt"}), "content: The content must be a string.", formBody + "/properties/content", "type: string"},
		{imageWith(part{name: "content", content: "\xff"}), "content: The content is not UTF-8.", formBody, "content:"},
		{imageTwice(part{name: "to_phone", content: other}), "to_phone: The to_phone is given twice.", formBody, "to_phone:"},
		{imageTwice(part{name: "media", content: "x", filename: "x"}), "media: The media is given twice.", formBody, "media:"},
		{imageWith(part{name: "colour"}, part{name: "colour"}), "colour: The colour is given twice.", formBody, "additionalProperties: false"},

		// The other bodies.
		{post("/sender-numbers", `{}`), "phone: The phone field is required.", newSender, "required: [phone]"},
		{post("/sender-numbers", `{"phone": "0100"}`), "phone: The phone format is invalid.", phone, phonePattern},
		{post("/sender-numbers", `{"phone": "`+sender+`"}`), "phone: The phone has already been taken.", responses, "InvalidRequest:"},
		{post("/sender-numbers", `{"phone": "+201001187199", "display_name": 1}`), "display_name: The display name must be a string.", newSender + "/properties/display_name", "type: string"},
		{post("/api-keys", `{"name": " "}`), "name: The name field is required.", newKey, "required: [name]"},
		{post("/api-keys", `{"name": "a", "expires_in_days": 0}`), "expires_in_days: The expires in days must be between 1 and 365.", newKey + "/properties/expires_in_days", "minimum: 1"},
		{post("/api-keys", `{"name": "a", "expires_in_days": 366}`), "expires_in_days: The expires in days must be between 1 and 365.", newKey + "/properties/expires_in_days", "maximum: 365"},
		{post("/api-keys", `{"name": "a", "scopes": "*"}`), "scopes: The scopes must be an array.", newKey + "/properties/scopes", "type: array"},
		{post("/api-keys", `{"name": "a", "scopes": []}`), "scopes: The scopes must have at least 1 items.", newKey + "/properties/scopes", "minItems: 1"},
		{post("/api-keys", `{"name": "a", "scopes": ["*", "*"]}`), "scopes.1: The scopes.1 field has a duplicate value.", newKey + "/properties/scopes", "uniqueItems: true"},
		{post("/api-keys", `{"name": "a", "scopes": ["x"]}`), "scopes.0: The selected scopes.0 is invalid.", scope, "enum: [messages.send, messages.read, contacts.lookup, usage.read, '*']"},
		{post("/api-keys", `{"name": 1, "name": "a"}`), "name: The name must be a string.", newKey + "/properties/name", "type: string"},
		{post("/api-keys", `{"name": "a", "expires_in_days": 1.0}`), "expires_in_days: The expires in days must be an integer.", newKey + "/properties/expires_in_days", "type: integer"},
	} {
		t.Run(short(fmt.Sprintf("%s %s %s %s", c.method, c.path, c.variant, c.complaint)), func(t *testing.T) {
			t.Parallel()
			problems := c.refusedBy(t)
			field, message, _ := strings.Cut(c.complaint, ": ")
			i := slices.IndexFunc(problems, func(p shownProblem) bool { return p.Field == field && strings.HasPrefix(p.Message, message) })
			if i < 0 || problems[i].Contract == nil {
				t.Fatalf("the problems are %+v", problems)
			}
			place := problems[i].Contract
			line := strings.TrimSpace(contract[place.Line-1])
			if !strings.HasPrefix(place.Excerpt, line) || !strings.HasPrefix(place.Pointer, c.below) {
				t.Errorf("line %d is %q; the excerpt is %q, at %s", place.Line, line, place.Excerpt, place.Pointer)
			}
			if c.line == ruleItself {
				if !strings.Contains(place.Excerpt, fmt.Sprintf("%s: %s\n", field, problems[i].Message)) && !strings.HasSuffix(place.Excerpt, fmt.Sprintf("%s: %s", field, problems[i].Message)) {
					t.Errorf("line %d is no rule that says so: %s", place.Line, place.Excerpt)
				}
			} else if line != c.line {
				t.Errorf("line %d is %q, want %q", place.Line, line, c.line)
			}
		})
	}
}

// refusedBy sends the request to a fake, and returns what its inbox has against it.
func (r request) refusedBy(t *testing.T) []shownProblem {
	t.Helper()
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{{Name: "all", Scopes: []tgo.Scope{tgo.ScopeAll}}, {Name: "narrow", PlainText: "narrow", Scopes: []tgo.Scope{tgo.ScopeMessagesRead}}}
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: sender}, {Phone: "+201001187189", Status: "suspended"}, {Phone: "+201001187190", VerificationStatus: "rejected"}}
		c.Contacts = []tgotest.Contact{{Phone: recipient}, {Phone: other, State: tgotest.ContactUnreachable}}
		if r.variant != "" {
			c.Variants = []tgotest.Variant{r.variant}
		}
	})
	ask(t, fake, r.method, r.path, strings.NewReader(r.body), func(req *http.Request) {
		req.Header.Set("Content-Type", r.contentType)
		switch req.Host = r.host; r.key {
		case "":
		case "none":
			req.Header.Del("X-Api-Key")
		default:
			req.Header.Set("X-Api-Key", r.key)
		}
	})
	got := shownRequests(t, fake)[0]
	if got.Outcome != "refused" {
		t.Fatalf("%d: %s", got.Status, got.Outcome)
	}
	for _, p := range got.Problems {
		if p.Contract == nil {
			t.Errorf("%s: %s has no place", p.Field, p.Message)
		}
	}
	return got.Problems
}
