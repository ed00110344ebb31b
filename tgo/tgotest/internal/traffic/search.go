package traffic

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// search is what a user looks for: words, all of which a request must match.
type search []term

// term is one word: "text", "name:text", or one of them after a minus.
type term struct {
	not  bool
	name string // empty for a word that may be anywhere
	text string // in lower case
}

// SearchNames are the names that a term may have. Another word before a colon is text: people look for times and addresses.
var SearchNames = []string{"to", "from", "type", "status", "key", "test", "operation", "is"}

// parseSearch reads what a user typed. Any text is valid.
func parseSearch(text string) (s search) {
	for _, word := range searchWords(text) {
		t := term{}
		if rest, not := strings.CutPrefix(word, "-"); not && rest != "" {
			t.not, word = true, rest
		}
		if name, rest, ok := strings.Cut(word, ":"); ok && rest != "" && slices.Contains(SearchNames, strings.ToLower(name)) {
			t.name, word = strings.ToLower(name), rest
		}
		t.text = strings.ToLower(strings.ReplaceAll(word, `"`, ""))
		if t.text != "" {
			s = append(s, t)
		}
	}
	return s
}

// searchWords splits at white space outside of quotation marks.
func searchWords(text string) []string {
	quoted := false
	return strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && unicode.IsSpace(r)
	})
}

// found is a request as a search sees it.
type found struct {
	*Record
	sender  string
	doubled bool
}

func (s search) matches(r found) bool {
	for _, t := range s {
		if t.matches(r) == t.not {
			return false
		}
	}
	return true
}

func (t term) matches(r found) bool {
	switch t.name {
	case "to":
		return t.in(r.sent.to) || SamePhone(t.text, r.sent.to)
	case "from":
		return t.in(r.sent.from) || t.in(r.sender) || SamePhone(t.text, r.sent.from)
	case "type":
		return strings.EqualFold(r.sent.messageType, t.text)
	case "status":
		return strings.HasPrefix(strconv.Itoa(r.status), strings.TrimRight(t.text, "x")) // 4xx is a status too
	case "key":
		return t.in(r.key.Name)
	case "test":
		return t.in(r.header(headerTest))
	case "operation":
		return strings.EqualFold(r.operation(), t.text)
	case "is":
		return r.is(t.text)
	}
	for _, text := range []string{
		r.sent.text, r.sent.to, r.sent.from, r.sender, r.sent.fileName, r.path, r.key.Name, r.operation(), r.outcome, r.faultText(),
		r.problem, r.header(headerTest), string(r.body),
	} {
		if t.in(text) {
			return true
		}
	}
	return SamePhone(t.text, r.sent.to) || SamePhone(t.text, r.sent.from)
}

func (t term) in(text string) bool { return strings.Contains(strings.ToLower(text), t.text) }

// is reports whether a request is of a kind; of an unknown kind none is.
func (r found) is(kind string) bool {
	switch kind {
	case "accepted":
		return r.message != nil
	case "failed":
		return r.failed()
	case "doubled":
		return r.doubled
	case "unread":
		return !r.read.Load()
	}
	return false
}

// minPhoneDigits is how many digits make a word a phone, without the zeros before them. Fewer are in too many.
const minPhoneDigits = 4

// SamePhone reports whether a phone, however it is spelled, may be the one in E.164 form, or a part of it.
func SamePhone(spelled, phone string) bool {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '٠' && r <= '٩': // Arabic-Indic
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹': // of Persian and Urdu
			return r - '۰' + '0'
		case strings.ContainsRune(" +-().\u00a0\u200e\u200f\u202a\u202c", r):
			return -1
		}
		return 0 // no phone
	}, spelled)
	digits := strings.TrimLeft(plain, "0")
	return len(digits) >= minPhoneDigits && strings.Contains(phone, digits) // that has no 0 byte
}
