package htmltext

import (
	"html"
	"strings"
	"testing"
	"unicode"
)

func TestSnippet(t *testing.T) {
	for _, c := range []struct{ page, want string }{
		{"", ""},
		{"just text", "just text"},
		{"<html><head><title>502 Bad Gateway</title></head><body><script>x()</script>nginx", "502 Bad Gateway"},
		{"<title>It\n  works</title>", "It works"},
		{"<TITLE lang=en>a</Title><title>b</title>", "a"},
		{"<title\n>Tom &amp; Jerry &#8212; &#x4E00;</title >", "Tom & Jerry — 一"},
		{"<title> </title><p>text", "text"},
		{"<title>&nbsp;</title><p>text", "text"},
		{"<title>never ends", "never ends"},
		{"<title", "<title"},
		{"<titles>x</titles>y", "x y"},
		{"<h1>Oops</h1><style>a{}</style> &amp; more", "Oops & more"},
		{"<p>a</p>b<script type=x>if (a < b) { c = '</style>' }</script>c<STYLE\n>x</style >d", "a b c d"},
		{"<scripts>x</scripts>", "x"},
		{"<script>open", "open"},
		{"a < b", "a < b"},
		{"1 &lt; 2 <!-- a comment --> and <b>3</b>", "1 < 2 and 3"},
		{"&lt;title&gt;not a title&lt;/title&gt;", "<title>not a title</title>"},
	} {
		if got := Snippet(c.page); got != c.want {
			t.Errorf("Snippet(%q)\n got %q\nwant %q", c.page, got, c.want)
		}
	}
}

// The snippet of any page has single spaces as its only white space, and a text without markup stays unchanged.
func FuzzSnippet(f *testing.F) {
	for _, s := range []string{"", "a\n b", "<title>a</title>b", "<p>a</p>b<script>c</script>", "&nbsp;&amp;&#10;&lt;b>", "<style", "\xff<"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Snippet(s)
		for i, r := range got {
			if unicode.IsSpace(r) && (r != ' ' || i == 0 || strings.HasPrefix(got[i+1:], " ")) || strings.HasSuffix(got, " ") {
				t.Fatalf("Snippet(%q) has extra white space: %q", s, got)
			}
		}
		want := strings.Join(strings.Fields(s), " ")
		if got := Snippet(html.EscapeString(s)); got != want {
			t.Errorf("Snippet of the page that shows %q is %q", want, got)
		}
		if got := Snippet("<title>" + html.EscapeString(s) + "</title>other"); want != "" && got != want {
			t.Errorf("Snippet of the page with title %q is %q", want, got)
		}
	})
}
