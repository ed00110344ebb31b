package tgotest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestANewFakeWorks(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	u, err := url.Parse(fake.URL)
	if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.Path != "/api/v1" {
		t.Errorf("its URL is %s", fake.URL)
	}
	if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, "hello"); err != nil {
		t.Error(err)
	}
	if number, err := fake.Client.FromNumber(fake.SenderNumberID).Check(t.Context()); err != nil || number.Phone != string(fake.SenderPhone) {
		t.Errorf("its sender number is %+v, %v", number, err)
	}
	me, err := fake.Client.Me(t.Context())
	if err != nil || me.APIKey == nil || !slices.Equal(me.APIKey.Scopes, []string{"*"}) {
		t.Errorf("its key is %+v, %v", me.APIKey, err)
	}
}

func TestTenants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tenants []string // nil for the default
		host    string   // PORT stands for the fake's own
		known   bool
	}{
		{nil, "127.0.0.1:PORT", true},
		{nil, "127.0.0.1", true},
		{nil, "localhost", true},
		{nil, "localhost:PORT", true},
		{nil, "localhost:1", true}, // as behind a forwarded port
		{nil, "LocalHost:PORT", true},
		{nil, "[::1]", true},
		{nil, "[::1]:PORT", true},
		{nil, "acme.tgo-eg.com", false},
		{nil, "acme.tgo-eg.com:PORT", false},
		{nil, "localhost.acme.tgo-eg.com", false},
		{nil, "127.0.0.2", false},
		{[]string{"acme.tgo-eg.com"}, "acme.tgo-eg.com", true},
		{[]string{"acme.tgo-eg.com"}, "acme.tgo-eg.com:PORT", true},
		{[]string{"acme.tgo-eg.com"}, "ACME.TGO-EG.com", true}, // no domain differs by case alone
		{[]string{"acme.tgo-eg.com"}, "tgo-eg.com", false},
		{[]string{"acme.tgo-eg.com"}, "x.acme.tgo-eg.com", false},
		{[]string{"acme.tgo-eg.com"}, "localhost", false},
		{[]string{"acme.tgo-eg.com"}, "127.0.0.1:PORT", false},
		{[]string{"a.example", "b.example"}, "b.example", true},
		{[]string{"*"}, "other.example", true},
		{[]string{"*"}, "[2001:db8::1]:80", true},
	} {
		t.Run(fmt.Sprint(c.tenants, c.host), func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t, func(cfg *tgotest.Config) { cfg.Tenants = c.tenants })
			u, err := url.Parse(fake.URL)
			if err != nil {
				t.Fatal(err)
			}
			host := func(r *http.Request) { r.Host = strings.ReplaceAll(c.host, "PORT", u.Port()) }
			a := ask(t, fake, http.MethodGet, "/usage", nil, host)
			if c.known {
				if a.status != http.StatusOK {
					t.Errorf("%d %s", a.status, a.body)
				}
				return
			}
			a.mustRefuse(t, http.StatusNotFound, textUnknownTenant)
			// The tenant comes before the key, and before what the request says.
			noKey := func(r *http.Request) { r.Header.Del("X-Api-Key") }
			ask(t, fake, http.MethodPost, "/messages", toJSON("?"), host, noKey).mustRefuse(t, http.StatusNotFound, textUnknownTenant)
		})
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	root := strings.TrimSuffix(fake.URL, "/api/v1")
	for _, path := range []string{"", "/", "/api", "/api/v1", "/api/v1/", "/messages", "/api/v2/messages", "/api/v1/message", "/api/v1/messages/1", "/api/v1/Messages", "/api/v1/api-keys/1/2", "/favicon.ico",
		"/api/v1//messages", "//api/v1/messages", "/api//v1/messages", "/api/v1/./messages", "/api/v1/me/../messages", "/api/v1/messages//", "/api/v1/api-keys//"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			req, err := http.NewRequestWithContext(t.Context(), method, root+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Api-Key", fake.Key.Reveal())
			resp, err := direct.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			var r refusal
			b, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			answer{resp.StatusCode, resp.Header, string(b)}.decode(t, &r)
			// It must not be taken for a wrong tenant.
			if resp.StatusCode != http.StatusNotFound || r.Message == "" || r.Message == textUnknownTenant {
				t.Errorf("%s %s: %d %s", method, path, resp.StatusCode, b)
			}
		}
	}
}

