package tgotest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// needTools skips a test where what it runs is not here.
func needTools(t *testing.T, tools ...string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no files with such names")
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s here", tool)
		}
	}
}

const fileContent = "GIF89a and more"

// oddText is hard on a shell, on Go and on curl's -F.
const oddText = "@it's $HOME `id` \"quoted\" \\ \\n \n second;type=x, line\t<طلب> 🎉 %s %%"

// oddNames are of files. The Go client makes safe names of some.
var oddNames = []string{
	"picture.gif", "it's.gif", "a;b.gif", "a,b.gif", `a"b".gif`, "a b (1).gif", "فاتورة 🎉.gif", "$HOME.gif", "=a=.gif", "@a.gif", "<a.gif", "-",
	"-a.gif", "a;type=text.gif", "%22.gif", "a'b\";c,d.gif", "a*b?.gif", "{a}[b].gif", `a\b.gif`,
}

// typedName gives each name a content type, hard ones among them.
func contentTypeOf(i int) string {
	types := []string{"image/gif", "image/gif; charset=utf-8", `application/x-a; name="a;b,c"`, "application/vnd.a.b+json", "application/x-a; filename=a"}
	return types[i%len(types)]
}

// recorded fills the inbox of a fake with requests, and returns what it says of them.
func recorded(t *testing.T, fake *tgotest.Server) []shownRequest {
	t.Helper()
	ctx, client := t.Context(), fake.Client
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// Every call of the client.
	must(client.Me(ctx))
	must(client.Subscription(ctx))
	must(client.Usage(ctx))
	must(client.SenderNumbers(ctx))
	must(client.MessagePage(ctx, tgo.MessageQuery{}))
	must(client.MessagePage(ctx, tgo.MessageQuery{Page: 3}))
	must(fake.Sender.Lookup(ctx, recipient))
	must(client.FromNumber(1).Lookup(ctx, other))
	must(client.RegisterSenderNumber(ctx, "+201001187180", oddText))
	must(client.RegisterSenderNumber(ctx, "+201001187181", ""))
	must(client.CreateAPIKey(ctx, tgo.NewAPIKey{Name: oddText, Scopes: []tgo.Scope{tgo.ScopeMessagesSend, tgo.ScopeAll}, ExpiresInDays: 30}))
	created, err := client.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "all", Scopes: []tgo.Scope{"messages.read", "contacts.lookup", "usage.read"}})
	must(created, err)
	must(nil, client.RevokeAPIKey(ctx, created.ID))
	must(fake.Sender.SendText(ctx, recipient, oddText))
	must(client.FromNumber(1).SendText(ctx, recipient, "!"))
	file := func(i int) tgo.File {
		return tgo.BytesFile(oddNames[i], []byte(fileContent)).WithContentType(contentTypeOf(i))
	}
	for i := range oddNames {
		must(fake.Sender.SendDocument(ctx, recipient, tgo.Document{File: file(i), Caption: oddText}))
	}
	must(fake.Sender.SendImage(ctx, recipient, tgo.Image{File: file(0)}))
	must(client.FromNumber(1).SendVoice(ctx, recipient, tgo.Voice{File: file(1), Duration: 3 * time.Second, Caption: "a"}))

	// And what others send.
	send := func(parts ...part) (method, path, contentType, body string) {
		b, contentType := form(parts...)
		return "POST", "/messages", contentType, string(b)
	}
	raw := func(method, path, contentType, body string) {
		t.Helper()
		ask(t, fake, method, path, strings.NewReader(body), withContentType(contentType), func(r *http.Request) {
			if contentType == "" {
				r.Header.Del("Content-Type")
			}
		})
	}
	for i, name := range oddNames {
		raw(send(append(imageParts("")[:3], part{name: "media", content: fileContent, filename: name, contentType: contentTypeOf(i)})...))
	}
	raw(send(append(imageParts("")[:3], part{name: "media", content: fileContent, filename: "no type.gif"})...))
	raw(send(append(imageParts("")[:3], part{name: "media", content: fileContent, filename: "a.gif", contentType: "no type"})...))
	raw(send(append(imageParts(fileContent), part{name: "content", content: oddText, contentType: "text/plain; charset=utf-8"})...))
	raw(send(append(imageParts(fileContent), part{name: "content", content: oddText, contentType: "text/plain; filename=a"})...))
	raw(send(append(imageParts(fileContent), part{name: "content", content: "", contentType: ""}, part{name: `a"b;c`, content: "x"})...))
	raw(send(append(imageParts(fileContent), part{name: "content", content: fileContent, filename: "picture.png", contentType: "text/plain"})...))
	raw(send(append(imageParts(fileContent), part{name: "file_name", content: "a"}, part{name: "file_size", content: "1"}, part{name: "file_type", content: "b/c"})...))
	raw(send(append(imageParts(fileContent), part{name: "content", content: strings.Repeat("long ", 10_000)})...))
	raw(send(append([]part{{name: "content", content: strings.Repeat("long ", 10_000)}}, imageParts(fileContent)...)...))
	raw(send(imageParts(fileContent)[:3]...)) // without its file
	raw("POST", "/messages", "application/json", `{"sender_number_id": 1, "sender_phone": null, "to_phone": "+201010000000", "type": "text", "content": "x\u00e9 \/"}`)
	raw("POST", "/messages", "application/json; charset=utf-8", "{\n  \"type\": 'x'\n}")
	raw("POST", "/messages", "", `{"type": "text"}`)
	raw("POST", "/messages", "text/plain", "@/etc/passwd")
	raw("POST", "/messages", "", "")
	raw("POST", "/api-keys", "application/json", `{"name": "without scopes"}`)
	raw("PUT", "/messages", "application/json", "{}")
	raw("GET", "/messages?page=x", "application/json", "{}")
	raw("DELETE", "/api-keys/777", "application/json", "{}")
	raw("DELETE", "/api-keys/a%20b", "", "")
	raw("DELETE", "/api-keys/{id}", "", "")
	raw("GET", "/messages?page[]=2&x={1,2}", "", "")
	raw("GET", "/contacts/lookup?phone=+201010000000&sender_number_id=1", "", "")
	raw("GET", "/contacts/lookup?phone=%2B201010000000", "", "")
	raw("GET", "/../v2/./messages", "", "")
	raw("GET", "/../v1", "", "")
	raw("HEAD", "/usage", "", "")
	ask(t, fake, "GET", "/usage", nil, func(r *http.Request) { r.Header.Del("X-Api-Key") })
	ask(t, fake, "GET", "/usage", nil, func(r *http.Request) { r.Header.Set("Accept", "application/*;q=0.5, text/html") })
	ask(t, fake, "GET", "/usage", nil, func(r *http.Request) { r.Header.Del("Accept") })
	fake.SetContact(other, tgotest.ContactUnreachable)
	ask(t, fake, "POST", "/messages", text(other, "refused by the workspace"))
	return shownRequests(t, fake)
}

