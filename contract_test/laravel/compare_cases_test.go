package laravel_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// part is a part of a form, with its headers as they are written.
type part struct{ head, content string }

func field(name, content string) part {
	return part{`Content-Disposition: form-data; name="` + name + `"`, content}
}

func file(name, contentType, content string) part {
	return part{`Content-Disposition: form-data; name="media"; filename="` + name + `"` + "\r\nContent-Type: " + contentType,
		content}
}

// replaced returns the parts with one of them replaced: the one with the same headers.
func replaced(parts []part, with part) []part {
	parts = slices.Clone(parts)
	parts[slices.IndexFunc(parts, func(p part) bool { return p.head == with.head })] = with
	return parts
}

// write writes the parts as a body with the boundary B and the given line ends.
func write(parts []part, lineEnd string) []byte {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--B" + lineEnd + strings.ReplaceAll(p.head, "\r\n", lineEnd) + lineEnd + lineEnd + p.content + lineEnd)
	}
	b.WriteString("--B--" + lineEnd)
	return []byte(b.String())
}

const formType = "multipart/form-data; boundary=B"

// message has the fields of a valid message, without its file.
func message(messageType string, more ...part) []part {
	parts := []part{field("sender_number_id", "12"), field("to_phone", "+201010000000"), field("type", messageType)}
	switch messageType {
	case "text":
		parts = append(parts, field("content", "a"))
	case "voice":
		parts = append(parts, field("duration", "19"))
	}
	return append(parts, more...)
}

func form(name, messageType string, more ...part) request {
	return rawForm(name, formType, write(message(messageType, more...), "\r\n"))
}

func rawForm(name, contentType string, body []byte) request {
	return request{Name: name, Method: http.MethodPost, Target: "/messages", ContentType: contentType, Body: body}
}

func jsonPost(name, body string) request {
	return rawForm(name, "application/json", []byte(body))
}

func get(name, target string) request {
	return request{Name: name, Method: http.MethodGet, Target: target}
}

// with returns a request with other headers.
func (r request) with(headers ...string) request {
	r.header = maps.Clone(r.header)
	if r.header == nil {
		r.header = map[string]string{}
	}
	for i := 0; i < len(headers); i += 2 {
		r.header[headers[i]] = headers[i+1]
	}
	return r
}

// ownRequests returns the requests that are not the suite's, except keyRequests and acceptRequests.
func ownRequests(ten *tenant) []request {
	return slices.Concat(stateRequests(ten), collectionRequests(), formRequests(), jsonRequests(), queryRequests(),
		authRequests(ten), hostRequests(), routeRequests())
}

// operationRequests returns a valid request for each operation.
func operationRequests() []request {
	return []request{
		get("getMe", "/me"),
		get("getSubscription", "/subscription"),
		get("listSenderNumbers", "/sender-numbers"),
		get("listMessages", "/messages"),
		get("lookupContact", "/contacts/lookup?phone=%2B201010000000&sender_number_id=12"),
		get("getUsage", "/usage"),
		{Name: "registerSenderNumber", Method: http.MethodPost, Target: "/sender-numbers", ContentType: "application/json",
			Body: []byte(`{"phone":"+201001187188"}`)},
		{Name: "createApiKey", Method: http.MethodPost, Target: "/api-keys", ContentType: "application/json",
			Body: []byte(`{"name":"a","scopes":["usage.read"]}`)},
		{Name: "revokeApiKey", Method: http.MethodDelete, Target: "/api-keys/9999"},
		jsonPost("sendMessage", `{"sender_number_id":12,"to_phone":"+201010000000","type":"text","content":"a"}`),
	}
}

