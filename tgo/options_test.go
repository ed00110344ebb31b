package tgo_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestHeaders(t *testing.T) {
	var got http.Header
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		answer(w, 200, `{"data": {"organization": {}}}`)
	}, tgo.WithUserAgent("shop/1.4"))
	if _, err := client.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"X-Api-Key": testKey, "Accept": "application/json", "User-Agent": "shop/1.4 tgo-go/" + tgo.Version} {
		if got.Get(name) != want {
			t.Errorf("%s is %q", name, got.Get(name))
		}
	}
}

// A response that comes slowly, byte by byte, is cut after the timeout. (A long upload is not cut, see below.)
func TestTimeout(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	defer close(stop)
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		for drip := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-drip.C:
				if _, err := w.Write([]byte(" ")); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
			case <-stop:
				return
			}
		}
	}, tgo.WithTimeout(100*time.Millisecond), tgo.WithReadRetries())
	if _, err := client.Me(t.Context()); err == nil || !strings.Contains(err.Error(), "no progress for 100ms") {
		t.Errorf("%v", err)
	}
}

func TestLongUploadIsNotCut(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	const timeout = time.Second
	client, err := fake.ClientWith(fake.Key, tgo.WithTimeout(timeout))
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	const size = 12 * pieceSize
	_, err = client.FromPhone(fake.SenderPhone).SendDocument(t.Context(), fake.RecipientPhone,
		tgo.Document{File: tgo.ReaderFile("slow.bin", &slowReader{left: size, pause: timeout / 5}, size)})
	if err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took < 2*timeout {
		t.Fatalf("the upload took %v, which proves nothing", took)
	}
}

const pieceSize = 1024

// slowReader pauses before each piece.
type slowReader struct {
	left  int
	pause time.Duration
}

func (r *slowReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	<-time.After(r.pause)
	n := min(len(p), pieceSize, r.left)
	r.left -= n
	return n, nil
}
