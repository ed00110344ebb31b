package upload

import (
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
)

const (
	maxName      = 255 // bytes, as common file systems have it
	maxExtension = 16  // bytes, with the dot; anything longer is not an extension
)

// safeName makes a name that all multipart parsers read the same way and that does not deceive recipients: without path, control
// characters, characters that change the writing direction, or double quotes. Arabic and emoji stay. A file without a name is named after
// its content type.
func safeName(name, contentType string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\ufeff':
			return -1
		}
		return r
	}, name)
	name = strings.TrimFunc(name, isPadding)
	if name == "" {
		return "file" + extension(contentType)
	}
	if len(name) <= maxName {
		return name
	}
	ext := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 && len(name)-i <= maxExtension {
		name, ext = name[:i], name[i:]
	}
	cut := maxName - len(ext)
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return strings.TrimRightFunc(name[:cut], isPadding) + ext
}

func isPadding(r rune) bool { return r == '.' || unicode.IsSpace(r) }

// extensions of the types for which mimetype's extension is not the usual one.
var extensions = map[string]string{
	"audio/matroska": ".mka",
	"audio/mp4":      ".m4a",
	"audio/ogg":      ".ogg",
}

// extension returns the file name extension of a content type; empty if there is none.
func extension(contentType string) string {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	if ext, ok := extensions[mediaType]; ok {
		return ext
	}
	if known := mimetype.Lookup(mediaType); known != nil {
		return known.Extension()
	}
	return ""
}
