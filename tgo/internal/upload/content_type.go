package upload

import (
	"bytes"
	"encoding/binary"
	"mime"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
)

// sniffLength is how much of a file is read to detect its content type, in bytes. It is mimetype's own limit: mimetype treats less than
// that as a complete file, and half of a JSON file is not JSON.
const sniffLength = 4096

const unknownType = "application/octet-stream"

// detect returns a file's content type. It is detected from the first bytes, and from the name if many types start alike. For containers
// that may have sound or pictures, the kind of the message decides.
func detect(kind, name string, head []byte) string {
	ext := strings.ToLower(path.Ext(name))
	found := byContent(head)
	contentType, _, _ := strings.Cut(found.String(), ";")
	switch {
	case isFtyp(head):
		contentType = byBrand(head)
	case found.Is(unknownType):
		contentType = byPrefix(head)
	case found.Is("image/apng"):
		contentType = "image/png" // it is also a PNG, and servers know that type
	}
	contentType = ofContainer(kind, ext, head, contentType)
	if named, ok := typesByName[ext]; ok && slices.ContainsFunc(named.within, found.Is) {
		return named.contentType
	}
	if isText(found) {
		if named, ok := textsByName[ext]; ok {
			contentType = named
		}
		return contentType + charsetOf(contentType, found, head)
	}
	return contentType
}

// byContent is mimetype.Detect, but ignores two signatures that texts and pictures may contain by chance.
func byContent(head []byte) *mimetype.MIME {
	found := mimetype.Detect(head)
	var mark []byte
	switch {
	case found.Is("application/vnd.microsoft.portable-executable"):
		mark = []byte("MZ") // mimetype requires no more
	case found.Is("application/pdf"):
		mark = []byte("%PDF-") // mimetype looks for it in the first 1024 bytes
		if bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))), mark) {
			return found
		}
	default:
		return found
	}
	other := mimetype.Detect(bytes.ReplaceAll(head, mark, bytes.Repeat([]byte(" "), len(mark))))
	if other.Is(unknownType) {
		return found
	}
	return other
}

// prefixes are signatures that mimetype does not know, or for which it requires more bytes.
var prefixes = []struct{ prefix, contentType string }{
	{"ID3", "audio/mpeg"},
	{"fLaC", "audio/flac"},
	{"\xFF\xF0", "audio/aac"}, // ADTS with a checksum
	{"\xFF\xF8", "audio/aac"},
	{"caff\x00", "audio/x-caf"},
	{"\x1A\x45\xDF\xA3", "video/webm"},
}

func byPrefix(head []byte) string {
	for _, p := range prefixes {
		if bytes.HasPrefix(head, []byte(p.prefix)) {
			return p.contentType
		}
	}
	return unknownType
}

// isFtyp reports whether a file starts like one of the MP4 family.
func isFtyp(head []byte) bool {
	return len(head) >= 12 && head[0] == 0 && string(head[4:8]) == "ftyp"
}

// brands are the brands of the MP4 family that are not video/mp4. mimetype knows fewer of them.
var brands = map[string]string{
	"F4A ": "audio/mp4",
	"F4B ": "audio/mp4",
	"M4A ": "audio/mp4",
	"M4B ": "audio/mp4",
	"M4P ": "audio/mp4",
	"KDDI": "video/3gpp2",
	"qt  ": "video/quicktime",
	"heic": "image/heic",
	"heix": "image/heic",
	"heim": "image/heic",
	"heis": "image/heic",
	"hevc": "image/heic-sequence",
	"hevx": "image/heic-sequence",
	"hevm": "image/heic-sequence",
	"hevs": "image/heic-sequence",
	"avif": "image/avif",
	"avis": "image/avif",
	"avci": "image/avci",
	"avcs": "image/avcs",
	"mif1": "image/heif",
	"msf1": "image/heif-sequence",
	"crx ": "image/x-canon-cr3",
}

