package exchange

import (
	"net/http"
	"strings"
)

// RequestID returns the id that the server or a proxy before it gave the request, or "".
func RequestID(header http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Correlation-Id", "Cf-Ray"} {
		if id := strings.TrimSpace(header.Get(name)); id != "" {
			return id
		}
	}
	return ""
}
