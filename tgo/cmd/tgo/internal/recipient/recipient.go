// Package recipient reads the phones of people out of cells, as spreadsheets, telephones and people write them.
//
// A number that can be read in two ways is refused, never guessed: a message would reach someone else.
package recipient

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/tgo-business/tgo-go/tgo"
)

// Read parses a phone in the spellings that people use. With a plus sign or 00, it is parsed by [tgo.ParsePhone].
// Otherwise it is a number of the country, an ISO 3166 code such as "EG", with or without the leading zero or the
// country code; without a country, it is an error. completed reports that the number had neither a plus sign nor 00, so
// the country was needed. The error shows the cell.
func Read(cell, country string) (phone tgo.Phone, completed bool, err error) {
	phone, completed, err = read(cell, strings.ToUpper(country))
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", Show(cell), err)
	}
	return phone, completed, nil
}

// maxLength is the greatest number of bytes in a cell with a phone.
const maxLength = 200

func read(cell, country string) (phone tgo.Phone, completed bool, err error) {
	text := unwrap(cell)
	switch {
	case text == "":
		return "", false, errors.New("the cell has no phone")
	case len(text) > maxLength:
		return "", false, errors.New("it is too long for a phone number")
	}
	if text, err = number(text); err != nil {
		return "", false, err
	}
	if err := checkOne(text); err != nil {
		return "", false, err
	}
	digits, err := plain(text)
	if err != nil {
		return "", false, err
	}
	if strings.HasPrefix(digits, "+") || strings.HasPrefix(digits, "00") {
		phone, err := parse(text)
		return phone, false, err
	}
	if country == "" {
		return "", false, errors.New("it has no plus sign and country code: write it in full, such as +201001234567, " +
			"or name the country of such numbers, such as --country EG")
	}
	phone, err = national(digits, country)
	return phone, err == nil, err
}

// parse is tgo.ParsePhone, without the name of that function in its errors.
func parse(text string) (tgo.Phone, error) {
	phone, err := tgo.ParsePhone(text)
	var refused *tgo.InputError
	if errors.As(err, &refused) && len(refused.Fields) > 0 {
		return "", errors.New("it " + refused.Fields[0].Rule)
	}
	return phone, err
}

// KnownCountry reports whether numbers of a country can be read. The code is one of ISO 3166, such as "EG".
func KnownCountry(code string) bool {
	return phonenumbers.GetCountryCodeForRegion(strings.ToUpper(code)) != 0
}

// ignored reports spaces and invisible characters.
func ignored(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Z, r) || unicode.Is(unicode.Cf, r)
}

var prefix = regexp.MustCompile(`^(?i:tel|p):`)

// unwrap removes what programs put around a phone so that a spreadsheet does not read it as a number: an apostrophe,
// ="...", and the p: of Facebook's forms. Digits of other scripts become ASCII.
func unwrap(cell string) string {
	trim := func(s string) string { return strings.TrimFunc(s, ignored) }
	text := trim(cell)
	if inner, ok := strings.CutPrefix(text, `="`); ok {
		if inner, ok = strings.CutSuffix(inner, `"`); ok {
			text = trim(inner)
		}
	}
	text = trim(strings.TrimLeft(text, "'\u2018\u2019"))
	text = trim(prefix.ReplaceAllString(text, ""))
	return strings.Map(func(r rune) rune {
		for _, zero := range []rune{'\u0660', '\u06f0', '\uff10'} {
			if r >= zero && r <= zero+9 {
				return '0' + r - zero
			}
		}
		if r == '\uff0b' {
			return '+'
		}
		return r
	}, text)
}

var (
	scientific = regexp.MustCompile(`^(\+?)(\d)(?:[.,\x{66b}](\d*))?[Ee]\+?(\d{1,3})$`)
	float      = regexp.MustCompile(`^(\+?\d{7,})[.,\x{66b}]0{1,2}$`)
	grouped    = regexp.MustCompile(`^\d{1,3}(?:[,\x{66c}]\d{3}){2,}$`)
)

// number parses a number as programs write it: 2.01001234567E+11, 201001234567.0 or 201,001,234,567. It rejects a number
// that may lack digits.
func number(text string) (string, error) {
	if m := scientific.FindStringSubmatch(text); m != nil {
		exponent, err := strconv.Atoi(m[4])
		if err != nil || exponent > 20 || exponent > len(m[3]) {
			return "", errors.New("the spreadsheet has lost digits of this number: format the column as text, and enter the phones again")
		}
		exact, ok := new(big.Rat).SetString(m[2] + "." + m[3] + "0e" + m[4])
		if !ok || !exact.IsInt() {
			return "", errors.New("it is not a phone number")
		}
		return m[1] + exact.Num().String(), nil
	}
	if m := float.FindStringSubmatch(text); m != nil {
		return m[1], nil
	}
	if grouped.MatchString(text) {
		return strings.NewReplacer(",", "", "\u066c", "").Replace(text), nil
	}
	return text, nil
}

