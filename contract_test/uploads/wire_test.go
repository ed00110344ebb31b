package uploads

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rawRequest is a request as it came over the network.
type rawRequest struct {
	line   string
	header textproto.MIMEHeader
	body   []byte
	beyond []byte // what came after the announced length
}

// listenRaw responds to the one request of each connection, without net/http, and waits until the client closes the connection.
func listenRaw(t *testing.T) (serverURL string, requests <-chan rawRequest) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan rawRequest, 16)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			r, err := readRaw(conn)
			if err != nil {
				t.Errorf("reading a request failed: %v", err)
			}
			got <- r
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String(), got
}

func readRaw(conn net.Conn) (rawRequest, error) {
	defer func() { _ = conn.Close() }()
	var r rawRequest
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return r, err
	}
	input := bufio.NewReader(conn)
	text := textproto.NewReader(input)
	var err error
	if r.line, err = text.ReadLine(); err != nil {
		return r, err
	}
	if r.header, err = text.ReadMIMEHeader(); err != nil {
		return r, err
	}
	length, err := strconv.Atoi(r.header.Get("Content-Length"))
	if err != nil {
		return r, err
	}
	r.body = make([]byte, length)
	if _, err := io.ReadFull(input, r.body); err != nil {
		return r, fmt.Errorf("the body: %w", err)
	}
	_, err = fmt.Fprintf(conn, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		len(answer), answer)
	if err != nil {
		return r, err
	}
	// The client closes the connection, as the response's header asks.
	r.beyond, err = io.ReadAll(input)
	return r, err
}

var multipartType = regexp.MustCompile(`^multipart/form-data; boundary=([0-9A-Za-z]{30,70})$`)

// TestWire sends all messages to a server without a parser. Each request must be, byte for byte, the one written here.
func TestWire(t *testing.T) {
	t.Parallel()
	url, requests := listenRaw(t)
	client := newClient(t, url)
	boundaries := map[string]bool{}
	var lost bool // whether the next request may be an earlier one
	for _, m := range messages(t) {
		t.Run(m.title, func(t *testing.T) {
			lost = true
			if _, err := send(t.Context(), client, m); err != nil {
				t.Fatal(err)
			}
			r := <-requests
			lost = false
			if want := "POST " + endpoint + " HTTP/1.1"; r.line != want {
				t.Errorf("got %q, want %q", r.line, want)
			}
			if n := len(r.header["Content-Length"]); n != 1 {
				t.Errorf("there are %d Content-Length headers", n)
			}
			for _, name := range []string{"Transfer-Encoding", "Content-Encoding", "Expect", "Trailer"} {
				if r.header[name] != nil {
					t.Errorf("there is an unexpected header %s: %q", name, r.header[name])
				}
			}
			if len(r.beyond) > 0 {
				t.Errorf("the request continues after its announced length: %.100q", r.beyond)
			}
			types := r.header["Content-Type"]
			if len(types) != 1 || !multipartType.MatchString(types[0]) {
				t.Fatalf("got the content types %q", types)
			}
			boundary := multipartType.FindStringSubmatch(types[0])[1]
			if boundaries[boundary] {
				t.Error("the boundary has been used before")
			}
			boundaries[boundary] = true
			want := wireBody(boundary, m)
			if !bytes.Equal(r.body, want) {
				at := 0
				for at < min(len(r.body), len(want)) && r.body[at] == want[at] {
					at++
				}
				t.Errorf("the bodies, of %d and %d bytes, differ from byte %d on:\n got %.200q\nwant %.200q",
					len(r.body), len(want), at, r.body[max(0, at-40):], want[max(0, at-40):])
			}
		})
		if lost {
			t.Fatal("the rest was not sent")
		}
	}
}

// wireBody is the body that a message must have, written by hand.
func wireBody(boundary string, m message) []byte {
	var b strings.Builder
	for _, f := range fieldsOf(m) {
		b.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + f[0] + "\"\r\n\r\n" + f[1] + "\r\n")
	}
	b.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"media\"; filename=\"" + m.wantName + "\"\r\n")
	b.WriteString("Content-Type: " + m.wantType + "\r\n\r\n" + m.wantContent + "\r\n--" + boundary + "--\r\n")
	return []byte(b.String())
}
