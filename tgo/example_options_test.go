package tgo_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func ExampleWithBaseURL() {
	fake, stop := startFake()
	defer stop()

	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL)) // such as http://127.0.0.1:41234/api/v1
	if err != nil {
		log.Fatal(err)
	}
	me, err := client.Me(context.Background())
	fmt.Println(me.Organization.Name, err)

	_, err = tgo.New("", fake.Key, tgo.WithBaseURL("http://proxy.example/api/v1"))
	fmt.Println(err != nil)
	// Output:
	// Fake organization <nil>
	// true
}

func ExampleWithInsecureHTTP() {
	const fake = "http://fake:8080/api/v1" // in another container
	key := tgo.NewKey("tgo_a-key-of-the-fake")
	_, err := tgo.New("", key, tgo.WithBaseURL(fake))
	fmt.Println(err != nil)
	_, err = tgo.New("", key, tgo.WithBaseURL(fake), tgo.WithInsecureHTTP())
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleWithHTTPClient() {
	fake, stop := startFake()
	defer stop()

	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxConnsPerHost: 8, IdleConnTimeout: time.Minute}
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err))
	// Output: accepted
}

func ExampleWithTimeout() {
	fake, stop := startFake()
	defer stop()
	inject(fake, tgotest.Fault{Delay: time.Hour, Stored: true}) // a slow server

	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithTimeout(50*time.Millisecond))
	if err != nil {
		log.Fatal(err)
	}
	begun := time.Now()
	_, err = client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err), errors.Is(err, context.DeadlineExceeded), time.Since(begun) < 30*time.Second)
	// Output: unknown true true
}

func ExampleWithUserAgent() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		product, library, _ := strings.Cut(r.UserAgent(), " ")
		fmt.Println(product, library == "tgo-go/"+tgo.Version)
	}))
	defer server.Close()

	client, err := tgo.New("", tgo.NewKey("tgo_example-only"), tgo.WithBaseURL(server.URL), tgo.WithUserAgent("shop/1.4"))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Me(context.Background())
	fmt.Println(errors.Is(err, tgo.ErrUnreadable)) // the responses of this server are empty
	// Output:
	// shop/1.4 true
	// true
}

func ExampleWithLogger() {
	fake, stop := startFake()
	defer stop()

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "took" {
				return slog.Attr{} // these differ from run to run
			}
			return a
		},
	}))
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello"); err != nil {
		log.Fatal(err)
	}
	_, err = client.FromPhone("+201001187199").Lookup(context.Background(), "+201010000000")
	fmt.Println(errors.Is(err, tgo.ErrValidation))
	// Output:
	// level=DEBUG msg="tgo request" operation=sendMessage call="send text" attempt=1 status=201
	// level=WARN msg="tgo request" operation=lookupContact call="look up contact" attempt=1 status=422
	// true
}
