package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// countedIcon is the icon with the number of unread requests; it is red if a message arrived more than once.
func countedIcon(plain []byte, r *http.Request) []byte {
	count, _ := strconv.Atoi(r.FormValue("count")) // anything else counts as 0
	icon := string(plain)
	if count > 0 {
		text, size := strconv.Itoa(min(count, 99)), 22
		switch {
		case count > 99:
			text, size = "99+", 15
		case count > 9:
			size = 19
		}
		before, _, _ := strings.Cut(icon, "<path")
		icon = fmt.Sprintf(`%s<text x="16" y="16.5" dominant-baseline="central" text-anchor="middle" font-family="sans-serif" `+
			`font-weight="700" font-size="%d" fill="#fff">%s</text></svg>`, before, size, text)
	}
	if r.FormValue("alert") != "" {
		icon = strings.ReplaceAll(icon, "#0b6e4f", "#b3261e")
	}
	return []byte(icon)
}