// byBrand detects a type of the MP4 family from the major brand. If that means only that it is a picture, one of the compatible brands may
// have the type.
func byBrand(head []byte) string {
	major := string(head[8:12])
	contentType := brands[major]
	switch {
	case strings.HasPrefix(contentType, "image/heif"):
		end := min(len(head), int(binary.BigEndian.Uint32(head)))
		for i := 16; i+4 <= end; i += 4 {
			compatible := brands[string(head[i:i+4])]
			if strings.HasPrefix(compatible, "image/") && !strings.HasPrefix(compatible, "image/heif") {
				return compatible
			}
		}
	case strings.HasPrefix(major, "3g2"):
		return "video/3gpp2"
	case strings.HasPrefix(major, "3g"):
		return "video/3gpp"
	case contentType == "":
		return "video/mp4"
	}
	return contentType
}

// soundNames are the extensions of sound files in containers that may also have pictures.
var soundNames = []string{".m4a", ".m4b", ".mka", ".oga", ".opus", ".weba"}

// ofContainer distinguishes sound from film in containers that may have either. A file that is meant as sound is sound, unless its start
// has a track of pictures.
func ofContainer(kind, ext string, head []byte, contentType string) string {
	sound := (kind == "voice" || slices.Contains(soundNames, ext) || contentType == "audio/ogg") && !showsPictures(head)
	switch contentType {
	case "application/ogg", "audio/ogg", "video/ogg":
		if sound {
			return "audio/ogg"
		}
		return "application/ogg"
	case "video/mp4", "video/3gpp", "video/3gpp2", "video/webm", "video/matroska":
		if sound {
			return "audio/" + strings.TrimPrefix(contentType, "video/")
		}
	}
	return contentType
}

// pictureTracks are the entries for a track of pictures in a list of tracks.
var pictureTracks = []string{
	"hdlr\x00\x00\x00\x00\x00\x00\x00\x00vide", // MP4, 3GP
	"V_VP8", "V_VP9", "V_AV1", "V_MPEG", "V_MS/VFW", "V_THEORA", // WebM, Matroska
	"\x80theora", "BBCD\x00", "\x01video\x00\x00\x00", // Ogg
}

func showsPictures(head []byte) bool {
	return slices.ContainsFunc(pictureTracks, func(track string) bool { return bytes.Contains(head, []byte(track)) })
}

const (
	zipType  = "application/zip"
	oleType  = "application/x-ole-storage"
	docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptxType = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	jarType  = "application/java-archive"
)

// typesByName refines the type that was detected from the content. A name counts only if the content has one of the types in the table.
// The table is our own because the tables of operating systems differ from machine to machine.
var typesByName = map[string]struct {
	contentType string
	within      []string
}{
	".docx":    {docxType, []string{zipType}},
	".docm":    {"application/vnd.ms-word.document.macroEnabled.12", []string{zipType, docxType}},
	".dotx":    {"application/vnd.openxmlformats-officedocument.wordprocessingml.template", []string{zipType, docxType}},
	".dotm":    {"application/vnd.ms-word.template.macroEnabled.12", []string{zipType, docxType}},
	".xlsx":    {xlsxType, []string{zipType}},
	".xlsm":    {"application/vnd.ms-excel.sheet.macroEnabled.12", []string{zipType, xlsxType}},
	".xlsb":    {"application/vnd.ms-excel.sheet.binary.macroEnabled.12", []string{zipType, xlsxType}},
	".xltx":    {"application/vnd.openxmlformats-officedocument.spreadsheetml.template", []string{zipType, xlsxType}},
	".xltm":    {"application/vnd.ms-excel.template.macroEnabled.12", []string{zipType, xlsxType}},
	".pptx":    {pptxType, []string{zipType}},
	".pptm":    {"application/vnd.ms-powerpoint.presentation.macroEnabled.12", []string{zipType, pptxType}},
	".ppsx":    {"application/vnd.openxmlformats-officedocument.presentationml.slideshow", []string{zipType, pptxType}},
	".potx":    {"application/vnd.openxmlformats-officedocument.presentationml.template", []string{zipType, pptxType}},
	".odt":     {"application/vnd.oasis.opendocument.text", []string{zipType}},
	".ods":     {"application/vnd.oasis.opendocument.spreadsheet", []string{zipType}},
	".odp":     {"application/vnd.oasis.opendocument.presentation", []string{zipType}},
	".epub":    {"application/epub+zip", []string{zipType}},
	".jar":     {jarType, []string{zipType}},
	".apk":     {"application/vnd.android.package-archive", []string{zipType, jarType}},
	".kmz":     {"application/vnd.google-earth.kmz", []string{zipType}},
	".pages":   {"application/vnd.apple.pages", []string{zipType}},
	".numbers": {"application/vnd.apple.numbers", []string{zipType}},
	".key":     {"application/vnd.apple.keynote", []string{zipType}},
	".doc":     {"application/msword", []string{oleType}},
	".xls":     {"application/vnd.ms-excel", []string{oleType}},
	".ppt":     {"application/vnd.ms-powerpoint", []string{oleType}},
	".msg":     {"application/vnd.ms-outlook", []string{oleType}},
	".svg":     {"image/svg+xml", []string{"text/xml"}},
	".wma":     {"audio/x-ms-wma", []string{"video/x-ms-asf"}},
	".wmv":     {"video/x-ms-wmv", []string{"video/x-ms-asf"}},
}

