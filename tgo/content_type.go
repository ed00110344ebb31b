package tgo

import (
	"bytes"
	"mime"
	"net/http"
	"path"
	"strings"
)

// sniffLength is how much of a file is looked at to tell its content type.
const sniffLength = 512

const unknownType = "application/octet-stream"

// contentTypeOf tells a file's content type from its first bytes, and from its name where many types begin alike. The
// message type decides for containers that hold sound or pictures alike.
func contentTypeOf(messageType, name string, head []byte) string {
	sniffed := sniff(head)
	audio := messageType == "voice"
	switch sniffed {
	case "application/ogg":
		if oggAudio(head) || (audio && !oggVideo(head)) {
			return "audio/ogg"
		}
	case "video/mp4", "video/3gpp", "video/webm":
		if audio {
			return "audio/" + strings.TrimPrefix(sniffed, "video/")
		}
	}
	if byName, ok := typesByName[strings.ToLower(path.Ext(name))]; ok && byName.within == sniffed {
		return byName.contentType
	}
	return sniffed
}

// sniff adds to net/http's detection the sounds and pictures that phones make.
func sniff(head []byte) string {
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch brand := string(head[8:12]); {
		case strings.HasPrefix(brand, "M4A"), brand == "M4B ", brand == "F4A ":
			return "audio/mp4"
		case strings.HasPrefix(brand, "3g"):
			return "video/3gpp"
		case brand == "heic", brand == "heix", brand == "mif1":
			return "image/heic"
		case brand == "avif":
			return "image/avif"
		}
		return "video/mp4"
	}
	switch {
	case bytes.HasPrefix(head, []byte("#!AMR")):
		return "audio/amr"
	case bytes.HasPrefix(head, []byte("fLaC")):
		return "audio/flac"
	case len(head) >= 2 && head[0] == 0xFF && head[1]&0xF6 == 0xF0: // ADTS
		return "audio/aac"
	case len(head) >= 3 && head[0] == 0xFF && head[1]&0xE6 == 0xE2 && head[2]>>4 != 0xF: // MPEG audio, layer III
		return "audio/mpeg"
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		return oleType
	}
	switch detected := http.DetectContentType(head); detected {
	case "audio/wave":
		return "audio/wav"
	default:
		return detected
	}
}

// oggAudio and oggVideo look at the first packet of the first stream in an Ogg file, which names its codec.
func oggAudio(head []byte) bool {
	return oggCodec(head, "OpusHead", "\x01vorbis", "Speex   ", "\x7fFLAC")
}

func oggVideo(head []byte) bool { return oggCodec(head, "\x80theora", "fishead\x00", "BBCD\x00") }

func oggCodec(head []byte, magic ...string) bool {
	const pageHeader = 27
	if len(head) < pageHeader || !bytes.HasPrefix(head, []byte("OggS")) {
		return false
	}
	packet := pageHeader + int(head[pageHeader-1]) // after the segment table
	for _, m := range magic {
		if packet <= len(head) && bytes.HasPrefix(head[packet:], []byte(m)) {
			return true
		}
	}
	return false
}

const (
	oleType  = "application/x-ole-storage"
	zipType  = "application/zip"
	textType = "text/plain; charset=utf-8"
	xmlType  = "text/xml; charset=utf-8"
)

// typesByName refines what the bytes tell: a name counts only where the bytes are of the family that it belongs to. The
// table is our own because the operating system's differ from machine to machine.
var typesByName = map[string]struct{ within, contentType string }{
	".docx": {zipType, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	".xlsx": {zipType, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	".pptx": {zipType, "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	".odt":  {zipType, "application/vnd.oasis.opendocument.text"},
	".ods":  {zipType, "application/vnd.oasis.opendocument.spreadsheet"},
	".epub": {zipType, "application/epub+zip"},
	".doc":  {oleType, "application/msword"},
	".xls":  {oleType, "application/vnd.ms-excel"},
	".ppt":  {oleType, "application/vnd.ms-powerpoint"},
	".csv":  {textType, "text/csv; charset=utf-8"},
	".json": {textType, "application/json"},
	".ics":  {textType, "text/calendar; charset=utf-8"},
	".vcf":  {textType, "text/vcard; charset=utf-8"},
	".xml":  {textType, "application/xml"},
	".svg":  {xmlType, "image/svg+xml"},
}

// maxContentType is far more than any type needs and less than any parser refuses, in bytes.
const maxContentType = 255

// checkContentType reports a type that a caller gave and that cannot stand in a header.
func checkContentType(contentType string) *FieldError {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.Contains(mediaType, "/") {
		return fieldError("media", "has a content type that is not of the form type/subtype")
	}
	for _, c := range []byte(contentType) {
		if c < ' ' || c > '~' {
			return fieldError("media", "has a content type with a character that no header can carry")
		}
	}
	if len(contentType) > maxContentType {
		return fieldError("media", "has a content type of more than 255 bytes")
	}
	return nil
}

// checkKind reports a detected type that the message type cannot carry. A type that could not be told is let through.
func checkKind(messageType, contentType string) *FieldError {
	kind, _, _ := strings.Cut(contentType, "/")
	switch {
	case contentType == unknownType:
	case messageType == "image" && kind != "image":
		return fieldError("media", "is "+contentType+", not an image; send it as a document, or give its content type")
	case messageType == "voice" && kind != "audio":
		return fieldError("media", "is "+contentType+", not sound; send it as a document, or give its content type")
	}
	return nil
}
