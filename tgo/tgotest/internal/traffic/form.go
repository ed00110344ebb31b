package traffic

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"sort"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// formSeen is what the operation read of a form, without the file's content: what is kept of that is the inbox's to bound.
type formSeen struct {
	fields map[string]string
	file   *Part // nil without one
}

// formParts reads the beginning of a form, and takes from the operation what is not in it.
func formParts(contentType string, body []byte, f formSeen) []Part {
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "multipart/form-data" || params["boundary"] == "" {
		return nil
	}
	parts := []Part{}
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for len(parts) < contract.MaxParts {
		part, err := reader.NextPart()
		if err != nil {
			break // to the end, or to where the copy was cut
		}
		name, fileName, _ := contract.PartNames(part)
		p := Part{Name: shown(name), FileName: shown(fileName), ContentType: shown(part.Header.Get("Content-Type"))}
		if fileName == "" {
			value, err := io.ReadAll(part)
			if p.Value = shown(string(value)); err != nil && f.fields != nil { // the copy was cut; the operation has read it
				p.Value = shown(f.fields[name])
			}
		} else if f.file != nil && name == contract.MediaField {
			p.Size = f.file.Size
		} else {
			p.Size, _ = io.Copy(io.Discard, part)
		}
		parts = append(parts, p)
	}
	// What follows a long part is not in the copy; the operation has read it.
	has := func(name string) bool {
		return slices.ContainsFunc(parts, func(p Part) bool { return p.Name == shown(name) })
	}
	var missing []string
	for name := range f.fields {
		if !has(name) {
			missing = append(missing, name)
		}
	}
	sort.Strings(missing)
	for _, name := range missing {
		parts = append(parts, Part{Name: shown(name), Value: shown(f.fields[name])})
	}
	if f.file != nil && !has(contract.MediaField) {
		parts = append(parts, *f.file)
	}
	return parts
}
