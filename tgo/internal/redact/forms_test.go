package redact

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// names has the characters with names in HTML, as the HTML standard lists them.
var names = map[byte][]string{
	'!': {"excl;"}, '"': {"QUOT;", "quot;", "QUOT", "quot"}, '#': {"num;"}, '$': {"dollar;"}, '%': {"percnt;"},
	'&': {"AMP;", "amp;", "AMP", "amp"}, '\'': {"apos;"}, '(': {"lpar;"}, ')': {"rpar;"}, '*': {"ast;", "midast;"}, '+': {"plus;"},
	',': {"comma;"}, '.': {"period;"}, '/': {"sol;"}, ':': {"colon;"}, ';': {"semi;"}, '<': {"LT;", "lt;", "LT", "lt"},
	'=': {"equals;"}, '>': {"GT;", "gt;", "GT", "gt"}, '?': {"quest;"}, '@': {"commat;"}, '[': {"lbrack;", "lsqb;"},
	'\\': {"bsol;"}, ']': {"rbrack;", "rsqb;"}, '^': {"Hat;"}, '_': {"UnderBar;", "lowbar;"}, '`': {"DiacriticalGrave;", "grave;"},
	'{': {"lbrace;", "lcub;"}, '|': {"VerticalLine;", "verbar;", "vert;"}, '}': {"rbrace;", "rcub;"},
}

// picker makes choices based on bytes, so that a fuzzer can control them. Without bytes it makes the first choice.
type picker struct{ choices []byte }

func (p *picker) below(n int) int {
	if len(p.choices) == 0 {
		return 0
	}
	c := p.choices[0]
	p.choices = p.choices[1:]
	return int(c) % n
}

// anyCase changes the case of some hexadecimal digits.
func (p *picker) anyCase(hex string) string {
	b := []byte(hex)
	for i := range b {
		if p.below(2) == 1 {
			b[i] = strings.ToUpper(hex)[i]
		}
	}
	return string(b)
}

// form is a way to write a character before a rest that is already written, and to read such a text.
type form struct {
	name  string
	write func(p *picker, c byte, rest string) string
	read  []func(string) (string, error)
	plain func(string) string // writes any text
}