// keyRequests creates and revokes keys, and makes each operation with each key.
func keyRequests(ten *tenant) []request {
	revoke := func(name, id string) request {
		return request{Name: "revoke: " + name, Method: http.MethodDelete, Target: "/api-keys/" + id}
	}
	list := []request{
		apiKey("before it is revoked", `{"name":"a","scopes":["usage.read"]}`),
		revoke("a key that works", "9"), revoke("again", "9"), revoke("one that was revoked long ago", "7"),
		revoke("one that expired", "6"), revoke("another tenant's", "8"), revoke("none", "9999"), revoke("0", "0"), revoke("-1",
			"-1"),
		revoke("a word", "abc"), revoke("a fraction", "2.5"), revoke("with a zero before", "0009999"), revoke("beyond 64 bits",
			"99999999999999999999"),
		revoke("a space", "%20"), revoke("a plus before", "+9999"), revoke("an encoded slash", "1%2F2"),
		{Name: "revoke: with a body", Method: http.MethodDelete, Target: "/api-keys/9999", ContentType: "application/json",
			Body: []byte(`{"a":`)},
		{Name: "revoke: with a query", Method: http.MethodDelete, Target: "/api-keys/9999?force=1"},
	}
	for _, name := range slices.Sorted(maps.Keys(ten.Keys)) {
		for _, r := range operationRequests() {
			if name == "revoked" || name == "expired" || name == "empty" {
				// Errors in the rest of a request must not matter.
				if r.Method == http.MethodPost {
					r.Body = []byte(`{"a":`)
				}
			}
			r.Name = "key " + name + ": " + r.Name
			list = append(list, r.with("X-Api-Key", ten.Keys[name]))
		}
	}
	return append(list,
		jsonPost("order: no scope and a bad body", `{`).with("X-Api-Key", ten.Keys["messages.read"]),
		get("order: no scope and a bad query", "/contacts/lookup").with("X-Api-Key", ten.Keys["messages.read"]),
		get("order: no scope and a bad page", "/messages?page=abc").with("X-Api-Key", ten.Keys["messages.send"]),
		request{Name: "order: no scope and a number that is taken", Method: http.MethodPost, Target: "/sender-numbers",
			ContentType: "application/json", Body: []byte(`{"phone":"+201001187188"}`)}.with("X-Api-Key",
			ten.Keys["messages.read"]),
		apiKey("a scope that its maker lacks", `{"name":"a","scopes":["*"]}`).with("X-Api-Key", ten.Keys["usage.read"]),
		apiKey("no scopes", `{"name":"a"}`),
		apiKey("null scopes", `{"name":"a","scopes":null}`),
		apiKey("no list of scopes", `{"name":"a","scopes":"usage.read"}`),
		apiKey("an object of scopes", `{"name":"a","scopes":{"0":"usage.read"}}`),
		apiKey("a scope in a list", `{"name":"a","scopes":[["usage.read"]]}`),
		apiKey("a scope that is null", `{"name":"a","scopes":[null]}`),
		apiKey("a scope that is a number", `{"name":"a","scopes":[1]}`),
		apiKey("an empty scope", `{"name":"a","scopes":[""]}`),
		apiKey("a scope with spaces", `{"name":"a","scopes":[" usage.read "]}`),
		apiKey("a scope in upper case", `{"name":"a","scopes":["USAGE.READ"]}`),
		apiKey("two bad scopes", `{"name":"a","scopes":["x","usage.read","y"]}`),
		apiKey("all scopes and one", `{"name":"a","scopes":["*","usage.read"]}`),
		apiKey("the shortest expiry", `{"name":"a","scopes":["usage.read"],"expires_in_days":1}`),
		apiKey("the longest expiry", `{"name":"a","scopes":["usage.read"],"expires_in_days":365}`),
		apiKey("a longer expiry", `{"name":"a","scopes":["usage.read"],"expires_in_days":366}`),
		apiKey("expiry as a text", `{"name":"a","scopes":["usage.read"],"expires_in_days":"30"}`),
		apiKey("expiry as a whole fraction", `{"name":"a","scopes":["usage.read"],"expires_in_days":30.0}`),
		apiKey("expiry true", `{"name":"a","scopes":["usage.read"],"expires_in_days":true}`),
		apiKey("an empty expiry", `{"name":"a","scopes":["usage.read"],"expires_in_days":""}`),
		apiKey("a name of spaces", `{"name":" ","scopes":["usage.read"]}`),
		apiKey("a name in spaces", `{"name":" a ","scopes":["usage.read"]}`),
		apiKey("a long name", `{"name":"`+strings.Repeat("a", 255)+`","scopes":["usage.read"]}`),
		apiKey("too long a name", `{"name":"`+strings.Repeat("a", 256)+`","scopes":["usage.read"]}`),
		apiKey("a name that is a list", `{"name":["a"],"scopes":["usage.read"]}`),
		apiKey("nothing", `{}`),
		number("a name of spaces", `{"phone":"+201001180001","display_name":" "}`),
		number("a name in spaces", `{"phone":"+201001180002","display_name":" a "}`),
		number("null for a name", `{"phone":"+201001180003","display_name":null}`),
		number("too long a name", `{"phone":"+201001180004","display_name":"`+strings.Repeat("ن", 256)+`"}`),
		number("a phone in spaces", `{"phone":" +201001180005 "}`),
		number("a phone that is taken", `{"phone":"+201001180002"}`),
		number("a phone that is taken, and a bad name", `{"phone":"+201001180002","display_name":5}`),
		number("two phones", `{"phone":"+201001180006","phone":"+201001180007"}`),
		number("a phone that is a list", `{"phone":["+201001180008"]}`),
		number("state", `{"phone":"+201001180009","status":"active","verification_status":"active"}`),
	)
}

func apiKey(name, body string) request {
	return request{Name: "create key: " + name, Method: http.MethodPost, Target: "/api-keys", ContentType: "application/json",
		Body: []byte(body)}
}

func number(name, body string) request {
	return request{Name: "register: " + name, Method: http.MethodPost, Target: "/sender-numbers",
		ContentType: "application/json", Body: []byte(body)}
}

// stateRequests returns messages of each type from senders and to recipients in each state, and lookups of them.
func stateRequests(ten *tenant) []request {
	var list []request
	send := func(name, sender, recipient string) {
		list = append(list, jsonPost(name+", text in JSON",
			fmt.Sprintf(`{"sender_phone":%q,"to_phone":%q,"type":"text","content":"a"}`, sender, recipient)))
		for _, messageType := range []string{"text", "image", "voice", "document"} {
			parts := append([]part{field("sender_phone", sender), field("to_phone", recipient)}, message(messageType)[2:]...)
			if messageType != "text" {
				parts = append(parts, file("a.bin", "application/octet-stream", "a"))
			}
			list = append(list, rawForm(name+", "+messageType, formType, write(parts, "\r\n")))
		}
	}
	lookup := func(name, sender, phone string) {
		list = append(list, get("lookup, "+name, "/contacts/lookup?"+url.Values{"phone": {phone},
			"sender_phone": {sender}}.Encode()))
	}
	for _, state := range slices.Sorted(maps.Keys(ten.Senders)) {
		send("sender "+state, string(ten.Senders[state]), string(ten.RecipientPhone))
		lookup("sender "+state, string(ten.Senders[state]), string(ten.RecipientPhone))
		send("sender "+state+" to an unknown phone", string(ten.Senders[state]), string(ten.Contacts["unknown"]))
	}
	send("sender unknown", "+201001187100", string(ten.RecipientPhone))
	send("sender unknown to an unknown phone", "+201001187100", string(ten.Contacts["unknown"]))
	lookup("sender unknown", "+201001187100", string(ten.RecipientPhone))
	for _, state := range slices.Sorted(maps.Keys(ten.Contacts)) {
		send("recipient "+state, string(ten.SenderPhone), string(ten.Contacts[state]))
		lookup("recipient "+state, string(ten.SenderPhone), string(ten.Contacts[state]))
	}
	send("to oneself", string(ten.SenderPhone), string(ten.SenderPhone))
	return append(list,
		jsonPost("sender unknown and a bad phone",
			`{"sender_phone":"+201001187100","to_phone":"0101","type":"text","content":"a"}`),
		jsonPost("sender suspended and no text", fmt.Sprintf(`{"sender_phone":%q,"to_phone":"+201010000000","type":"text"}`,
			ten.Senders["suspended"])),
		jsonPost("sender number of nobody", `{"sender_number_id":4711,"to_phone":"+201010000000","type":"text","content":"a"}`))
}