// textsByName applies to every text. A text has no signature, so a type that was detected from its content is a guess.
var textsByName = map[string]string{
	".css":      "text/css",
	".csv":      "text/csv",
	".eml":      "message/rfc822",
	".htm":      "text/html",
	".html":     "text/html",
	".ics":      "text/calendar",
	".js":       "text/javascript",
	".json":     "application/json",
	".log":      "text/plain",
	".markdown": "text/markdown",
	".md":       "text/markdown",
	".srt":      "application/x-subrip",
	".tsv":      "text/tab-separated-values",
	".txt":      "text/plain",
	".vcf":      "text/vcard",
	".vtt":      "text/vtt",
	".xml":      "application/xml",
	".yaml":     "application/yaml",
	".yml":      "application/yaml",
}

func isText(found *mimetype.MIME) bool {
	for ; found != nil; found = found.Parent() {
		if found.Is("text/plain") {
			return true
		}
	}
	return false
}

// charsetOf returns the parameter with a text's encoding if that is certain. A guess would be worse than none, and HTML or XML in another
// encoding declares it.
func charsetOf(contentType string, found *mimetype.MIME, head []byte) string {
	_, declared, _ := mime.ParseMediaType(found.String())
	charset := declared["charset"]
	switch {
	case !strings.HasPrefix(contentType, "text/"):
		return ""
	case bytes.HasPrefix(head, []byte("\xFF\xFE\x00\x00")): // UTF-32
		return ""
	case bytes.HasPrefix(head, []byte("\xFE\xFF")), bytes.HasPrefix(head, []byte("\xFF\xFE")):
		return "; charset=utf-16"
	case isUTF8(head) && (charset == "" || strings.EqualFold(charset, "utf-8")):
		return "; charset=utf-8"
	}
	return ""
}

func isUTF8(head []byte) bool {
	if len(head) == sniffLength { // the last character may be incomplete
		start := len(head) - 1
		for start > len(head)-utf8.UTFMax && !utf8.RuneStart(head[start]) {
			start--
		}
		if !utf8.FullRune(head[start:]) {
			head = head[:start]
		}
	}
	return utf8.Valid(head)
}

// maxContentType is much more than any type needs and less than any parser refuses, in bytes.
const maxContentType = 255

// checkContentType returns a problem if a type that the caller gave is not valid in a header.
func checkContentType(contentType string) *Problem {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.Contains(mediaType, "/") {
		return &Problem{Rule: "has a content type that is not of the form type/subtype"}
	}
	for _, c := range []byte(contentType) {
		if c < ' ' || c > '~' {
			return &Problem{Rule: "has a content type with a character that no header can carry"}
		}
	}
	if len(contentType) > maxContentType {
		return &Problem{Rule: "has a content type of more than 255 bytes"}
	}
	return nil
}

// checkKind returns a problem if the kind of message cannot have the detected type. A file whose type could not be detected can be sent.
func checkKind(kind, contentType string) *Problem {
	family, _, _ := strings.Cut(contentType, "/")
	switch {
	case contentType == unknownType:
	case kind == "image" && family != "image":
		return &Problem{Rule: "is " + contentType + ", not an image; send it as a document, or give its content type"}
	case kind == "voice" && family != "audio":
		return &Problem{Rule: "is " + contentType + ", not audio; send it as a document, or give its content type"}
	}
	return nil
}
