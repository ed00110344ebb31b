package exchange

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// No test of this package may leave a goroutine running.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "tgo_" + "s3cretKeyOfTheTests/+="

// everything is every failure.
var everything = []Failure{
	FailureNotSent, FailureConnectionLost, FailureRateLimited, FailureBadGateway, FailureUnavailable, FailureGatewayTimeout,
}

// engineOf makes an engine that repeats reads after every failure, and writes that were not sent, almost without waits.
func engineOf(t *testing.T, change func(*Config)) *Engine {
	t.Helper()
	c := Config{
		Client:   &http.Client{Transport: &http.Transport{}},
		Header:   func(h http.Header) { h.Set("X-Api-Key", testKey) },
		Timeout:  time.Minute,
		Attempts: 3,
		MaxWait:  time.Millisecond,
		Reads:    everything,
		Writes:   []Failure{FailureNotSent},
		Mask:     redact.New(testKey),
	}
	change(&c)
	engine := New(c)
	t.Cleanup(engine.CloseIdleConnections)
	return engine
}

// request makes a request as the generated code does.
func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if body == "" {
		r, err = http.NewRequestWithContext(t.Context(), method, url, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reader makes an io.Reader of a function.
type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }
