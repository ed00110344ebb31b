package exchange

import (
	"net/http"
	"testing"
)

// The id is in the first header of the list that is not empty, because proxies add their own header.
func TestRequestID(t *testing.T) {
	for _, c := range []struct {
		header http.Header
		want   string
	}{
		{http.Header{}, ""},
		{http.Header{"X-Request-Id": {"a"}, "Request-Id": {"b"}, "X-Correlation-Id": {"c"}, "Cf-Ray": {"d"}}, "a"},
		{http.Header{"X-Request-Id": {" "}, "Request-Id": {" b "}, "X-Correlation-Id": {"c"}, "Cf-Ray": {"d"}}, "b"},
		{http.Header{"X-Correlation-Id": {"c"}, "Cf-Ray": {"d"}}, "c"},
		{http.Header{"Cf-Ray": {"d"}}, "d"},
	} {
		if got := RequestID(c.header); got != c.want {
			t.Errorf("the request id of %v is %q, want %q", c.header, got, c.want)
		}
	}
}
