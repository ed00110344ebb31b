package tgo_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

func TestParsePhone(t *testing.T) {
	good := map[string]tgo.Phone{
		"+201010000000":                         "+201010000000",
		" +20 101 000 0000 ":                    "+201010000000",
		"+20-101-000-0000":                      "+201010000000",
		"+20 (101) 000.0000":                    "+201010000000",
		"00201010000000":                        "+201010000000",
		"٠٠٢٠١٠١٠٠٠٠٠٠٠":                        "+201010000000",
		"+۲۰۱۰۱۰۰۰۰۰۰۰":                         "+201010000000",
		"\u200e+20 101 000 0000":                "+201010000000",
		"+1 202 555 0147":                       "+12025550147",
		"+290 8000":                             "+2908000",
		"+999999999999999":                      "+999999999999999",
		"\u202a+201010000000\u202c":             "+201010000000",
		"+20\u00a0101\u00a00000 000":            "+201010000000",
		"'+201010000000":                        "+201010000000",
		"\u2019+201010000000":                   "+201010000000",
		"tel:+20-101-000-0000":                  "+201010000000",
		" TEL: +201010000000":                   "+201010000000",
		"+20/101/0000000":                       "+201010000000",
		"+20\u2013101\u2014000\u22120000\ufe63": "+201010000000",
		"\uff0b\uff12\uff10\uff11\uff10\uff11\uff10\uff10\uff10\uff10\uff10\uff10\uff10": "+201010000000",
		"\ufeff\u061c\u2066+20\u200b101\u2060000\u20690000\u202e":                        "+201010000000",
		"+20\u2003101\u3000000\u20280000\t\n":                                            "+201010000000",
	}
	for in, want := range good {
		if got, err := tgo.ParsePhone(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "01234567890", "20123456789", "+0201010000000", "+20", "+123456", "+1234567890123456",
		"+20101000000a", "call me", "+20+1010000000", "++201010000000", "000201010000000", "+", "ext. 5", "+20101000\n0000x",
		"+20 (0) 101 000 0000", "+٢٠ (٠) ١٠١ ٠٠٠ ٠٠٠٠", "+20 2 2735 1234/5"} {
		got, err := tgo.ParsePhone(in)
		var inputError *tgo.InputError
		if !errors.As(err, &inputError) || inputError.Fields[0].Field != "phone" || inputError.Fields[0].Rule == "" || got != "" {
			t.Errorf("%q: %q, %v", in, got, err)
		}
		if err != nil && len(in) > 6 && strings.Contains(err.Error(), in) {
			t.Errorf("the error shows the number: %v", err)
		}
	}
}

// The error names what was refused, and its position in the text.
func TestParsePhoneNamesWhatItRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"+20101000000a":             "'a' (U+0061) as character 13",
		"tel:+20101;ext=5":          "';' (U+003B) as character 11",
		"\ufeff+20 10\u06000000000": "(U+0600) as character 8",
		"+20 2 2735 1234/5":         "may be two numbers",
		"+20 (0) 101 000 0000":      "(0)",
		"+20 ( 0 ) 101 000 0000":    "(0)",
		"+20101000000\xff":          "(U+FFFD) as character 13",
		"whatsapp:+201010000000":    "'w' (U+0077) as character 1",
		"+20'1010000000":            "U+0027",
	} {
		if _, err := tgo.ParsePhone(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %q", in, err, want)
		}
	}
}

// FuzzParsePhone checks that the result for any text is an error or in E.164 form, and that parsing the result does not change it.
func FuzzParsePhone(f *testing.F) {
	for _, s := range []string{"+201010000000", "0020 101 000 0000", "٠٠٢٠١٠١٠٠٠٠٠٠٠", "+", "++20", "\xff+201010000000"} {
		f.Add(s)
	}
	e164 := regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`) // as in the contract
	f.Fuzz(func(t *testing.T, s string) {
		p, err := tgo.ParsePhone(s)
		if err != nil {
			if p != "" || !errors.Is(err, tgo.ErrValidation) {
				t.Errorf("%q: %q with %v", s, p, err)
			}
			return
		}
		if !e164.MatchString(string(p)) {
			t.Errorf("%q became %q", s, p)
		}
		if again, err := tgo.ParsePhone(string(p)); err != nil || again != p {
			t.Errorf("%q became %q: %v", p, again, err)
		}
	})
}
