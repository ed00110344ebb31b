package tgo_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestNewTellsEverythingAtOnce(t *testing.T) {
	_, err := tgo.New("https://acme.tgo-eg.com", tgo.Key{}, tgo.WithTimeout(-1), tgo.WithHTTPClient(nil), tgo.WithUserAgent("a\nb"),
		tgo.WithRetryLimits(0, 0), tgo.WithReadRetries(99), tgo.WithWriteRetries(tgo.OnBadGateway), tgo.WithLimiter(nil), tgo.WithLogger(nil),
		tgo.WithBaseURL("ftp://x"))
	_, tenantErr := tgo.New("https://acme.tgo-eg.com", tgo.Key{})
	if tenantErr == nil || !strings.Contains(tenantErr.Error(), "tenant") || !strings.Contains(tenantErr.Error(), "key") {
		t.Errorf("%v", tenantErr)
	}
	var inputError *tgo.InputError
	if !errors.As(err, &inputError) {
		t.Fatal(err)
	}
	var named []string
	for _, f := range inputError.Fields {
		named = append(named, f.Field)
		if f.Rule == "" || !strings.Contains(err.Error(), f.Rule) {
			t.Errorf("the rule of %s is not told", f.Field)
		}
	}
	want := "key WithTimeout WithHTTPClient WithUserAgent WithRetryLimits WithReadRetries WithWriteRetries WithLimiter WithLogger base URL"
	if got := strings.Join(named, " "); got != want {
		t.Errorf("named %s\nwant  %s", got, want)
	}
}

func TestNewChecksTheTenant(t *testing.T) {
	for _, tenant := range []string{"", "https://acme.tgo-eg.com", "acme.tgo-eg.com/api/v1", "user:pw@acme.tgo-eg.com", "acme.tgo-eg.com?x=1",
		"acme.tgo-eg.com#x", "acme .tgo-eg.com", "acme.tgo-eg.com\r\nX: y", ":443", "a\\b", "acme", "acme:443"} {
		if _, err := tgo.New(tenant, tgo.NewKey(testKey)); err == nil || !strings.Contains(err.Error(), "tenant") {
			t.Errorf("%q: %v", tenant, err)
		}
	}
	for _, tenant := range []string{"acme.tgo-eg.com", "acme.tgo-eg.com:8443", "xn--mgbh0fb.example", "localhost:8443", "127.0.0.1", "[::1]:8443"} {
		if _, err := tgo.New(tenant, tgo.NewKey(testKey)); err != nil {
			t.Errorf("%q: %v", tenant, err)
		}
	}
}

func TestBaseURLs(t *testing.T) {
	for _, bad := range []string{"", "acme.tgo-eg.com", "http://acme.tgo-eg.com", "http://10.0.0.1", "ftp://127.0.0.1", "https://user@acme.tgo-eg.com",
		"https://user:pw@acme.tgo-eg.com/api/v1", "https://acme.tgo-eg.com?key=1", "https://acme.tgo-eg.com/?", "https://acme.tgo-eg.com/#", "https://acme.tgo-eg.com#a",
		"https://", "http://localhost.example.com", "http://127.0.0.1.example.com", "://", "https://[::1"} {
		_, err := tgo.New("", tgo.NewKey(testKey), tgo.WithBaseURL(bad))
		if err == nil || !strings.Contains(err.Error(), "base URL") {
			t.Errorf("%q: %v", bad, err)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	for _, good := range []string{"https://acme.tgo-eg.com", "https://acme.tgo-eg.com/", "https://acme.tgo-eg.com/api/v1", "http://127.0.0.1:8080", "http://localhost:1/api/v1/", "http://[::1]:80",
		"http://LOCALHOST:1", "http://localhost.:1", "http://fake.localhost", "http://127.8.0.1"} {
		if _, err := tgo.New("", tgo.NewKey(testKey), tgo.WithBaseURL(good)); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

// Plain http to another machine has to be asked for, in whatever order.
func TestWithInsecureHTTP(t *testing.T) {
	for _, opts := range [][]tgo.Option{
		{tgo.WithInsecureHTTP(), tgo.WithBaseURL("http://fake:8080")},
		{tgo.WithBaseURL("http://10.0.0.1/api/v1"), tgo.WithInsecureHTTP()},
	} {
		if _, err := tgo.New("", tgo.NewKey(testKey), opts...); err != nil {
			t.Error(err)
		}
	}
	if _, err := tgo.New("", tgo.NewKey(testKey), tgo.WithBaseURL("http://fake:8080")); err == nil || !strings.Contains(err.Error(), "WithInsecureHTTP") {
		t.Errorf("%v", err)
	}
	if _, err := tgo.New("", tgo.NewKey(testKey), tgo.WithBaseURL("ftp://fake"), tgo.WithInsecureHTTP()); err == nil {
		t.Error("ftp is allowed")
	}
}

// The path of the base URL is where the API's paths begin; without one it is that of the contract.
func TestBasePath(t *testing.T) {
	for suffix, want := range map[string]string{"": "/api/v1/me", "/": "/api/v1/me", "/api/v1": "/api/v1/me", "/api/v1/": "/api/v1/me", "/proxy/tgo": "/proxy/tgo/me"} {
		var got string
		server := serveURL(t, func(w http.ResponseWriter, r *http.Request) {
			got = r.URL.Path
			answer(w, 200, `{"data": {"organization": {}}}`)
		})
		if _, err := clientOf(t, server+suffix).Me(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%q leads to %s", suffix, got)
		}
	}
}

func TestKeysThatCannotBe(t *testing.T) {
	for _, key := range []string{"", `"tgo_quoted-key"`, "'tgo_quoted-key'", `"`, "tgo_key\n", " tgo_key1", "tgo_k\u00e9y1", "tgo_ke\x00y", "tgo_", "abc12"} {
		_, err := tgo.New("acme.tgo-eg.com", tgo.NewKey(key))
		if err == nil || !strings.Contains(err.Error(), "key") || (len(key) > 4 && strings.Contains(err.Error(), strings.TrimSpace(key))) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

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

// A slow drip does not outlive the timeout, and a long upload does.
func TestTimeout(t *testing.T) {
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
	fake := tgotest.New(t)
	const timeout = 250 * time.Millisecond
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