func TestWrongMethods(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for _, c := range []struct{ method, path, allow string }{
		{http.MethodPut, "/messages", "GET, HEAD, POST"},
		{http.MethodDelete, "/messages", "GET, HEAD, POST"},
		{http.MethodPatch, "/sender-numbers", "GET, HEAD, POST"},
		{http.MethodPost, "/usage", "GET, HEAD"},
		{http.MethodPost, "/contacts/lookup", "GET, HEAD"},
		{http.MethodPost, "/me", "GET, HEAD"},
		{http.MethodDelete, "/subscription", "GET, HEAD"},
		{http.MethodGet, "/api-keys", "POST"},
		{http.MethodGet, "/api-keys/1", "DELETE"},
		{http.MethodOptions, "/api-keys/1", "DELETE"},
	} {
		a := ask(t, fake, c.method, c.path, nil)
		var r refusal
		a.decode(t, &r)
		if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != c.allow || r.Message == "" {
			t.Errorf("%s %s: %d, Allow %q, %s", c.method, c.path, a.status, a.header.Get("Allow"), a.body)
		}
	}
}

const mebibyte = 1 << 20

func TestJSONBodyLimit(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	empty, err := io.ReadAll(text(recipient, ""))
	if err != nil {
		t.Fatal(err)
	}
	of := func(size int) io.Reader { return text(recipient, strings.Repeat("x", size-len(empty))) }
	if a := ask(t, fake, http.MethodPost, "/messages", of(mebibyte)); a.status != http.StatusCreated {
		t.Errorf("exactly 1 MiB: %d %s", a.status, short(a.body))
	}
	for _, size := range []int{mebibyte + 1, 3 * mebibyte} {
		ask(t, fake, http.MethodPost, "/messages", of(size)).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, "body")
	}
	if n := len(fake.Messages()); n != 1 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestFormTextLimit(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	fields := 0
	for _, p := range imageParts("") {
		if p.filename == "" {
			fields += len(p.content)
		}
	}
	send := func(parts ...part) answer {
		body, contentType := form(parts...)
		return ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
	}
	caption := func(size int) part { return part{name: "content", content: strings.Repeat("x", size-fields)} }
	if a := send(append(imageParts("picture"), caption(mebibyte))...); a.status != http.StatusCreated {
		t.Errorf("exactly 1 MiB of texts: %d %s", a.status, short(a.body))
	}
	// All texts together count, wherever they stand; the file does not.
	for name, parts := range map[string][]part{
		"after the file":  append(imageParts("picture"), caption(mebibyte+1)),
		"before the file": append([]part{caption(mebibyte + 1)}, imageParts("picture")...),
		"much larger":     append([]part{caption(3 * mebibyte)}, imageParts("picture")...),
	} {
		t.Run(name, func(t *testing.T) {
			a := send(parts...)
			var r refusal
			a.decode(t, &r)
			if a.status != http.StatusUnprocessableEntity || r.Message != textInvalid || len(r.Errors["body"]) == 0 {
				t.Errorf("%d %s", a.status, short(a.body))
			}
		})
	}
	if a := send(imageParts(strings.Repeat("x", 2*mebibyte))...); a.status != http.StatusCreated {
		t.Errorf("a file of 2 MiB: %d %s", a.status, short(a.body))
	}
	if n := len(fake.Messages()); n != 2 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestFormPartLimit(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for _, c := range []struct {
		parts   int
		tooMany bool
	}{{99, false}, {100, false}, {101, true}, {5000, true}} {
		t.Run(strconv.Itoa(c.parts), func(t *testing.T) {
			parts := imageParts("picture")
			for i := len(parts); i < c.parts; i++ {
				parts = append(parts, part{name: "more" + strconv.Itoa(i)})
			}
			body, contentType := form(parts...)
			a := ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
			var r refusal
			a.decode(t, &r)
			// None of these forms is good, for no message has such fields. One with too many parts is told so.
			if told := strings.Contains(strings.Join(r.Errors["body"], " "), "100 parts"); a.status != http.StatusUnprocessableEntity || told != c.tooMany {
				t.Errorf("%d, body: %q", a.status, r.Errors["body"])
			}
		})
	}
	if messages := fake.Messages(); len(messages) > 0 {
		t.Errorf("%d messages are stored", len(messages))
	}
}

// The answer to a wrong field names it.
func TestRefusalNamesTheField(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	good := map[string]any{"sender_phone": sender, "to_phone": recipient, "type": "text", "content": "hello"}
	for _, c := range []struct {
		field string
		value any // nil takes the field away
	}{
		{"to_phone", nil}, {"to_phone", "0100"}, {"to_phone", int64(201010000000)}, {"type", nil}, {"type", "video"},
		{"content", nil}, {"content", " \n"}, {"content", []string{"a"}}, {"sender_phone", "Acme"},
		{"subject", "hello"}, {"toPhone", recipient},
	} {
		t.Run(fmt.Sprint(c.field, c.value), func(t *testing.T) {
			message := maps.Clone(good)
			message[c.field] = c.value
			if c.value == nil {
				delete(message, c.field)
			}
			ask(t, fake, http.MethodPost, "/messages", toJSON(message)).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, c.field)
		})
	}
	for name, p := range map[string]part{
		"type":       {name: "type", content: "video"},
		"to_phone":   {name: "to_phone", content: "0100"},
		"duration":   {name: "duration", content: "ten"},
		"subject":    {name: "subject", content: "hello"},
		"media_name": {name: "media_name", content: "a.png"},
	} {
		t.Run("form "+name, func(t *testing.T) {
			parts := slices.DeleteFunc(imageParts("picture"), func(other part) bool { return other.name == name })
			body, contentType := form(append(parts, p)...)
			ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType)).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, name)
		})
	}
	for field, p := range map[string]part{
		"content":  {name: "content", content: "hello", filename: "a.txt"}, // as curl's -F content=@a.txt
		"to_phone": {name: "to_phone", content: recipient, filename: "a.txt", contentType: "text/plain"},
		"body":     {name: "", content: "hello"},
		"subject":  {name: "subject", content: "caf\xe9", filename: "a.txt"},
	} {
		t.Run("form part "+field, func(t *testing.T) {
			parts := slices.DeleteFunc(imageParts("picture"), func(other part) bool { return other.name == field })
			body, contentType := form(append(parts, p)...)
			ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType)).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, field)
		})
	}
	if messages := fake.Messages(); len(messages) > 0 {
		t.Errorf("%d messages are stored", len(messages))
	}
}

