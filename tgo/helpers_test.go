package tgo_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

const (
	testKey       = "tgo_" + "s3cretKeyOfTheTests/+="
	testSender    = "+201001187188"
	testRecipient = "+201010000000"
)

// serve starts a server with a handler, and returns a client of it.
func serve(t *testing.T, handler http.HandlerFunc, opts ...tgo.Option) *tgo.Client {
	t.Helper()
	return clientOf(t, serveURL(t, handler), opts...)
}

// serveURL starts a server and returns its address.
func serveURL(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// clientOf returns a client of a server, which retries without noticeable waits.
func clientOf(t *testing.T, baseURL string, opts ...tgo.Option) *tgo.Client {
	t.Helper()
	opts = append([]tgo.Option{tgo.WithBaseURL(baseURL), tgo.WithRetryLimits(3, time.Millisecond)}, opts...)
	client, err := tgo.New("", tgo.NewKey(testKey), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// answer writes a JSON response.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// sent returns the JSON of a successful response of sendMessage.
func sent(id int64) string {
	return fmt.Sprintf(`{"data": {"id": %d, "sender_number_id": 1, "recipient_user_id": 2, "conversation_id": 3, "message_id": 4,
		"message_type": "text", "content": null, "status": "sent", "sent_at": "2025-01-10T08:00:00Z"}}`, id)
}

// always returns a client of a server that returns the same response to each request.
func always(t *testing.T, status int, body string) *tgo.Client {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, status, body) })
}

// dialing returns an option for a client that uses dial to connect.
func dialing(dial func(ctx context.Context, network, addr string) (net.Conn, error)) tgo.Option {
	return tgo.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}})
}

// discardLog is for servers whose log lines are expected.
var discardLog = log.New(io.Discard, "", 0)

// closedPort is an address on which no server listens. A port that was free a moment ago would not do: another test may use it
// now.
const closedPort = "127.0.0.1:1"

// allocated returns how many bytes this process, including its servers, allocates while f runs.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func sendAs(t *testing.T, fake *tgotest.Server, message string, file tgo.File) error {
	t.Helper()
	var err error
	switch message {
	case "image":
		_, err = fake.Sender.SendImage(t.Context(), fake.RecipientPhone, tgo.Image{File: file})
	case "voice":
		_, err = fake.Sender.SendVoice(t.Context(), fake.RecipientPhone, tgo.Voice{File: file, Duration: time.Second})
	default:
		_, err = fake.Sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: file})
	}
	return err
}
