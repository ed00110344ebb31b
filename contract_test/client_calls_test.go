package contract_test

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
)

// call is one call of the client and the request that it must make. client_requests_test.go validates the request, answers_test.go
// makes the call on the fake, client_errors_test.go and client_answers_test.go on servers with all kinds of responses.
type call struct {
	name    string
	method  string // of *tgo.Client or *tgo.Sender
	op      string // operationId, of the first request
	thenOp  string // operationId of the next ones, for methods that make several requests
	options []tgo.Option
	do      func(ctx context.Context, c *tgo.Client) (any, error)

	query     string         // the query, exactly
	body      map[string]any // the body as the contract decodes it; the file under media
	fileName  string         // of the part media
	fileType  string
	userAgent string // if it is not the package's own
}

// sends reports whether the call sends a message.
func (c call) sends() bool { return c.op == "sendMessage" }

// calls returns all calls: each method with each of its options.
func calls(t testing.TB) []call {
	t.Helper()
	return slices.Concat(textCalls(), mediaCalls(t), fileCalls(t), readCalls(), accountCalls(), optionCalls())
}

// onePerMethod returns the first call of each method.
func onePerMethod(t testing.TB) []call {
	t.Helper()
	seen := map[string]bool{}
	var list []call
	for _, c := range calls(t) {
		if !seen[c.method] {
			seen[c.method] = true
			list = append(list, c)
		}
	}
	return list
}

// from is one of the two ways to name a sender.
type from struct {
	name  string
	of    func(*tgo.Client) *tgo.Sender
	body  map[string]any
	query string
}

var fromPhone = from{
	name:  "from phone",
	of:    func(c *tgo.Client) *tgo.Sender { return c.FromPhone(senderPhone) },
	body:  map[string]any{"sender_phone": senderPhone},
	query: "sender_phone=%2B201001187188",
}

var fromNumber = from{
	name:  "from number",
	of:    func(c *tgo.Client) *tgo.Sender { return c.FromNumber(senderID) },
	body:  map[string]any{"sender_number_id": senderID},
	query: "sender_number_id=12",
}

var bothSenders = []from{fromPhone, fromNumber}

// message returns the body of a message: the sender, the recipient, the type, and more.
func (f from) message(messageType string, more map[string]any) map[string]any {
	m := map[string]any{"to_phone": recipient, "type": messageType}
	maps.Copy(m, f.body)
	maps.Copy(m, more)
	return m
}

func textCalls() []call {
	texts := map[string]string{
		"plain":             "Your order 4821 is ready.",
		"Arabic":            "طلبك رقم 4821 جاهز للاستلام",
		"emoji":             "تم 🎉👨‍👩‍👧",
		"lines":             "one\r\ntwo\n\tthree\n",
		"markup":            `<b>"a" & 'b'</b> \ / \u0041`,
		"space around":      "  a  ",
		"line separators":   "a\u2028b\u2029c",
		"looks like a form": "--boundary\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nimage",
		"zero character":    "a\x00b",
		"long":              strings.Repeat("نص ", 2000),
	}
	var list []call
	for _, f := range bothSenders {
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			text := texts[name]
			list = append(list, call{
				name: "text " + name + " " + f.name, method: "Sender.SendText", op: "sendMessage",
				do: func(ctx context.Context, c *tgo.Client) (any, error) {
					return f.of(c).SendText(ctx, recipient, text)
				},
				body: f.message("text", map[string]any{"content": text}),
			})
		}
	}
	return list
}

