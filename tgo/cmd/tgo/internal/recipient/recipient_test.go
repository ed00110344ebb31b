package recipient

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/tgo-business/tgo-go/tgo"
)

const egypt = "+201001234567"

// TestRead reads one phone as people in Egypt and their programs write it.
func TestRead(t *testing.T) {
	t.Parallel()
	// Written in full: no country is needed.
	for name, cell := range map[string]string{
		"E.164":                                egypt,
		"00 instead of the plus":               "00201001234567",
		"Arabic-Indic digits":                  "+٢٠١٠٠١٢٣٤٥٦٧",
		"Persian digits":                       "+۲۰۱۰۰۱۲۳۴۵۶۷",
		"full-width digits":                    "＋２０１００１２３４５６７",
		"Arabic-Indic digits and 00":           "٠٠٢٠١٠٠١٢٣٤٥٦٧",
		"a formula that is a text":             `="+201001234567"`,
		"the same with spaces":                 ` ="+20 100 123 4567" `,
		"an apostrophe":                        "'+201001234567",
		"a typographic apostrophe":             "\u2019+201001234567",
		"WhatsApp's spaces":                    "+20 100 123 4567",
		"WhatsApp's marks of direction":        "\u202a+20\u00a0100\u00a0123\u00a04567\u202c",
		"isolates":                             "\u2066+201001234567\u2069",
		"a right-to-left mark":                 "\u200f+201001234567\u200e",
		"a byte order mark":                    "\ufeff+201001234567",
		"a zero-width space":                   "+20100\u200b1234567",
		"Google's contacts":                    "+20 10 01234567",
		"iPhone's contacts":                    "+20\u00a0100\u00a0123\u00a04567",
		"Outlook's contacts":                   "+20 (100) 123-4567",
		"dashes":                               "+20-100-123-4567",
		"typographic dashes":                   "+20\u2011100\u20131234567",
		"dots":                                 "+20.100.123.4567",
		"a vCard's":                            "tel:+20-100-123-4567",
		"Facebook's lead forms":                "p:+201001234567",
		"a float of a program":                 "+201001234567.0",
		"a tab and a line end around it":       "\t+201001234567\r\n",
		"a scientific number with all digits":  "+2.01001234567E+11",
		"the plus after a mark of direction":   "\u200e+20 100 123 4567",
		"two zeros with the country in groups": "00 20 100 123 4567",
	} {
		for _, country := range []string{"", "EG", "SA"} {
			if got, completed, err := Read(cell, country); err != nil || got != egypt || completed {
				t.Errorf("%s: %s with country %q is %q, completed %v, %v", name, Show(cell), country, got, completed, err)
			}
		}
	}
	// With the country EG, and not without it.
	for name, cell := range map[string]string{
		"as people dial it":                     "01001234567",
		"the zero that the spreadsheet dropped": "1001234567",
		"the plus that the spreadsheet dropped": "201001234567",
		"the plus missing, and the zero kept":   "2001001234567",
		"Arabic-Indic digits":                   "٠١٠٠١٢٣٤٥٦٧",
		"Persian digits":                        "۰۱۰۰۱۲۳۴۵۶۷",
		"groups":                                "0100 123 4567",
		"brackets":                              "(010) 0123-4567",
		"a slash after the area":                "010/01234567",
		"a formula that is a text":              `="01001234567"`,
		"an apostrophe":                         "'01001234567",
		"marks of direction":                    "\u202b01001234567\u202c",
		"an Arabic letter mark":                 "\u061c01001234567",
		"a no-break space at the end":           "01001234567\u00a0",
		"a scientific number with all digits":   "2.01001234567E+11",
		"the same in lower case, Java's":        "2.01001234567e11",
		"the same with a decimal comma":         "2,01001234567E+11",
		"without the country, too":              "1.001234567E+09",
		"a float, pandas'":                      "201001234567.0",
		"a float without the country":           "1001234567.0",
		"a float with a decimal comma":          "1001234567,00",
		"a float with an Arabic decimal mark":   "٢٠١٠٠١٢٣٤٥٦٧٫٠",
		"thousands":                             "201,001,234,567",
		"thousands, Arabic":                     "٢٠١٬٠٠١٬٢٣٤٬٥٦٧",
		"Facebook's lead forms":                 "p:01001234567",
	} {
		if got, completed, err := Read(cell, "EG"); err != nil || got != egypt || !completed {
			t.Errorf("%s: %s is %q, completed %v, %v", name, Show(cell), got, completed, err)
		}
		if got, _, err := Read(cell, ""); err == nil || !strings.Contains(err.Error(), "such as --country EG") {
			t.Errorf("%s: %s without a country is %q, %v", name, Show(cell), got, err)
		}
	}
	for _, c := range []struct{ cell, country, want string }{
		{"01112345678", "eg", "+201112345678"},
		{"01212345678", "EG", "+201212345678"},
		{"01512345678", "EG", "+201512345678"},
		{"0223456789", "EG", "+20223456789"}, // a landline in Cairo
		{"0501234567", "SA", "+966501234567"},
		{"966501234567", "SA", "+966501234567"},
		{"050 123 4567", "AE", "+971501234567"},
		{"0791234567", "JO", "+962791234567"},
		{"(201) 555-0123", "US", "+12015550123"},
		{"011 20 100 123 4567", "US", egypt}, // the way out of the United States
		{"06 12345678", "IT", "+390612345678"},
	} {
		if got, completed, err := Read(c.cell, c.country); err != nil || string(got) != c.want || !completed {
			t.Errorf("%s of %s is %q, completed %v, %v; want %s", c.cell, c.country, got, completed, err, c.want)
		}
	}
}

