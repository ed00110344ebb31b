package contract_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// acceptedRequest is a request that must be accepted, and the message that must arrive.
type acceptedRequest struct {
	request
	want tgotest.Message // empty fields are not compared
	// documentCannot says why the document alone refuses it.
	documentCannot string
}

// acceptedRequests returns messages with everything that the contract allows. A new field or limit needs one here.
func acceptedRequests() []acceptedRequest {
	text := func(name string, change map[string]any, want string) acceptedRequest {
		return acceptedRequest{request: post("text: "+name, "/messages", jsonType, textOf(change)), want: tgotest.Message{Type: "text", Content: want}}
	}
	form := func(name string, parts []part, want tgotest.Message) acceptedRequest {
		contentType, body := formBody(parts...)
		return acceptedRequest{request: post("form: "+name, "/messages", contentType, body), want: want}
	}
	byNumber := func(parts []part) []part {
		return with(without(parts, "sender_phone"), field("sender_number_id", "12"))
	}
	document := func(p part) []part { return with(with(imageParts(), field("type", "document")), p) }
	cases := []acceptedRequest{
		text("as the page has it", map[string]any{"content": "Hello from TGO Business"}, "Hello from TGO Business"),
		text("from a number id", map[string]any{"sender_phone": nil, "sender_number_id": senderID}, "Hello"),
		text("Arabic", map[string]any{"content": "طلبك جاهز"}, "طلبك جاهز"),
		text("emoji", map[string]any{"content": "🎉👨‍👩‍👧"}, "🎉👨‍👩‍👧"),
		text("space around", map[string]any{"content": " \na\n "}, "a"),
		text("one character", map[string]any{"content": "a"}, "a"),
		text("long", map[string]any{"content": strings.Repeat("نص", 20_000)}, strings.Repeat("نص", 20_000)),
		text("looks like JSON", map[string]any{"content": `{"type":"image"}`}, `{"type":"image"}`),
		text("the longest phone", map[string]any{"to_phone": "+201010000000123"}, "Hello"),
		text("the shortest phone", map[string]any{"to_phone": "+2010100"}, "Hello"),
		form("text, as the vendor's Postman collection has it", textParts(), tgotest.Message{Type: "text", Content: "Hello"}),
		form("image as the page has it", imageParts(), tgotest.Message{Type: "image", Media: &tgotest.Media{Name: "a.png", ContentType: "image/png"}}),
		form("image from a number id", byNumber(imageParts()), tgotest.Message{Type: "image"}),
		form("image with a caption", append(imageParts(), field("content", "طردك 📦")), tgotest.Message{Type: "image", Content: "طردك 📦"}),
		form("image with an empty caption", append(imageParts(), field("content", "")), tgotest.Message{Type: "image"}),
		form("image with a caption of spaces", append(imageParts(), field("content", "  ")), tgotest.Message{Type: "image"}),
		form("image with a file name of spaces", append(imageParts(), field("file_name", " ")), tgotest.Message{Type: "image"}),
		form("image with a duration", append(imageParts(), field("duration", "3")), tgotest.Message{Type: "image"}),
		form("voice as the page has it", voiceParts(), tgotest.Message{Type: "voice", Duration: 45e9}),
		form("voice of 1 s", with(voiceParts(), field("duration", "1")), tgotest.Message{Type: "voice", Duration: 1e9}),
		form("voice of 300 s", with(voiceParts(), field("duration", "300")), tgotest.Message{Type: "voice", Duration: 300e9}),
		form("voice with a caption, from a number id", byNumber(append(voiceParts(), field("content", "a"))), tgotest.Message{Type: "voice", Content: "a", Duration: 45e9}),
		form("document", document(filePart("فاتورة.pdf", "application/pdf", "%PDF-")), tgotest.Message{Type: "document", Media: &tgotest.Media{Name: "فاتورة.pdf", ContentType: "application/pdf"}}),
		form("document described", append(document(filePart("a", "", "%PDF-")), field("file_name", "b.pdf"), field("file_size", "5"), field("file_type", "application/pdf")), tgotest.Message{Type: "document", Media: &tgotest.Media{Name: "a"}}),
		form("document of no type", document(filePart("a", "", "a")), tgotest.Message{Type: "document", Media: &tgotest.Media{Name: "a"}}),
		form("document of JSON", document(filePart("a.json", "application/json", "{bad")), tgotest.Message{Type: "document", Media: &tgotest.Media{Name: "a.json", ContentType: "application/json"}}),
		form("document of CSV", document(filePart("a.csv", "text/csv", "a,b\n\"")), tgotest.Message{Type: "document", Media: &tgotest.Media{Name: "a.csv", ContentType: "text/csv"}}),
		form("document of ZIP", document(filePart("a.zip", "application/zip", "PK")), tgotest.Message{Type: "document", Media: &tgotest.Media{Name: "a.zip", ContentType: "application/zip"}}),
		form("document without a byte", document(filePart("a.txt", "text/plain", "")), tgotest.Message{Type: "document", Media: &tgotest.Media{Name: "a.txt", ContentType: "text/plain"}}),
		form("the file first", slices.Concat([]part{filePart("a.png", "image/png", "a")}, without(imageParts(), "media")), tgotest.Message{Type: "image"}),
		form("fields of the type text/plain", []part{
			{Name: "sender_phone", Content: senderPhone, ContentType: "text/plain"}, {Name: "to_phone", Content: recipient, ContentType: "text/plain"},
			{Name: "type", Content: "voice", ContentType: "text/plain"}, {Name: "duration", Content: "45", ContentType: "text/plain"}, filePart("a.ogg", "audio/ogg", "OggS"),
		}, tgotest.Message{Type: "voice", Duration: 45e9}),
	}
	for _, contentType := range []string{"application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8", " application/json"} {
		c := text("Content-Type "+contentType, nil, "Hello")
		c.ContentType = contentType
		cases = append(cases, c)
	}
	for name, change := range map[string]map[string]any{
		"null for the other sender": {"sender_number_id": null},
		"null for the phone":        {"sender_phone": null, "sender_number_id": senderID},
		// A client generated from the vendor's document may send these.
		"null for what a file has": {"duration": null, "file_name": null, "file_size": null, "file_type": null},
	} {
		c := text(name, change, "Hello")
		c.documentCannot = "in the document, optional fields are left out and not null; for the fake, as for Laravel, null is absent"
		cases = append(cases, c)
	}
	for _, number := range []string{"duration", "file_size", "sender_number_id"} {
		c := form("image with an empty "+number, append(imageParts(), field(number, "")), tgotest.Message{Type: "image"})
		c.documentCannot = "a schema has no empty number; for the fake, as for Laravel, the field is absent"
		cases = append(cases, c)
	}
	charset := form("fields with a charset", with(voiceParts(), part{Name: "duration", Content: "45", ContentType: "text/plain; charset=utf-8"}), tgotest.Message{Type: "voice", Duration: 45e9})
	charset.documentCannot = "kin-openapi decodes a part with a charset as a string, whatever the schema says"
	return append(cases, charset)
}