// snippetFake has a workspace of its own, and a directory with the files that snippets name.
func snippetFake(t *testing.T) (fake *tgotest.Server, dir string) {
	t.Helper()
	fake = tgotest.New(t, inbox, func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{{PlainText: "tgo_snippets-only", Scopes: []tgo.Scope{tgo.ScopeAll}}}
	})
	dir = t.TempDir()
	for _, name := range append([]string{"picture.png", "no type.gif", "a.gif"}, oddNames...) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fileContent), 0o600); err != nil {
			t.Fatal(err)
		}
		// By the client they have safe names.
		if err := os.WriteFile(filepath.Join(dir, safeName(name)), []byte(fileContent), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return fake, dir
}

func environment(fake *tgotest.Server) []string {
	return append(os.Environ(), "TGO_BASE_URL="+fake.URL, "TGO_API_KEY="+fake.Key.Reveal())
}

// TestCurlSnippets runs each command as it is copied, and looks whether the same arrives again.
func TestCurlSnippets(t *testing.T) {
	t.Parallel()
	needTools(t, "bash", "curl")
	fake, dir := snippetFake(t)
	all := recorded(t, fake)
	last := all[len(all)-1].ID
	for i, was := range all {
		if was.Curl == "" {
			t.Errorf("%d: %s %s has no command", i, was.Method, was.Path)
			continue
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-c", was.Curl)
		cmd.Dir, cmd.Env = dir, environment(fake)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", short(was.Curl), err, out)
			continue
		}
		made := as[[]shownRequest](t, newAdmin(t, fake).ask(t, false, "GET", fmt.Sprintf("/requests?after=%d", last), nil, 200))
		if len(made) != 1 {
			t.Fatalf("%s made %d requests", short(was.Curl), len(made))
		}
		got := made[0]
		last = got.ID
		if got.Method != was.Method || got.Path != was.Path || got.Body != was.Body || !reflect.DeepEqual(got.Form, was.Form) {
			t.Errorf("%s\nbecame %s %s %s %v\ninstead of %s %s %s %v", was.Curl, got.Method, got.Path, short(got.Body), got.Form, was.Method, was.Path, short(was.Body), was.Form)
		}
		for _, name := range []string{"X-Api-Key", "Accept", "Content-Type"} {
			is, want := got.header(name), was.header(name)
			if name == "Content-Type" && strings.HasPrefix(want, "multipart/form-data; ") {
				is, _, _ = strings.Cut(is, "boundary=") // it is another one each time
				want, _, _ = strings.Cut(want, "boundary=")
			}
			if name == "Accept" && want == "" {
				want = "*/*" // from curl itself
			}
			if is != want {
				t.Errorf("%s\nhas %s %q, and the request had %q", was.Curl, name, is, want)
			}
		}
		if !reflect.DeepEqual(got.said(), was.said()) {
			t.Errorf("%s\nbecame %v\ninstead of %v", was.Curl, got.said(), was.said())
		}
	}
}

