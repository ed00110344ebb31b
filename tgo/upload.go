package tgo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"
)

// upload is a multipart body: the fields and the head of the media part, the file, and the closing boundary. The file
// streams from its source; only the two ends are in memory, so the length is known exactly.
type upload struct {
	file        File
	size        int64
	head, tail  []byte
	contentType string                    // of the body, with the boundary
	first       atomic.Pointer[mediaBody] // opened while the file was looked at, for the first request
	progress    func()                    // called by the bodies made from now on, at each read
	current     atomic.Pointer[mediaBody]
}

// openUpload is newUpload, given up when the context ends: opening or reading may hang. The error is why it ended.
func openUpload(ctx context.Context, messageType string, fields [][2]string, file File) (*upload, *FieldError, error) {
	type outcome struct {
		upload  *upload
		problem *FieldError
	}
	done := make(chan outcome, 1)
	go func() {
		u, problem := newUpload(messageType, fields, file)
		done <- outcome{u, problem}
	}()
	select {
	case o := <-done:
		return o.upload, o.problem, nil
	case <-ctx.Done():
	}
	go func() {
		if o := <-done; o.upload != nil {
			o.upload.closeUnused()
		}
	}()
	return nil, nil, context.Cause(ctx)
}

// newUpload opens the file, tells its type and builds the body around it. What is wrong with the file comes back as a
// problem of the field media.
func newUpload(messageType string, fields [][2]string, file File) (*upload, *FieldError) {
	if file.source == nil {
		return nil, fieldError("media", "is missing: make a File by FilePath, FSFile, BytesFile, ReaderFile or OpenFile")
	}
	if file.contentType != "" {
		if problem := checkContentType(file.contentType); problem != nil {
			return nil, problem
		}
	}
	content, size, err := file.source()
	if err != nil {
		return nil, &FieldError{Field: "media", Rule: "cannot be opened: " + err.Error(), err: err}
	}
	refuse := func(problem *FieldError) (*upload, *FieldError) {
		_ = content.Close()
		return nil, problem
	}
	if size <= 0 {
		return refuse(fieldError("media", fmt.Sprintf("must have something in it: its size is %d bytes", size)))
	}
	u := &upload{file: file, size: size}
	first := newMediaBody(u, content)
	u.first.Store(first)
	contentType := file.contentType
	if contentType == "" {
		peeked := make([]byte, min(sniffLength, size))
		n, err := io.ReadFull(content, peeked)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("it ends after %d of %d bytes", n, size)
		}
		if err != nil {
			return refuse(&FieldError{Field: "media", Rule: "cannot be read: " + err.Error(), err: err})
		}
		first.peeked = peeked
		contentType = contentTypeOf(messageType, file.name, peeked)
		if problem := checkKind(messageType, contentType); problem != nil {
			return refuse(problem)
		}
	}
	u.frame(fields, safeFileName(file.name, contentType), contentType)
	return u, nil
}

// frame writes what goes before and after the file.
func (u *upload) frame(fields [][2]string, name, contentType string) {
	// Writing to a bytes.Buffer does not fail.
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		_ = w.WriteField(f[0], f[1])
	}
	_, _ = w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("media", name)},
		"Content-Type":        {contentType},
	})
	headLength := b.Len()
	_ = w.Close()
	u.head, u.tail = b.Bytes()[:headLength:headLength], b.Bytes()[headLength:]
	u.contentType = w.FormDataContentType()
}

// length is that of the body.
func (u *upload) length() int64 { return int64(len(u.head)) + u.size + int64(len(u.tail)) }

// body returns the body of the next request.
func (u *upload) body() (io.ReadCloser, error) {
	if first := u.first.Swap(nil); first != nil {
		first.progress = u.progress
		u.current.Store(first)
		return first, nil
	}
	return u.open()
}

// closeUnused closes the file if no request took it.
func (u *upload) closeUnused() {
	if first := u.first.Swap(nil); first != nil {
		_ = first.Close()
	}
}

// hangGrace is how long after the end of a request's context net/http may take to notice it.
const hangGrace = time.Second

// unhang performs send and returns when its context ends. send alone would not while the file hangs: net/http waits for a
// read of the body to return, even then. The goroutine lives on until the file gives way; a file of our own opening is
// closed, which may make it.
func (u *upload) unhang(ctx context.Context, send func() (*http.Response, error)) (*http.Response, error) {
	type outcome struct {
		resp *http.Response
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		resp, err := send() //nolint:bodyclose // whoever takes the outcome closes it
		done <- outcome{resp, err}
	}()
	select {
	case o := <-done:
		return o.resp, o.err
	case <-ctx.Done():
	}
	grace := time.NewTimer(hangGrace)
	defer grace.Stop()
	select {
	case o := <-done:
		return o.resp, o.err
	case <-grace.C:
	}
	go func() {
		if body := u.current.Load(); body != nil {
			_ = body.Close()
		}
		if o := <-done; o.err == nil {
			_ = o.resp.Body.Close()
		}
	}()
	return nil, &hangError{context.Cause(ctx)}
}