// collectionRequests returns the forms of the vendor's Postman collection: its fields in its order, including a text in a form and a
// voice note with an empty content.
func collectionRequests() []request {
	send := func(messageType string, parts ...part) request {
		head := []part{field("sender_phone", "+201001187188"), field("to_phone", "+201010000000"), field("type", messageType)}
		return rawForm("collection: "+messageType, formType, write(append(head, parts...), "\r\n"))
	}
	noFile := part{`Content-Disposition: form-data; name="media"; filename=""` + "\r\nContent-Type: application/octet-stream",
		""}
	list := []request{
		send("text", field("content", "Good morning")),
		send("image", field("content", "A picture"), file("a.png", "image/png", "\x89PNG")),
		send("voice", field("content", ""), field("duration", "19"), file("a.ogg", "audio/ogg", "OggS")),
		send("document", field("content", "A paper"), file("a.pdf", "application/pdf", "%PDF")),
		get("collection: lookup", "/contacts/lookup?phone=+201010000000&sender_phone=+201001187188"),
		number("collection", `{"phone": "+201001180100", "display_name": "Front desk"}`),
		apiKey("collection",
			`{"name": "From a collection", "scopes": ["contacts.lookup", "messages.send", "messages.read", "usage.read"],`+
				` "expires_in_days": 90}`),
	}
	for _, messageType := range []string{"image", "voice", "document"} { // before a file is chosen
		r := send(messageType, field("content", ""), field("duration", "19"), noFile)
		r.Name += " without a file"
		list = append(list, r)
	}
	return list
}

