package traffic

import (
	"net/http"
	"strings"
	"testing"
)

// TestSecretHeadersAreMasked, however their names are written.
func TestSecretHeadersAreMasked(t *testing.T) {
	t.Parallel()
	const secret = "tgo_live_0123456789abcdef"
	if len(secretHeaders) == 0 {
		t.Error("no header is masked")
	}
	for _, name := range secretHeaders {
		header := http.Header{}
		header.Set(strings.ToLower(name), secret)
		got := shownHeaders(header)
		if len(got) != 1 || got[0][0] != name || got[0][1] != "tgo_live****" {
			t.Errorf("%s is shown as %q", name, got)
		}
	}
	if got := shownHeaders(http.Header{"Accept": {secret}}); got[0][1] != secret {
		t.Errorf("a header that holds no key is shown as %q", got)
	}
}
