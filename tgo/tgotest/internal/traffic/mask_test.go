package traffic

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestSecretHeadersAreMasked, however their names are written.
func TestSecretHeadersAreMasked(t *testing.T) {
	t.Parallel()
	const secret = "tgo_live_0123456789abcdef"
	names := []string{"X-Api-Key", "Authorization", "Proxy-Authorization", "Cookie"}
	if !slices.Equal(secretHeaders, names) {
		t.Errorf("the secret headers are %q, and %q are tested", secretHeaders, names)
	}
	for _, name := range names {
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