func mediaCalls(t testing.TB) []call {
	t.Helper()
	picture, voice, invoice := readFile(t, demoFiles+"picture.png"), readFile(t, demoFiles+"voice.ogg"), readFile(t, demoFiles+"invoice.pdf")
	var list []call
	for _, f := range bothSenders {
		for _, caption := range []string{"", "طردك 📦", "  two\r\nlines \n"} {
			more := func(file []byte, fields map[string]any) map[string]any {
				fields["media"] = string(file)
				if caption != "" {
					fields["content"] = caption
				}
				return fields
			}
			suffix := " " + f.name + " " + map[bool]string{true: "without caption", false: fmt.Sprintf("with caption %q", caption)}[caption == ""]
			list = append(list, call{
				name: "image" + suffix, method: "Sender.SendImage", op: "sendMessage",
				do: func(ctx context.Context, c *tgo.Client) (any, error) {
					return f.of(c).SendImage(ctx, recipient, tgo.Image{File: tgo.FilePath(demoFiles + "picture.png"), Caption: caption})
				},
				body:     f.message("image", more(picture, map[string]any{})),
				fileName: "picture.png", fileType: "image/png",
			}, call{
				name: "document" + suffix, method: "Sender.SendDocument", op: "sendMessage",
				do: func(ctx context.Context, c *tgo.Client) (any, error) {
					return f.of(c).SendDocument(ctx, recipient, tgo.Document{File: tgo.FilePath(demoFiles + "invoice.pdf"), Caption: caption})
				},
				body:     f.message("document", more(invoice, map[string]any{})),
				fileName: "invoice.pdf", fileType: "application/pdf",
			}, call{
				name: "voice" + suffix, method: "Sender.SendVoice", op: "sendMessage",
				do: func(ctx context.Context, c *tgo.Client) (any, error) {
					return f.of(c).SendVoice(ctx, recipient, tgo.Voice{File: tgo.FilePath(demoFiles + "voice.ogg"), Duration: 12 * time.Second, Caption: caption})
				},
				body:     f.message("voice", more(voice, map[string]any{"duration": 12})),
				fileName: "voice.ogg", fileType: "audio/ogg",
			})
		}
	}
	// The API counts whole seconds; a part of a second counts as one.
	for duration, seconds := range map[time.Duration]int{time.Millisecond: 1, time.Second: 1, 1500 * time.Millisecond: 2, 299*time.Second + 1: 300, 300 * time.Second: 300} {
		list = append(list, call{
			name: "voice of " + duration.String(), method: "Sender.SendVoice", op: "sendMessage",
			do: func(ctx context.Context, c *tgo.Client) (any, error) {
				return fromPhone.of(c).SendVoice(ctx, recipient, tgo.Voice{File: tgo.FilePath(demoFiles + "voice.ogg"), Duration: duration})
			},
			body:     fromPhone.message("voice", map[string]any{"duration": seconds, "media": string(voice)}),
			fileName: "voice.ogg", fileType: "audio/ogg",
		})
	}
	return list
}

