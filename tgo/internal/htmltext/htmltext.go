// Package htmltext takes the text out of HTML pages, for error messages.
package htmltext

import (
	"html"
	"regexp"
	"strings"
	"sync"
)

// expressions are compiled at the first page: most programs never meet one.
var expressions = sync.OnceValue(func() (e struct{ title, notText *regexp.Regexp }) {
	e.title = regexp.MustCompile(`(?is)<title\b[^>]*>(.*?)</title`)
	e.notText = regexp.MustCompile(`(?is)<script\b.*?</script\s*>|<style\b.*?</style\s*>|<[^>]*>`)
	return e
})

// Snippet returns a page's title. Where it has none, or a blank one, Snippet returns the page's text, without tags, scripts
// and styles. Character references become characters, and white space a single space.
func Snippet(page string) string {
	e := expressions()
	if m := e.title.FindStringSubmatch(page); m != nil {
		if title := text(m[1]); title != "" {
			return title
		}
	}
	return text(e.notText.ReplaceAllString(page, " "))
}

// text is what a browser shows of HTML without tags.
func text(s string) string {
	return strings.Join(strings.Fields(html.UnescapeString(s)), " ")
}
