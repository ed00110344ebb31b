package tgo

import (
	"bytes"
	"strings"
)

// This file finds by hand what regular expressions would find: package regexp alone is a third of what tgo would add to a
// program. scan_test.go has the expressions, and holds these functions against them.

// isKeyChar reports whether a key may have this character after its tgo_.
func isKeyChar(c byte) bool {
	return isWordChar(c) || strings.IndexByte(`|.~+/=\-`, c) >= 0
}

func isWordChar(c byte) bool {
	return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// run is how many bytes at the beginning of s are of a kind.
func run[T string | []byte](s T, kind func(byte) bool) int {
	n := 0
	for n < len(s) && kind(s[n]) {
		n++
	}
	return n
}

// maskAnyKey masks keys other than the client's own, such as the one that a created key's answer carries. The prefix that
// the API shows of a key is shorter.
func maskAnyKey(s string) string {
	const prefix, shortest = "tgo_", 12
	var out strings.Builder
	rest := s
	for {
		i := strings.Index(rest, prefix)
		if i < 0 {
			break
		}
		end := i + len(prefix) + run(rest[i+len(prefix):], isKeyChar)
		if end-i-len(prefix) >= shortest {
			out.WriteString(rest[:i] + maskedKey)
		} else { // what follows up to end begins no longer key
			out.WriteString(rest[:end])
		}
		rest = rest[end:]
	}
	if out.Len() == 0 {
		return s
	}
	return out.String() + rest
}

const maskedKey = "tgo_****"

// maskPhones masks phone numbers in texts that other packages made: a plus, as it is or as in a URL, and 7 to 15 digits.
func maskPhones(s string) string {
	var out strings.Builder
	written := 0
	for i := 0; i < len(s); {
		var plus int // bytes
		switch {
		case s[i] == '+':
			plus = 1
		case strings.HasPrefix(s[i:], "%2B"), strings.HasPrefix(s[i:], "%2b"):
			plus = 3
		default:
			i++
			continue
		}
		digits := min(run(s[i+plus:], isDigit), 15)
		if digits >= 7 {
			out.WriteString(s[written:i] + "+***")
			written = i + plus + digits
		}
		i += plus + digits
	}
	return out.String() + s[written:]
}

// indexFold is strings.Index for a lower-case ASCII word in whatever case.
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if hasPrefixFold(s[i:], word) {
			return i
		}
	}
	return -1
}

func hasPrefixFold(s, word string) bool {
	if len(s) < len(word) {
		return false
	}
	for i := range len(word) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// titleOf is what stands in the title element of a page.
func titleOf(page string) string {
	begin := indexFold(page, "<title")
	if begin < 0 {
		return ""
	}
	_, rest, found := strings.Cut(page[begin:], ">")
	end := indexFold(rest, "</title>")
	if !found || end < 0 {
		return ""
	}
	return rest[:end]
}

// withoutTags is a page with a space for each tag, and for each script and style with what is in it.
func withoutTags(page string) string {
	var out strings.Builder
	for {
		i := strings.IndexByte(page, '<')
		if i < 0 {
			return out.String() + page
		}
		out.WriteString(page[:i])
		page = page[i:]
		length := tagLength(page)
		if length == 0 { // a mere <
			out.WriteByte('<')
			page = page[1:]
			continue
		}
		out.WriteByte(' ')
		page = page[length:]
	}
}

// tagLength is the length of the tag at the beginning, with the whole of a script or style; 0 where there is none.
func tagLength(page string) int {
	for _, name := range []string{"script", "style"} {
		after := 1 + len(name)
		if !hasPrefixFold(page[1:], name) || (after < len(page) && isWordChar(page[after])) {
			continue
		}
		end := 0
		for _, closing := range []string{"</script>", "</style>"} {
			if i := indexFold(page[after:], closing); i >= 0 && (end == 0 || after+i+len(closing) < end) {
				end = after + i + len(closing)
			}
		}
		if end > 0 {
			return end
		}
	}
	return strings.IndexByte(page, '>') + 1
}

// timeFields are the fields of the API's answers that hold a time.
var timeFields = []string{"sent_at", "phone_verified_at", "expires_at", "last_used_at"}

// mendTimes turns times in the form of a database, "2025-01-10 08:00:00", which RFC 3339 does not know, into UTC ones.
// Inside a text of a message the quotes would be escaped, so texts are not touched.
func mendTimes(body []byte) []byte {
	var out bytes.Buffer
	written := 0
	for i := 0; i < len(body); i++ {
		if body[i] != '"' {
			continue
		}
		if begin, end := databaseTime(body[i:]); end > 0 {
			out.Write(body[written : i+begin])
			out.WriteByte('T')
			out.Write(body[i+begin+1 : i+end])
			out.WriteByte('Z')
			written = i + end
			i = written // at the closing quote
		}
	}
	if written == 0 {
		return body
	}
	out.Write(body[written:])
	return out.Bytes()
}

// databaseTime looks for a field with such a time at the beginning of b, which is a quote. It returns where the character
// between date and time is, and where the time ends; zeros where there is none.
func databaseTime(b []byte) (separator, end int) {
	for _, name := range timeFields {
		rest, found := bytes.CutPrefix(b[1:], []byte(name+`"`))
		if !found {
			continue
		}
		rest = bytes.TrimLeft(rest, "\t\n\f\r ")
		if rest, found = bytes.CutPrefix(rest, []byte(":")); !found {
			return 0, 0
		}
		rest = bytes.TrimLeft(rest, "\t\n\f\r ")
		const form = `"0000-00-00 00:00:00` // a 0 is any digit, the space may be a T
		if len(rest) <= len(form) {
			return 0, 0
		}
		for i := range len(form) {
			same := rest[i] == form[i]
			switch form[i] {
			case '0':
				same = isDigit(rest[i])
			case ' ':
				same = rest[i] == ' ' || rest[i] == 'T'
			}
			if !same {
				return 0, 0
			}
		}
		length := len(form)
		if rest[length] == '.' {
			fraction := run(rest[length+1:], isDigit)
			if fraction == 0 {
				return 0, 0
			}
			length += 1 + fraction
		}
		if length == len(rest) || rest[length] != '"' {
			return 0, 0
		}
		begin := len(b) - len(rest)
		return begin + strings.IndexByte(form, ' '), begin + length
	}
	return 0, 0
}