// A text in another encoding would arrive as rubbish.
func TestTextsMustBeUTF8(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	const latin1 = "caf\xe9"
	body, contentType := form(append(imageParts("picture"), part{name: "content", content: latin1})...)
	ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType)).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, "content")
	message := `{"sender_phone": "` + sender + `", "to_phone": "` + recipient + `", "type": "text", "content": "` + latin1 + `"}`
	ask(t, fake, http.MethodPost, "/messages", strings.NewReader(message)).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, "body")
	// A file may hold any bytes.
	sendPicture(t, fake, []byte(latin1))
	fake.ExpectMessage(t)
	fake.ExpectNoMessage(t)
}

// block is what large files repeat.
var block = func() []byte {
	b := make([]byte, 64<<10)
	for i := range b {
		b[i] = byte(i + i/256)
	}
	return b
}()

// endless is a file of any size.
type endless struct{ at int }

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, block[e.at:])
	e.at = (e.at + n) % len(block)
	return n, nil
}

func largeFile(size int64) tgo.File {
	return tgo.OpenFile("large.bin", size, func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(&endless{}, size)), nil
	}).WithContentType("application/octet-stream")
}

// Not parallel: it counts every byte that is allocated in this process, and all others stand still meanwhile.
func TestUploadIsNotKeptInMemory(t *testing.T) {
	const most = 4 * mebibyte
	for _, c := range []struct {
		name       string
		size, keep int64
	}{{"none kept", 100 * mebibyte, 0}, {"too large to be kept", 32 * mebibyte, mebibyte / 4}} {
		t.Run(c.name, func(t *testing.T) {
			fake := tgotest.New(t, func(cfg *tgotest.Config) { cfg.KeepMedia = c.keep })
			sendPicture(t, fake, []byte("picture")) // what is made once is made now
			fake.ExpectMessage(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := fake.Sender.SendDocument(t.Context(), recipient, tgo.Document{File: largeFile(c.size)}); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			// The client's part is in this too.
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > most {
				t.Errorf("an upload of %d bytes allocated %d", c.size, allocated)
			}
			hash := sha256.New()
			for range c.size / int64(len(block)) {
				hash.Write(block)
			}
			if m := fake.ExpectMessage(t); m.Media.Size != c.size || m.Media.SHA256 != hex.EncodeToString(hash.Sum(nil)) || m.Media.Content != nil {
				t.Errorf("%d bytes with SHA-256 %s arrived, %d are kept", m.Media.Size, m.Media.SHA256, len(m.Media.Content))
			}
		})
	}
}

// Many clients look at the answer only when their whole body is out. They must see why they were refused, and not a broken
// connection, after which they could not know what became of the message.
func TestLargeUploadLearnsWhyItIsRefused(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	key := fake.Key
	image, imageType := form(imageParts(strings.Repeat("picture ", mebibyte))...)
	caption, captionType := form(append([]part{{name: "content", content: string(image)}}, imageParts("picture")...)...)
	document, err := io.ReadAll(text(recipient, strings.Repeat("x", 8*mebibyte)))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key         tgo.Key
		host        string
		contentType string
		body        []byte
		status      string
	}{
		"wrong key":           {tgo.NewKey("tgo_nobody-has-this-key"), "localhost", imageType, image, "401"},
		"missing scope":       {fake.NewKey(), "localhost", imageType, image, "403"},
		"wrong tenant":        {key, "acme.tgo-eg.com", imageType, image, "404"},
		"wrong content type":  {key, "localhost", "text/plain", image, "422"},
		"too large a text":    {key, "localhost", "application/json", document, "422"},
		"too large a caption": {key, "localhost", captionType, caption, "422"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := dial(t.Context(), fake)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() //nolint:errcheck // the answer was read before
			head := fmt.Sprintf("POST /api/v1/messages HTTP/1.1\r\nHost: %s\r\nX-Api-Key: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
				c.host, c.key.Reveal(), c.contentType, len(c.body))
			if _, err := conn.Write(append([]byte(head), c.body...)); err != nil {
				t.Fatalf("the body did not go out: %v", err)
			}
			answered, err := io.ReadAll(conn)
			if err != nil || !bytes.HasPrefix(answered, []byte("HTTP/1.1 "+c.status)) {
				t.Errorf("answered %s, %v", short(string(answered)), err)
			}
		})
	}
}

