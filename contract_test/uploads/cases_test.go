package uploads

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tgo-business/tgo-go/tgo"
)

// message is a media message to send, and what must arrive.
type message struct {
	title   string
	kind    string // document, image or voice
	number  int64  // the id of the sender, instead of its phone
	file    tgo.File
	caption string
	seconds float64 // the duration of a voice note

	wantName     string
	wantType     string
	wantContent  string
	wantDuration string
}

// The starts of files from which their types are detected.
const (
	pdf  = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
	png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
	opus = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x05\x06\x07\x08\x01\x13OpusHead\x01\x01"
)

const (
	pdfType     = "application/pdf"
	textType    = "text/plain; charset=utf-8"
	unknownType = "application/octet-stream"
)

// names has names of PDF files: the one that the client gets, and the one that must arrive, written by hand from what the client promises:
// no path, no control characters, no characters that change the writing direction, no double quotes, no dots or spaces at the ends, at most
// 255 bytes including the extension, and "file.pdf" if nothing is left.
var names = []struct{ given, want string }{
	{"invoice.pdf", "invoice.pdf"},
	{"no extension", "no extension"},
	{"UPPER.Case.PDF", "UPPER.Case.PDF"},
	{"my  invoice 2025.pdf", "my  invoice 2025.pdf"},

	// Quotes. A double one would end the name in the header.
	{`the "final" one.pdf`, `the 'final' one.pdf`},
	{`"`, `'`},
	{`"quoted.pdf"`, `'quoted.pdf'`},
	{`a.pdf"; filename="b.php`, `a.pdf'; filename='b.php`},
	{`it's.pdf`, `it's.pdf`},
	{`'tis.pdf`, `'tis.pdf`},
	{`'both'.pdf`, `'both'.pdf`},
	{"`id`.pdf", "`id`.pdf"},
	{"“typographic” «اقتباس».pdf", "“typographic” «اقتباس».pdf"},

	// Backslashes and paths: only what follows the last separator stays.
	{`back\slash.pdf`, `slash.pdf`},
	{`escaped\".pdf`, `'.pdf`},
	{`escaped\\".pdf`, `'.pdf`},
	{`ends with one.pdf\`, `file.pdf`},
	{`../../etc/passwd`, `passwd`},
	{`..\..\boot.ini`, `boot.ini`},
	{`C:\x\y.pdf`, `y.pdf`},
	{`C:y.pdf`, `C:y.pdf`},
	{`\\server\share\z.pdf`, `z.pdf`},
	{`/absolute/a.pdf`, `a.pdf`},
	{`mixed/one\two.pdf`, `two.pdf`},
	{`mixed\one/two.pdf`, `two.pdf`},
	{`folder/`, `file.pdf`},
	{`/`, `file.pdf`},
	{`../..`, `file.pdf`},

	// Line ends and other control characters.
	{"a\r\nX-Evil: yes.pdf", "aX-Evil: yes.pdf"},
	{"a\r\n\r\nbody.pdf", "abody.pdf"},
	{"a\rb.pdf", "ab.pdf"},
	{"a\nb.pdf", "ab.pdf"},
	{"a\r\n b.pdf", "a b.pdf"},
	{"\r\n--boundary--\r\n", "--boundary--"},
	{"a\x00b.pdf", "ab.pdf"},
	{"a.php\x00.pdf", "a.php.pdf"},
	{"tab\there\x1b[31m\x07\x7f.pdf", "tabhere[31m.pdf"},
	{"next\u0085line\u009b.pdf", "nextline.pdf"},
	{"separated\u2028by\u2029lines.pdf", "separatedbylines.pdf"},
	{"\x01\x02\x1f", "file.pdf"},

	// Characters that other encodings of names use.
	{"100%.pdf", "100%.pdf"},
	{"a%0D%0Ab.pdf", "a%0D%0Ab.pdf"},
	{"a%22b.pdf", "a%22b.pdf"},
	{"a%00b.pdf", "a%00b.pdf"},
	{"%2e%2e%2Fa.pdf", "%2e%2e%2Fa.pdf"},
	{"%D8%B3.pdf", "%D8%B3.pdf"},
	{"a+b c.pdf", "a+b c.pdf"},
	{"=?UTF-8?B?YS5wZGY=?=", "=?UTF-8?B?YS5wZGY=?="},
	{"filename*=UTF-8''a.pdf", "filename*=UTF-8''a.pdf"},
	{"UTF-8''a.pdf", "UTF-8''a.pdf"},
	{"a&amp;b&#47;c.pdf", "a&amp;b&#47;c.pdf"},
	{`a\u002fb.pdf`, `u002fb.pdf`},

	// Characters that separate parameters, or are special to shells and other systems.
	{"a;b.pdf", "a;b.pdf"},
	{"a; name=b.pdf", "a; name=b.pdf"},
	{"a=b.pdf", "a=b.pdf"},
	{"a,b.pdf", "a,b.pdf"},
	{"(a) [b] {c} <d> @e #f !g ~h ^i |j $k &l *m ?n.pdf", "(a) [b] {c} <d> @e #f !g ~h ^i |j $k &l *m ?n.pdf"},
	{"a[b].pdf", "a[b].pdf"},

	// Characters that change the writing direction: people would read the first name as "codexe.pdf".
	{"cod\u202efdp.exe", "codfdp.exe"},
	{"\u200e\u200fa\u061cb\u202a\u202b\u202c\u202dc\u2066\u2067\u2068\u2069.pdf", "abc.pdf"},
	{"فاتورة\u200f-2025\u200e.pdf", "فاتورة-2025.pdf"},
	{"\u202e", "file.pdf"},

	// Other languages than English.
	{"فاتورة رقم ١٢.pdf", "فاتورة رقم ١٢.pdf"},
	{"مُحَمَّدٌ ـــ می\u200cخواهم.pdf", "مُحَمَّدٌ ـــ می\u200cخواهم.pdf"},
	{"עברית 中文 日本語 한국어 ไทย हिन्दी.pdf", "עברית 中文 日本語 한국어 ไทย हिन्दी.pdf"},
	{"café.pdf", "café.pdf"},
	{"cafe\u0301.pdf", "cafe\u0301.pdf"}, // not composed
	{"z\u0334\u0341\u0360a\u0327\u0361lgo.pdf", "z\u0334\u0341\u0360a\u0327\u0361lgo.pdf"},
	{"🎉.pdf", "🎉.pdf"},
	{"👨\u200d👩\u200d👧\u200d👦 👍🏽 🇪🇬 ❤\ufe0f.pdf", "👨\u200d👩\u200d👧\u200d👦 👍🏽 🇪🇬 ❤\ufe0f.pdf"},
	{"non\u00a0breaking.pdf", "non\u00a0breaking.pdf"},
	{"noncharacters \ufffe\uffff\U0010ffff\ue000.pdf", "noncharacters \ufffe\uffff\U0010ffff\ue000.pdf"},

	// Bytes that are not UTF-8 are left out.
	{"caf\xe9.pdf", "caf.pdf"},
	{"\xe9\xe8\xff", "file.pdf"},
	{"half\xd9.pdf", "half.pdf"},
	{"surrogate\xed\xa0\x80.pdf", "surrogate.pdf"},
	{"..\xc0\xafetc", "etc"}, // an overlong slash
	{"replaced\ufffd.pdf", "replaced.pdf"},
	{"\ufeffmarked.pdf", "marked.pdf"},
	{"mar\ufeffked.pdf", "marked.pdf"},

	// Dots and spaces at the ends.
	{" .report. .pdf. . ", "report. .pdf"},
	{"  both  ", "both"},
	{".htaccess", "htaccess"},
	{"..a..b..", "a..b"},
	{"", "file.pdf"},
	{".", "file.pdf"},
	{"..", "file.pdf"},
	{".........", "file.pdf"},
	{"   ", "file.pdf"},

	// Too long.
	{strings.Repeat("n", 255), strings.Repeat("n", 255)},
	{strings.Repeat("n", 252) + ".pdf", strings.Repeat("n", 251) + ".pdf"},
	{strings.Repeat("a", 4092) + ".pdf", strings.Repeat("a", 251) + ".pdf"},
	{strings.Repeat("a", 4096), strings.Repeat("a", 255)},
	{"a." + strings.Repeat("b", 4094), "a." + strings.Repeat("b", 253)},
	{strings.Repeat("م", 2046) + ".pdf", strings.Repeat("م", 125) + ".pdf"},       // two bytes each
	{strings.Repeat("م", 2046) + ".فاتورة", strings.Repeat("م", 121) + ".فاتورة"}, // an extension of 13 bytes
	{strings.Repeat("中", 1364) + ".pdf", strings.Repeat("中", 83) + ".pdf"},        // three
	{strings.Repeat("🎉", 1023) + ".pdf", strings.Repeat("🎉", 62) + ".pdf"},        // four
	{strings.Repeat(`"`, 4092) + ".pdf", strings.Repeat(`'`, 251) + ".pdf"},
	{strings.Repeat("/a", 2046) + ".pdf", "a.pdf"},
}

// captions must arrive unchanged. For an empty one, there is no field.
var captions = []struct{ title, text string }{
	{"none", ""},
	{"plain", "Your invoice"},
	{"CRLF", "one\r\ntwo\r\n\r\nthree"},
	{"ends in CRLF", "one\r\n"},
	{"begins with CRLF", "\r\none"},
	{"LF and CR", "one\ntwo\rthree\n\rfour"},
	{"only CRLF", "\r\n"},
	{"quotes", `"double" 'single' \"escaped\" \\`},
	{"Arabic", "فاتورتك رقم ١٢، شكرًا"},
	{"emoji", "🎉👨\u200d👩\u200d👧\u200d👦 🇪🇬"},
	{"directions", "\u202eright\u202c \u2067يسار\u2069 \u200f"},
	{"spaces at the ends", "  \t two and a tab \u00a0\u3000 "},
	{"only spaces", "   "},
	{"zero", "0"},
	{"form encoding", "a=b&c[]=d&e.f=%22%0D%0A+g;h"},
	{"markup", "<b>&amp;</b> <?php echo 1; ?> {{ 1 }} $x ${y}"},
	{"a part", "x\r\n--\r\n--boundary\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nvoice\r\n--boundary--\r\n"},
	{"byte order mark", "\ufeffmarked"},
	{"replacement character", "what was \ufffd"},
	{"control characters", "nul \x00 bell \x07 escape \x1b delete \x7f next line \u0085"},
	{"64 KiB", strings.Repeat("0123456789abcde\n", 4096)},
	{"64 KiB of Arabic", strings.Repeat("مرحبا بكم \r\n ", 3121)},
}

// contents are contents of documents.
var contents = []struct{ title, text, wantType string }{
	{"one byte", "A", textType},
	{"one NUL", "\x00", unknownType},
	{"only CRLF", "\r\n", textType},
	{"ends in CRLF", "one\r\ntwo\r\n", textType},
	{"ends in CRLFs", "one\r\n\r\n\r\n", textType},
	{"ends in LF", "one\n", textType},
	{"ends in CR", "one\r", textType},
	{"ends in half a boundary", "one\r\n--", textType},
	{"begins with CRLF", "\r\n\r\none", textType},
	{"begins with a boundary", "--boundary\r\n", textType},
	{"boundaries", "one\r\n--\r\n----\r\n--boundary\r\n--boundary--\r\n\r\n------WebKitFormBoundary0123456789\r\n\r\n--\r\n", textType},
	{"a whole part", "--b\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nvoice\r\n--b--\r\n", textType},
	{"boundaries at every offset", strings.Repeat("\r\n--x", 30001), textType}, // longer than any parser's buffer
	{"beginnings of every boundary", everyBeginning(), textType},
	{"line ends at every offset", strings.Repeat("\r\n\r", 50001), textType},
	{"every byte", everyByte(), unknownType},
	{"every byte, often", strings.Repeat(everyByte(), 1000), unknownType},
	{"3 MiB", "\x00" + noise(3<<20-1), unknownType},
}

// everyBeginning has lines that start like any boundary, since the client's boundaries are hexadecimal.
func everyBeginning() string {
	var b strings.Builder
	for i := range 1 << 12 {
		fmt.Fprintf(&b, "\r\n--%03x", i)
	}
	return b.String()
}

func everyByte() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

// noise returns random bytes that are the same in every run.
func noise(n int) string {
	var b []byte
	for x := uint64(2025); len(b) < n; { // xorshift
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	return string(b[:n])
}

// messages lists everything that is sent to every server.
func messages(t *testing.T) []message {
	var list []message
	document := func(title string, file tgo.File, name, contentType, content string) {
		list = append(list, message{
			title: title, kind: "document", file: file, caption: "Your invoice",
			wantName: name, wantType: contentType, wantContent: content,
		})
	}
	for _, n := range names {
		document(fmt.Sprintf("name %.60q", n.given), tgo.BytesFile(n.given, []byte(pdf)), n.want, pdfType, pdf)
	}
	for _, f := range onDisk(t) {
		document(fmt.Sprintf("path %q", filepath.Base(f.path)), tgo.FilePath(f.path), f.want, pdfType, pdf)
	}
	for _, c := range contents {
		document("content "+c.title, tgo.BytesFile("a.bin", []byte(c.text)), "a.bin", c.wantType, c.text)
	}
	for _, c := range captions {
		list = append(list, message{
			title: "caption " + c.title, kind: "document", file: tgo.BytesFile("a.pdf", []byte(pdf)), caption: c.text,
			wantName: "a.pdf", wantType: pdfType, wantContent: pdf,
		})
	}

	// The same content from every source.
	big := "\x00" + noise(1<<20)
	document("source FSFile", tgo.FSFile(fstest.MapFS{"d/a.bin": {Data: []byte(big)}}, "d/a.bin"), "a.bin", unknownType, big)
	document("source ReaderFile", tgo.ReaderFile("a.bin", inPieces(big), int64(len(big))), "a.bin", unknownType, big)
	document("source OpenFile", tgo.OpenFile("a.bin", int64(len(big)), func() (io.ReadCloser, error) {
		return io.NopCloser(inPieces(big)), nil
	}), "a.bin", unknownType, big)

	// The content types, detected and given.
	document("type by name", tgo.BytesFile("a.csv", []byte("a;b\r\n1;2\r\n")), "a.csv", "text/csv; charset=utf-8", "a;b\r\n1;2\r\n")
	document("type given", tgo.BytesFile("a.pdf", []byte(pdf)).WithContentType("application/x-own+json"), "a.pdf", "application/x-own+json", pdf)
	document("type given with parameters", tgo.BytesFile("a", []byte(pdf)).WithContentType(`text/plain; a="b;c\"d"; charset=utf-8`),
		"a", `text/plain; a="b;c\"d"; charset=utf-8`, pdf)
	document("name given", tgo.BytesFile("a", []byte(pdf)).WithName(`x/"ف".pdf`), "'ف'.pdf", pdfType, pdf)

	return append(list,
		message{
			title: "sender by number", kind: "document", number: 12, file: tgo.BytesFile("a.pdf", []byte(pdf)),
			wantName: "a.pdf", wantType: pdfType, wantContent: pdf,
		},
		message{
			title: "image", kind: "image", file: tgo.BytesFile("صورة.png", []byte(png)), caption: "مرحبا\r\n",
			wantName: "صورة.png", wantType: "image/png", wantContent: png,
		},
		message{
			title: "image without a name", kind: "image", file: tgo.BytesFile("", []byte(png)),
			wantName: "file.png", wantType: "image/png", wantContent: png,
		},
		message{
			title: "image of a type that is given", kind: "image",
			file:     tgo.BytesFile("a\".heic", []byte(pdf)).WithContentType("image/heic"),
			wantName: "a'.heic", wantType: "image/heic", wantContent: pdf,
		},
		message{
			title: "voice", kind: "voice", file: tgo.BytesFile("رسالة 🎤.ogg", []byte(opus)), seconds: 11.2,
			wantName: "رسالة 🎤.ogg", wantType: "audio/ogg", wantContent: opus, wantDuration: "12",
		},
		message{
			title: "voice without a name", kind: "voice", file: tgo.BytesFile("..", []byte(opus)), seconds: 300, caption: " x ",
			wantName: "file.ogg", wantType: "audio/ogg", wantContent: opus, wantDuration: "300",
		},
		message{
			title: "voice of a type with a parameter", kind: "voice", seconds: 0.001,
			file:     tgo.BytesFile("a.ogg", []byte(opus)).WithContentType("audio/ogg; codecs=opus"),
			wantName: "a.ogg", wantType: "audio/ogg; codecs=opus", wantContent: opus, wantDuration: "1",
		},
	)
}

// inPieces returns its content in pieces of unusual sizes.
func inPieces(s string) io.Reader {
	return &pieces{r: strings.NewReader(s)}
}

type pieces struct {
	r io.Reader
	n int
}

func (p *pieces) Read(b []byte) (int, error) {
	p.n = p.n%977 + 1
	return p.r.Read(b[:min(len(b), p.n)])
}

type diskFile struct{ path, want string }

// onDisk creates files with names that not all file systems accept. Those that this one refuses are left out.
func onDisk(t *testing.T) []diskFile {
	t.Helper()
	folder := t.TempDir()
	var made []diskFile
	for _, f := range []diskFile{
		{"plain.pdf", "plain.pdf"},
		{"فاتورة 🎉.pdf", "فاتورة 🎉.pdf"},
		{`a "b".pdf`, `a 'b'.pdf`},
		{`a\b.pdf`, `b.pdf`},
		{"a\r\nb.pdf", "ab.pdf"},
		{"caf\xe9.pdf", "caf.pdf"},
		{" .hidden ", "hidden"},
	} {
		path := filepath.Join(folder, f.path)
		if err := os.WriteFile(path, []byte(pdf), 0o600); err == nil {
			made = append(made, diskFile{path, f.want})
		}
	}
	if len(made) == 0 {
		t.Fatal("no file could be created")
	}
	return made
}

// refusals has messages that must not be sent, with the field that the error names and a part of its text.
func refusals(t *testing.T) []struct {
	title string
	message
	field, says string
} {
	t.Helper()
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty.pdf")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	document := func(file tgo.File, caption string) message {
		return message{kind: "document", file: file, caption: caption}
	}
	typed := func(contentType string) message {
		return document(tgo.BytesFile("a.pdf", []byte(pdf)).WithContentType(contentType), "")
	}
	return []struct {
		title string
		message
		field, says string
	}{
		{"no file", document(tgo.File{}, ""), "media", "is missing"},
		{"an empty file", document(tgo.BytesFile("a.pdf", nil), ""), "media", "must not be empty"},
		{"an empty file on disk", document(tgo.FilePath(empty), ""), "media", "must not be empty"},
		{"a size below 0", document(tgo.ReaderFile("a.pdf", strings.NewReader(pdf), -1), ""), "media", "must not be empty"},
		{"a file that is not there", document(tgo.FilePath(empty+"x"), ""), "media", "cannot be opened"},
		{"a folder", document(tgo.FilePath(folder), ""), "media", "cannot be opened"},
		{"less than its size", document(tgo.ReaderFile("a.pdf", strings.NewReader("%PDF"), 5), ""), "media", "cannot be read"},
		{"a caption in Latin-1", document(tgo.BytesFile("a.pdf", []byte(pdf)), "caf\xe9"), "content", "must be UTF-8"},
		{"a caption with half a letter", document(tgo.BytesFile("a.pdf", []byte(pdf)), "\xd9"), "content", "must be UTF-8"},
		{"a type with CRLF", typed("application/pdf\r\nX-Evil: yes"), "media", "content type"},
		{"a type with LF", typed("application/pdf;\n a=b"), "media", "content type"},
		{"a type with NUL", typed("application/pdf; a=\"\x00\""), "media", "content type"},
		{"a type without a subtype", typed("pdf"), "media", "content type"},
		{"an image that is none", message{kind: "image", file: tgo.BytesFile("a.png", []byte(pdf))}, "media", "not an image"},
		{"a voice note that is none", message{kind: "voice", file: tgo.BytesFile("a.ogg", []byte(png)), seconds: 1}, "media", "not audio"},
		{"a voice note without duration", message{kind: "voice", file: tgo.BytesFile("a.ogg", []byte(opus))}, "duration", "must be given"},
	}
}
