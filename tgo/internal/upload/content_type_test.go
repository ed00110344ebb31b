package upload

import (
	"mime"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
)

// typeOf returns the type that New detects, or the rule by which New refuses the file.
func typeOf(t *testing.T, kind, name string, content []byte) string {
	t.Helper()
	source := bytesSource(content)
	source.Name = name
	b, err := New(kind, fields, source)
	if err != nil {
		return err.Error()
	}
	body, err := read(t, b)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, b, body).contentType
}

const (
	notSound = ", not audio; send it as a document, or give its content type"
	notImage = ", not an image; send it as a document, or give its content type"
)

// The starts of real files. Each is sent with its own name, without a name, and in the kinds of messages that can have it.
func TestRealFiles(t *testing.T) {
	cases := []struct {
		file     string
		document string // the type
		unnamed  string // if it differs
		voice    string // if it differs from document; "-" if it is refused
	}{
		{"plain.mp3", "audio/mpeg", "", ""},
		{"id3.mp3", "audio/mpeg", "", ""},
		{"adts.aac", "audio/aac", "", ""},
		{"opus.ogg", "audio/ogg", "", ""},
		{"vorbis.ogg", "audio/ogg", "", ""},
		{"flac.ogg", "audio/ogg", "", ""},
		{"sound.flac", "audio/flac", "", ""},
		{"sound.wav", "audio/wav", "", ""},
		{"sound.aiff", "audio/aiff", "", ""},
		{"sound.amr", "audio/amr", "", ""},
		{"sound.wma", "audio/x-ms-wma", "video/x-ms-asf", ""},
		{"sound.m4a", "audio/mp4", "", ""},
		{"late.m4a", "audio/mp4", "", ""},
		{"sound.mp4", "video/mp4", "", "audio/mp4"},
		{"late-sound.mp4", "video/mp4", "", "audio/mp4"},
		{"sound.3gp", "video/3gpp", "", "audio/3gpp"},
		{"sound.webm", "video/webm", "", "audio/webm"},
		{"sound.mka", "audio/matroska", "video/matroska", ""},

		{"film.mp4", "video/mp4", "", "-"},
		{"fragmented.mp4", "video/mp4", "", "-"},
		{"late-film.mp4", "video/mp4", "", "audio/mp4"}, // its list of tracks is at the end
		{"film.mov", "video/quicktime", "", "-"},
		{"film.3gp", "video/3gpp", "", "-"},
		{"film.3g2", "video/3gpp2", "", "-"},
		{"film.webm", "video/webm", "", "-"},
		{"sound-first.webm", "video/webm", "", "-"},
		{"film.mkv", "video/matroska", "", "-"},
		{"film.ogv", "application/ogg", "", "-"},
		{"sound-first.ogv", "application/ogg", "", "-"},
		{"film.avi", "video/x-msvideo", "", "-"},

		{"picture.png", "image/png", "", "-"},
		{"animated.png", "image/png", "", "-"},
		{"picture.jpg", "image/jpeg", "", "-"},
		{"picture.gif", "image/gif", "", "-"},
		{"picture.webp", "image/webp", "", "-"},
		{"picture.bmp", "image/bmp", "", "-"},
		{"picture.tiff", "image/tiff", "", "-"},
		{"picture.heic", "image/heic", "", "-"},
		{"picture.avif", "image/avif", "", "-"},

		{"a.pdf", "application/pdf", "", "-"},
		{"a.zip", "application/zip", "", "-"},
		{"archive.7z", "application/x-7z-compressed", "", "-"},
		{"classes.jar", "application/java-archive", "", "-"},
		{"a.apk", "application/vnd.android.package-archive", "", "-"},
		{"doc.kmz", "application/vnd.google-earth.kmz", "", "-"},
		{"other.kmz", "application/vnd.google-earth.kmz", "application/zip", "-"},
		{"a.pages", "application/vnd.apple.pages", "application/zip", "-"},
		{"a.epub", "application/epub+zip", "", "-"},
		{"a.odt", "application/vnd.oasis.opendocument.text", "", "-"},
		{"a.ods", "application/vnd.oasis.opendocument.spreadsheet", "", "-"},
		{"a.odp", "application/vnd.oasis.opendocument.presentation", "", "-"},
		{"a.docx", docxType, "", "-"},
		{"a.docm", "application/vnd.ms-word.document.macroEnabled.12", docxType, "-"},
		{"a.dotx", "application/vnd.openxmlformats-officedocument.wordprocessingml.template", docxType, "-"},
		{"a.xlsx", xlsxType, "", "-"},
		{"a.xltx", "application/vnd.openxmlformats-officedocument.spreadsheetml.template", xlsxType, "-"},
		{"a.pptx", pptxType, "", "-"},
		{"a.doc", "application/msword", "", "-"},
		{"a.xls", "application/vnd.ms-excel", "", "-"},
		{"a.ppt", "application/vnd.ms-powerpoint", "", "-"},
		{"a.msg", "application/vnd.ms-outlook", "", "-"},
	}
	seen := map[string]bool{"make.sh": true}
	for _, c := range cases {
		seen[c.file] = true
		content, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		if len(content) > sniffLength {
			t.Errorf("%s has %d bytes", c.file, len(content))
		}
		expect := func(kind, name, want string) {
			t.Helper()
			if got := typeOf(t, kind, name, content); got != want {
				t.Errorf("%s as %s with the name %q is %q, want %q", c.file, kind, name, got, want)
			}
		}
		expect("document", c.file, c.document)
		unnamed := c.unnamed
		if unnamed == "" {
			unnamed = c.document
		}
		expect("document", "", unnamed)
		switch c.voice {
		case "":
			expect("voice", c.file, c.document)
		case "-":
			expect("voice", c.file, "media is "+c.document+notSound)
		default:
			expect("voice", c.file, c.voice)
		}
		if strings.HasPrefix(c.document, "image/") {
			expect("image", c.file, c.document)
		} else {
			expect("image", c.file, "media is "+c.document+notImage)
		}
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !file.IsDir() && !seen[file.Name()] {
			t.Errorf("%s is not tested", file.Name())
		}
	}
}

