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

// serve starts a server that answers as the handler says, and a client of it.
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

// clientOf is a client of a server, which retries without noticeable waits.
func clientOf(t *testing.T, baseURL string, opts ...tgo.Option) *tgo.Client {
	t.Helper()
	opts = append([]tgo.Option{tgo.WithBaseURL(baseURL), tgo.WithRetryLimits(3, time.Millisecond)}, opts...)
	client, err := tgo.New("", tgo.NewKey(testKey), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// answer writes a JSON answer.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// sent is a success of sendMessage.
func sent(id int64) string {
	return fmt.Sprintf(`{"data": {"id": %d, "sender_number_id": 1, "recipient_user_id": 2, "conversation_id": 3, "message_id": 4,
		"message_type": "text", "content": null, "status": "sent", "sent_at": "2025-01-10T08:00:00Z"}}`, id)
}

// always is a client of a server that gives one answer to everything.
func always(t *testing.T, status int, body string) *tgo.Client {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, status, body) })
}

// dialing is an option for a client whose connections are made by dial.
func dialing(dial func(ctx context.Context, network, addr string) (net.Conn, error)) tgo.Option {
	return tgo.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}})
}

// discardLog is for servers whose complaints are expected.
var discardLog = log.New(io.Discard, "", 0)

// closedPort is an address where nobody listens. It is not one that was free a moment ago: another test may have it by
// now.
const closedPort = "127.0.0.1:1"

// allocated is how many bytes f, and whatever it talks to in this process, allocates.
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
