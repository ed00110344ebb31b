package tgotest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/routers"
)

// watcher remembers the requests to the API as they came, for the inbox page, and tells whoever listens. It exists only
// with Config.Inbox: it copies bodies.
type watcher struct {
	server *Server
	run    string                    // tells this fake from one that ran here before; it is in the ids of events
	routes map[string]*routers.Route // by method and path, as the mux has them

	mu        sync.Mutex
	list      []*recorded // the newest last
	bytes     int
	lastID    int64
	cleared   int64 // the last id that was forgotten with all before it
	listeners map[chan event]struct{}
	closed    bool
}

const (
	maxExchanges     = 500
	maxExchangeBytes = 16 << 20 // of all that are kept
	maxRawBody       = 32 << 10 // of one body; of a file only its beginning would be in it
	maxListeners     = 64
	listenerQueue    = 256
)

// recorded is a request that has ended.
type recorded struct {
	id       int64
	size     int              // in bytes, about
	exchange func() *exchange // written when somebody looks: most requests are forgotten before
}

// MarshalJSON is json.Marshaler's.
func (r *recorded) MarshalJSON() ([]byte, error) { return json.Marshal(r.exchange()) }

// exchange is a request and what became of it.
type exchange struct {
	ID        int64          `json:"id"`
	At        string         `json:"at"`
	Method    string         `json:"method"`
	Path      string         `json:"path"` // with the query
	Operation string         `json:"operation"`
	KeyName   string         `json:"key_name"`
	Outcome   string         `json:"outcome"` // accepted, refused, answered, or broken off
	Fault     string         `json:"fault"`   // what the fake did on purpose
	Status    int            `json:"status"`  // 0 without an answer
	Headers   [][2]string    `json:"headers"`
	Body      string         `json:"body"`
	BodyCut   bool           `json:"body_cut"`
	Form      []exchangePart `json:"form"`
	Response  string         `json:"response"`
	Problems  []problem      `json:"problems"`
	Message   *adminMessage  `json:"message"`
	Curl      string         `json:"curl"`
	Go        string         `json:"go"`
}