// fileCalls returns documents with every kind of File, name and content type. A content type that some decoder knows must not
// change the file.
func fileCalls(t testing.TB) []call {
	t.Helper()
	pdf := readFile(t, demoFiles+"invoice.pdf")
	big := bytes.Repeat([]byte("0123456789abcdef"), 3<<16) // 3 MiB
	const (
		csv      = "phone,name\n+201010000000,\"Mona, Adel\"\n\n"
		jsonText = "{\"a\": [1, 2.50],\n \"b\": null}"
		archive  = "PK\x03\x04 not much of an archive"
		crlf     = "\r\n--x--\r\n"
		plain    = "just text, with an end\n"
	)
	type kind struct {
		name     string
		file     func() tgo.File // a new one for each call: a reader can be read only once
		content  string
		fileName string
		fileType string
	}
	asBytes := func(name, content string) func() tgo.File {
		return func() tgo.File { return tgo.BytesFile(name, []byte(content)) }
	}
	typed := func(name, content, contentType string) func() tgo.File {
		return func() tgo.File { return tgo.BytesFile(name, []byte(content)).WithContentType(contentType) }
	}
	kinds := []kind{
		{"FilePath", func() tgo.File { return tgo.FilePath(filepath.Join(demoFiles, "invoice.pdf")) }, string(pdf), "invoice.pdf", "application/pdf"},
		{"FSFile", func() tgo.File { return tgo.FSFile(os.DirFS(demoFiles), "invoice.pdf") }, string(pdf), "invoice.pdf", "application/pdf"},
		{"BytesFile", asBytes("invoice.pdf", string(pdf)), string(pdf), "invoice.pdf", "application/pdf"},
		{"ReaderFile", func() tgo.File { return tgo.ReaderFile("invoice.pdf", bytes.NewReader(pdf), int64(len(pdf))) }, string(pdf), "invoice.pdf", "application/pdf"},
		{"OpenFile", func() tgo.File {
			return tgo.OpenFile("big.bin", int64(len(big)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(big)), nil })
		}, string(big), "big.bin", "text/plain; charset=utf-8"},
		{"ReaderFile from an unbuffered source", func() tgo.File {
			return tgo.ReaderFile("big.bin", struct{ io.Reader }{bytes.NewReader(big)}, int64(len(big)))
		}, string(big), "big.bin", "text/plain; charset=utf-8"},
		{"one byte", asBytes("a.txt", "a"), "a", "a.txt", "text/plain; charset=utf-8"},
		{"ends in a line break", asBytes("a.txt", plain), plain, "a.txt", "text/plain; charset=utf-8"},
		{"looks like the end of a form", asBytes("a.txt", crlf), crlf, "a.txt", "text/plain; charset=utf-8"},
		{"no name", asBytes("", string(pdf)), string(pdf), "file.pdf", "application/pdf"},
		{"WithName", func() tgo.File { return tgo.BytesFile("x", pdf).WithName("فاتورة 4821.pdf") }, string(pdf), "فاتورة 4821.pdf", "application/pdf"},
		{"WithName: a path, quotes and control characters", func() tgo.File {
			return tgo.BytesFile("x", pdf).WithName("../../etc/a\"b\r\nX-Evil: 1\x00.pdf")
		}, string(pdf), "a'bX-Evil: 1.pdf", "application/pdf"},
		{"WithName: a percent sign and a semicolon", func() tgo.File { return tgo.BytesFile("x", pdf).WithName("50%22; a=b.pdf") }, string(pdf), "50%22; a=b.pdf", "application/pdf"},
		{"CSV by its name", asBytes("a.csv", csv), csv, "a.csv", "text/csv; charset=utf-8"},
		{"JSON by its name", asBytes("a.json", jsonText), jsonText, "a.json", "application/json"},
		{"ZIP by its bytes", asBytes("a.zip", archive), archive, "a.zip", "application/zip"},
		{"WithContentType: not JSON", typed("a", "{not json", "application/json"), "{not json", "a", "application/json"},
		{"WithContentType: CSV", typed("a", csv, "text/csv"), csv, "a", "text/csv"},
		{"WithContentType: not ZIP", typed("a.zip", plain, "application/zip"), plain, "a.zip", "application/zip"},
		{"WithContentType: YAML", typed("a", "a: [", "application/yaml"), "a: [", "a", "application/yaml"},
		{"WithContentType: a form", typed("a", "a=%zz", "application/x-www-form-urlencoded"), "a=%zz", "a", "application/x-www-form-urlencoded"},
		{"WithContentType: another multipart", typed("a", plain, "multipart/form-data; boundary=x"), plain, "a", "multipart/form-data; boundary=x"},
		{"WithContentType: plain text", typed("a", "12", "text/plain"), "12", "a", "text/plain"},
		{"WithContentType: parameters", typed("a", plain, `text/plain; charset="utf-8"; format=flowed`), plain, "a", `text/plain; charset="utf-8"; format=flowed`},
		{"WithContentType: unknown to everyone", typed("a", plain, "application/vnd.tgo.test+json"), plain, "a", "application/vnd.tgo.test+json"},
	}
	var list []call
	for _, k := range kinds {
		list = append(list, call{
			name: "document: " + k.name, method: "Sender.SendDocument", op: "sendMessage",
			do: func(ctx context.Context, c *tgo.Client) (any, error) {
				return fromNumber.of(c).SendDocument(ctx, recipient, tgo.Document{File: k.file()})
			},
			body:     fromNumber.message("document", map[string]any{"media": k.content}),
			fileName: k.fileName, fileType: k.fileType,
		})
	}
	list = append(list, call{
		name: "image of a type that is not known, by WithContentType", method: "Sender.SendImage", op: "sendMessage",
		do: func(ctx context.Context, c *tgo.Client) (any, error) {
			return fromNumber.of(c).SendImage(ctx, recipient, tgo.Image{File: tgo.BytesFile("a.heic", []byte(plain)).WithContentType("image/heic")})
		},
		body:     fromNumber.message("image", map[string]any{"media": plain}),
		fileName: "a.heic", fileType: "image/heic",
	})
	return list
}

