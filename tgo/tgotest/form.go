package tgotest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// form is a multipart body, read as it streams in: the file is counted and hashed, and kept only where asked for.
type form struct {
	fields   map[string]string
	media    *Media
	problems problems
}

const (
	maxText  = 1 << 20 // bytes of a JSON body, or of all text fields of a form
	maxParts = 100
)

// readForm reads a multipart body. keep is how many bytes of the file may be kept.
func readForm(r *http.Request, keep int64) *form {
	f := &form{fields: map[string]string{}, problems: problems{}}
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		f.problems.add(bodyField, "The multipart body is not well formed: its boundary is missing.")
		return f
	}
	body := &tailReader{r: r.Body}
	reader := multipart.NewReader(body, params["boundary"])
	left := int64(maxText)
	for range maxParts + 1 {
		part, err := reader.NextPart()
		if err == io.EOF { //nolint:errorlint // a form that is cut short wraps io.EOF
			// Cut in the head of a part, it ends as a whole one does.
			if !body.endsWith("--" + params["boundary"] + "--") {
				f.problems.add(bodyField, "The multipart body is cut short.")
			}
			return f
		}
		if err != nil {
			f.problems.add(bodyField, "The multipart body is not well formed.")
			return f
		}
		name := part.FormName()
		if _, again := f.fields[name]; again || (name == mediaField && f.media != nil) {
			f.problems.add(name, "The "+name+" is given twice.")
		}
		if name == mediaField {
			if part.FileName() == "" {
				f.problems.add(mediaField, "The media must be a file.")
			}
			f.media, err = readMedia(part, part.FileName(), part.Header.Get("Content-Type"), keep)
		} else {
			var text []byte
			text, err = io.ReadAll(io.LimitReader(part, left+1))
			left -= int64(len(text))
			switch {
			case name == "":
				f.problems.add(bodyField, "A part of the multipart body has no name.")
			case part.FileName() != "":
				f.problems.add(name, "The "+name+" must be a text and no file.")
			case !utf8.Valid(text):
				f.problems.add(name, "The "+name+" is not UTF-8.")
			}
			if name != "" {
				f.fields[name] = string(text)
			}
		}
		if err != nil {
			f.problems.add(bodyField, "The multipart body is cut short.")
			return f
		}
		if left < 0 {
			break
		}
	}
	f.problems.add(bodyField, fmt.Sprintf("The body has more than %d parts, or its texts more than %d bytes.", maxParts, maxText))
	return f
}

const mediaField = "media"

// tailReader remembers the end of what was read through it.
type tailReader struct {
	r    io.Reader
	tail []byte
}

// maxTail holds a boundary, of 70 bytes at most, and what little may follow the last one.
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

func readMedia(content io.Reader, name, contentType string, keep int64) (*Media, error) {
	hash := sha256.New()
	var kept bytes.Buffer
	n, err := io.Copy(hash, io.TeeReader(io.LimitReader(content, keep), &kept))
	if err == nil {
		var rest int64
		rest, err = io.Copy(hash, content)
		n += rest
	}
	m := &Media{Name: name, ContentType: contentType, Size: n, SHA256: hex.EncodeToString(hash.Sum(nil))}
	if n <= keep {
		m.Content = kept.Bytes()
	}
	return m, err
}

// values gives the fields the types that the contract has for them. Where a text does not read as its type it stays a
// text, for the validator to refuse.
func (f *form) values(schema *openapi3.Schema) map[string]any {
	values := map[string]any{}
	for name, text := range f.fields {
		values[name] = text
		if property := schema.Properties[name]; property != nil && property.Value.Type.Is("integer") {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				values[name] = n
			}
		}
	}
	if f.media != nil {
		values[mediaField] = "" // its content is of no concern to the contract
	}
	return values
}
