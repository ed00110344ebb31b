package tgo_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tgo-business/tgo-go/tgo"
)

// No test of this package may leave a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

// discardLog is for servers whose complaints are expected.
var discardLog = log.New(io.Discard, "", 0)

// sends are the four ways to send a message.
var sends = []struct {
	name string
	send func(context.Context, *tgo.Sender, tgo.Phone, string) (tgo.Receipt, error)
}{
	{"text", func(ctx context.Context, s *tgo.Sender, to tgo.Phone, content string) (tgo.Receipt, error) {
		return s.SendText(ctx, to, content)
	}},
	{"image", func(ctx context.Context, s *tgo.Sender, to tgo.Phone, content string) (tgo.Receipt, error) {
		return s.SendImage(ctx, to, tgo.Image{File: tgo.FilePath("cmd/tgo/demo/picture.png"), Caption: content})
	}},
	{"voice", func(ctx context.Context, s *tgo.Sender, to tgo.Phone, content string) (tgo.Receipt, error) {
		return s.SendVoice(ctx, to, tgo.Voice{File: tgo.FilePath("cmd/tgo/demo/voice.ogg"), Duration: 4 * time.Second, Caption: content})
	}},
	{"document", func(ctx context.Context, s *tgo.Sender, to tgo.Phone, content string) (tgo.Receipt, error) {
		return s.SendDocument(ctx, to, tgo.Document{File: tgo.FilePath("cmd/tgo/demo/invoice.pdf"), Caption: content})
	}},
}

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
