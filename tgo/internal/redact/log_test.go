package redact

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
)

// secret has words that the servers of these tests send.
var secret = []string{"eagle", "lands", "dawn"}

func checkLog(t *testing.T, err error, quotes bool) {
	t.Helper()
	if err == nil {
		t.Fatal("the request succeeded")
	}
	said := 0
	for _, word := range secret {
		if strings.Contains(strings.ToLower(err.Error()), word) {
			said++
		}
	}
	if quotes != (said > 0) {
		t.Errorf("whether the error quotes the server is %v: %v", said > 0, err)
	}
	for _, e := range []error{err, New(testKey).Error(err)} {
		text := Log(e)
		for _, word := range append(secret, testKey[4:], "1234567") {
			if strings.Contains(strings.ToLower(text), word) {
				t.Errorf("%q is in the log: %s\nof %v", word, text, e)
			}
		}
		if text == "" || strings.HasSuffix(text, ": ") {
			t.Errorf("the log has nothing of %v: %q", e, text)
		}
	}
}

// fetch gets a URL and reads the response to its end.
func fetch(t *testing.T, client *http.Client, address string) error {
	t.Helper()
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/contacts?phone=%2B201234567", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// If net/http cannot read a response over HTTP/1, the server's text is not in the log.
func TestLogOfHTTP1(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		quotes       bool // net/http's error has text of the server
	}{
		{"no answer", "", false},
		{"a line of text", "The eagle lands at dawn\r\n\r\n", true},
		{"JSON", `{"message":"the\"eagle\"\\lands","key":"` + testKey + `","at":"dawn"}` + "\r\n\r\n", true},
		{"a status that is not a number", "HTTP/1.1 eagle lands\r\n\r\n", true},
		{"a status of two digits", "HTTP/1.1 20eagle lands\r\n\r\n", true},
		{"a version that is none", "HTTP/eagle 200 OK\r\n\r\n", true},
		{"a header without a colon", "HTTP/1.1 200 OK\r\nthe \"eagle\" lands at dawn " + testKey + " +1234567890\r\n\r\n", true},
		{"a header that begins with a space", "HTTP/1.1 200 OK\r\n the eagle: lands\r\n\r\n", true},
		{"a header name that is none", "HTTP/1.1 200 OK\r\nthe e\xffagle: lands\r\n\r\n", true},
		{"a header value that is none", "HTTP/1.1 200 OK\r\nEagle: lands\x00\r\n\r\n", true},
		{"a length that is not a number", "HTTP/1.1 200 OK\r\nContent-Length: eagle\r\n\r\n", true},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: \"eagle\"\r\n\r\n", true},
		{"an unknown transfer encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: eagle\"dawn\r\n\r\n", true},
		{"two transfer encodings", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: eagle\"dawn\r\n\r\n", true},
		{"a forbidden trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n", false},
		{"a chunk without a length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\neagle\r\nlands\r\n", false},
		{"a chunk without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\neaglelands", false},
		{"a trailer without a colon", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n0\r\nthe eagle lands\r\n\r\n", true},
		{"less than announced", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe eagle lands", false},
		{"a redirect to nowhere", "HTTP/1.1 302 Found\r\nLocation: http://[eagle\"lands/%zz\r\n\r\n", true},
		{"a redirect to another scheme", "HTTP/1.1 302 Found\r\nLocation: eagle://lands/\"dawn\"\r\n\r\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(conn, c.answer)
				_ = conn.Close()
			}))
			defer server.Close()
			checkLog(t, fetch(t, server.Client(), server.URL), c.quotes)
		})
	}
}