// exchangePart is a part of a form, without the bytes of a file.
type exchangePart struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	FileName    string `json:"file_name"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
}

// event is what listeners are told.
type event struct {
	id   int64 // of the exchange; 0 where it is about something else
	name string
	data any
}

func newWatcher(s *Server, routes map[string]*routers.Route) *watcher {
	w := &watcher{server: s, run: rand.Text(), routes: map[string]*routers.Route{}, listeners: map[chan event]struct{}{}}
	for _, route := range routes {
		w.routes[route.Method+" "+basePath+route.Path] = route
	}
	return w
}

type exchangeKey struct{}

// observed is what the operation itself knows of a request that is watched. All of it happens in one goroutine.
type observed struct {
	message *Message
	form    *form
	fault   *Fault
	// warnings are about query parameters, by name.
	warnings [][2]string
}

// observe returns where to note things about a request; nil where nobody watches.
func observe(r *http.Request) *observed {
	o, _ := r.Context().Value(exchangeKey{}).(*observed)
	return o
}

func observeMessage(r *http.Request, m Message) {
	if o := observe(r); o != nil {
		o.message = &m
	}
}

func observeForm(r *http.Request, f *form) {
	if o := observe(r); o != nil {
		o.form = f
	}
}

func observeWarning(r *http.Request, parameter, message string) {
	if o := observe(r); o != nil {
		o.warnings = append(o.warnings, [2]string{parameter, message})
	}
}

func observeFault(r *http.Request, f *Fault) {
	if o := observe(r); o != nil {
		o.fault = f
	}
}

// watch remembers what passes to and from the API.
func (w *watcher) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			next.ServeHTTP(rw, r)
			return
		}
		var seen observed
		body := &copiedBytes{limit: maxRawBody}
		answer := &copiedAnswer{ResponseWriter: rw, body: &copiedBytes{limit: maxRawBody}}
		inner := r.WithContext(context.WithValue(r.Context(), exchangeKey{}, &seen))
		inner.Body = &copyingBody{ReadCloser: r.Body, copied: body}
		at := w.server.cfg.Now()
		query, key := r.URL.RawQuery, r.Header.Get("X-Api-Key")
		defer func() {
			broken := recover()
			// The method is part of the request's first line, and would keep all of it.
			method := strings.Clone(r.Method)
			e := &exchange{At: at.UTC().Format(timeFormat), Method: method, Path: r.URL.EscapedPath(), Status: answer.status}
			if query != "" {
				e.Path += "?" + query
			}
			if err, ok := broken.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				e.Outcome = "broken off"
			}
			e.KeyName = w.server.state.keyName(key)
			w.record(e, inner, &seen, body, answer.body)
			if broken != nil {
				panic(broken)
			}
		}()
		next.ServeHTTP(answer, inner)
	})
}

// record remembers a request that has ended, of which e has the beginning.
func (w *watcher) record(e *exchange, r *http.Request, seen *observed, body, answer *copiedBytes) {
	route := w.routes[r.Pattern]
	if route != nil {
		e.Operation = route.Operation.OperationID
	}
	if seen.fault != nil {
		e.Fault = seen.fault.Kind.String()
		if seen.fault.Kind == FaultNone {
			e.Fault = "slow"
		}
	}
	if e.Outcome == "" {
		e.Outcome = "refused"
		if e.Status/100 == 2 {
			e.Outcome = "answered"
		}
	}
	if seen.message != nil {
		m := w.server.shownMessage(*seen.message)
		e.Message = &m
		if e.Outcome == "answered" {
			e.Outcome = "accepted"
		}
	}
	// What comes late is the API's own answer all the same.
	explain := e.Outcome == "refused" && (seen.fault == nil || seen.fault.Kind == FaultNone)
	var form formSeen
	if seen.form != nil {
		form.fields = seen.form.fields
		if m := seen.form.media; m != nil {
			form.file = &exchangePart{Name: mediaField, FileName: shown(m.Name), ContentType: shown(m.ContentType), Size: m.Size}
		}
	}
	header, warnings := r.Header, seen.warnings
	// Path, body and form are in the description and the commands too, which are not written yet.
	added := &recorded{size: 3*len(e.Path) + 4*body.Len() + 2*answer.Len() + 2<<10}
	for name, values := range header {
		for _, v := range values {
			added.size += 2 * (len(name) + len(v))
		}
	}
	for name, value := range form.fields {
		added.size += 4 * (len(name) + len(value))
	}
	if seen.message != nil {
		added.size += len(seen.message.Content)
	}
	if form.file != nil {
		added.size += 4 * (len(form.file.FileName) + len(form.file.ContentType))
	}
	added.exchange = sync.OnceValue(func() *exchange {
		e.ID = added.id
		e.Headers = shownHeaders(header)
		e.Response = shown(answer.String())
		e.BodyCut = body.cut
		if e.Form = formParts(header, body.Bytes(), form); e.Form == nil {
			e.Body = shown(body.String())
		}
		if explain {
			e.Problems = explainRefusal(route, e, header.Get("Content-Type"), answer.Bytes())
		}
		for _, w := range warnings {
			e.Problems = append(e.Problems, explainWarning(route, w[0], w[1]))
		}
		if !body.cut || form.fields != nil { // half a body is another request
			e.Curl, e.Go = asCurl(e), asGo(e)
		}
		return e
	})
	w.add(added)
}

func shownHeaders(header http.Header) (list [][2]string) {
	for name, values := range header {
		for _, v := range values {
			if name == "X-Api-Key" {
				v = maskedKey(v)
			}
			list = append(list, [2]string{name, shown(v)})
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i][0] < list[j][0] })
	return list
}

// maskedKey keeps the beginning, by which people know a key.
func maskedKey(key string) string {
	const known = 8
	if len(key) <= known {
		return "****"
	}
	return key[:known] + "****"
}

// shown is a text in which what cannot be shown is replaced.
func shown(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\u00b7")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return '\u00b7'
		}
		return r
	}, text)
}

// formSeen is what the operation read of a form, without the file's content: what is kept of that is the inbox's to bound.
type formSeen struct {
	fields map[string]string
	file   *exchangePart // nil without one
}

// formParts reads the beginning of a form, and takes from the operation what is not in it.
func formParts(header http.Header, body []byte, f formSeen) []exchangePart {
	mediaType, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/form-data" || params["boundary"] == "" {
		return nil
	}
	parts := []exchangePart{}
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for len(parts) < maxParts {
		part, err := reader.NextPart()
		if err != nil {
			break // to the end, or to where the copy was cut
		}
		name, fileName, _ := partNames(part)
		p := exchangePart{Name: shown(name), FileName: shown(fileName), ContentType: shown(part.Header.Get("Content-Type"))}
		if fileName == "" {
			value, err := io.ReadAll(part)
			if p.Value = shown(string(value)); err != nil && f.fields != nil { // the copy was cut; the operation has read it
				p.Value = shown(f.fields[name])
			}
		} else if f.file != nil && name == mediaField {
			p.Size = f.file.Size
		} else {
			p.Size, _ = io.Copy(io.Discard, part)
		}
		parts = append(parts, p)
	}
	// What follows a long part is not in the copy; the operation has read it.
	has := func(name string) bool {
		return slices.ContainsFunc(parts, func(p exchangePart) bool { return p.Name == shown(name) })
	}
	var missing []string
	for name := range f.fields {
		if !has(name) {
			missing = append(missing, name)
		}
	}
	sort.Strings(missing)
	for _, name := range missing {
		parts = append(parts, exchangePart{Name: shown(name), Value: shown(f.fields[name])})
	}
	if f.file != nil && !has(mediaField) {
		parts = append(parts, *f.file)
	}
	return parts
}

func (w *watcher) add(r *recorded) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lastID++
	r.id = w.lastID
	w.list = append(w.list, r)
	w.bytes += r.size
	for len(w.list) > maxExchanges || (w.bytes > maxExchangeBytes && len(w.list) > 1) {
		w.bytes -= w.list[0].size
		w.list[0] = nil
		w.list = w.list[1:]
	}
	w.tell(event{r.id, "request", r})
}

// tell gives an event to every listener. One that does not keep up is let go: it connects again and asks for the rest. The
// caller holds the lock.
func (w *watcher) tell(e event) {
	for l := range w.listeners {
		select {
		case l <- e:
		default:
			delete(w.listeners, l)
			close(l)
		}
	}
}

// changed tells listeners that something else than a request has changed the state.
func (w *watcher) changed(name string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if name == "cleared" {
		w.list, w.bytes, w.cleared = nil, 0, w.lastID
	}
	w.tell(event{0, name, struct{}{}})
}

// after returns the exchanges with a higher id, the oldest first.
func (w *watcher) after(id int64) []*recorded {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.list[w.from(id):])
}

func (w *watcher) from(id int64) int {
	return sort.Search(len(w.list), func(i int) bool { return w.list[i].id > id })
}

// listen returns what happened since an id, the last id, and what comes next. ok is false where too many listen, or the fake ends.
func (w *watcher) listen(since int64) (past []event, last int64, next chan event, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.listeners) >= maxListeners {
		return nil, 0, nil, false
	}
	next = make(chan event, listenerQueue)
	w.listeners[next] = struct{}{}
	if since > 0 && since <= w.cleared { // it may have been missed
		past = append(past, event{0, "cleared", struct{}{}})
	}
	for _, r := range w.list[w.from(since):] {
		past = append(past, event{r.id, "request", r})
	}
	return past, w.lastID, next, true
}

func (w *watcher) leave(l chan event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.listeners, l)
}

// end lets all listeners go.
func (w *watcher) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for l := range w.listeners {
		delete(w.listeners, l)
		close(l)
	}
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
	copied *copiedBytes
}

func (b *copyingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.copied.keep(p[:n])
	return n, err
}

type copiedAnswer struct {
	http.ResponseWriter
	status int
	body   *copiedBytes
}

func (a *copiedAnswer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *copiedAnswer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	a.body.keep(p)
	return a.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (a *copiedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// keyName is the name of a key, whether it works or not.
func (s *state) keyName(plainText string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keyByText[plainText]; k != nil {
		return k.Name
	}
	return ""
}

// reset brings the workspace back to its beginning.
func (s *state) reset(c Config) {
	fresh := newState(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake()
	s.keys, s.keyByText, s.senders = fresh.keys, fresh.keyByText, fresh.senders
	s.contacts, s.strangers, s.nextID = fresh.contacts, fresh.strangers, fresh.nextID
	s.inbox = fresh.inbox
}

// clear forgets the messages; usage goes on counting.
func (s *state) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake()
	s.inbox = newInbox(s.max, s.maxMedia)
}
