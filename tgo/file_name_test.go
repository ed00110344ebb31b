package tgo_test

import (
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestFileNames(t *testing.T) {
	long := strings.Repeat("a", 4096) + ".pdf"
	longArabic := strings.Repeat("ف", 2048) + ".pdf"
	names := map[string]string{
		"invoice.pdf":         "invoice.pdf",
		"فاتورة رقم ٤٨٢١.pdf": "فاتورة رقم ٤٨٢١.pdf",
		"👩‍👧 party.pdf":       "👩‍👧 party.pdf",
		`say "hi".pdf`:        "say 'hi'.pdf",
		"../../etc/passwd":    "passwd",
		`C:\Users\me\x.pdf`:   "x.pdf",
		"a\r\nX-Evil: 1.pdf":  "aX-Evil: 1.pdf",
		"a\x00b.pdf":          "ab.pdf",
		"a\u202efdp.exe":      "afdp.exe",
		"a\u2066b\u2069.pdf":  "ab.pdf",
		"a\xffb.pdf":          "ab.pdf",
		"  .hidden ":          "hidden",
		"..":                  "file.pdf",
		"":                    "file.pdf",
		"/":                   "file.pdf",
		"\u00a0 \u2003":       "file.pdf",
		strings.Repeat("a", 254) + " " + strings.Repeat("b", 100): strings.Repeat("a", 254),
		long:                             strings.Repeat("a", 251) + ".pdf",
		longArabic:                       strings.Repeat("ف", 125) + ".pdf",
		strings.Repeat("x", 4096):        strings.Repeat("x", 255),
		"a." + strings.Repeat("x", 4096): "a." + strings.Repeat("x", 253),
	}
	fake := tgotest.New(t)
	for given, want := range names {
		file := tgo.BytesFile("other", []byte("%PDF-1.7")).WithName(given)
		if err := sendAs(t, fake, "document", file); err != nil {
			t.Errorf("%.40q: %v", given, err)
			continue
		}
		if m := fake.ExpectMessage(t); m.Media.Name != want {
			t.Errorf("%.40q arrived as %q, not %q", given, m.Media.Name, want)
		}
	}
}

// FuzzFileName checks that with any file name the message arrives complete, with a safe file name.
func FuzzFileName(f *testing.F) {
	for _, s := range []string{"a.pdf", "\"", "\r\n", "\x00", "../x", "\u202e", "فاتورة.pdf", strings.Repeat("é", 300), "a\\b", "%22", "a;b=c"} {
		f.Add(s)
	}
	fake := tgotest.New(f, func(c *tgotest.Config) { c.MaxMessages = 10 }) // one for all runs: a fake for each run would use up the ports
	f.Fuzz(func(t *testing.T, name string) {
		if err := sendAs(t, fake, "document", tgo.BytesFile(name, []byte("%PDF-1.7"))); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		m := fake.ExpectMessage(t)
		got := m.Media.Name
		if got == "" || len(got) > 255 || strings.ContainsAny(got, "\r\n\x00\"/\\\u202e\u2066") || m.Media.Size != 8 || m.Content != "" {
			t.Errorf("%q arrived as %q: %+v", name, got, m)
		}
	})
}