// The same over HTTP/2.
func TestLogOfHTTP2(t *testing.T) {
	const (
		headers, resetStream, settings, goAway = 1, 3, 4, 7
		endHeaders                             = 4
	)
	frame := func(kind, flags byte, stream uint32, payload string) string {
		head := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
		return string(binary.BigEndian.AppendUint32(append(head, flags), stream)) + payload
	}
	field := func(name, value string) string { // a literal one, as HPACK calls it
		return "\x00" + string(rune(len(name))) + name + string(rune(len(value))) + value
	}
	const status200 = "\x88"
	for _, c := range []struct {
		name, answer string
		quotes       bool
	}{
		{"GOAWAY with debug data", frame(goAway, 0, 0, "\x00\x00\x00\x01"+"\x00\x00\x00\x00"+"the \"eagle\" lands at dawn "+testKey+" +1234567890"), true},
		{"GOAWAY with an error code", frame(goAway, 0, 0, "\x00\x00\x00\x01"+"\x00\x00\x00\x02"+"the eagle lands"), true},
		{"a reset stream", frame(resetStream, 0, 1, "\x00\x00\x00\x02"), false},
		{"an invalid header name", frame(headers, endHeaders, 1, status200+field("The \"Eagle\"", "lands")), true},
		{"an invalid header value", frame(headers, endHeaders, 1, status200+field("eagle", "lands\x00")), true},
		{"an invalid pseudo header", frame(headers, endHeaders, 1, status200+field(":eagle", "lands")), true},
		{"a status that is not a number", frame(headers, endHeaders, 1, field(":status", "eagle")), false},
		{"a broken frame", frame(headers, endHeaders, 0, "the eagle lands"), false},
		{"HTTP/1", "HTTP/1.1 400 the eagle lands\r\n\r\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(nil)
			server.TLS = &tls.Config{NextProtos: []string{"h2"}}
			server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
				"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) {
					preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
					_, err := io.ReadFull(conn, preface)
					for head := make([]byte, 9); err == nil && head[3] != headers; {
						if _, err = io.ReadFull(conn, head); err == nil {
							_, err = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(head)>>8))
						}
					}
					if err != nil {
						t.Errorf("no request came: %v", err)
					}
					if !strings.HasPrefix(c.answer, "HTTP/1") {
						_, _ = io.WriteString(conn, frame(settings, 0, 0, ""))
					}
					_, _ = io.WriteString(conn, c.answer)
					_ = conn.CloseWrite()
					_, _ = io.Copy(io.Discard, conn) // until the client has read everything: unread bytes would reset the connection
					_ = conn.Close()
				},
			}
			server.StartTLS()
			defer server.Close()
			client := server.Client()
			client.Transport.(*http.Transport).ForceAttemptHTTP2 = true
			checkLog(t, fetch(t, client, server.URL), c.quotes)
		})
	}
}

// Older releases of textproto write the server's text after a colon, without quotes.
func TestLogOfOlderTextproto(t *testing.T) {
	inner := textproto.ProtocolError("malformed MIME header line: the \"eagle\" lands: at dawn\n" + testKey + " +1234567890")
	err := &url.Error{Op: "Get", URL: "https://x.test/", Err: fmt.Errorf("connection broken: %w", inner)}
	checkLog(t, err, true)
	if got, want := Log(err), `Get "...": connection broken: malformed MIME header line`; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if got := Log(fmt.Errorf("no colon: %w", textproto.ProtocolError("short"))); got != "no colon: short" {
		t.Errorf("%q", got)
	}
}

func TestLog(t *testing.T) {
	for text, want := range map[string]string{
		`connection refused`:                     `connection refused`,
		`malformed "a\"b" and "c\\" and ["" "d"`: `malformed "..." and "..." and ["..." "..."`,
		`cut "within`:                            `cut "..."`,
		`cut "within\`:                           `cut "..."`,
		"a backslash \"before\\\na line\"":       `a backslash "..."`,
		`to +201234567 and %2B201234567`:         `to +*** and +***`,
	} {
		if got := Log(errors.New(text)); got != want {
			t.Errorf("Log(%s)\n got %s\nwant %s", text, got, want)
		}
	}
}

// The log is the same for any text of the server, whether its keys were masked before or not.
func FuzzLog(f *testing.F) {
	for _, said := range []string{
		"", "the eagle", `"`, `\`, `\"`, `\\"` + "\n", "+1234567890", "a: b", "\xff",
		`{"key":"` + testKey + `","a":"b"}`, testKey[:9] + `\`, `{"key":"tgo_EXAMPLEONLYEXAMPLE","a":"b"}`, `tgo_EXAMPLEONLYEXAMPLE\`,
	} {
		f.Add(said)
	}
	m := New(testKey)
	f.Fuzz(func(t *testing.T, said string) {
		quoting := fmt.Errorf("malformed answer %q; LastStreamID=1", said)
		listing := fmt.Errorf("malformed answers %q", []string{said, said})
		protocol := fmt.Errorf("broken: %w", textproto.ProtocolError("malformed MIME header line: "+said))
		for want, err := range map[string]error{
			`malformed answer "..."; LastStreamID=1`: quoting,
			`malformed answers ["..." "..."]`:        listing,
			`broken: malformed MIME header line`:     protocol,
		} {
			for _, e := range []error{err, m.Error(err)} {
				if got := Log(e); got != want {
					t.Errorf("Log(%v)\n got %s\nwant %s", e, got, want)
				}
			}
		}
	})
}
