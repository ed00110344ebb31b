package otel_test

import (
	"fmt"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/tgo-business/tgo-go/tgo"
)

// The client's README shows these lines.
func Example() {
	key := tgo.NewKey("key-of-the-otel-tests")
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64 // the default, 2, opens a connection for nearly every send under load
	hc := &http.Client{Transport: otelhttp.NewTransport(transport)}
	client, err := tgo.New("acme.tgo-eg.com", key, tgo.WithHTTPClient(hc))
	fmt.Println(client != nil, err)
	// Output: true <nil>
}