func TestFormsThatAreCut(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	body, contentType := form(imageParts(strings.Repeat("picture", 1000))...)
	media := bytes.Index(body, []byte(`name="media"`))
	file, _ := bytes.CutSuffix(body, []byte("--\r\n")) // up to the end of the last boundary
	afterFile := append(slices.Clip(file), "\r\n"...)
	for name, c := range map[string]struct {
		body        []byte
		contentType string
	}{
		"no closing boundary":       {body[:bytes.LastIndex(body, []byte("\r\n--"))], contentType},
		"half the closing boundary": {body[:len(body)-6], contentType},
		"within the file":           {body[:media+2000], contentType},
		"within a part's head":      {body[:media+4], contentType},
		"within a text":             {body[:bytes.Index(body, []byte(sender))+4], contentType},
		"empty":                     {nil, contentType},
		"no boundary is named":      {body, "multipart/form-data"},
		"another boundary is named": {body, "multipart/form-data; boundary=another"},
		"no form":                   {[]byte(`{"type": "image"}`), contentType},
		// Everything that is required is there by then; what is lost may be the caption.
		"before a part after the file":          {afterFile, contentType},
		"within the head of one after the file": {append(slices.Clone(afterFile), `Content-Disposition: form-data; na`...), contentType},
		"within the blank line before its text": {append(slices.Clone(afterFile), "Content-Disposition: form-data; name=\"content\"\r\n"...), contentType},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(c.body), withContentType(c.contentType))
			var r refusal
			a.decode(t, &r)
			if a.status != http.StatusUnprocessableEntity || r.Message != textInvalid || len(r.Errors["body"]) == 0 {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	if messages := fake.Messages(); len(messages) > 0 {
		t.Errorf("%d messages are stored", len(messages))
	}
}

// The connection ends before the announced length: nothing of it may count as a message, even where what came looks
// complete.
func TestConnectionsThatEndEarly(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	whole, err := io.ReadAll(text(recipient, "hello"))
	if err != nil {
		t.Fatal(err)
	}
	image, imageType := form(imageParts(strings.Repeat("picture", 1000))...)
	for name, c := range map[string]struct {
		contentType string
		body        []byte
		announced   int
	}{
		"half a text":       {"application/json", whole[:len(whole)/2], len(whole)},
		"a text and no end": {"application/json", whole, len(whole) + 1},
		"half an image":     {imageType, image[:len(image)/2], len(image)},
		"nothing":           {"application/json", nil, len(whole)},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := dial(t.Context(), fake)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() //nolint:errcheck // the answer was read before
			fmt.Fprintf(conn, "POST /api/v1/messages HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
				fake.Key.Reveal(), c.contentType, c.announced, c.body)
			if half, ok := conn.(interface{ CloseWrite() error }); ok {
				if err := half.CloseWrite(); err != nil {
					t.Fatal(err)
				}
			}
			// The fake ends the connection when it is done with the request.
			answered, err := io.ReadAll(conn)
			if err != nil {
				t.Fatal(err)
			}
			if len(answered) > 0 && !bytes.HasPrefix(answered, []byte("HTTP/1.1 4")) {
				t.Errorf("answered %s", answered)
			}
			if messages := fake.Messages(); len(messages) > 0 {
				t.Fatalf("%d messages are stored", len(messages))
			}
		})
	}
}

