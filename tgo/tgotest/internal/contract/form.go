package contract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// Form is a multipart body, read as it streams in: the file is counted and hashed, and kept only if requested.
type Form struct {
	// Fields are the texts by name; of a name that is given twice, the last.
	Fields map[string]string
	// File is the file; nil without one.
	File *File
	// Problems are what is wrong with the form itself.
	Problems Problems
}

// File is the file of a form.
type File struct {
	// Name and ContentType are as the request gave them.
	Name        string
	ContentType string
	// Size is in bytes.
	Size int64
	// SHA256 is in hexadecimal.
	SHA256 string
	// Content is nil if it was not kept.
	Content []byte
}

// Bounds of a body.
const (
	MaxText  = 1 << 20 // bytes of a JSON body, or of all text fields of a form
	MaxParts = 100
)

// ReadForm reads a multipart body. keep is how many bytes of the file may be kept.
func ReadForm(r *http.Request, keep int64) *Form {
	f := &Form{Fields: map[string]string{}, Problems: Problems{}}
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		f.Problems.Add(BodyField, "The multipart body is not well formed: its boundary is missing.")
		return f
	}
	body := &tailReader{r: r.Body}
	reader := multipart.NewReader(body, params["boundary"])
	left := int64(MaxText)
	for range MaxParts + 1 {
		part, err := reader.NextPart()
		if err == io.EOF { //nolint:errorlint // a form that is cut short wraps io.EOF
			// Cut in the head of a part, it ends as a whole one does.
			if !body.endsWith("--" + params["boundary"] + "--") {
				f.Problems.Add(BodyField, "The multipart body is cut short.")
			}
			return f
		}
		if err != nil {
			f.Problems.Add(BodyField, "The multipart body is not well formed.")
			return f
		}
		name, fileName, isFile := PartNames(part)
		if _, again := f.Fields[name]; again || (name == MediaField && f.File != nil) {
			f.Problems.Add(name, SaysGivenTwice(name))
		}
		switch {
		case name == MediaField && isFile && fileName == "": // what a browser sends for a file that was not chosen
			_, err = io.Copy(io.Discard, part)
		case name == MediaField:
			if !isFile {
				f.Problems.Add(MediaField, SaysNoFile(MediaField))
			}
			f.File, err = readMedia(part, fileName, part.Header.Get("Content-Type"), keep)
		default:
			var text []byte
			text, err = io.ReadAll(io.LimitReader(part, left+1))
			left -= int64(len(text))
			switch {
			case name == "":
				f.Problems.Add(BodyField, "A part of the multipart body has no name.")
			case fileName != "":
				f.Problems.Add(name, SaysNoText(name))
			case !utf8.Valid(text):
				f.Problems.Add(name, SaysNotUTF8(name))
			}
			if name != "" {
				f.Fields[name] = string(text)
			}
		}
		if err != nil {
			f.Problems.Add(BodyField, "The multipart body is cut short.")
			return f
		}
		if left < 0 {
			break
		}
	}
	f.Problems.Add(BodyField, fmt.Sprintf("The body has more than %d parts, or its texts more than %d bytes.", MaxParts, MaxText))
	return f
}

// MediaField is the field of a form that holds the file.
const MediaField = "media"

// PartNames are the name and the file name of a part as PHP reads them: it knows neither name* nor filename*, so a
// part with only filename* is not a file to it. isFile is whether there is a file name, even an empty one.
func PartNames(part *multipart.Part) (name, fileName string, isFile bool) {
	var known []string
	for i, parameter := range splitHeader(part.Header.Get("Content-Disposition")) {
		if key, _, _ := strings.Cut(parameter, "="); i == 0 || !strings.Contains(key, "*") {
			known = append(known, parameter)
		}
	}
	disposition, params, err := mime.ParseMediaType(strings.Join(known, ";"))
	if err != nil || disposition != "form-data" {
		return "", "", false
	}
	fileName, isFile = params["filename"]
	if fileName != "" {
		fileName = filepath.Base(fileName)
	}
	return params["name"], fileName, isFile
}

// splitHeader splits a header at each semicolon outside of quotation marks.
func splitHeader(header string) (parts []string) {
	quoted, escaped, begin := false, false, 0
	for i, c := range header {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			parts, begin = append(parts, header[begin:i]), i+1
		}
	}
	return append(parts, header[begin:])
}

// tailReader remembers the end of what was read through it.
type tailReader struct {
	r    io.Reader
	tail []byte
}

// maxTail has room for a boundary, of 70 bytes at most, and for what may follow the last one.
const maxTail = 512

func (t *tailReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.tail = append(t.tail, p[max(0, n-maxTail):n]...)
	t.tail = append(t.tail[:0], t.tail[max(0, len(t.tail)-maxTail):]...)
	return n, err
}

// endsWith reads the rest and reports whether a text is in the end of it all.
func (t *tailReader) endsWith(text string) bool {
	_, _ = io.Copy(io.Discard, t)
	return bytes.Contains(t.tail, []byte(text))
}

func readMedia(content io.Reader, name, contentType string, keep int64) (*File, error) {
	hash := sha256.New()
	var kept bytes.Buffer
	n, err := io.Copy(hash, io.TeeReader(io.LimitReader(content, keep), &kept))
	if err == nil {
		var rest int64
		rest, err = io.Copy(hash, content)
		n += rest
	}
	m := &File{Name: name, ContentType: contentType, Size: n, SHA256: hex.EncodeToString(hash.Sum(nil))}
	if n <= keep {
		m.Content = kept.Bytes()
	}
	return m, err
}

// DropBlank drops the blank fields that a schema knows: to Laravel they are not there.
func (f *Form) DropBlank(schema *openapi3.Schema) {
	for name, text := range f.Fields {
		if IsBlank(text) && schema.Properties[name] != nil {
			delete(f.Fields, name)
		}
	}
}

// values gives the fields the types that the contract has for them. A text that does not read as its type stays a
// text, for the validator to refuse.
func (f *Form) values(schema *openapi3.Schema) map[string]any {
	values := map[string]any{}
	for name, text := range f.Fields {
		values[name] = text
		if property := schema.Properties[name]; property != nil && property.Value.Type.Is("integer") {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil && IsInteger(text) {
				values[name] = n
			}
		}
	}
	if f.File != nil {
		values[MediaField] = "" // the contract does not check its content
	}
	return values
}
