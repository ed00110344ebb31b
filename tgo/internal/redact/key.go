package redact

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

const (
	// shortestCut is how many characters at the end of a text count as the start of a key.
	shortestCut = 8
	// longestKey is how many characters of a key the expression has at most. No real key is as long, but package regexp has limits.
	longestKey = 256
)

// keyExpression matches a key, and the start of the key at the end of a text.
func keyExpression(key string) string {
	var b strings.Builder
	for i := range len(key) {
		if i == longestKey {
			b.WriteString(`[!-~]*`)
			break
		}
		if i < shortestCut {
			b.WriteString(`(?:` + charExpression(key[i]) + `)`)
		} else { // if the text has ended, the remaining characters match its end too
			b.WriteString(`(?:` + charExpression(key[i]) + `|\z)`)
		}
	}
	return b.String()
}

// charExpression matches a character as it is, and as JSON, URLs and HTML escape it. JSON's backslashes may be repeated, because %q
// doubles them.
func charExpression(c byte) string {
	literal := regexp.QuoteMeta(string(rune(c)))
	if strings.IndexByte(`"/\`, c) >= 0 { // JSON escapes it with a backslash alone
		literal = `\\*` + literal
	}
	reference := fmt.Sprintf(`#0*%d;?|#[xX]0*(?i:%x);?`, c, c)
	if names := entities()[c]; names != "" {
		reference += "|" + names
	}
	return fmt.Sprintf(`%s|\\+u00(?i:%02x)|%%(?i:%02x)|&(?:%s)`, literal, c, c, reference)
}

// cutEscape matches the start of an escaped character at the end of a text.
var cutEscape = lazily(`(\\+(u[0-9a-fA-F]{0,3})?|%[0-9a-fA-F]?|&#?[0-9a-zA-Z]*)\z`)

// entities returns the names that HTML has for ASCII characters. Some need no semicolon.
var entities = sync.OnceValue(func() map[byte]string {
	return map[byte]string{
		'!':  `excl;`,
		'"':  `quot;?|QUOT;?`,
		'#':  `num;`,
		'$':  `dollar;`,
		'%':  `percnt;`,
		'&':  `amp;?|AMP;?`,
		'\'': `apos;`,
		'(':  `lpar;`,
		')':  `rpar;`,
		'*':  `ast;|midast;`,
		'+':  `plus;`,
		',':  `comma;`,
		'.':  `period;`,
		'/':  `sol;`,
		':':  `colon;`,
		';':  `semi;`,
		'<':  `lt;?|LT;?`,
		'=':  `equals;`,
		'>':  `gt;?|GT;?`,
		'?':  `quest;`,
		'@':  `commat;`,
		'[':  `lbrack;|lsqb;`,
		'\\': `bsol;`,
		']':  `rbrack;|rsqb;`,
		'^':  `Hat;`,
		'_':  `lowbar;|UnderBar;`,
		'`':  `grave;|DiacriticalGrave;`,
		'{':  `lbrace;|lcub;`,
		'|':  `verbar;|vert;|VerticalLine;`,
		'}':  `rbrace;|rcub;`,
	}
})
