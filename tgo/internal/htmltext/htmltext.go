// Package htmltext extracts the text of HTML pages, for error messages.
package htmltext

import (
	"html"
	"regexp"
	"strings"
	"sync"
)

// expressions are compiled when the first page is read, since most programs never get one.
var expressions = sync.OnceValue(func() (e struct{ title, notText *regexp.Regexp }) {
	e.title = regexp.MustCompile(`(?is)<title\b[^>]*>(.*?)</title`)
	e.notText = regexp.MustCompile(`(?is)<script\b.*?</script\s*>|<style\b.*?</style\s*>|<[^>]*>`)
	return e
})

// Snippet returns the title of a page. If it has none, or a blank one, Snippet returns the text of the page, without tags, scripts and
// styles. Character references become characters, and white space becomes a single space.
func Snippet(page string) string {
	e := expressions()
	if m := e.title.FindStringSubmatch(page); m != nil {
		if title := text(m[1]); title != "" {
			return title
		}
	}
	return text(e.notText.ReplaceAllString(page, " "))
}

// text returns what a browser shows of HTML without tags.
func text(s string) string {
	return strings.Join(strings.Fields(html.UnescapeString(s)), " ")
}