func readCalls() []call {
	var list []call
	for _, f := range bothSenders {
		list = append(list, call{
			name: "lookup " + f.name, method: "Sender.Lookup", op: "lookupContact",
			do:    func(ctx context.Context, c *tgo.Client) (any, error) { return f.of(c).Lookup(ctx, recipient) },
			query: "phone=%2B201010000000&" + f.query,
		}, call{
			name: "check " + f.name, method: "Sender.Check", op: "listSenderNumbers",
			do: func(ctx context.Context, c *tgo.Client) (any, error) { return f.of(c).Check(ctx) },
		})
	}
	for page, query := range map[int]string{0: "", 1: "page=1", 2: "page=2", 1 << 30: "page=1073741824"} {
		list = append(list, call{
			name: "log page, query " + query, method: "Client.MessagePage", op: "listMessages",
			do: func(ctx context.Context, c *tgo.Client) (any, error) {
				return c.MessagePage(ctx, tgo.MessageQuery{Page: page})
			},
			query: query,
		})
	}
	for _, f := range bothSenders {
		candidates := call{
			name: "candidates " + f.name, method: "Sender.Candidates", op: "listMessages", thenOp: "listMessages",
			do: func(ctx context.Context, c *tgo.Client) (any, error) {
				return f.of(c).Candidates(ctx, tgo.Lost{Type: "text", Content: "a"})
			},
		}
		if f.name == fromPhone.name {
			candidates.op = "listSenderNumbers" // the log has only ids of numbers
		}
		list = append(list, candidates)
	}
	all := func(page int) func(ctx context.Context, c *tgo.Client) (any, error) {
		return func(ctx context.Context, c *tgo.Client) (any, error) {
			var entries []tgo.LogEntry
			for entry, err := range c.Messages(ctx, tgo.MessageQuery{Page: page}) {
				if err != nil {
					return entries, err
				}
				entries = append(entries, entry)
			}
			return entries, nil
		}
	}
	return append(list, []call{
		{name: "log", method: "Client.Messages", op: "listMessages", thenOp: "listMessages", do: all(0)},
		{name: "log from page 2", method: "Client.Messages", op: "listMessages", thenOp: "listMessages", do: all(2), query: "page=2"},
		{name: "usage", method: "Client.Usage", op: "getUsage", do: func(ctx context.Context, c *tgo.Client) (any, error) { return c.Usage(ctx) }},
		{name: "sender numbers", method: "Client.SenderNumbers", op: "listSenderNumbers", do: func(ctx context.Context, c *tgo.Client) (any, error) { return c.SenderNumbers(ctx) }},
	}...)
}

func accountCalls() []call {
	var list []call
	for name, phone := range map[string]tgo.Phone{"": "+201001187190", "Acme deliveries": "+201001187191", "شركة <أكمي> 🚚": "+201001187192", " ": "+201001187193"} {
		body := map[string]any{"phone": phone}
		if name != "" {
			body["display_name"] = name
		}
		list = append(list, call{
			name: "register as " + name, method: "Client.RegisterSenderNumber", op: "registerSenderNumber",
			do: func(ctx context.Context, c *tgo.Client) (any, error) {
				return c.RegisterSenderNumber(ctx, phone, name)
			},
			body: body,
		})
	}
	all := []tgo.Scope{tgo.ScopeMessagesSend, tgo.ScopeMessagesRead, tgo.ScopeContactsLookup, tgo.ScopeUsageRead, tgo.ScopeAll}
	for n := 1; n <= len(all); n++ {
		for _, days := range []int{0, 1, 90, 365} {
			body := map[string]any{"name": "مفتاح 1", "scopes": all[len(all)-n:]}
			if days != 0 {
				body["expires_in_days"] = days
			}
			list = append(list, call{
				name: "create key", method: "Client.CreateAPIKey", op: "createApiKey",
				do: func(ctx context.Context, c *tgo.Client) (any, error) {
					return c.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "مفتاح 1", Scopes: all[len(all)-n:], ExpiresInDays: days})
				},
				body: body,
			})
		}
	}
	return append(list, []call{
		{name: "me", method: "Client.Me", op: "getMe", do: func(ctx context.Context, c *tgo.Client) (any, error) { return c.Me(ctx) }},
		{name: "subscription", method: "Client.Subscription", op: "getSubscription", do: func(ctx context.Context, c *tgo.Client) (any, error) { return c.Subscription(ctx) }},
		{name: "revoke key", method: "Client.RevokeAPIKey", op: "revokeApiKey", do: func(ctx context.Context, c *tgo.Client) (any, error) { return nil, c.RevokeAPIKey(ctx, 7) }},
	}...)
}

