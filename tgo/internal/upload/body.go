// Package upload makes the multipart/form-data body of a media message. The file is streamed; only what comes before and after it is in
// memory. The exact length of the body is known in advance.
package upload

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
)

// Source is a file to upload.
type Source struct {
	// Open opens the file and returns its exact size. Each call starts at the beginning of the file.
	Open func() (content io.ReadCloser, size int64, err error)
	// Name may be any text. A safe form of it is sent.
	Name string
	// ContentType is sent unchanged. If it is empty, the type is detected.
	ContentType string
}

// Problem is the reason why a file cannot be sent.
type Problem struct {
	// Rule continues a sentence that starts with "media".
	Rule string
	// Err is the cause, if there is one beyond the rule.
	Err error
}

func (p *Problem) Error() string { return "media " + p.Rule }

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// Body is the body of a request that uploads a file. It is not safe for concurrent use.
type Body struct {
	source      Source
	size        int64
	head, tail  []byte // what comes before and after the file
	contentType string
	first       io.ReadCloser // opened by New, until Open takes it
}

// New opens the file, detects its content type and builds the body around it. kind is "image", "voice" or "document". Every error is a
// [*Problem]; then the file is closed.
func New(kind string, fields [][2]string, source Source) (*Body, error) {
	if source.ContentType != "" {
		if problem := checkContentType(source.ContentType); problem != nil {
			return nil, problem
		}
	}
	content, size, err := open(source)
	if err != nil {
		return nil, &Problem{Rule: "cannot be opened: " + err.Error(), Err: err}
	}
	b := &Body{source: source, size: size, first: content}
	if problem := b.build(kind, fields); problem != nil {
		_ = content.Close()
		return nil, problem
	}
	return b, nil
}

func open(source Source) (io.ReadCloser, int64, error) {
	content, size, err := source.Open()
	if err != nil {
		return nil, 0, err
	}
	return readCloser{checkedReader{content}, content}, size, nil
}

func (b *Body) build(kind string, fields [][2]string) *Problem {
	if b.size <= 0 {
		return &Problem{Rule: fmt.Sprintf("must not be empty: its size is %d bytes", b.size)}
	}
	contentType := b.source.ContentType
	if contentType == "" {
		start, problem := b.peek()
		if problem != nil {
			return problem
		}
		contentType = detect(kind, b.source.Name, start)
		if problem := checkKind(kind, contentType); problem != nil {
			return problem
		}
	}
	b.frame(fields, safeName(b.source.Name, contentType), contentType)
	if b.Length() < 0 {
		return &Problem{Rule: fmt.Sprintf("is too large: its size is %d bytes", b.size)}
	}
	return nil
}

// peek returns the start of the file, without removing it from what is read later.
func (b *Body) peek() ([]byte, *Problem) {
	content := bufio.NewReaderSize(b.first, sniffLength)
	start, err := content.Peek(int(min(sniffLength, b.size)))
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("it ends after %d of %d bytes", len(start), b.size)
	}
	if err != nil {
		return nil, &Problem{Rule: "cannot be read: " + err.Error(), Err: err}
	}
	b.first = readCloser{content, b.first}
	return start, nil
}

// frame writes what comes before and after the file.
func (b *Body) frame(fields [][2]string, name, contentType string) {
	// Writing to a bytes.Buffer does not fail.
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	for _, f := range fields {
		_ = w.WriteField(f[0], f[1])
	}
	_, _ = w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("media", name)},
		"Content-Type":        {contentType},
	})
	headLength := buffer.Len()
	_ = w.Close()
	b.head, b.tail = buffer.Bytes()[:headLength], buffer.Bytes()[headLength:]
	b.contentType = w.FormDataContentType()
}

// ContentType returns the content type of the body, with the boundary.
func (b *Body) ContentType() string { return b.contentType }

// Length returns the number of bytes in the body.
func (b *Body) Length() int64 { return int64(len(b.head)) + b.size + int64(len(b.tail)) }

// Open returns the body. The first call uses the file that New opened. Later calls open it again; its size must not have changed. Closing
// the body closes the file. Reading returns exactly Length bytes, or an error before the closing boundary.
func (b *Body) Open() (io.ReadCloser, error) {
	content := b.first
	b.first = nil
	if content == nil {
		var size int64
		var err error
		if content, size, err = open(b.source); err != nil {
			return nil, fmt.Errorf("media cannot be opened: %w", err)
		}
		if size != b.size {
			_ = content.Close()
			return nil, fmt.Errorf("media changed its size from %d to %d bytes", b.size, size)
		}
	}
	file := &exactReader{content: content, size: b.size, left: b.size}
	return readCloser{io.MultiReader(bytes.NewReader(b.head), file, bytes.NewReader(b.tail)), content}, nil
}

// Close closes the file if Open has not been called.
func (b *Body) Close() error {
	if b.first == nil {
		return nil
	}
	err := b.first.Close()
	b.first = nil
	return err
}
