package traffic

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// canResend reports whether all of a request is there that is needed to send it again.
func (l *Log) canResend(r *Record) bool {
	if r.hasKey && r.key.ID == 0 {
		return false // only the beginning of its key is known
	}
	return !r.bodyCut || r.form.file != nil && r.message != nil && l.workspace.File(r.message.ID) != nil
}

// Resent is a request that was sent again.
type Resent struct {
	ID     int64 `json:"id"`
	Status int   `json:"status"` // 0 if a fault cut the connection
}

// Resend executes a request again, with a handler that this log records, as if it came the way that admin came. The
// error says why that is not possible.
func (l *Log) Resend(admin *http.Request, handler http.Handler, r *Record) (Resent, error) {
	if !l.canResend(r) {
		return Resent{}, errors.New("not enough of this request is kept to send it again: its key, its whole body or its file is missing")
	}
	body, contentType := bytes.NewBuffer(bytes.Clone(r.body)), r.header("Content-Type")
	if r.bodyCut {
		var err error
		if body, contentType, err = l.formAgain(r); err != nil {
			return Resent{}, err
		}
	}
	target, err := url.ParseRequestURI(r.path)
	if err != nil {
		return Resent{}, errors.New("the path of this request cannot be sent again")
	}
	seen := &observed{resentOf: r.id}
	again, err := http.NewRequestWithContext(withObserved(admin.Context(), seen), r.method, target.String(), body)
	if err != nil {
		return Resent{}, fmt.Errorf("this request cannot be sent again: %w", err)
	}
	again.Host, again.RemoteAddr = admin.Host, admin.RemoteAddr
	for _, name := range []string{"Accept", "User-Agent", headerTest} {
		if value := r.header(name); value != "" {
			again.Header.Set(name, value)
		}
	}
	if contentType != "" {
		again.Header.Set("Content-Type", contentType)
	}
	if r.hasKey {
		again.Header.Set("X-Api-Key", r.key.PlainText)
	}
	answer := statusOnly{header: http.Header{}}
	func() {
		defer func() {
			if broken := recover(); broken != nil {
				if err, ok := broken.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
					panic(broken)
				}
			}
		}()
		handler.ServeHTTP(&answer, again)
	}()
	return Resent{seen.id, answer.status}, nil
}

// statusOnly is a response of which only the status matters.
type statusOnly struct {
	header http.Header
	status int
}

// Header is http.ResponseWriter's.
func (s *statusOnly) Header() http.Header { return s.header }

// WriteHeader is http.ResponseWriter's.
func (s *statusOnly) WriteHeader(status int) { s.status = status }

// Write is http.ResponseWriter's.
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }

// formAgain writes the form of a message that is kept.
func (l *Log) formAgain(r *Record) (*bytes.Buffer, string, error) {
	media := l.workspace.File(r.message.ID)
	if media == nil {
		return nil, "", errors.New("the bytes of this file are no longer kept")
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	var err error
	for _, name := range slices.Sorted(maps.Keys(r.form.fields)) { // each time the same
		err = errors.Join(err, form.WriteField(name, r.form.fields[name]))
	}
	head := textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition(contract.MediaField, media.Name)}}
	if media.ContentType != "" {
		head.Set("Content-Type", media.ContentType)
	}
	part, partErr := form.CreatePart(head)
	if partErr == nil {
		_, partErr = part.Write(media.Content)
	}
	if err = errors.Join(err, partErr, form.Close()); err != nil {
		return nil, "", fmt.Errorf("a form in memory: %w", err)
	}
	return &body, form.FormDataContentType(), nil
}