// formRequests returns multipart bodies that our client does not write.
func formRequests() []request {
	media := func(name, head string) request {
		return form("form: "+name, "document", part{"Content-Disposition: form-data; " + head, "abc"})
	}
	typed := func(name, contentType string) request {
		return form("form: "+name, "document",
			part{"Content-Disposition: form-data; name=\"media\"; filename=\"a.bin\"\r\nContent-Type: " + contentType, "abc"})
	}
	good := message("document", file("a.pdf", "application/pdf", "abc"))
	body := write(good, "\r\n")
	text := message("text")
	raw := func(name string, body []byte) request { return rawForm("form: "+name, formType, body) }
	as := func(name, contentType string) request { return rawForm("form: "+name, contentType, body) }
	list := []request{
		media("no file name", `name="media"`),
		media("an empty file name", `name="media"; filename=""`),
		media("filename* alone", `name="media"; filename*=UTF-8''a.pdf`),
		media("filename and filename*", `name="media"; filename="a.pdf"; filename*=UTF-8''b.pdf`),
		media("filename* before filename", `name="media"; filename*=UTF-8''b.pdf; filename="a.pdf"`),
		media("no quotation marks", `name=media; filename=a.pdf`),
		media("single quotation marks", `name='media'; filename='a.pdf'`),
		media("a quotation mark in the name", `name="media"; filename="a\"b.pdf"`),
		media("a backslash in the name", `name="media"; filename="C:\dir\a.pdf"`),
		media("a semicolon in the name", `name="media"; filename="a;b.pdf"`),
		media("a quotation mark that does not end", `name="media"; filename="a.pdf`),
		media("the name after the file name", `filename="a.pdf"; name="media"`),
		media("spaces around the equals sign", `name = "media"; filename = "a.pdf"`),
		media("names in upper case", `NAME="media"; FILENAME="a.pdf"`),
		media("a field in upper case", `name="MEDIA"; filename="a.pdf"`),
		media("brackets", `name="media[]"; filename="a.pdf"`),
		media("brackets with a key", `name="media[0]"; filename="a.pdf"`),
		media("a name with a dot", `name="media.x"; filename="a.pdf"`),
		media("a name with a space", `name=" media"; filename="a.pdf"`),
		media("no name", `filename="a.pdf"`),
		media("an empty name", `name=""; filename="a.pdf"`),
		media("a path for a name", `name="media"; filename="../../a.pdf"`),
		media("a name of slashes", `name="media"; filename="///"`),
		media("a name of dots", `name="media"; filename=".."`),
		media("a name in Latin 1", "name=\"media\"; filename=\"\xe9.pdf\""),
		media("a zero character in the name", "name=\"media\"; filename=\"a\x00b.pdf\""),
		typed("a Content-Type that is none", "pdf"),
		typed("a Content-Type with parameters", `application/pdf; a="b"`),
		typed("a Content-Type in Arabic", "ملف"),
		typed("a transfer encoding", "text/plain\r\nContent-Transfer-Encoding: base64"),
		typed("a transfer encoding of the mail", "text/plain\r\nContent-Transfer-Encoding: quoted-printable"),
		form("form: an attachment", "document", part{`Content-Disposition: attachment; name="media"; filename="a.pdf"`, "abc"}),
		form("form: no disposition", "document", part{"Content-Type: application/pdf", "abc"}),
		form("form: a disposition in upper case", "document",
			part{`CONTENT-DISPOSITION: FORM-DATA; name="media"; filename="a.pdf"`, "abc"}),
		form("form: an empty file", "document", file("a.pdf", "application/pdf", "")),
		form("form: two files", "document", file("a.pdf", "application/pdf", "abc"), file("b.pdf", "application/pdf", "abcd")),
		form("form: a field and a file", "document", field("media", "abc"), file("b.pdf", "application/pdf", "abcd")),
		form("form: a file and a field", "document", file("b.pdf", "application/pdf", "abcd"), field("media", "abc")),
		form("form: a file of a text", "text", file("a.pdf", "application/pdf", "abc")),
		form("form: no file chosen, of a text", "text", part{`Content-Disposition: form-data; name="media"; filename=""`, ""}),
		form("form: a media field of a text", "text", field("media", "abc")),
		form("form: an empty media field of a text", "text", field("media", "")),
		form("form: the type twice, the last good", "video", field("type", "text"), field("content", "a")),
		form("form: the type twice, the first good", "text", field("type", "video")),
		form("form: the content twice", "text", field("content", "b")),
		form("form: the content as a list", "document", field("content[]", "a"), file("a.pdf", "application/pdf", "abc")),
		form("form: the sender as a list", "document", field("sender_phone[]", "+201001187188"), file("a.pdf",
			"application/pdf", "abc")),
		form("form: the content as a file", "document", part{`Content-Disposition: form-data; name="content"; filename="a.txt"`,
			"a"}, file("a.pdf", "application/pdf", "abc")),
		form("form: an unknown field", "text", field("priority", "high")),
		form("form: an unknown file", "text", part{`Content-Disposition: form-data; name="other"; filename="a.txt"`, "a"}),
		form("form: a method in a field", "text", field("_method", "DELETE")),
		form("form: content that is not UTF-8", "document", field("content", "a\xff"), file("a.pdf", "application/pdf", "abc")),
		form("form: content in Latin 1, as it says", "document",
			part{"Content-Disposition: form-data; name=\"content\"\r\nContent-Type: text/plain; charset=iso-8859-1", "\xe9"},
			file("a.pdf", "application/pdf", "abc")),
		form("form: a _charset_ field", "text", field("_charset_", "iso-8859-1")),
		form("form: content 0", "document", field("content", "0"), file("a.pdf", "application/pdf", "abc")),
		raw("content in spaces", write(replaced(text, field("content", " \n b \t")), "\r\n")),
		raw("text 0", write(replaced(text, field("content", "0")), "\r\n")),
		raw("a phone in spaces", write(replaced(text, field("to_phone", " +201010000000 ")), "\r\n")),
		raw("an empty content of a text", write(replaced(text, field("content", "")), "\r\n")),
		raw("text with a duration", write(append(slices.Clone(text), field("duration", "19")), "\r\n")),
		raw("text with a duration that is none", write(append(slices.Clone(text), field("duration", "400")), "\r\n")),
		raw("text with the fields of a file", write(append(slices.Clone(text), field("file_name", "a"), field("file_size", "1"),
			field("file_type", "b")), "\r\n")),
		raw("document with a duration of 0", write(append(slices.Clone(good), field("duration", "0")), "\r\n")),
		raw("document with a duration that is a word", write(append(slices.Clone(good), field("duration", "abc")), "\r\n")),
		raw("LF alone", write(good, "\n")),
		raw("LF alone, of a text", write(text, "\n")),
		raw("a preamble", append([]byte("This is a preamble.\r\n"), body...)),
		raw("an empty line before", append([]byte("\r\n"), body...)),
		raw("an epilogue", append(slices.Clone(body), "This is an epilogue."...)),
		raw("no line end at the end", body[:len(body)-2]),
		raw("cut before the last boundary", body[:len(body)-len("--B--\r\n")]),
		raw("cut in the file", body[:len(body)-len("bc\r\n--B--\r\n")]),
		raw("cut in the head of the file", body[:len(body)-len("tion/pdf\r\n\r\nabc\r\n--B--\r\n")]),
		raw("cut after the last field", write(good, "\r\n")[:strings.Index(string(body),
			`--B`+"\r\n"+`Content-Disposition: form-data; name="media"`)]),
		raw("cut in a field of a text", write(text, "\r\n")[:len(write(text, "\r\n"))-len("\r\n--B--\r\n")]),
		raw("cut before the last two hyphens, of a text", write(text, "\r\n")[:len(write(text, "\r\n"))-len("--\r\n")]),
		raw("spaces after the boundary", []byte(strings.ReplaceAll(string(body), "--B\r\n", "--B  \r\n"))),
		raw("a boundary that begins with ours", []byte(strings.ReplaceAll(string(body), "--B", "--BB"))),
		raw("nothing", nil),
		raw("the end alone", []byte("--B--\r\n")),
		as("a boundary in quotation marks", `multipart/form-data; boundary="B"`),
		as("a Content-Type in upper case", `MULTIPART/FORM-DATA; BOUNDARY=B`),
		as("a charset beside the boundary", `multipart/form-data; charset=utf-8; boundary=B`),
		as("a charset after the boundary", `multipart/form-data; boundary=B; charset=utf-8`),
		as("no boundary", `multipart/form-data`),
		as("an empty boundary", `multipart/form-data; boundary=`),
		as("another boundary", `multipart/form-data; boundary=C`),
		as("multipart/mixed", `multipart/mixed; boundary=B`),
	}
	for _, d := range []string{"19", "+19", "019", "19.0", "1e1", " 19 ", "-0", "0", "1", "300", "301", "٩", "1_0", "0x13",
		"true", "19s", "\u00a019"} {
		parts := append(message("document", file("a.ogg", "audio/ogg", "OggS")), field("duration", d))
		parts[2] = field("type", "voice")
		list = append(list, raw(fmt.Sprintf("voice of %q seconds", d), write(parts, "\r\n")))
	}
	for _, n := range []string{"12", "+12", "012", "12.0", " 12", "1e1", "99999999999999999999"} {
		parts := message("text")
		parts[0] = field("sender_number_id", n)
		list = append(list, raw(fmt.Sprintf("sender number %q", n), write(parts, "\r\n")))
	}
	for _, n := range []string{"0", "+5", "05", "5.0", "-1", "99999999999999999999", " 5 ", "five"} {
		list = append(list, raw(fmt.Sprintf("file_size %q", n), write(append(slices.Clone(good), field("file_size", n)),
			"\r\n")))
	}
	return list
}