// TestRefused reads cells that have no phone, or more than one.
func TestRefused(t *testing.T) {
	t.Parallel()
	const (
		lost   = "the spreadsheet has lost digits of this number: format the column as text, and enter the phones again"
		two    = "there is more than one number in the cell, or an extension: keep one"
		egypts = ", such as 010 01234567 or +201001234567"
	)
	for _, c := range []struct{ cell, want string }{
		{"", "the cell has no phone"},
		{" \u200f\u00a0", "the cell has no phone"},
		{"'", "the cell has no phone"},
		{`=""`, "the cell has no phone"},
		{"-", "it has no digits"},
		{"+", "it has no digits"},
		{"2.01001E+11", lost},
		{"2.01E+11", lost},
		{"2,01001E+11", lost},
		{"2E+11", lost},
		{"+2.01E+11", lost},
		{"٢٫٠١E+١١", lost},
		{"2.0100123456E+11", lost}, // the last digit may be 0, or not be there
		{"2.01001E+99", lost},
		{"2.010012345678E+11", "it is not a phone number"},
		{"01001234567 / 01112345678", two},
		{"01001234567/01112345678", two},
		{"01001234567 or 01112345678", two},
		{"01001234567 أو 01112345678", two},
		{"01001234567 و 01112345678", two},
		{"01001234567و01112345678", two},
		{"01001234567\n01112345678", two},
		{"01001234567, 01112345678", two},
		{"01001234567،01112345678", two},
		{"01001234567;01112345678", two},
		{"01001234567 01112345678", two},
		{"01001234567-01112345678", two},
		{"01001234567 - 01112345678", two},
		{"+20 100 123 4567 ::: +20 111 234 5678", two}, // Google's contacts
		{"+201001234567+201112345678", two},
		{"+201001234567\u200f+201112345678", two},
		{"+201001234567 x12345", two},
		{"Ali 01001234567 (Omar 01112345678)", two},
		{"01001234567/8", "it may be two numbers: it has a slash before its last digits"},
		{"+201001234567/68", "it may be two numbers: it has a slash before its last digits"},
		{"01001234567 ext. 12", `it has letters ("ext"), which are not part of a phone number`},
		{"01001234567 واتس", `it has letters ("واتس"), which are not part of a phone number`},
		{"0100123456O", `it has letters ("O"), which are not part of a phone number`},
		{"Ahmed", `it has letters ("Ahmed"), which are not part of a phone number`},
		{"201001234567@c.us", `it has "@" (U+0040), which is not part of a phone number`},
		{"=+201001234567", `it has "=" (U+003D), which is not part of a phone number`},
		{"01001234567#", `it has "#" (U+0023), which is not part of a phone number`},
		{"0100\x011234567", `it has "<U+0001>" (U+0001), which is not part of a phone number`},
		{"20+1001234567", "it has a plus sign that is not at its start"},
		{"++201001234567", "it has a plus sign that is not at its start"},
		{"+20 (0)100 123 4567", "it has a (0), which is only for calls within the country: remove it"},
		{"+0201001234567", "it must be in E.164 form, such as +201010000000: no country code begins with 0"},
		{"+20100", "it must be in E.164 form, such as +201010000000: it has fewer than 7 digits"},
		{"+2010012345678901", "it must be in E.164 form, such as +201010000000: it has more than 15 digits"},
		{"01001234", "it is not a phone number of EG" + egypts},
		{"0100123456", "it is not a phone number of EG" + egypts},
		{"010012345678", "it has too many digits for a phone number of EG" + egypts},
		{"19777", "it has too few digits for a phone number of EG" + egypts},
		{"01901234567", "it is not a phone number of EG" + egypts},
		{"550324588-07-12", "it has too many digits for a phone number of EG; if it is one of BR, write +5503245880712"}, // 201001234567 as a date
		{"966501234567", "it has too many digits for a phone number of EG; if it is one of SA, write +966501234567"},
		{strings.Repeat("1", 201), "it is too long for a phone number"},
	} {
		got, completed, err := Read(c.cell, "EG")
		if err == nil {
			t.Errorf("%s is %q, completed %v", Show(c.cell), got, completed)
			continue
		}
		if want := Show(c.cell) + ": " + c.want; err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if got != "" || completed {
			t.Errorf("%s is %q, completed %v, in addition to its error", Show(c.cell), got, completed)
		}
	}
	// A number that may be two, one of them with the country code.
	if got, _, err := Read("49514605262", "DE"); err == nil || !strings.Contains(err.Error(), "it may be +4949514605262 or +49514605262: write it in full") {
		t.Errorf("49514605262 of DE is %q, %v", got, err)
	}
	if got, _, err := Read("01001234567", "XX"); err == nil || !strings.Contains(err.Error(), `the country "XX" is not known`) {
		t.Errorf("a number of XX is %q, %v", got, err)
	}
}

