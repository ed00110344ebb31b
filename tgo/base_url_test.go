package tgo_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

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

// Plain http to another machine must be allowed explicitly. The order of the options does not matter.
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

// The path of the base URL is the prefix of the API's paths. The default is the path of the contract.
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