// jsonRequests returns unusual JSON bodies, and bodies that are not JSON.
func jsonRequests() []request {
	text := func(name, fields string) request {
		return jsonPost("JSON: "+name, `{"sender_number_id":12,"to_phone":"+201010000000","type":"text",`+fields+`}`)
	}
	sender := func(name, value string) request {
		return jsonPost("JSON: sender number "+name,
			`{"sender_number_id":`+value+`,"to_phone":"+201010000000","type":"text","content":"a"}`)
	}
	good := `{"sender_number_id":12,"to_phone":"+201010000000","type":"text","content":"a"}`
	list := []request{
		text("null for what a file has",
			`"content":"a","duration":null,"file_name":null,"file_size":null,"file_type":null,"media":null`),
		text("null for the other sender", `"content":"a","sender_phone":null`),
		text("an empty other sender", `"content":"a","sender_phone":""`),
		text("a duration", `"content":"a","duration":12`),
		text("a duration out of range", `"content":"a","duration":400`),
		text("a duration as a text", `"content":"a","duration":"12"`),
		text("the fields of a file", `"content":"a","file_name":"a","file_size":1,"file_type":"b"`),
		text("a file name that is a number", `"content":"a","file_name":1`),
		text("media", `"content":"a","media":"abc"`),
		text("an empty media", `"content":"a","media":""`),
		text("media that is a list", `"content":"a","media":["abc"]`),
		text("an unknown field", `"content":"a","priority":"high"`),
		text("a field in upper case", `"Content":"a"`),
		text("content in spaces", `"content":" \n a \t"`),
		text("content of a no-break space", `"content":"\u00a0"`),
		text("content of a zero-width space", `"content":"\u200b"`),
		text("content of a byte order mark", `"content":"\ufeff"`),
		text("content of zero characters", `"content":"\u0000"`),
		text("content in zero characters", `"content":"\u0000a\u0000"`),
		text("content of a vertical tab", `"content":"\u000b"`),
		text("content of a form feed", `"content":"\u000c"`),
		text("content of a next line", `"content":"\u0085"`),
		text("content 0", `"content":"0"`),
		text("content that is a number", `"content":1`),
		text("content that is true", `"content":true`),
		text("content that is false", `"content":false`),
		text("content that is an empty list", `"content":[]`),
		text("content that is an empty object", `"content":{}`),
		text("content twice", `"content":"a","content":"b"`),
		text("content twice, the last bad", `"content":"a","content":1`),
		text("content twice, the first bad", `"content":1,"content":"a"`),
		text("half a surrogate pair", `"content":"\ud83c"`),
		text("a surrogate pair", `"content":"\ud83c\udf89"`),
		text("an escape in a name", `"\u0063ontent":"a"`),
		text("a line break in a text", "\"content\":\"a\nb\""),
		text("a tab in a text", "\"content\":\"a\tb\""),
		text("not UTF-8", "\"content\":\"a\xff\""),
		text("a comment", `"content":"a" /* b */`),
		text("an empty name", `"content":"a","":"b"`),
		text("a name with a zero character before", `"content":"a","\u0000b":"c"`),
		text("a text of 1 MiB", `"content":"`+strings.Repeat("a", 1<<20)+`"`),
		jsonPost("JSON: type null", `{"sender_number_id":12,"to_phone":"+201010000000","type":null,"content":"a"}`),
		jsonPost("JSON: type in spaces", `{"sender_number_id":12,"to_phone":"+201010000000","type":" text ","content":"a"}`),
		jsonPost("JSON: type that is a list",
			`{"sender_number_id":12,"to_phone":"+201010000000","type":["text"],"content":"a"}`),
		jsonPost("JSON: type true", `{"sender_number_id":12,"to_phone":"+201010000000","type":true,"content":"a"}`),
		jsonPost("JSON: type image", `{"sender_number_id":12,"to_phone":"+201010000000","type":"image"}`),
		jsonPost("JSON: type image with a content",
			`{"sender_number_id":12,"to_phone":"+201010000000","type":"image","content":"a"}`),
		jsonPost("JSON: type image with media",
			`{"sender_number_id":12,"to_phone":"+201010000000","type":"image","media":"abc"}`),
		jsonPost("JSON: type voice", `{"sender_number_id":12,"to_phone":"+201010000000","type":"voice","duration":19}`),
		jsonPost("JSON: to_phone in spaces",
			`{"sender_number_id":12,"to_phone":" +201010000000 ","type":"text","content":"a"}`),
		jsonPost("JSON: to_phone a number", `{"sender_number_id":12,"to_phone":201010000000,"type":"text","content":"a"}`),
		jsonPost("JSON: to_phone of a list",
			`{"sender_number_id":12,"to_phone":["+201010000000"],"type":"text","content":"a"}`),
		jsonPost("JSON: sender_phone a number",
			`{"sender_phone":201001187188,"to_phone":"+201010000000","type":"text","content":"a"}`),
		jsonPost("JSON: sender_phone in spaces",
			`{"sender_phone":" +201001187188 ","to_phone":"+201010000000","type":"text","content":"a"}`),
		jsonPost("JSON: both senders",
			`{"sender_number_id":12,"sender_phone":"+201001187188","to_phone":"+201010000000","type":"text","content":"a"}`),
		jsonPost("JSON: all wrong",
			`{"sender_number_id":"x","to_phone":"x","type":"x","content":1,"duration":"x","media":"x","file_size":"x"}`),
		jsonPost("JSON: a byte order mark before", "\ufeff"+good),
		jsonPost("JSON: in UTF-16", "\xff\xfe{\x00}\x00"),
		jsonPost("JSON: something after it", good+"x"),
		jsonPost("JSON: twice", good+good),
		jsonPost("JSON: in a list", "["+good+"]"),
		jsonPost("JSON: in a data object", `{"data":`+good+`}`),
		jsonPost("JSON: a number", "1"),
		jsonPost("JSON: true", "true"),
		jsonPost("JSON: deep", strings.Repeat(`{"a":`, 600)+"1"+strings.Repeat("}", 600)),
		jsonPost("JSON: good, and deep in a field", good[:len(good)-1]+`,"a":`+strings.Repeat(`[`, 600)+strings.Repeat("]",
			600)+"}"),
		rawForm("JSON: as application/vnd.api+json", "application/vnd.api+json", []byte(good)),
		rawForm("JSON: as text/json", "text/json", []byte(good)),
		rawForm("JSON: as text/plain", "text/plain", []byte(good)),
		rawForm("JSON: with a charset of UTF-16", "application/json; charset=utf-16", []byte(good)),
		rawForm("JSON: with no Content-Type", "", []byte(good)),
		rawForm("URL-encoded text", "application/x-www-form-urlencoded",
			[]byte("sender_number_id=12&to_phone=%2B201010000000&type=text&content=a")),
		rawForm("URL-encoded text with a bare plus", "application/x-www-form-urlencoded",
			[]byte("sender_number_id=12&to_phone=+201010000000&type=text&content=a")),
		rawForm("URL-encoded text that is bad", "application/x-www-form-urlencoded",
			[]byte("sender_number_id=12&to_phone=1&type=text")),
		rawForm("no body", "", nil),
		{Name: "the message in the query", Method: http.MethodPost,
			Target: "/messages?sender_number_id=12&to_phone=%2B201010000000&type=text&content=a"},
		{Name: "a field in the query beside a body", Method: http.MethodPost, Target: "/messages?content=b",
			ContentType: "application/json", Body: []byte(good)},
		{Name: "a field in the query that the body lacks", Method: http.MethodPost, Target: "/messages?content=b",
			ContentType: "application/json", Body: []byte(`{"sender_number_id":12,"to_phone":"+201010000000","type":"text"}`)},
	}
	for name, value := range map[string]string{
		"as a text":                     `"12"`,
		"as a text in spaces":           `" 12 "`,
		"as a whole fraction":           "12.0",
		"in scientific notation":        "12e0",
		"a fraction":                    "12.5",
		"true":                          "true",
		"null":                          "null",
		"empty":                         `""`,
		"0":                             "0",
		"-1":                            "-1",
		"beyond 64 bits":                "9223372036854775808",
		"huge":                          "1e30",
		"a list":                        "[12]",
		"an object":                     `{"id":12}`,
		"with a zero before, as a text": `"012"`,
		"of nobody":                     "4711",
	} {
		list = append(list, sender(name, value))
	}
	return list
}