func TestStartOnAUsedPort(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	u, err := url.Parse(fake.URL)
	if err != nil {
		t.Fatal(err)
	}
	second, err := tgotest.Start(tgotest.Config{Addr: u.Host})
	if err == nil {
		_ = second.Close()
		t.Fatal("two fakes listen on the same port")
	}
	if !strings.Contains(err.Error(), u.Port()) {
		t.Errorf("the error does not name the port %s: %v", u.Port(), err)
	}
}

func TestStartOnAnAddressThatIsNone(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1", "127.0.0.1:99999", "127.0.0.1:x", "256.0.0.1:0"} {
		if fake, err := tgotest.Start(tgotest.Config{Addr: addr}); err == nil {
			_ = fake.Close()
			t.Errorf("a fake listens on %q", addr)
		}
	}
}

// A fake may listen on all interfaces, for programs in containers. Its URL is one that it answers to.
func TestListeningOnAllInterfaces(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{":0", "0.0.0.0:0"} {
		t.Run(addr, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t, func(c *tgotest.Config) { c.Addr = addr })
			if _, err := fake.Client.Me(t.Context()); err != nil {
				t.Errorf("its own client: %v", err)
			}
			if a := ask(t, fake, http.MethodGet, "/me", nil); a.status != http.StatusOK {
				t.Errorf("at its own URL %s: %d %s", fake.URL, a.status, a.body)
			}
		})
	}
}

func TestNewFailsTheTest(t *testing.T) {
	t.Parallel()
	failures := record(t, func(tb tgotest.TB) {
		tgotest.New(tb, func(c *tgotest.Config) { c.Strangers = "asleep" })
	})
	if len(failures) != 1 || !strings.Contains(failures[0], "asleep") {
		t.Errorf("the failures are %q", failures)
	}
}

func TestNewAppliesAllChangesInOrder(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t,
		func(c *tgotest.Config) { c.PageSize = 2 },
		func(c *tgotest.Config) { c.PageSize++ },
	)
	if page := readPage(t, fake, ""); page.Meta.PerPage != 3 {
		t.Errorf("a page holds %d", page.Meta.PerPage)
	}
}