// optionCalls returns calls with each option of the client, none of which may change what the contract requires.
func optionCalls() []call {
	var list []call
	for _, o := range []struct {
		name      string
		option    tgo.Option
		userAgent string
	}{
		{"WithUserAgent", tgo.WithUserAgent("shop/1.4 (staging)"), "shop/1.4 (staging) tgo-go/" + tgo.Version},
		{"WithUserAgent, empty", tgo.WithUserAgent(""), "tgo-go/" + tgo.Version},
		{"WithTimeout", tgo.WithTimeout(30 * time.Second), ""},
		{"WithInsecureHTTP", tgo.WithInsecureHTTP(), ""},
		{"WithHTTPClient", tgo.WithHTTPClient(&http.Client{Transport: http.DefaultTransport}), ""},
		{"WithHTTPClient, a transport that is not net/http's", tgo.WithHTTPClient(&http.Client{Transport: suite.RoundTripper(http.DefaultTransport.RoundTrip)}), ""},
		{"WithReadRetries", tgo.WithReadRetries(), ""},
		{"WithWriteRetries", tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited), ""},
		{"WithRetryLimits", tgo.WithRetryLimits(1, 0), ""},
		{"WithLimiter", tgo.WithLimiter(noLimit{}), ""},
		{"WithLogger", tgo.WithLogger(slog.New(slog.DiscardHandler)), ""},
	} {
		list = append(list, call{
			name: o.name + ", text", method: "Sender.SendText", op: "sendMessage", options: []tgo.Option{o.option},
			do: func(ctx context.Context, c *tgo.Client) (any, error) {
				return fromPhone.of(c).SendText(ctx, recipient, "a")
			},
			body: fromPhone.message("text", map[string]any{"content": "a"}), userAgent: o.userAgent,
		}, call{
			name: o.name + ", document", method: "Sender.SendDocument", op: "sendMessage", options: []tgo.Option{o.option},
			do: func(ctx context.Context, c *tgo.Client) (any, error) {
				return fromPhone.of(c).SendDocument(ctx, recipient, tgo.Document{File: tgo.BytesFile("a.txt", []byte("a"))})
			},
			body: fromPhone.message("document", map[string]any{"media": "a"}), userAgent: o.userAgent,
			fileName: "a.txt", fileType: "text/plain; charset=utf-8",
		}, call{
			name: o.name + ", read", method: "Client.Me", op: "getMe", options: []tgo.Option{o.option},
			do:        func(ctx context.Context, c *tgo.Client) (any, error) { return c.Me(ctx) },
			userAgent: o.userAgent,
		})
	}
	return list
}

// noLimit is a limiter without a limit.
type noLimit struct{}

func (noLimit) Wait(context.Context) error { return nil }

// TestEveryMethodIsCalled fails if the client has a method that the table of calls does not use.
func TestEveryMethodIsCalled(t *testing.T) {
	t.Parallel()
	inTable := map[string]bool{}
	for _, c := range calls(t) {
		inTable[c.method] = true
	}
	exported := map[string]bool{}
	takesContext := reflect.TypeFor[context.Context]()
	for _, typ := range []reflect.Type{reflect.TypeFor[*tgo.Client](), reflect.TypeFor[*tgo.Sender]()} {
		for i := range typ.NumMethod() {
			method := typ.Method(i)
			for j := range method.Type.NumIn() {
				if method.Type.In(j) == takesContext {
					exported[typ.Elem().Name()+"."+method.Name] = true
				}
			}
		}
	}
	for name := range exported {
		if !inTable[name] {
			t.Errorf("no call of %s is in the table", name)
		}
	}
	for name := range inTable {
		if !exported[name] {
			t.Errorf("the table names %s, which is not a method that takes a context", name)
		}
	}
}

// TestEveryOperationIsCalled: the client has all operations of the contract.
func TestEveryOperationIsCalled(t *testing.T) {
	t.Parallel()
	called := map[string]bool{}
	for _, c := range calls(t) {
		called[c.op] = true
	}
	for _, op := range contract.Operations() {
		if !called[op.OperationID] {
			t.Errorf("no call reaches %s", op.OperationID)
		}
	}
}

// TestEveryOptionIsUsed fails if the client has an option or a kind of File that the table of calls does not use.
func TestEveryOptionIsUsed(t *testing.T) {
	t.Parallel()
	var used strings.Builder
	for _, name := range []string{"client_calls_test.go", "client_requests_test.go"} {
		used.Write(readFile(t, name))
	}
	files, err := filepath.Glob("../tgo/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() || f.Type.Results == nil || len(f.Type.Results.List) != 1 {
				continue
			}
			result, ok := f.Type.Results.List[0].Type.(*ast.Ident)
			if !ok || (result.Name != "Option" && result.Name != "File") {
				continue
			}
			found++
			if !strings.Contains(used.String(), "."+f.Name.Name+"(") {
				t.Errorf("no call uses %s", f.Name.Name)
			}
		}
	}
	if found < 10 {
		t.Errorf("found only %d options and kinds of File: is the search right?", found)
	}
}