// queryRequests returns unusual queries.
func queryRequests() []request {
	var list []request
	for name, query := range map[string]string{
		"bare plus":                       "phone=+201010000000&sender_number_id=12",
		"bare plus twice":                 "phone=+201010000000&sender_phone=+201001187188",
		"no plus":                         "phone=201010000000&sender_number_id=12",
		"plus in upper case":              "phone=%2B201010000000&sender_number_id=12",
		"spaces around":                   "phone=%20%2B201010000000%20&sender_number_id=12",
		"sender number with a plus":       "phone=%2B201010000000&sender_number_id=%2B12",
		"sender number in spaces":         "phone=%2B201010000000&sender_number_id=%2012",
		"sender number 012":               "phone=%2B201010000000&sender_number_id=012",
		"sender number 12.0":              "phone=%2B201010000000&sender_number_id=12.0",
		"sender number beyond 64 bits":    "phone=%2B201010000000&sender_number_id=9223372036854775808",
		"sender number of nobody":         "phone=%2B201010000000&sender_number_id=4711",
		"an empty phone":                  "phone=&sender_number_id=12",
		"no value":                        "phone&sender_number_id=12",
		"an empty sender":                 "phone=%2B201010000000&sender_phone=",
		"an empty sender beside a number": "phone=%2B201010000000&sender_phone=&sender_number_id=12",
		"both":                            "phone=%2B201010000000&sender_phone=%2B201001187188&sender_number_id=12",
		"no sender":                       "phone=%2B201010000000",
		"nothing but a sender":            "sender_number_id=12",
		"nothing":                         "",
		"phone twice, the last good":      "phone=1&phone=%2B201010000000&sender_number_id=12",
		"phone twice, the first good":     "phone=%2B201010000000&phone=1&sender_number_id=12",
		"brackets":                        "phone[]=%2B201010000000&sender_number_id=12",
		"brackets that are encoded":       "phone%5B%5D=%2B201010000000&sender_number_id=12",
		"a name that is encoded":          "%70hone=%2B201010000000&sender_number_id=12",
		"a name in upper case":            "PHONE=%2B201010000000&sender_number_id=12",
		"a semicolon":                     "phone=%2B201010000000;sender_number_id=12",
		"another parameter":               "phone=%2B201010000000&sender_number_id=12&a=b",
		"a bad escape":                    "phone=%zz&sender_number_id=12",
		"not UTF-8":                       "phone=%ff&sender_number_id=12",
		"a zero character":                "phone=%2B201010000000%00&sender_number_id=12",
		"an ampersand at the end":         "phone=%2B201010000000&sender_number_id=12&",
		"a line break after":              "phone=%2B201010000000%0A&sender_number_id=12",
		"six digits":                      "phone=%2B201010&sender_number_id=12",
		"seven digits":                    "phone=%2B2010101&sender_number_id=12",
		"sixteen digits":                  "phone=%2B2010100000001234&sender_number_id=12",
		"a sender phone that is bad":      "phone=%2B201010000000&sender_phone=0100",
		"all wrong":                       "phone=1&sender_phone=1&sender_number_id=x",
	} {
		list = append(list, get("lookup: "+name, "/contacts/lookup?"+query))
	}
	for name, query := range map[string]string{
		"1":                     "page=1",
		"2":                     "page=2",
		"3, beyond":             "page=3",
		"99, beyond":            "page=99",
		"0":                     "page=0",
		"-1":                    "page=-1",
		"a word":                "page=abc",
		"1.5":                   "page=1.5",
		"2.0":                   "page=2.0",
		"2e0":                   "page=2e0",
		"empty":                 "page=",
		"no value":              "page",
		"in spaces":             "page=%202",
		"with a bare plus":      "page=+2",
		"with a plus":           "page=%2B2",
		"with a zero before":    "page=02",
		"twice":                 "page=1&page=2",
		"in brackets":           "page[]=2",
		"with a key":            "page[number]=2",
		"beyond 64 bits":        "page=99999999999999999999",
		"in upper case":         "PAGE=2",
		"hexadecimal":           "page=0x2",
		"in Arabic digits":      "page=%D9%A2",
		"and per_page":          "page=1&per_page=2",
		"and limit":             "limit=1",
		"and another parameter": "page=2&since=2025-01-01",
	} {
		list = append(list, get("log: page "+name, "/messages?"+query))
	}
	return append(list, get("me with a query", "/me?page=abc&phone=1"), get("usage with a query", "/usage?page=2"),
		get("numbers with a query", "/sender-numbers?page=2"),
		request{Name: "lookup: in a body", Method: http.MethodGet, Target: "/contacts/lookup", ContentType: "application/json",
			Body: []byte(`{"phone":"+201010000000","sender_number_id":12}`)},
		request{Name: "log: with a body", Method: http.MethodGet, Target: "/messages", ContentType: "application/json",
			Body: []byte(`{`)})
}