// Starts of files with names that help or mislead.
func TestContentTypes(t *testing.T) {
	const (
		opusPage   = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead\x01\x01"
		theora     = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x2a\x80theora\x03\x02"
		skeleton   = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x40fishead\x00\x03\x00"
		dirac      = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x40BBCD\x00\x00\x00"
		zip        = "PK\x03\x04\x14\x00\x06\x00"
		ole        = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
		isom       = "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00"
		m4a        = "\x00\x00\x00\x20ftypM4A \x00\x00\x02\x00"
		threegp    = "\x00\x00\x00\x14ftyp3gp4\x00\x00\x02\x00"
		heic       = "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"
		webm       = "\x1A\x45\xDF\xA3\x01\x00\x00\x00"
		wav        = "RIFF\x24\x08\x00\x00WAVEfmt "
		mp3        = "\xFF\xFB\x90\x64\x00\x00"
		aac        = "\xFF\xF1\x50\x80\x00\x1F"
		truncated  = "OggS\x00\x02"
		xml        = `<?xml version="1.0"?><a/>`
		svg        = `<svg xmlns="http://www.w3.org/2000/svg"/>`
		utf8Text   = "text/plain; charset=utf-8"
		windows    = "\xE3\xD1\xCD\xC8\xC7 \xC8\xDF\xE3\r\n" // "مرحبا بكم" in Windows-1256
		utf16      = "\xFF\xFEa\x00,\x00b\x00\r\x00\n\x00"
		utf16BE    = "\xFE\xFF\x00a\x00,\x00b\x00\r\x00\n"
		utf32      = "\xFF\xFE\x00\x00a\x00\x00\x00"
		jpegOnPDF  = "\xFF\xD8\xFF\xFE\x00\x20a picture of a %PDF-1.7\x00"
		laterPDF   = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x00\x01\x02\x03\x04\x05\x06\x07\x08%PDF-1.7"
		executable = "MZ\x90\x00\x03\x00\x00\x00"
	)
	for _, c := range []struct{ kind, name, content, want string }{
		// The cases that package tgo has had.
		{"voice", "note.ogg", opusPage, "audio/ogg"},
		{"voice", "note.opus", opusPage, "audio/ogg"},
		{"voice", "note", opusPage, "audio/ogg"},
		{"voice", "note.mp3", opusPage, "audio/ogg"},
		{"document", "note.ogg", opusPage, "audio/ogg"},
		{"voice", "note.ogg", truncated, "audio/ogg"},
		{"document", "film.ogv", theora, "application/ogg"},
		{"voice", "note.m4a", m4a, "audio/mp4"},
		{"voice", "note.mp4", isom, "audio/mp4"},
		{"document", "film.mp4", isom, "video/mp4"},
		{"voice", "note.3gp", threegp, "audio/3gpp"},
		{"voice", "note.webm", webm, "audio/webm"},
		{"voice", "note.wav", wav, "audio/wav"},
		{"voice", "note.mp3", mp3, "audio/mpeg"},
		{"voice", "note.mp3", "ID3\x03\x00\x00", "audio/mpeg"},
		{"voice", "note.aac", aac, "audio/aac"},
		{"voice", "note.amr", "#!AMR\n", "audio/amr"},
		{"voice", "note.flac", "fLaC\x00\x00", "audio/flac"},
		{"image", "a.png", "\x89PNG\x0D\x0A\x1A\x0A", "image/png"},
		{"image", "a.jpg", "\xFF\xD8\xFF\xE0", "image/jpeg"},
		{"image", "a.webp", "RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"},
		{"image", "a.heic", heic, "image/heic"},
		{"image", "a.svg", `<?xml version="1.0"?><svg/>`, "image/svg+xml"},
		{"document", "a.pdf", "%PDF-1.7", "application/pdf"},
		{"document", "a.docx", zip, docxType},
		{"document", "A.XLSX", zip, xlsxType},
		{"document", "a.zip", zip, "application/zip"},
		{"document", "a.doc", ole, "application/msword"},
		{"document", "a.csv", "a,b\n1,2\n", "text/csv; charset=utf-8"},
		{"document", "a.txt", "hello", utf8Text},
		{"document", "a.docx", "%PDF-1.7", "application/pdf"},
		{"document", "a.csv", "\x00\x01\x02", unknownType},
		{"document", "page.html", "<html>", "text/html; charset=utf-8"},
		{"image", "a.raw", "\x00\x01\x02\x03", unknownType},
		{"voice", "a.raw", "\x00\x01\x02\x03", unknownType},
		{"image", "a.png", "%PDF-1.7", "media is application/pdf" + notImage},
		{"image", "a.png", "<html>", "media is text/html; charset=utf-8" + notImage},
		{"image", "a.ogg", opusPage, "media is audio/ogg" + notImage},
		{"voice", "a.ogg", "\x89PNG\x0D\x0A\x1A\x0A", "media is image/png" + notSound},
		{"voice", "a.ogg", theora, "media is application/ogg" + notSound},
		{"voice", "a.ogg", "hello", "media is text/plain; charset=utf-8" + notSound},

		// Sound.
		{"document", "note.ogg", truncated, "application/ogg"},
		{"document", "note.opus", truncated, "audio/ogg"},
		{"voice", "note.ogg", skeleton + opusPage, "audio/ogg"},
		{"voice", "note.ogg", skeleton + theora, "media is application/ogg" + notSound},
		{"voice", "note.ogg", dirac, "media is application/ogg" + notSound},
		{"document", "note.m4a", isom, "audio/mp4"},
		{"document", "note.m4b", isom, "audio/mp4"},
		{"document", "", ftyp("M4B ", "isom"), "audio/mp4"},
		{"document", "", ftyp("M4P ", "isom"), "audio/mp4"},
		{"document", "", ftyp("F4A ", "isom"), "audio/mp4"},
		{"document", "", ftyp("F4B ", "isom"), "audio/mp4"},
		{"document", "note.oga", truncated, "audio/ogg"},
		{"document", "film.mp4", "\x00\x00\x00\x20ftypMSNV\x00\x00\x02\x00", "video/mp4"}, // mimetype says that it is sound
		{"document", "film.m4v", "\x00\x00\x00\x20ftypM4V \x00\x00\x02\x00", "video/mp4"},
		{"document", "film.3gp", "\x00\x00\x00\x14ftyp3gp9\x00\x00\x02\x00", "video/3gpp"},
		{"document", "film.3g2", "\x00\x00\x00\x14ftyp3g2c\x00\x00\x02\x00", "video/3gpp2"},
		{"voice", "note.3g2", "\x00\x00\x00\x14ftypKDDI\x00\x00\x02\x00", "audio/3gpp2"},
		{"document", "", "1234ftypM4A is a brand", utf8Text},
		{"document", "", isom[:8], unknownType},
		{"document", "sound.weba", webm, "audio/webm"},
		{"voice", "note.caf", "caff\x00\x01\x00\x00", "audio/x-caf"},
		{"voice", "note.aac", "\xFF\xF0\x50\x80\x00\x1F", "audio/aac"}, // with a checksum
		{"voice", "note.aac", "\xFF\xF8\x50\x80\x00\x1F", "audio/aac"},
		{"document", "a.txt", "ID3 is a tag", utf8Text},
		{"document", "a.wmv", "\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C", "video/x-ms-wmv"},

		// HEIF: the major brand, and the compatible brands if the major brand is not specific.
		{"image", "a", ftyp("heic", "mif1", "heic"), "image/heic"},
		{"image", "a", ftyp("heix", "mif1"), "image/heic"},
		{"image", "a", ftyp("heim", "mif1"), "image/heic"},
		{"image", "a", ftyp("heis", "mif1"), "image/heic"},
		{"image", "a", ftyp("hevc", "mif1"), "image/heic-sequence"},
		{"image", "a", ftyp("hevx", "mif1"), "image/heic-sequence"},
		{"image", "a", ftyp("hevm", "mif1"), "image/heic-sequence"},
		{"image", "a", ftyp("hevs", "mif1"), "image/heic-sequence"},
		{"image", "a", ftyp("mif1", "mif1", "heic"), "image/heic"},
		{"image", "a", ftyp("mif1", "miaf", "avif", "heic"), "image/avif"},
		{"image", "a", ftyp("mif1", "heix"), "image/heic"},
		{"image", "a", ftyp("mif1"), "image/heif"},
		{"image", "a", "\x00\x00\x00\x10ftypmif1heic", "image/heif"}, // heic is its version
		{"image", "a", ftyp("mif1", "jpeg") + "avif", "image/heif"},  // after the box
		{"image", "a", ftyp("msf1", "msf1", "hevc", "heic"), "image/heic-sequence"},
		{"image", "a", ftyp("msf1", "isom"), "image/heif-sequence"},
		{"image", "a", ftyp("avif", "mif1", "miaf"), "image/avif"},
		{"image", "a", ftyp("avis", "msf1"), "image/avif"},
		{"image", "a", ftyp("avci", "mif1"), "image/avci"},
		{"image", "a", ftyp("avcs", "msf1"), "image/avcs"},
		{"image", "a", "\x00\xFF\xFF\xFFftypmif1\x00\x00\x00\x00avi", "image/heif"},  // cut off
		{"image", "a", "\x00\x00\x00\x01ftypmif1\x00\x00\x00\x00avif", "image/heif"}, // an invalid length
		{"image", "a.cr3", ftyp("crx "), "image/x-canon-cr3"},
		{"image", "a.heic", isom, "media is video/mp4" + notImage},

		// Archives: a name counts if the content can be of its type.
		{"document", "a.pages", zip, "application/vnd.apple.pages"},
		{"document", "a.docm", ole, "application/x-ole-storage"},
		{"document", "a.doc", zip, "application/zip"},
		{"document", "a.xls", ole, "application/vnd.ms-excel"},
		{"document", "a.ppt", ole, "application/vnd.ms-powerpoint"},
		{"document", "a.kmz", "hello", utf8Text},

		// Texts.
		{"document", "a.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "text/calendar; charset=utf-8"},
		{"document", "a", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "text/calendar; charset=utf-8"},
		{"document", "a.vcf", "begin:vcard\nversion:3.0\n", "text/vcard; charset=utf-8"},
		{"document", "a.css", "body { color: red }\n", "text/css; charset=utf-8"},
		{"document", "a.md", "# Hello\n", "text/markdown; charset=utf-8"},
		{"document", "a.md", "<div>\n", "text/markdown; charset=utf-8"},
		{"document", "a.md", "All about %PDF-1.7 files.\n", "text/markdown; charset=utf-8"},
		{"document", "a.js", "alert(1)\n", "text/javascript; charset=utf-8"},
		{"document", "a.json", `{"a": 1}`, "application/json"},
		{"document", "a.json", `{"a": "` + strings.Repeat("b", 2*sniffLength), "application/json"},
		{"document", "", `{"a": ["` + strings.Repeat(`b", "`, sniffLength), "application/json"}, // cut off
		{"document", "a.xml", xml, "application/xml"},
		{"document", "", xml, "text/xml; charset=utf-8"},
		{"document", "a.txt", "a,b\n1,2\n", utf8Text},
		{"document", "", "a,b\n1,2\n", "text/csv; charset=utf-8"},
		{"document", "a.csv", "MZ,Mozambique\nZA,South Africa\n", "text/csv; charset=utf-8"},
		{"document", "a.txt", "MZ is an engineer\n", utf8Text},
		{"document", "a.txt", executable, "application/vnd.microsoft.portable-executable"},
		{"document", "a.rtf", `{\rtf1 hello}`, "text/rtf; charset=utf-8"},
		{"document", "a.html", xml, "text/html; charset=utf-8"},
		{"image", "a.jpg", jpegOnPDF, "image/jpeg"},
		{"document", "a.pdf", laterPDF, "application/pdf"},
		{"document", "a.pdf", "\r\n%PDF-1.7", "application/pdf"},
		{"document", "a.pdf", "\xEF\xBB\xBF%PDF-1.7", "application/pdf"},
		{"image", "a.svg", svg, "image/svg+xml"},
		{"image", "", "<!-- drawn by hand -->" + svg, "image/svg+xml"},
		{"image", "a.svg", "hello", "media is text/plain; charset=utf-8" + notImage},
		{"image", "a.svg", "<html>", "media is text/html; charset=utf-8" + notImage},

		// Encodings are sent if they are certain.
		{"document", "a.txt", "مرحبا بكم\r\n", utf8Text},
		{"document", "a.txt", "\xEF\xBB\xBFhello", utf8Text},
		{"document", "a.txt", windows, "text/plain"},
		{"document", "a.csv", windows, "text/csv"},
		{"document", "", "caf\xE9 au lait", "text/plain"},
		{"document", "a.txt", utf16, "text/plain; charset=utf-16"},
		{"document", "a.csv", utf16, "text/csv; charset=utf-16"},
		{"document", "a.txt", utf16BE, "text/plain; charset=utf-16"},
		{"document", "a.txt", utf32, "text/plain"},
		{"document", "a.txt", strings.Repeat("a", sniffLength-1) + "é", utf8Text},
		{"document", "a.txt", strings.Repeat("a", sniffLength-3) + "🎉", utf8Text},
		{"document", "a.txt", strings.Repeat("a", sniffLength-1) + "\xE9", "text/plain; charset=utf-8"}, // it may be the first byte of a character
		{"document", "a.txt", strings.Repeat("a", sniffLength-2) + "\xE9a", "text/plain"},
		{"document", "a.txt", strings.Repeat("\x80", sniffLength), "text/plain"},
		{"document", "a.txt", strings.Repeat("a", sniffLength-4) + "\x80\x80\x80\x80", "text/plain"},
		{"document", "a.txt", "caf\xC3", "text/plain"}, // the file ends there
		{"document", "a.html", `<html><meta charset="windows-1256">`, "text/html"},
		{"document", "a.html", `<html><meta charset="UTF-8">`, "text/html; charset=utf-8"},
		{"document", "", `<?xml version="1.0" encoding="ISO-8859-6"?><a/>`, "text/xml"},
		{"document", "", `<?xml version="1.0" encoding="a;b=c;b=d"?><a/>`, "text/xml; charset=utf-8"}, // the encoding is not a name
		{"document", "a.html", `<html><meta charset="utf-8">caf` + "\xE9", "text/html"},
	} {
		if got := typeOf(t, c.kind, c.name, []byte(c.content)); got != c.want {
			t.Errorf("%s %q of %.60q is %q, want %q", c.kind, c.name, c.content, got, c.want)
		}
	}
}

// A name refines the type of content of its family, and has no effect on other content.
func TestTypesByName(t *testing.T) {
	const (
		zip    = "PK\x03\x04\x14\x00\x06\x00"
		ole    = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
		xml    = `<?xml version="1.0"?><s:svg xmlns:s="http://www.w3.org/2000/svg"/>`
		text   = "hello\n"
		binary = "\x00\x01\x02\x03"
	)
	for _, c := range []struct{ content, ext, want string }{
		{zip, ".docx", docxType},
		{zip, ".dotm", "application/vnd.ms-word.template.macroEnabled.12"},
		{zip, ".xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12"},
		{zip, ".xlsb", "application/vnd.ms-excel.sheet.binary.macroEnabled.12"},
		{zip, ".xltm", "application/vnd.ms-excel.template.macroEnabled.12"},
		{zip, ".pptx", pptxType},
		{zip, ".pptm", "application/vnd.ms-powerpoint.presentation.macroEnabled.12"},
		{zip, ".ppsx", "application/vnd.openxmlformats-officedocument.presentationml.slideshow"},
		{zip, ".potx", "application/vnd.openxmlformats-officedocument.presentationml.template"},
		{zip, ".odt", "application/vnd.oasis.opendocument.text"},
		{zip, ".ods", "application/vnd.oasis.opendocument.spreadsheet"},
		{zip, ".odp", "application/vnd.oasis.opendocument.presentation"},
		{zip, ".epub", "application/epub+zip"},
		{zip, ".jar", "application/java-archive"},
		{zip, ".apk", "application/vnd.android.package-archive"},
		{zip, ".numbers", "application/vnd.apple.numbers"},
		{zip, ".key", "application/vnd.apple.keynote"},
		{ole, ".msg", "application/vnd.ms-outlook"},
		{xml, ".svg", "image/svg+xml"},
		{text, ".eml", "message/rfc822"},
		{text, ".htm", "text/html; charset=utf-8"},
		{text, ".ics", "text/calendar; charset=utf-8"},
		{text, ".json", "application/json"},
		{text, ".log", "text/plain; charset=utf-8"},
		{text, ".markdown", "text/markdown; charset=utf-8"},
		{text, ".srt", "application/x-subrip"},
		{text, ".tsv", "text/tab-separated-values; charset=utf-8"},
		{text, ".vcf", "text/vcard; charset=utf-8"},
		{text, ".vtt", "text/vtt; charset=utf-8"},
		{text, ".yaml", "application/yaml"},
		{text, ".yml", "application/yaml"},
		{"a,b\n1,2\n", ".log", "text/plain; charset=utf-8"},
	} {
		if got := typeOf(t, "document", "a"+c.ext, []byte(c.content)); got != c.want {
			t.Errorf("%q named %s is %q, want %q", c.content, c.ext, got, c.want)
		}
		if got := typeOf(t, "document", "a"+c.ext, []byte(binary)); got != unknownType {
			t.Errorf("%q named %s is %q", binary, c.ext, got)
		}
	}
}

// A container with any codec of pictures is a film, whatever its name.
func TestPictureTracks(t *testing.T) {
	const ogg = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x40"
	for _, c := range []struct{ container, track, want string }{
		{"\x1A\x45\xDF\xA3\x42\x82\x84webm", "\x86\x85V_VP8", "video/webm"},
		{"\x1A\x45\xDF\xA3\x42\x82\x84webm", "\x86\x85V_VP9", "video/webm"},
		{"\x1A\x45\xDF\xA3\x42\x82\x84webm", "\x86\x85V_AV1", "video/webm"},
		{"\x1A\x45\xDF\xA3\x42\x82\x88matroska", "\x86\x8FV_MPEG4/ISO/AVC", "video/matroska"},
		{"\x1A\x45\xDF\xA3\x42\x82\x88matroska", "\x86\x8FV_MS/VFW/FOURCC", "video/matroska"},
		{"\x1A\x45\xDF\xA3\x42\x82\x88matroska", "\x86\x88V_THEORA", "video/matroska"},
		{ogg, "\x80theora\x03\x02", "application/ogg"},
		{ogg, "BBCD\x00\x00\x00\x00\x00", "application/ogg"},
		{ogg, "\x01video\x00\x00\x00", "application/ogg"}, // OGM
		{"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00", "\x00\x00\x00\x2Dhdlr\x00\x00\x00\x00\x00\x00\x00\x00vide", "video/mp4"},
	} {
		if got := typeOf(t, "voice", "a.ogg", []byte(c.container+c.track)); got != "media is "+c.want+notSound {
			t.Errorf("%q with %q: %s", c.container, c.track, got)
		}
		if got := typeOf(t, "document", "a.m4a", []byte(c.container+c.track)); got != c.want {
			t.Errorf("%q with %q: %s", c.container, c.track, got)
		}
		if got := typeOf(t, "voice", "a.ogg", []byte(c.container)); !strings.HasPrefix(got, "audio/") {
			t.Errorf("%q: %s", c.container, got)
		}
	}
}

// ftyp is the first box of a file of the MP4 family.
func ftyp(major string, compatible ...string) string {
	brands := major + "\x00\x00\x00\x00" + strings.Join(compatible, "")
	return "\x00\x00\x00" + string(rune(8+len(brands))) + "ftyp" + brands
}

// A given type is neither detected nor checked against the kind of the message.
func TestGivenContentType(t *testing.T) {
	for _, kind := range []string{"image", "voice", "document"} {
		source := bytesSource([]byte("hello"))
		source.ContentType = "x-my/own"
		b, err := New(kind, fields, source)
		if err != nil {
			t.Fatal(err)
		}
		body, err := read(t, b)
		if got := parse(t, b, body).contentType; err != nil || got != "x-my/own" {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
	}
}

// Our tables rely on mimetype's names of types. Another release may rename one.
func TestNamesOfTypes(t *testing.T) {
	known := func(contentType string) {
		if found := mimetype.Lookup(contentType); found == nil || found.String() != contentType {
			t.Errorf("mimetype has no %s", contentType)
		}
	}
	for ext, named := range typesByName {
		for _, within := range named.within {
			known(within)
		}
		if ext != strings.ToLower(ext) || !strings.HasPrefix(ext, ".") {
			t.Errorf("%q is not an extension", ext)
		}
	}
	for _, contentType := range []string{
		unknownType, "text/plain", "application/ogg", "audio/ogg", "video/ogg", "video/webm", "video/matroska", "image/apng",
		"application/pdf", "application/vnd.microsoft.portable-executable",
	} {
		known(contentType)
	}
}

// FuzzDetect: for any file, the type is valid in a header, and a text whose type says UTF-8 is UTF-8.
func FuzzDetect(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Base(name), content)
	}
	f.Add("a.txt", []byte("hello"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if len(content) == 0 {
			t.Skip()
		}
		head := content[:min(len(content), sniffLength)]
		for _, kind := range []string{"document", "voice", "image"} {
			got := detect(kind, name, head)
			if problem := checkContentType(got); problem != nil {
				t.Errorf("%q: %v", got, problem)
			}
			_, params, err := mime.ParseMediaType(got)
			if err != nil {
				t.Errorf("%q: %v", got, err)
			}
			if params["charset"] == "utf-8" && len(head) < sniffLength && !utf8.Valid(head) {
				t.Errorf("%q has the type %q", head, got)
			}
		}
	})
}
