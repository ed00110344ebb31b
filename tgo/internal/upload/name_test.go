package upload

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSafeName(t *testing.T) {
	names := map[string]string{
		"invoice.pdf":         "invoice.pdf",
		"no extension":        "no extension",
		"my  invoice.pdf":     "my  invoice.pdf",
		"فاتورة رقم ٤٨٢١.pdf": "فاتورة رقم ٤٨٢١.pdf",
		"👩‍👧 party.pdf":       "👩‍👧 party.pdf",
		"cafe\u0301.pdf":      "cafe\u0301.pdf",
		"می\u200cخواهم.pdf":   "می\u200cخواهم.pdf",
		"100%.pdf":            "100%.pdf",
		"a%22b.pdf":           "a%22b.pdf",
		"a; name=b.pdf":       "a; name=b.pdf",

		// Quotes.
		`say "hi".pdf`: "say 'hi'.pdf",
		`"`:            "'",
		`it's.pdf`:     "it's.pdf",

		// Paths.
		"../../etc/passwd":       "passwd",
		`C:\Users\me\x.pdf`:      "x.pdf",
		`mixed/one\two.pdf`:      "two.pdf",
		`mixed\one/two.pdf`:      "two.pdf",
		`ends with one.pdf\`:     "file.pdf",
		`escaped\".pdf`:          "'.pdf",
		"..\xc0\xafetc":          "etc", // an overlong slash
		"/":                      "file.pdf",
		"C:y.pdf":                "C:y.pdf",
		"..":                     "file.pdf",
		"":                       "file.pdf",
		"\u00a0 \u2003":          "file.pdf",
		"  .hidden ":             "hidden",
		" .report. .pdf. . ":     "report. .pdf",
		"\u00a0report.pdf\ufeff": "report.pdf",

		// Control characters and the direction of writing.
		"a\r\nX-Evil: 1.pdf":  "aX-Evil: 1.pdf",
		"a\x00b\x7f.pdf":      "ab.pdf",
		"next\u0085line.pdf":  "nextline.pdf",
		"a\u2028b\u2029.pdf":  "ab.pdf",
		"a\u202efdp.exe":      "afdp.exe",
		"a\u2066b\u2069.pdf":  "ab.pdf",
		"\u200e\u200f\u061ca": "a",
		"mar\ufeffked.pdf":    "marked.pdf",
		"\x01\x02":            "file.pdf",

		// Not UTF-8.
		"a\xffb.pdf":                "ab.pdf",
		"surrogate\xed\xa0\x80.pdf": "surrogate.pdf",
		"replaced\ufffd.pdf":        "replaced.pdf",

		// Too long.
		strings.Repeat("n", 255):                                                  strings.Repeat("n", 255),
		strings.Repeat("n", 252) + ".pdf":                                         strings.Repeat("n", 251) + ".pdf",
		strings.Repeat("x", 4096):                                                 strings.Repeat("x", 255),
		strings.Repeat("ف", 2048) + ".pdf":                                        strings.Repeat("ف", 125) + ".pdf",
		strings.Repeat("م", 2046) + ".فاتورة":                                     strings.Repeat("م", 121) + ".فاتورة",
		strings.Repeat("中", 1364) + ".pdf":                                        strings.Repeat("中", 83) + ".pdf",
		strings.Repeat("🎉", 1023) + ".pdf":                                        strings.Repeat("🎉", 62) + ".pdf",
		"a." + strings.Repeat("b", 4094):                                          "a." + strings.Repeat("b", 253),
		strings.Repeat("a", 300) + "." + strings.Repeat("b", 15):                  strings.Repeat("a", 239) + "." + strings.Repeat("b", 15),
		strings.Repeat("a", 300) + "." + strings.Repeat("b", 16):                  strings.Repeat("a", 255),
		strings.Repeat("a", 254) + " " + strings.Repeat("b", 100):                 strings.Repeat("a", 254),
		strings.Repeat("a", 250) + ". \u00a0" + strings.Repeat("b", 100) + ".pdf": strings.Repeat("a", 250) + ".pdf",
	}
	for given, want := range names {
		if got := safeName(given, "application/pdf"); got != want {
			t.Errorf("%.60q became %q, want %q", given, got, want)
		}
	}
}

func TestExtensionOfAFileWithoutAName(t *testing.T) {
	for contentType, want := range map[string]string{
		"image/jpeg":                    "file.jpg",
		"image/png":                     "file.png",
		"image/gif":                     "file.gif",
		"image/webp":                    "file.webp",
		"image/heic":                    "file.heic",
		"image/avif":                    "file.avif",
		"image/tiff":                    "file.tiff",
		"image/svg+xml":                 "file.svg",
		"audio/ogg":                     "file.ogg",
		"audio/ogg; codecs=opus":        "file.ogg",
		"AUDIO/OGG":                     "file.ogg",
		"audio/mpeg":                    "file.mp3",
		"audio/mp4":                     "file.m4a",
		"audio/wav":                     "file.wav",
		"audio/aac":                     "file.aac",
		"audio/amr":                     "file.amr",
		"audio/flac":                    "file.flac",
		"audio/3gpp":                    "file.3gp",
		"audio/webm":                    "file.webm",
		"audio/matroska":                "file.mka",
		"video/mp4":                     "file.mp4",
		"application/pdf":               "file.pdf",
		"application/zip":               "file.zip",
		"application/json":              "file.json",
		"application/msword":            "file.doc",
		docxType:                        "file.docx",
		"text/plain; charset=utf-8":     "file.txt",
		"text/csv":                      "file.csv",
		"text/calendar; charset=utf-8":  "file.ics",
		"text/html; charset=utf-8":      "file.html",
		unknownType:                     "file",
		"application/vnd.nobody.has-it": "file",
	} {
		if got := safeName("", contentType); got != want {
			t.Errorf("a file of type %s is named %q, want %q", contentType, got, want)
		}
	}
}

// FuzzSafeName: for any name, the safe name is short, does not deceive, and does not change when it is made safe again.
func FuzzSafeName(f *testing.F) {
	for _, s := range []string{
		"a.pdf", "\"", "\r\n", "\x00", "../x", "\u202e", "فاتورة.pdf", strings.Repeat("é", 300), "a\\b", "%22", "a;b=c",
		strings.Repeat("a", 250) + " .\u00a0.pdf" + strings.Repeat("b", 11),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := safeName(name, "application/pdf")
		if got == "" || len(got) > 255 || !utf8.ValidString(got) || strings.ContainsAny(got, "\"/\\\u2028\u2029\ufeff\ufffd") {
			t.Errorf("%q became %q", name, got)
		}
		deceives := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
		if strings.ContainsFunc(got, deceives) {
			t.Errorf("%q became %q", name, got)
		}
		if trimmed := strings.TrimFunc(got, isPadding); trimmed != got {
			t.Errorf("%q became %q, which starts or ends with dots or spaces", name, got)
		}
		if again := safeName(got, "application/pdf"); again != got {
			t.Errorf("%q became %q, and that %q", name, got, again)
		}
	})
}