func (r shownRequest) header(name string) string {
	for _, h := range r.Headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

// said is the message that a request became, without what is of the moment; nil for none.
func (r shownRequest) said() map[string]any {
	said := map[string]any{}
	for name, value := range r.Message {
		switch name {
		case "id", "request_id", "sent_at", "doubled":
		default:
			said[name] = value
		}
	}
	return said
}

// TestNoSnippet: of what cannot be made again there is none.
func TestNoSnippet(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	body := func(b []byte, contentType string) (io.Reader, func(*http.Request)) {
		return bytes.NewReader(b), withContentType(contentType)
	}
	cut, cutType := form(imageParts("x")...)
	equals, equalsType := form(part{name: "a=b", content: "x"})
	for name, send := range map[string]func(){
		"half a text": func() { ask(t, fake, "POST", "/messages", text(recipient, strings.Repeat("long ", 10_000))) },
		"a bell":      func() { r, e := body([]byte("\a{}"), "application/json"); ask(t, fake, "POST", "/messages", r, e) },
		"a bell in a form": func() {
			r, e := body(form(append(imageParts("x"), part{name: "content", content: "\a"})...))
			ask(t, fake, "POST", "/messages", r, e)
		},
		"no UTF-8":         func() { r, e := body([]byte("\xff"), "application/json"); ask(t, fake, "POST", "/messages", r, e) },
		"a form cut short": func() { r, e := body(cut[:len(cut)-9], cutType); ask(t, fake, "POST", "/messages", r, e) },
		"a form with nothing": func() {
			r, e := body([]byte("--b--\r\n"), "multipart/form-data; boundary=b")
			ask(t, fake, "POST", "/messages", r, e)
		},
		"an equals sign": func() { r, e := body(equals, equalsType); ask(t, fake, "POST", "/messages", r, e) },
	} {
		send()
		all := shownRequests(t, fake)
		if got := all[len(all)-1]; got.Curl != "" || got.Go != "" {
			t.Errorf("%s became %s and %s", name, short(got.Curl), short(got.Go))
		}
	}
}

// TestGoSnippets compiles every call as it is copied, runs them, and looks whether the same arrives again.
func TestGoSnippets(t *testing.T) {
	t.Parallel()
	needTools(t, "go")
	fake, dir := snippetFake(t)
	all := recorded(t, fake)
	var pasted strings.Builder
	var with []shownRequest
	operations := map[string]bool{}
	for _, r := range all {
		if r.Go == "" {
			if r.accepted() && r.Method != http.MethodHead && !r.againstTheClient() {
				t.Errorf("%s %s has no call: %s %v", r.Method, r.Path, short(r.Body), r.Form)
			}
			continue
		}
		operations[r.Operation] = true
		with = append(with, r)
		use := ""
		if result, _, two := strings.Cut(strings.Split(r.Go, " := ")[0], ", "); two {
			use = "; _ = " + result
		}
		fmt.Fprintf(&pasted, "\tfunc() error {\n%s%s\nreturn err\n},\n", r.Go, use)
	}
	if len(operations) != 10 {
		t.Errorf("there are calls for %v", operations)
	}
	program := buildPasted(t, pasted.String())
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Dir, cmd.Env = dir, environment(fake)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	again := shownRequests(t, fake)[len(all):]
	if len(again) != len(with) {
		t.Fatalf("%d calls made %d requests", len(with), len(again))
	}
	for i, got := range again {
		was := with[i]
		if got.Method != was.Method || got.Operation != was.Operation || !reflect.DeepEqual(got.asked(t), was.asked(t)) {
			t.Errorf("%s\nbecame %s %s %v\ninstead of %s %s %v", was.Go, got.Method, got.Path, got.asked(t), was.Method, was.Path, was.asked(t))
		}
		if got, want := got.said(), asByClient(was.said()); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nbecame %v\ninstead of %v", was.Go, got, want)
		}
	}
}

