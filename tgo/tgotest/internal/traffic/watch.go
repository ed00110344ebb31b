package traffic

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

const (
	maxRawBody = 32 << 10               // bytes of one body; of a file only its beginning would be in it
	slow       = 200 * time.Millisecond // after which a request is shown as under way
)

// Watch records what passes to and from the API.
func (l *Log) Watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			next.ServeHTTP(rw, r)
			return
		}
		seen := observe(r) // there is one already if the inbox sends a request again
		if seen == nil {
			seen = &observed{}
		}
		body := &copyingBody{ReadCloser: r.Body, copied: copiedBytes{limit: maxRawBody}}
		answer := &copiedAnswer{ResponseWriter: rw, body: &copiedBytes{limit: maxRawBody}}
		inner := r.WithContext(withObserved(r.Context(), seen))
		inner.Body = body
		// The method is part of the request's first line, and would keep all of it.
		e := &Record{at: l.cfg.Now(), method: strings.Clone(r.Method), path: r.URL.EscapedPath(), resentOf: seen.resentOf}
		if r.URL.RawQuery != "" {
			e.path += "?" + r.URL.RawQuery
		}
		_, e.hasKey = r.Header["X-Api-Key"]
		key := r.Header.Get("X-Api-Key")
		begun := time.Now()
		done := l.begin(e)
		defer func() {
			broken := recover()
			done()
			e.took, e.status = time.Since(begun), answer.status
			if err, ok := broken.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				e.outcome = outcomeBrokenOff
			}
			e.key = l.workspace.KeyOf(key)
			l.record(e, inner, seen, body, answer)
			seen.id = e.id
			if broken != nil {
				panic(broken)
			}
		}()
		next.ServeHTTP(answer, inner)
	})
}

// begin shows a request as under way if it takes long, until the function that it returns is called.
func (l *Log) begin(r *Record) (done func()) {
	shown := &UnderWay{At: r.at.UTC().Format(TimeFormat), Method: r.method, Path: r.path}
	timer := time.AfterFunc(slow, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if shown != nil {
			l.underWay = append(l.underWay, shown)
			l.tell(Event{0, eventUnderWay, nothing})
		}
	})
	return func() {
		timer.Stop()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.underWay = slices.DeleteFunc(l.underWay, func(u *UnderWay) bool { return u == shown })
		shown = nil
	}
}

// record remembers a request that has ended, of which e has the beginning.
func (l *Log) record(e *Record, r *http.Request, seen *observed, body *copyingBody, answer *copiedAnswer) {
	e.route, e.fault, e.warnings = l.routes[r.Pattern], seen.fault, seen.warnings
	e.headers, e.answered = shownHeaders(r.Header), shownHeaders(answer.header)
	e.body, e.bodyCut = bytes.Clone(body.copied.Bytes()), body.copied.cut || !body.ended && body.read != r.ContentLength
	e.answer, e.answerSize = bytes.Clone(answer.body.Bytes()), answer.size
	if e.operation() == "createApiKey" {
		e.answer = withoutKey(e.answer)
	}
	if e.outcome == "" {
		e.outcome = outcomeRefused
		if e.status/100 == 2 {
			e.outcome = outcomeAnswered
		}
	}
	resets := int64(0)
	if seen.sent != nil {
		resets = seen.sent.Resets
		m := seen.sent.Message
		if m.Media != nil {
			media := *m.Media
			media.Content = nil
			m.Media = &media
		}
		e.message = &m
		if e.outcome == outcomeAnswered {
			e.outcome = outcomeAccepted
		}
	}
	if seen.form != nil {
		e.form.fields = seen.form.Fields
		if m := seen.form.File; m != nil {
			e.form.file = &Part{Name: contract.MediaField, FileName: shown(m.Name), ContentType: shown(m.ContentType), Size: m.Size}
		}
	}
	e.sent, e.digest, e.problem = e.fieldsSent(), e.digestOfBody(r.ContentLength), e.readProblem()
	e.size = 1<<10 + len(e.path) + len(e.body) + len(e.answer)
	for _, headers := range [][][2]string{e.headers, e.answered} {
		for _, h := range headers {
			e.size += len(h[0]) + len(h[1])
		}
	}
	for name, value := range e.form.fields {
		e.size += len(name) + len(value)
	}
	for _, text := range []string{e.sent.messageType, e.sent.to, e.sent.from, e.sent.text, e.sent.fileName, e.problem} {
		e.size += len(text)
	}
	if e.message != nil && e.message.Media != nil {
		e.size += len(e.message.Media.Name) + len(e.message.Media.ContentType)
	}
	if e.form.file != nil {
		e.size += len(e.form.file.FileName) + len(e.form.file.ContentType)
	}
	l.add(e, resets)
}

// copiedBytes keeps the beginning of what is written to it.
type copiedBytes struct {
	bytes.Buffer
	limit int
	cut   bool
}

func (c *copiedBytes) keep(p []byte) {
	room := c.limit - c.Len()
	if len(p) > room {
		p, c.cut = p[:room], true
	}
	_, _ = c.Write(p) // it does not fail
}

type copyingBody struct {
	io.ReadCloser
	copied copiedBytes
	read   int64
	ended  bool
}

func (b *copyingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.copied.keep(p[:n])
	b.read += int64(n)
	b.ended = b.ended || errors.Is(err, io.EOF)
	return n, err
}

type copiedAnswer struct {
	http.ResponseWriter
	status int
	header http.Header
	body   *copiedBytes
	size   int
}

func (a *copiedAnswer) WriteHeader(status int) {
	if status >= http.StatusOK && a.status == 0 { // an interim status is not the response
		a.status, a.header = status, a.Header().Clone()
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *copiedAnswer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status, a.header = http.StatusOK, a.Header().Clone()
	}
	a.body.keep(p)
	a.size += len(p)
	return a.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (a *copiedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