// minDigits is the least number of digits in a part of a cell that may be a phone.
const minDigits = 5

// checkOne rejects a cell with more than one number.
func checkOne(text string) error {
	two := errors.New("there is more than one number in the cell, or an extension: keep one")
	part, parts, total := 0, 0, 0 // digits in this part, parts that may be phones, digits
	run, runs := 0, 0             // the same for runs of digits without anything between
	for _, r := range text + "\n" {
		if r >= '0' && r <= '9' {
			if part++; part == minDigits {
				parts++
			}
			if run++; run == 7 {
				runs++
			}
			total++
			continue
		}
		if run > 0 && !ignored(r) || unicode.IsSpace(r) {
			run = 0
		}
		if !ignored(r) && !isPunctuation(r) || r == '\n' || r == '\r' || r == '\t' {
			part = 0
		}
	}
	if parts > 1 || (total > 15 && runs > 1) {
		return two
	}
	return nil
}

// isPunctuation reports characters that may stand between the digits of one number.
func isPunctuation(r rune) bool {
	return r == '.' || r == '(' || r == ')' || r == '\u2212' || unicode.Is(unicode.Pd, r)
}

// plain returns the digits of a number, and its plus signs.
func plain(text string) (string, error) {
	var b strings.Builder
	slash := -1 // digits after it
	position := 0
	for _, r := range text {
		position++
		switch {
		case r >= '0' && r <= '9', r == '+':
			b.WriteRune(r)
			if slash >= 0 {
				slash++
			}
		case r == '/':
			slash = 0
		case ignored(r), isPunctuation(r):
		case unicode.IsLetter(r):
			return "", fmt.Errorf("it has letters (%s), which are not part of a phone number", Show(letters(text)))
		default:
			return "", fmt.Errorf("it has %s (%U), which is not part of a phone number", Show(string(r)), r)
		}
	}
	switch digits := b.String(); {
	case slash == 1 || slash == 2:
		return "", errors.New("it may be two numbers: it has a slash before its last digits")
	case strings.Contains(strings.TrimPrefix(digits, "+"), "+"):
		return "", errors.New("it has a plus sign that is not at its start")
	case strings.Trim(digits, "+") == "":
		return "", errors.New("it has no digits")
	default:
		return digits, nil
	}
}

// letters returns the first word of a text.
func letters(text string) string {
	start := strings.IndexFunc(text, unicode.IsLetter)
	word := text[start:]
	if end := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) }); end > 0 {
		word = word[:end]
	}
	return word
}

// national parses a number of a country, with or without its leading zero or its country code.
func national(digits, country string) (tgo.Phone, error) {
	if !KnownCountry(country) {
		return "", fmt.Errorf("the country %q is not known: give a code of ISO 3166, such as EG", country)
	}
	n, err := phonenumbers.Parse(digits, country)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", refusal(digits, country, n, err)
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if strings.HasPrefix(digits, strconv.Itoa(phonenumbers.GetCountryCodeForRegion(country))) && "+"+digits != e164 {
		if full, err := phonenumbers.Parse("+"+digits, ""); err == nil && phonenumbers.IsValidNumber(full) {
			if other := phonenumbers.Format(full, phonenumbers.E164); other != e164 {
				return "", fmt.Errorf("it may be %s or %s: write it in full, with a plus sign", e164, other)
			}
		}
	}
	return parse(e164)
}

// refusal returns the reason why a number is not one of a country.
func refusal(digits, country string, n *phonenumbers.PhoneNumber, err error) error {
	why := "is not a phone number of " + country
	if err == nil {
		switch phonenumbers.IsPossibleNumberWithReason(n) {
		case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
			why = "has too few digits for a phone number of " + country
		case phonenumbers.TOO_LONG:
			why = "has too many digits for a phone number of " + country
		}
	}
	if full, err := phonenumbers.Parse("+"+digits, ""); err == nil && phonenumbers.IsValidNumber(full) {
		return fmt.Errorf("it %s; if it is one of %s, write +%s", why, phonenumbers.GetRegionCodeForNumber(full), digits)
	}
	example := phonenumbers.GetExampleNumberForType(country, phonenumbers.MOBILE)
	if example == nil {
		return fmt.Errorf("it %s", why)
	}
	return fmt.Errorf("it %s, such as %s or %s", why, phonenumbers.Format(example, phonenumbers.NATIONAL),
		phonenumbers.Format(example, phonenumbers.E164))
}

// shown is how many characters of a value a message shows.
const shown = 40

// Show formats a value for a message: in quotes, shortened if it is long, and with code points for characters that are
// invisible or look like a space, such as "0100<U+200B>123".
func Show(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	count := 0
	for i, r := range value {
		if count++; count > shown {
			b.WriteRune('\u2026')
			break
		}
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(value[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, "<0x%02X>", value[i])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "<%U>", r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
