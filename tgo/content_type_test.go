package tgo_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// The type is detected from the first bytes of real files, with names that fit and names that do not.
func TestContentTypes(t *testing.T) {
	const (
		opusPage  = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead\x01\x01"
		theora    = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x2a\x80theora\x03\x02"
		zip       = "PK\x03\x04\x14\x00\x06\x00"
		ole       = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
		isom      = "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00"
		m4a       = "\x00\x00\x00\x20ftypM4A \x00\x00\x02\x00"
		threegp   = "\x00\x00\x00\x14ftyp3gp4\x00\x00\x02\x00"
		heic      = "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"
		webm      = "\x1A\x45\xDF\xA3\x01\x00\x00\x00"
		wav       = "RIFF\x24\x08\x00\x00WAVEfmt "
		mp3       = "\xFF\xFB\x90\x64\x00\x00"
		aac       = "\xFF\xF1\x50\x80\x00\x1F"
		truncated = "OggS\x00\x02"
	)
	cases := []struct{ message, name, content, want string }{
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
		{"image", "a.svg", "<?xml version=\"1.0\"?><svg/>", "image/svg+xml"},
		{"document", "a.pdf", "%PDF-1.7", "application/pdf"},
		{"document", "a.docx", zip, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"document", "A.XLSX", zip, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"document", "a.zip", zip, "application/zip"},
		{"document", "a.doc", ole, "application/msword"},
		{"document", "a.csv", "a,b\n1,2\n", "text/csv; charset=utf-8"},
		{"document", "a.txt", "hello", "text/plain; charset=utf-8"},
		{"document", "a.docx", "%PDF-1.7", "application/pdf"},
		{"document", "a.csv", "\x00\x01\x02", "application/octet-stream"},
		{"document", "page.html", "<html>", "text/html; charset=utf-8"},
	}
	fake := tgotest.New(t)
	for _, c := range cases {
		file := tgo.BytesFile(c.name, []byte(c.content))
		if err := sendAs(t, fake, c.message, file); err != nil {
			t.Errorf("%s %q: %v", c.message, c.name, err)
			continue
		}
		if m := fake.ExpectMessage(t); m.Media.ContentType != c.want {
			t.Errorf("%s %q of %q is sent as %s, not %s", c.message, c.name, c.content, m.Media.ContentType, c.want)
		}
	}
	for _, c := range []struct{ message, name, content string }{
		{"image", "a.png", "%PDF-1.7"},
		{"image", "a.png", "<html>"},
		{"image", "a.ogg", opusPage},
		{"voice", "a.ogg", "\x89PNG\x0D\x0A\x1A\x0A"},
		{"voice", "a.ogg", theora},
		{"voice", "a.ogg", "hello"},
	} {
		err := sendAs(t, fake, c.message, tgo.BytesFile(c.name, []byte(c.content)))
		if !errors.Is(err, tgo.ErrValidation) || !strings.Contains(err.Error(), "media is") {
			t.Errorf("%s of %q: %v", c.message, c.content, err)
		}
		// A type that the caller sets is not checked.
		if err := sendAs(t, fake, c.message, tgo.BytesFile(c.name, []byte(c.content)).WithContentType("x-my/own")); err != nil {
			t.Error(err)
		}
		if m := fake.ExpectMessage(t); m.Media.ContentType != "x-my/own" {
			t.Errorf("the type that was set arrived as %s", m.Media.ContentType)
		}
	}
	if err := sendAs(t, fake, "image", tgo.BytesFile("a.raw", []byte{0, 1, 2, 3})); err != nil {
		t.Errorf("a file whose type cannot be detected was refused: %v", err)
	}
}