func TestNewClosesWithTheTest(t *testing.T) {
	t.Parallel()
	var fake *tgotest.Server
	failures := record(t, func(tb tgotest.TB) {
		fake = tgotest.New(tb)
		if !isUp(t, fake) {
			t.Error("it is down while the test runs")
		}
	})
	if len(failures) > 0 || isUp(t, fake) {
		t.Errorf("it is up after the test; failures: %q", failures)
	}
}

func TestCloseIsHarmlessTwice(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, fake *tgotest.Server) error{
		"close twice": func(_ *testing.T, fake *tgotest.Server) error {
			return errors.Join(fake.Close(), fake.Close())
		},
		"shutdown, then close": func(t *testing.T, fake *tgotest.Server) error {
			return errors.Join(fake.Shutdown(t.Context()), fake.Close())
		},
		"close, then shutdown": func(t *testing.T, fake *tgotest.Server) error {
			return errors.Join(fake.Close(), fake.Shutdown(t.Context()))
		},
		"shutdown twice": func(t *testing.T, fake *tgotest.Server) error {
			return errors.Join(fake.Shutdown(t.Context()), fake.Shutdown(t.Context()))
		},
		"all at once": func(t *testing.T, fake *tgotest.Server) error {
			ended := make([]error, 4)
			atOnce(len(ended), func(i int) {
				runApart(t, func() { ended[i] = fake.Close() })
			})
			return errors.Join(ended...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, err := tgotest.Start(tgotest.Config{})
			if err != nil {
				t.Fatal(err)
			}
			sendTexts(t, fake, "hello")
			runApart(t, func() {
				if err := end(t, fake); err != nil {
					t.Error(err)
				}
			})
			if isUp(t, fake) {
				t.Error("it is still up")
			}
			// What it saw can be looked at afterwards.
			if got := contents(fake.Messages()); !slices.Equal(got, []string{"hello"}) {
				t.Errorf("its messages are %v", got)
			}
		})
	}
}

func TestCloseInAndAfterATest(t *testing.T) {
	t.Parallel()
	record(t, func(tb tgotest.TB) {
		if err := tgotest.New(tb).Close(); err != nil {
			t.Error(err)
		}
	})
}

