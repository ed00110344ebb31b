package traffic

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// secretHeaders are masked: they hold keys, some of them only by mistake.
var secretHeaders = []string{"X-Api-Key", "Authorization", "Proxy-Authorization", "Cookie"}

// shownHeaders are headers in the order of their names, with the secret ones masked.
func shownHeaders(header http.Header) [][2]string {
	list := [][2]string{}
	for name, values := range header {
		for _, v := range values {
			if slices.Contains(secretHeaders, name) {
				v = maskedKey(v)
			}
			list = append(list, [2]string{name, shown(v)})
		}
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return list
}

// maskedKey keeps the beginning, by which people know a key, unless that is most of it.
func maskedKey(key string) string {
	const known = 8
	if len(key) < 2*known {
		return "****"
	}
	return key[:known] + "****"
}

// plainTextKey is a new key in the response that has it.
var plainTextKey = regexp.MustCompile(`("plain_text_key"\s*:\s*")([^"]*)`)

// withoutKey is a response with its new key masked.
func withoutKey(answer []byte) []byte {
	return plainTextKey.ReplaceAllFunc(answer, func(told []byte) []byte {
		parts := plainTextKey.FindSubmatch(told)
		return append(parts[1], maskedKey(string(parts[2]))...)
	})
}

// maskKeys masks the keys of the workspace in a text, such as the response that has a new one.
func (l *Log) maskKeys(text string) string {
	for _, k := range l.workspace.Keys() {
		text = strings.ReplaceAll(text, k.PlainText, maskedKey(k.PlainText))
	}
	return text
}