// TestValidRequestsAreAccepted sends valid requests and compares what arrived.
func TestValidRequestsAreAccepted(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	for _, c := range acceptedRequests() {
		t.Run(c.Name, func(t *testing.T) {
			if _, err := contract.ValidateRequest(c.HTTP(t, fake.URL, "tgo_key"), c.Body); (err == nil) != (c.documentCannot == "") {
				t.Errorf("the document says %v", err)
			}
			before := suite.CountsOf(t, fake)
			a := suite.Send(t, c.HTTP(t, fake.URL, fake.Key.Reveal()))
			if a.Status != http.StatusCreated {
				t.Fatalf("returned %d %s", a.Status, a.Body)
			}
			if got := suite.CountsOf(t, fake); got != before.Plus(1) {
				t.Fatalf("counts were %+v and are %+v", before, got)
			}
			messages := fake.Messages()
			m := messages[len(messages)-1]
			if m.Type != c.want.Type || m.Content != c.want.Content && c.want.Content != "" || m.Duration != c.want.Duration && c.want.Duration != 0 {
				t.Errorf("arrived as %+v", m)
			}
			if m.SenderPhone != senderPhone || m.SenderNumberID != senderID || !strings.HasPrefix(string(m.To), "+20101") {
				t.Errorf("arrived from %s to %s", m.SenderPhone, m.To)
			}
			if (m.Media == nil) != (m.Type == "text") {
				t.Errorf("a %s with the media %+v", m.Type, m.Media)
			}
			if want := c.want.Media; want != nil && (m.Media.Name != want.Name || m.Media.ContentType != want.ContentType || !bytes.Contains(c.Body, m.Media.Content)) {
				t.Errorf("the file arrived as %+v", m.Media)
			}
		})
	}
}

// TestValidLookupsAreAccepted: the plus of a phone may be %2B or, as on the vendor's own page, a plus.
func TestValidLookupsAreAccepted(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	for _, c := range []struct {
		query    string
		document bool // it accepts this too
	}{
		{"phone=%2B201010000000&sender_phone=%2B201001187188", true},
		{"phone=%2B201010000000&sender_number_id=12", true},
		{"sender_number_id=12&phone=%2b201010000000", true},
		{"sender_number_id=12&phone=%2B201010000000&other=1&other=2", true},
		// For the document a literal plus is a space, as in every query.
		{"phone=+201010000000&sender_phone=+201001187188", false},
		{"phone=+201010000000&sender_number_id=12", false},
	} {
		r := request{Method: http.MethodGet, Target: "/contacts/lookup?" + c.query}
		if _, err := contract.ValidateRequest(r.HTTP(t, fake.URL, "tgo_key"), nil); (err == nil) != c.document {
			t.Errorf("%s: the document says %v", c.query, err)
		}
		if a := suite.Send(t, r.HTTP(t, fake.URL, fake.Key.Reveal())); a.Status != http.StatusOK || !bytes.Contains(a.Body, []byte(`"can_receive":true`)) {
			t.Errorf("%s returned %d %s", c.query, a.Status, a.Body)
		}
	}
}