// authRequests returns requests with invalid keys, or with keys in the wrong place.
func authRequests(ten *tenant) []request {
	var list []request
	for name, key := range map[string]string{
		"none": "", "wrong": "tgo_wrong", "expired": ten.Keys["expired"], "revoked": ten.Keys["revoked"],
		"of another tenant": ten.Keys["empty"], "in lower case": strings.ToLower(ten.APIKey),
		"in upper case": strings.ToUpper(ten.APIKey), "with a space before": " " + ten.APIKey,
		"with a space in it": ten.APIKey[:8] + " " + ten.APIKey[8:], "in quotation marks": `"` + ten.APIKey + `"`,
		"twice": ten.APIKey + ", " + ten.APIKey, "with Bearer": "Bearer " + ten.APIKey,
		"its beginning": ten.APIKey[:12], "not ASCII": ten.APIKey + "é", "long": strings.Repeat("a", 4000),
	} {
		list = append(list, get("key: "+name, "/me").with("X-Api-Key", key))
	}
	r := get("", "/me").with("X-Api-Key", "")
	for name, other := range map[string]request{
		"key: as a bearer token": r.with("Authorization", "Bearer "+ten.APIKey), "key: as a basic one": r.with("Authorization",
			"Basic "+ten.APIKey),
		"key: in the query":                      get("", "/me?api_key="+ten.APIKey+"&X-Api-Key="+ten.APIKey).with("X-Api-Key", ""),
		"key: in a cookie":                       r.with("Cookie", "api_key="+ten.APIKey),
		"key: under another header":              r.with("Api-Key", ten.APIKey),
		"key: under a header with an underscore": r.with("X_Api_Key", ten.APIKey),
		"key: good, and a bad bearer token":      get("", "/me").with("Authorization", "Bearer x"),
	} {
		other.Name = name
		list = append(list, other)
	}
	wrong := func(r request) request { return r.with("X-Api-Key", "tgo_wrong") }
	limits := func(r request) request { r.limits = true; return r }
	return append(list, wrong(jsonPost("order: a wrong key and a bad body", `{`)),
		wrong(get("order: a wrong key and a bad query", "/contacts/lookup")),
		wrong(request{Name: "order: a wrong key and no such key", Method: http.MethodDelete, Target: "/api-keys/9999"}),
		wrong(get("order: a wrong key and no such path", "/nothing")),
		wrong(request{Name: "order: a wrong key and a wrong method", Method: http.MethodPut, Target: "/me"}),
		limits(get("limits: a success", "/me")), limits(jsonPost("limits: a refusal", "{}")),
		limits(wrong(get("limits: a wrong key", "/me"))),
		limits(get("limits: a wrong path", "/nothing")), limits(get("limits: no scope", "/usage").with("X-Api-Key",
			ten.Keys["messages.read"])))
}