func (r shownRequest) accepted() bool { return r.Outcome == "accepted" || r.Outcome == "answered" }

// againstTheClient reports whether the client would not make such a request, though the fake takes it.
func (r shownRequest) againstTheClient() bool {
	return strings.Contains(r.Body, "without scopes") || strings.Contains(fmt.Sprint(r.Form), "content_type:no type") || strings.Contains(r.Path, "page[]")
}

// asked are the fields of a request other than a message, however they are written.
func (r shownRequest) asked(t *testing.T) any {
	t.Helper()
	if r.Operation == "sendMessage" {
		return nil
	}
	address, query, _ := strings.Cut(strings.ReplaceAll(r.Path, "=+", "=%2B"), "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Error(err)
	}
	if values.Get("page") == "1" { // as without it
		values.Del("page")
	}
	var body any
	if r.Method == http.MethodPost {
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
			t.Error(err)
		}
	}
	return []any{address, values, body}
}

// safeName is what the client makes of one of the odd names.
func safeName(name string) string {
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '\\')+1:], `"`, "'")
}

// asByClient is a message with its file as the client sends it: with a safe name, and never without a type.
func asByClient(said map[string]any) map[string]any {
	if media, ok := said["media"].(map[string]any); ok {
		media["name"] = safeName(fmt.Sprint(media["name"]))
		if media["content_type"] == "" {
			media["content_type"] = "image/gif"
		}
	}
	return said
}

// buildPasted compiles a program of calls, below this module but not in it.
func buildPasted(t *testing.T, calls string) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("main.go", `package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

func main() {
	client, err := tgo.New("", tgo.NewKey(os.Getenv("TGO_API_KEY")), tgo.WithBaseURL(os.Getenv("TGO_BASE_URL")))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	for _, call := range []func() error{
`+calls+`	} {
		fmt.Println(call())
	}
}

var _ time.Duration
`)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "pasted", "main.go"): filepath.Join(dir, "main.go")}})
	if err != nil {
		t.Fatal(err)
	}
	write("overlay.json", string(overlay))
	program := filepath.Join(dir, "pasted.exe")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, "./pasted")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}