// blocked starts a fake whose next request to an operation stops at release, and tells on entered when it is there.
func blocked(t *testing.T) (fake *tgotest.Server, entered <-chan string, release func()) {
	t.Helper()
	in, out := make(chan string, 1), make(chan struct{})
	fake, err := tgotest.Start(tgotest.Config{Faults: func(operation string) *tgotest.Fault {
		in <- operation
		<-out
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return fake, in, func() { close(out) }
}

func TestCloseDoesNotWait(t *testing.T) {
	t.Parallel()
	fake, entered, release := blocked(t)
	defer release()
	failed := make(chan error, 1)
	go func() {
		_, err := fake.Sender.SendText(t.Context(), recipient, "hello")
		failed <- err
	}()
	receive(t, entered)
	if err := fake.Close(); err != nil {
		t.Error(err)
	}
	if err := receive(t, failed); tgo.DeliveryOf(err) != tgo.DeliveryUnknown || err == nil {
		t.Errorf("the request under way ended with %v", err)
	}
}

// Close does not answer who waits, nor does it carry out what has not begun.
func TestCloseCutsADelay(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{false, true} {
		for _, kind := range []tgotest.FaultKind{tgotest.FaultNone, tgotest.FaultStatus} {
			t.Run(fmt.Sprintf("%v, stored %v", kind, stored), func(t *testing.T) {
				t.Parallel()
				entered := make(chan struct{})
				fake, err := tgotest.Start(tgotest.Config{Faults: func(string) *tgotest.Fault {
					close(entered)
					return &tgotest.Fault{Kind: kind, Stored: stored, Delay: time.Hour}
				}})
				if err != nil {
					t.Fatal(err)
				}
				failed := make(chan error, 1)
				go func() {
					_, err := fake.Sender.SendText(t.Context(), recipient, "hello")
					failed <- err
				}()
				receive(t, entered)
				if stored {
					fake.ExpectMessage(t)
				}
				if err := fake.Close(); err != nil {
					t.Error(err)
				}
				var refused *tgo.APIError
				if err := receive(t, failed); err == nil || errors.As(err, &refused) {
					t.Errorf("the request was answered: %v", err)
				}
				fake.ExpectNoMessage(t)
			})
		}
	}
}

func TestShutdownLetsARequestFinish(t *testing.T) {
	t.Parallel()
	fake, entered, release := blocked(t)
	sent := make(chan error, 1)
	go func() {
		_, err := fake.Sender.SendText(t.Context(), recipient, "hello")
		sent <- err
	}()
	receive(t, entered)
	down := make(chan error, 1)
	go func() { down <- fake.Shutdown(t.Context()) }()
	for wait := soon(t); isUp(t, fake) && wait.Err() == nil; { // until Shutdown has begun
		runtime.Gosched()
	}
	select {
	case err := <-down:
		t.Errorf("it did not wait for the request: %v", err)
	default:
	}
	release()
	if err := receive(t, sent); err != nil {
		t.Errorf("the request under way: %v", err)
	}
	if err := receive(t, down); err != nil {
		t.Error(err)
	}
	fake.ExpectMessage(t)
}

func TestShutdownEndsWithItsContext(t *testing.T) {
	t.Parallel()
	fake, entered, release := blocked(t)
	defer release()
	sent := make(chan error, 1)
	go func() {
		_, err := fake.Sender.SendText(t.Context(), recipient, "hello")
		sent <- err
	}()
	receive(t, entered)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := fake.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown returned %v", err)
	}
	if err := fake.Close(); err != nil {
		t.Error(err)
	}
	if err := receive(t, sent); err == nil {
		t.Error("the request was answered")
	}
}

func TestFakesDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	const n, each = 20, 5
	fakes := make([]*tgotest.Server, n)
	for i := range fakes {
		fakes[i] = tgotest.New(t)
	}
	mustInject(t, fakes[0], tgotest.Fault{Kind: tgotest.FaultStatus})
	fakes[1].SetSenderStatus(fakes[1].SenderNumberID, "suspended", "")
	fakes[2].SetContact(recipient, tgotest.ContactUnknown)
	atOnce(n, func(i int) {
		for k := range each {
			if _, err := fakes[i].Sender.SendText(t.Context(), recipient, fmt.Sprintf("%d of fake %d", k, i)); (err == nil) != (i > 2) {
				t.Errorf("fake %d: %v", i, err)
			}
		}
		foreign := fakes[(i+1)%n].Key
		if a := ask(t, fakes[i], http.MethodGet, "/sender-numbers", nil, withKey(foreign)); i > 0 && a.status != http.StatusUnauthorized {
			t.Errorf("fake %d takes the key of another: %d", i, a.status)
		}
	})
	urls := map[string]bool{}
	for i, fake := range fakes {
		urls[fake.URL] = true
		var want []string
		for k := range each {
			if i > 2 {
				want = append(want, fmt.Sprintf("%d of fake %d", k, i))
			}
		}
		if got := contents(fake.Messages()); !slices.Equal(got, want) {
			t.Errorf("fake %d has %v", i, got)
		}
	}
	if len(urls) != n {
		t.Errorf("%d fakes have %d URLs", n, len(urls))
	}
}

// received is a message as programs in other languages see it.
type received struct {
	ID             int64  `json:"id"`
	Type           string `json:"type"`
	SenderNumberID int64  `json:"sender_number_id"`
	SenderPhone    string `json:"sender_phone"`
	SenderName     string `json:"sender_name"`
	To             string `json:"to_phone"`
	Content        string `json:"content"`
	Duration       int    `json:"duration"`
	Media          *struct {
		Name        string `json:"name"`
		ContentType string `json:"content_type"`
		Size        int64  `json:"size"`
		SHA256      string `json:"sha256"`
		Kept        bool   `json:"kept"`
	} `json:"media"`
	RequestID int64 `json:"request_id"`
	Doubled   *struct {
		Count      int
		Copy       int
		FirstID    int64   `json:"first_id"`
		MessageIDs []int64 `json:"message_ids"`
		RequestIDs []int64 `json:"request_ids"`
		ApartMS    int64   `json:"apart_ms"`
	} `json:"doubled"`
	KeyName string    `json:"key_name"`
	SentAt  time.Time `json:"sent_at"`
}

func TestReceivedMessagesCanBeReadOverHTTP(t *testing.T) {
	t.Parallel()
	clock := newClock(noon.Add(250 * time.Millisecond))
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Now = clock.now })
	read := func(edit ...func(*http.Request)) answer {
		noKey := func(r *http.Request) {
			r.Header.Del("X-Api-Key")
			r.URL.Path = "/_fake/messages"
		}
		return ask(t, fake, http.MethodGet, "", nil, append(edit, noKey)...)
	}
	if a := read(); a.status != http.StatusOK || strings.TrimSpace(a.body) != "[]" {
		t.Errorf("a new fake has %d %s", a.status, a.body)
	}
	sendTexts(t, fake, "مرحبا")
	voice := tgo.Voice{File: tgo.BytesFile("note.ogg", []byte("OggS")).WithContentType("audio/ogg"), Duration: 12 * time.Second, Caption: "listen"}
	if _, err := fake.Sender.SendVoice(t.Context(), other, voice); err != nil {
		t.Fatal(err)
	}
	a := read()
	var list []received
	a.decode(t, &list)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" || len(list) != 2 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	want := received{ID: 1, Type: "text", SenderNumberID: int64(fake.SenderNumberID), SenderPhone: sender, SenderName: "Fake sender", To: recipient, Content: "مرحبا", KeyName: "all scopes", SentAt: clock.now()}
	if list[0] != want {
		t.Errorf("got  %+v\nwant %+v", list[0], want)
	}
	second := list[1]
	if m := second.Media; m == nil || m.Name != "note.ogg" || m.ContentType != "audio/ogg" || m.Size != 4 || m.SHA256 != sum([]byte("OggS")) || m.Kept {
		t.Errorf("its media is %+v", m)
	}
	if second.ID != 2 || second.Type != "voice" || second.To != other || second.Content != "listen" || second.Duration != 12 {
		t.Errorf("got %+v", second)
	}
	// Looking takes nothing away, is no request to the API, and is not open to other hosts.
	fake.ExpectMessage(t)
	fake.ExpectMessage(t)
	mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultCut})
	if a := read(); a.status != http.StatusOK {
		t.Errorf("with a fault at work: %d %s", a.status, a.body)
	}
	if a := read(func(r *http.Request) { r.Host = "evil.example" }); a.status != http.StatusNotFound || strings.Contains(a.body, sender) {
		t.Errorf("to another host: %d %s", a.status, a.body)
	}
}