// hostRequests returns requests to hosts that are tenants, and to others.
func hostRequests() []request {
	var list []request
	for _, host := range []string{
		"acme.localhost", "ACME.LOCALHOST", "acme.localhost:81", "acme.localhost.", "localhost", "nobody.localhost",
		"127.0.0.9", "a_b.localhost", "[::1]", "xn--mgbh0fb.localhost",
	} {
		list = append(list, get("host: "+host, "/me").with("Host", host))
	}
	return append(list,
		get("order: no tenant and a wrong key", "/me").with("Host", "nobody.localhost", "X-Api-Key", "tgo_wrong"),
		get("order: no tenant and a bad query", "/contacts/lookup").with("Host", "nobody.localhost"),
		get("order: no tenant and no such path", "/nothing").with("Host", "nobody.localhost"),
		request{Name: "order: no tenant and a wrong method", Method: http.MethodPut, Target: "/me"}.with("Host",
			"nobody.localhost"),
		jsonPost("order: no tenant and a bad body", "{").with("Host", "nobody.localhost"),
		get("host: forwarded", "/me").with("X-Forwarded-Host", "nobody.localhost", "X-Forwarded-Proto", "https"),
		get("log: links of another host", "/messages").with("Host", "acme.localhost"))
}

// routeRequests returns requests with paths and methods that do not exist, or are written in another way.
func routeRequests() []request {
	var list []request
	for _, target := range []string{
		"/nothing", "/me/", "/me/1", "/Me", "/ME", "//me", "/./me", "/../v1/me", "/m%65", "/me%2F", "/me%20", "/me.json",
		"/me;a=b", "/messages/", "/messages/1", "/api-keys", "/api-keys/", "/sender-numbers/12",
		"/contacts", "/contacts/", "/contacts/lookup/", "/usage/", "/subscription/", "",
	} {
		list = append(list, get("route: "+target, target))
	}
	for _, target := range []string{"/", "/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/me", "/API/V1/me", "/api//v1/me",
		"/v1/me", "/me", "/api/v1/../v1/me", "/index.html", "/favicon.ico", "/robots.txt"} {
		list = append(list, request{Name: "root: " + target, Method: http.MethodGet, Target: target, atRoot: true})
	}
	for _, target := range []string{"/me", "/subscription", "/sender-numbers", "/messages", "/contacts/lookup", "/usage",
		"/api-keys", "/api-keys/9999", "/nothing"} {
		for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodPatch, http.MethodPost,
			http.MethodDelete, "get", "FOO"} {
			if method == http.MethodPost && slices.Contains([]string{"/sender-numbers", "/messages", "/api-keys"},
				target) || method == http.MethodDelete && target == "/api-keys/9999" {
				continue // a valid one
			}
			list = append(list, request{Name: "method: " + method + " " + target, Method: method, Target: target})
		}
	}
	good := `{"sender_number_id":12,"to_phone":"+201010000000","type":"text","content":"a"}`
	return append(list,
		request{Name: "route: POST /messages/", Method: http.MethodPost, Target: "/messages/", ContentType: "application/json",
			Body: []byte(good)},
		request{Name: "root: POST /api//v1/messages", Method: http.MethodPost, Target: "/api//v1/messages",
			ContentType: "application/json", Body: []byte(good), atRoot: true},
		request{Name: "root: POST /api/v1/messages/.", Method: http.MethodPost, Target: "/api/v1/messages/.",
			ContentType: "application/json", Body: []byte(good), atRoot: true},
		jsonPost("method: overridden by a header", good).with("X-HTTP-Method-Override", "PUT"),
		request{Name: "method: overridden by a parameter", Method: http.MethodPost, Target: "/messages?_method=PUT",
			ContentType: "application/json", Body: []byte(good)},
		request{Name: "method: TRACE", Method: http.MethodTrace, Target: "/me"},
	)
}

// acceptRequests returns requests with another Accept header, or without one.
func acceptRequests(ten *tenant) []request {
	var list []request
	for name, accept := range map[string]string{
		"not of JSON (none)":            "",
		"not of JSON (any)":             "*/*",
		"not of JSON (HTML)":            "text/html",
		"not of JSON (HTML, then JSON)": "text/html, application/json",
		"not of JSON (any application)": "application/*",
		"of JSON, then any":             "application/json, text/plain, */*",
		"of a kind of JSON":             "application/vnd.api+json",
		"of JSON in upper case":         "Application/JSON",
	} {
		for what, r := range map[string]request{
			"good": get("", "/me"), "no key": get("", "/me").with("X-Api-Key", ""), "no scope": get("",
				"/usage").with("X-Api-Key", ten.Keys["messages.read"]), "no path": get("", "/nothing"),
			"no method": {Method: http.MethodPut, Target: "/me"}, "no tenant": get("", "/me").with("Host", "nobody.localhost"),
			"invalid":       jsonPost("", "{}"),
			"invalid query": get("", "/contacts/lookup"), "no key to revoke": {Method: http.MethodDelete,
				Target: "/api-keys/9999"},
			"sender refused": jsonPost("",
				fmt.Sprintf(`{"sender_phone":%q,"to_phone":"+201010000000","type":"text","content":"a"}`,
					ten.Senders["suspended"])),
		} {
			r.Name = "Accept " + name + ": " + what
			list = append(list, r.with("Accept", accept))
		}
	}
	return append(list, jsonPost("Accept of a script: invalid", "{}").with("Accept", "", "X-Requested-With", "XMLHttpRequest"))
}