var forms = []form{
	{
		name: "JSON",
		write: func(p *picker, c byte, _ string) string {
			switch n := p.below(3); {
			case n == 1:
				return `\u` + p.anyCase(fmt.Sprintf("%04x", c))
			case c == '"', c == '\\', c == '/' && n == 2:
				return `\` + string(c)
			}
			return string(c)
		},
		read: []func(string) (string, error){func(s string) (text string, err error) {
			err = json.Unmarshal([]byte(`"`+s+`"`), &text)
			return text, err
		}},
		plain: func(s string) string {
			quoted, _ := json.Marshal(s)
			return string(quoted[1 : len(quoted)-1])
		},
	},
	{
		name: "URL",
		write: func(p *picker, c byte, _ string) string {
			if c == '%' || p.below(2) == 1 {
				return "%" + p.anyCase(fmt.Sprintf("%02x", c))
			}
			return string(c)
		},
		read:  []func(string) (string, error){url.PathUnescape, url.QueryUnescape},
		plain: url.PathEscape,
	},
	{
		name: "HTML",
		write: func(p *picker, c byte, rest string) string {
			var s string
			n := p.below(4)
			zeros := strings.Repeat("0", p.below(10))
			switch {
			case n == 1:
				s = fmt.Sprintf("&#%s%d;", zeros, c)
			case n == 2:
				s = "&#" + []string{"x", "X"}[p.below(2)] + zeros + p.anyCase(fmt.Sprintf("%x;", c))
			case (n == 3 || c == '&') && names[c] != nil:
				s = "&" + names[c][p.below(len(names[c]))]
			default:
				return string(c)
			}
			needless := rest != "" && !isAlphanumeric(rest[0]) && rest[0] != ';'
			switch {
			case !needless && !strings.HasSuffix(s, ";"):
				s += ";"
			case needless && s[1] == '#' && p.below(2) == 1:
				s = strings.TrimSuffix(s, ";")
			}
			return s
		},
		read:  []func(string) (string, error){func(s string) (string, error) { return html.UnescapeString(s), nil }},
		plain: html.EscapeString,
	},
}

// mixed writes each character in any of the other forms.
var mixed = form{
	name: "mixed",
	write: func(p *picker, c byte, rest string) string {
		s := forms[p.below(len(forms))].write(p, c, rest)
		if s == string(c) && strings.IndexByte(`\%&`, c) >= 0 {
			return fmt.Sprintf("%%%02x", c) // it would be read as an escape
		}
		return s
	},
	read: []func(string) (string, error){func(s string) (string, error) {
		return escape.ReplaceAllStringFunc(s, func(e string) string {
			switch e[0] {
			case '\\':
				e, _ = forms[0].read[0](e)
			case '%':
				e, _ = url.PathUnescape(e)
			case '&':
				e = html.UnescapeString(e)
			}
			return e
		}), nil
	}},
	plain: func(s string) string { return regexp.MustCompile(`[\\%&;"]`).ReplaceAllString(s, "") },
}

var escape = regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|["\\/])|%[0-9a-fA-F]{2}|&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z]+;|(?i:quot|amp|lt|gt))`)

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// writeKey writes a key, and returns the text and where each of its characters ends.
func (f form) writeKey(p *picker, key string) (text string, ends []int) {
	for i := len(key) - 1; i >= 0; i-- {
		ends = append(ends, len(text))
		text = f.write(p, key[i], text) + text
	}
	for i := range ends {
		ends[i] = len(text) - ends[i]
	}
	slices.Reverse(ends)
	return text, ends
}

// checkForms fails if any reader of a masked text finds the key in it.
func checkForms(t *testing.T, f form, key string, choices []byte, before, after string) {
	t.Helper()
	text, _ := f.writeKey(&picker{choices}, key)
	text = f.plain(before) + text + f.plain(after)
	masked := New(key).Text(text)
	if strings.Contains(masked, key) {
		t.Fatalf("%s: %q masked is %q, which contains the key %q", f.name, text, masked, key)
	}
	for i, read := range f.read {
		if got, err := read(text); i == 0 && (err != nil || !strings.Contains(got, key)) {
			t.Fatalf("%s: %q is not a form of %q: it reads %q, %v", f.name, text, key, got, err)
		}
		// A reader may refuse a masked text: masking the key 00000000 in %20000000000 breaks the escape %20.
		if got, err := read(masked); err == nil && strings.Contains(got, key) {
			t.Fatalf("%s: %q masked is %q, which reads %q; the key is %q", f.name, text, masked, got, key)
		}
	}
}

// checkCuts cuts a text within the key.
func checkCuts(t *testing.T, f form, key string, choices []byte) {
	t.Helper()
	m := New(key)
	text, ends := f.writeKey(&picker{choices}, key)
	for cut := range ends[len(ends)-2] + 1 { // the last character may count as a literal one if its escape is cut
		want := "text: " + text[:cut]
		switch {
		case cut > ends[shortestCut-2] && cut < ends[shortestCut-1]: // the character may count without its semicolon
			continue
		case cut >= ends[shortestCut-1]:
			want = "text: " + Mask
		}
		if got := m.Text("text: " + text[:cut]); got != want {
			t.Fatalf("%s: for %q, cut at %d, Text returns %q, want %q; the key is %q", f.name, text, cut, got, want, key)
		}
	}
}

// usable reports whether a text can be a key, and does not overlap with the mask, which could complete the key again.
func usable(key string) bool {
	if len(key) < shortestCut || len(key) > 100 || strings.Contains(key, "*") {
		return false
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	for n := 1; n <= 4; n++ {
		if strings.HasSuffix(key, Mask[:n]) {
			return strings.HasPrefix(key, Mask[:4])
		}
	}
	return true
}

// In whatever form a text contains the key, its reader does not find the key after masking.
func TestForms(t *testing.T) {
	const seed = 1
	r := rand.New(rand.NewPCG(seed, seed))
	for range 60 {
		key := make([]byte, 8+r.IntN(50))
		for i := range key {
			key[i] = byte('!' + r.IntN('~'-'!'+1))
		}
		if r.IntN(2) == 0 {
			key = append([]byte("tgo_"), key...)
		}
		if !usable(string(key)) {
			continue
		}
		choices := make([]byte, 1000)
		for i := range choices {
			choices[i] = byte(r.Uint32())
		}
		for _, f := range append(forms, mixed) {
			checkForms(t, f, string(key), choices, "\"before\" 100% & more\n", " <after>")
			if strings.HasPrefix(string(key), Mask[:4]) {
				continue // the rule for any key would apply too
			}
			checkCuts(t, f, string(key), choices)
		}
	}
}

func FuzzText(f *testing.F) {
	for i, key := range []string{testKey, "tgo_a/b/c<d>", `live&"'\$^key`, "live%41live%41", "&amp;&lt;", `\u0074\u0067`, "tgo_tgo_t"} {
		choices := []byte("\x01\x02\x03\x00\x01\x05\x02\x01\x03\x04\x01\x02\x00\x07\x03\x01\x02\x03")
		f.Add(i, key, choices[i:], "", "")
		f.Add(i, key, choices, key[:len(key)-1], key[1:])
		f.Add(i, key, []byte{}, "tgo_EXAMPLEONLY\\", "\xff%zz&#")
	}
	f.Fuzz(func(t *testing.T, which int, key string, choices []byte, before, after string) {
		if !usable(key) || len(before)+len(after) > 500 {
			t.Skip("no key, or slow")
		}
		all := append(forms, mixed)
		checkForms(t, all[uint(which)%uint(len(all))], key, choices, before, after)
	})
}