// hangError is a request that was given up while the transport still has it: what becomes of it is not known.
type hangError struct{ cause error }

func (e *hangError) Error() string { return "media hangs: " + e.cause.Error() }
func (e *hangError) Unwrap() error { return e.cause }

// stop ends the reading of the file. net/http may be at it still when the answer is there, and the file is the caller's
// again when the call returns. A read that hangs is not waited for.
func (u *upload) stop() {
	body := u.current.Load()
	if body == nil {
		return
	}
	body.over.Store(true)
	grace := time.NewTimer(hangGrace)
	defer grace.Stop()
	select {
	case body.reading <- struct{}{}:
		<-body.reading
	case <-grace.C:
	}
}

// withProgress is a context that ends when no piece of the file has gone out for so long.
func (u *upload) withProgress(ctx context.Context, timeout time.Duration, cause error) (context.Context, context.CancelFunc) {
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(timeout, func() { cancel(cause) })
	u.progress = func() { timer.Reset(timeout) }
	return limited, func() {
		timer.Stop()
		cancel(nil)
	}
}

func (u *upload) open() (io.ReadCloser, error) {
	content, size, err := u.file.source()
	if err != nil {
		return nil, err
	}
	if size != u.size {
		_ = content.Close()
		return nil, fmt.Errorf("media changed its size from %d to %d bytes", u.size, size)
	}
	body := newMediaBody(u, content)
	body.progress = u.progress
	u.current.Store(body)
	return body, nil
}

// mediaBody reads the body once. It ends with an error rather than with another length than was announced.
type mediaBody struct {
	upload   *upload
	progress func()
	content  io.ReadCloser
	headRead int
	peeked   []byte // what was read of the content already
	left     int64  // of the content
	ended    bool   // the content has been seen to end
	tailRead int
	reading  chan struct{} // full during a read
	over     atomic.Bool   // nothing is read any more
}

func newMediaBody(u *upload, content io.ReadCloser) *mediaBody {
	return &mediaBody{upload: u, content: content, left: u.size, reading: make(chan struct{}, 1)}
}

func (b *mediaBody) Read(p []byte) (int, error) {
	b.reading <- struct{}{}
	defer func() { <-b.reading }()
	if b.over.Load() {
		return 0, errors.New("the request is over")
	}
	b.progress()
	n := copy(p, b.upload.head[b.headRead:])
	b.headRead += n
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	if len(b.peeked) > 0 {
		n = copy(p, b.peeked)
		b.peeked = b.peeked[n:]
		b.left -= int64(n)
		return n, nil
	}
	if b.left > 0 {
		return b.readContent(p)
	}
	if !b.ended {
		if err := b.checkEnd(); err != nil {
			return 0, err
		}
	}
	n = copy(p, b.upload.tail[b.tailRead:])
	b.tailRead += n
	if b.tailRead == len(b.upload.tail) {
		return n, io.EOF
	}
	return n, nil
}

func (b *mediaBody) readContent(p []byte) (int, error) {
	n, err := b.content.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	switch {
	case err == nil || (errors.Is(err, io.EOF) && b.left == 0):
		return n, nil
	case errors.Is(err, io.EOF):
		return n, fmt.Errorf("media ended %d bytes before its size of %d", b.left, b.upload.size)
	default:
		return n, fmt.Errorf("media cannot be read: %w", err)
	}
}

// checkEnd makes sure that nothing of a file that grew is cut off.
func (b *mediaBody) checkEnd() error {
	var one [1]byte
	for range 100 { // as many empty reads as bufio allows
		n, err := b.content.Read(one[:])
		switch {
		case n > 0:
			return fmt.Errorf("media is longer than its size of %d bytes", b.upload.size)
		case errors.Is(err, io.EOF):
			b.ended = true
			return nil
		case err != nil:
			return fmt.Errorf("media cannot be read: %w", err)
		}
	}
	return io.ErrNoProgress
}

func (b *mediaBody) Close() error { return b.content.Close() }

// maxFileName is what common file systems take, in bytes.
const maxFileName = 255

// safeFileName makes a name that every multipart parser reads alike and no recipient is deceived by: without path,
// control characters, characters that change the direction of writing, or quotes. Arabic and emoji stay.
func safeFileName(name, contentType string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\ufeff':
			return -1
		}
		return r
	}, name)
	name = strings.TrimFunc(name, func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
	if name == "" {
		mediaType, _, _ := mime.ParseMediaType(contentType)
		name = "file" + extensions[mediaType]
	}
	if len(name) <= maxFileName {
		return name
	}
	ext := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 && len(name)-i <= 16 {
		name, ext = name[:i], name[i:]
	}
	cut := maxFileName - len(ext)
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return strings.TrimRight(name[:cut], " .") + ext
}

// extensions names files that came without a name.
var extensions = map[string]string{
	"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp",
	"audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/wav": ".wav", "audio/amr": ".amr",
	"application/pdf": ".pdf",
}