// Clients must bear with fields that do not exist yet.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.UnknownFields = true })
	sendTexts(t, fake, "hello")
	for _, path := range []string{"/messages", "/usage", "/sender-numbers", "/me", "/subscription", "/contacts/lookup?phone=%2B201010000000&sender_number_id=1"} {
		a := ask(t, fake, http.MethodGet, path, nil)
		var v any
		if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		if missing := withoutUnknown(v); len(missing) > 0 {
			t.Errorf("%s: nothing unknown in %v", path, missing)
		}
	}
	a := ask(t, fake, http.MethodPost, "/messages", text("0100", "hello"))
	var refused struct {
		Message string              `json:"message"`
		Errors  map[string][]string `json:"errors"`
		Unknown any                 `json:"x_unknown"`
	}
	a.decode(t, &refused)
	if a.status != http.StatusUnprocessableEntity || refused.Unknown == nil || len(refused.Errors) != 1 {
		t.Errorf("%d %s", a.status, a.body)
	}
	// They are there only where asked for.
	if a := ask(t, tgotest.New(t), http.MethodGet, "/me", nil); strings.Contains(a.body, "unknown") {
		t.Errorf("without: %s", a.body)
	}
}

// withoutUnknown lists the objects in a JSON value that hold nothing unknown.
func withoutUnknown(v any) []any {
	var missing []any
	switch v := v.(type) {
	case map[string]any:
		if v["x_unknown"] == nil {
			missing = append(missing, v)
		}
		for name, inner := range v {
			if name != "x_unknown" {
				missing = append(missing, withoutUnknown(inner)...)
			}
		}
	case []any:
		for _, inner := range v {
			missing = append(missing, withoutUnknown(inner)...)
		}
	}
	return missing
}