func TestKnownCountry(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{"EG": true, "eg": true, "SA": true, "US": true, "GB": true, "UK": false, "": false, "XX": false, "001": false, "EGY": false, "20": false} {
		if got := KnownCountry(code); got != want {
			t.Errorf("%q is known: %v", code, got)
		}
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                        `""`,
		"0100 123":                `"0100 123"`,
		"0100\u200b123":           `"0100<U+200B>123"`,
		"\u202a0100\u00a0\t\n":    `"<U+202A>0100<U+00A0><U+0009><U+000A>"`,
		"أحمد":                    `"أحمد"`,
		"a\xffb":                  `"a<0xFF>b"`,
		"a\ufffdb":                "\"a\ufffdb\"",
		"\x1b[31mred":             `"<U+001B>[31mred"`,
		strings.Repeat("أ", 40):   `"` + strings.Repeat("أ", 40) + `"`,
		strings.Repeat("أ", 41):   `"` + strings.Repeat("أ", 40) + `…"`,
		strings.Repeat("a", 1000): `"` + strings.Repeat("a", 40) + `…"`,
	} {
		if got := Show(value); got != want {
			t.Errorf("%q is shown as %s, want %s", value, got, want)
		}
	}
}

// FuzzRead reads anything: it never panics, and what it reads is a phone for tgo.ParsePhone, and the same when read again.
func FuzzRead(f *testing.F) {
	for _, cell := range []string{
		egypt, "01001234567", "1001234567", "00201001234567", `="+201001234567"`, "2.01001234567E+11", "201001234567.0", "201,001,234,567",
		"٠١٠٠١٢٣٤٥٦٧", "\u202a+20 100\u00a0123 4567\u202c", "p:+201001234567", "tel:01001234567", "01001234567 / 01112345678", "+1\xff", "2E+11", "",
	} {
		f.Add(cell, "EG")
	}
	f.Add("49514605262", "DE")
	f.Add("112", "")
	f.Fuzz(func(t *testing.T, cell, country string) {
		phone, completed, err := Read(cell, country)
		if err != nil {
			if message := err.Error(); !utf8.ValidString(message) || strings.ContainsFunc(message, func(r rune) bool { return !unicode.IsPrint(r) }) ||
				strings.Contains(message, "tgo:") && !strings.Contains(cell+country, "tgo:") || len(phone) > 0 || completed {
				t.Errorf("%q of %q is %q, %v, %q", cell, country, phone, completed, message)
			}
			return
		}
		if again, err := tgo.ParsePhone(string(phone)); err != nil || again != phone {
			t.Errorf("%q of %q is %q, which tgo.ParsePhone reads as %q, %v", cell, country, phone, again, err)
		}
		for _, c := range []string{"", country, "EG"} {
			if again, completed, err := Read(string(phone), c); err != nil || again != phone || completed {
				t.Errorf("%q of %q is %q, which is read as %q, %v, %v", cell, country, phone, again, completed, err)
			}
		}
		if completed && country == "" {
			t.Errorf("%q was completed without a country", cell)
		}
	})
}
