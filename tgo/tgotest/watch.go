package tgotest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/routers"
)

// watcher remembers the requests to the API as they came, for the inbox page, and tells who listens. It exists only
// with Config.Inbox: it copies bodies.
type watcher struct {
	server *Server
	run    string                    // tells this fake from one that ran here before; it is in the ids of events
	routes map[string]*routers.Route // by method and path, as the mux has them
	// most and mostBytes bound what is kept.
	most, mostBytes int

	mu        sync.Mutex
	list      []*recorded // by id, the newest last
	bytes     int
	lastID    int64
	ofMessage map[int64]int64 // the id of the request by that of the message it brought
	attempts  map[[sha256.Size]byte]*recorded
	underWay  []*underWay
	forgotten int64
	removed   removed
	cleared   int64 // the last id that was cleared with all before it
	listeners map[chan event]struct{}
	closed    bool
}

const (
	minExchanges     = 500
	minExchangeBytes = 64 << 20
	usualExchange    = 2 << 10  // bytes; of a text it is less
	maxRawBody       = 32 << 10 // of one body; of a file only its beginning would be in it
	maxListeners     = 64
	listenerQueue    = 256
	slow             = 200 * time.Millisecond // from when on a request is shown as under way
)

// recorded is a request that has ended. It does not change, but for the mark that somebody has read it.
type recorded struct {
	id       int64
	at       time.Time
	took     time.Duration
	method   string
	path     string         // with the query
	route    *routers.Route // nil where the contract has none
	key      keyState       // the zero one where none is known
	hasKey   bool           // it has the header, be it with a key that nobody knows
	outcome  string         // accepted, refused, answered, or broken off
	fault    *Fault
	status   int // 0 without an answer
	headers  [][2]string
	body     []byte
	bodyCut  bool // body is not all of it
	form     formSeen
	answered [][2]string // the headers of the answer
	answer   []byte      // its beginning
	// answerSize is that of all of the answer's body, in bytes.
	answerSize int
	message    *Message // without the bytes of its file
	warnings   [][2]string
	attempt    int
	resentOf   int64
	read       atomic.Bool
	size       int // in bytes, about
	sent       sentFields
	problem    string             // what was wrong with it, in one line
	digest     *[sha256.Size]byte // of what makes two requests the same; nil for one that may come as often as one likes
}

// underWay is a request that has had no answer for a while.
type underWay struct {
	At     string `json:"at"`
	Method string `json:"method"`
	Path   string `json:"path"`
}

// removed is what was removed last, and can be brought back.
type removed struct {
	requests  []*recorded
	messages  []kept
	forgotten int64 // before
}

func (r *removed) isEmpty() bool { return len(r.requests) == 0 && len(r.messages) == 0 }

// event is what listeners are told.
type event struct {
	id   int64 // of the request; 0 where it is about something else
	name string
	data func() any
}

func nothing() any { return struct{}{} }

func newWatcher(s *Server, routes map[string]*routers.Route) *watcher {
	most := max(minExchanges, s.cfg.MaxMessages)
	w := &watcher{
		server: s, run: rand.Text(), routes: map[string]*routers.Route{}, most: most, mostBytes: max(minExchangeBytes, most*usualExchange),
		ofMessage: map[int64]int64{}, attempts: map[[sha256.Size]byte]*recorded{}, listeners: map[chan event]struct{}{},
	}
	for _, route := range routes {
		w.routes[route.Method+" "+basePath+route.Path] = route
	}
	return w
}

type exchangeKey struct{}

// observed is what the operation itself knows of a request that is watched. All of it happens in one goroutine.
type observed struct {
	message *kept
	form    *form
	fault   *Fault
	// warnings are about query parameters and fields of the body, by name.
	warnings [][2]string
	// resentOf is the id of the request that is sent again; id becomes that of this one.
	resentOf, id int64
}

func withObserved(ctx context.Context, o *observed) context.Context {
	return context.WithValue(ctx, exchangeKey{}, o)
}

// observe returns where to note things about a request; nil where nobody watches.
func observe(r *http.Request) *observed {
	o, _ := r.Context().Value(exchangeKey{}).(*observed)
	return o
}

func observeMessage(r *http.Request, k kept) {
	if o := observe(r); o != nil {
		o.message = &k
	}
}

func observeForm(r *http.Request, f *form) {
	if o := observe(r); o != nil {
		o.form = f
	}
}

func observeWarning(r *http.Request, field, message string) {
	if o := observe(r); o != nil {
		o.warnings = append(o.warnings, [2]string{field, message})
	}
}

func observeFault(r *http.Request, f *Fault) {
	if o := observe(r); o != nil {
		struck := *f // Config.Faults may change its own for the next request
		o.fault = &struck
	}
}

// isResent reports whether a request is one that the inbox sends again.
func isResent(r *http.Request) bool {
	o := observe(r)
	return o != nil && o.resentOf != 0
}

// watch remembers what passes to and from the API.
func (w *watcher) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			next.ServeHTTP(rw, r)
			return
		}
		seen := observe(r) // there is one already where the inbox sends a request again
		if seen == nil {
			seen = &observed{}
		}
		body := &copyingBody{ReadCloser: r.Body, copied: copiedBytes{limit: maxRawBody}}
		answer := &copiedAnswer{ResponseWriter: rw, body: &copiedBytes{limit: maxRawBody}}
		inner := r.WithContext(withObserved(r.Context(), seen))
		inner.Body = body
		// The method is part of the request's first line, and would keep all of it.
		e := &recorded{at: w.server.cfg.Now(), method: strings.Clone(r.Method), path: r.URL.EscapedPath(), resentOf: seen.resentOf}
		if r.URL.RawQuery != "" {
			e.path += "?" + r.URL.RawQuery
		}
		_, e.hasKey = r.Header["X-Api-Key"]
		key := r.Header.Get("X-Api-Key")
		begun := time.Now()
		done := w.begin(e)
		defer func() {
			broken := recover()
			done()
			e.took, e.status = time.Since(begun), answer.status
			if err, ok := broken.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				e.outcome = "broken off"
			}
			e.key = w.server.state.keyOf(key)
			w.record(e, inner, seen, body, answer)
			seen.id = e.id
			if broken != nil {
				panic(broken)
			}
		}()
		next.ServeHTTP(answer, inner)
	})
}

// begin shows a request as under way when it takes its time, until the function that it returns is called.
func (w *watcher) begin(r *recorded) (done func()) {
	shown := &underWay{At: r.at.UTC().Format(timeFormat), Method: r.method, Path: r.path}
	timer := time.AfterFunc(slow, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if shown != nil {
			w.underWay = append(w.underWay, shown)
			w.tell(event{0, "under_way", nothing})
		}
	})
	return func() {
		timer.Stop()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.underWay = slices.DeleteFunc(w.underWay, func(u *underWay) bool { return u == shown })
		shown = nil
	}
}

// record remembers a request that has ended, of which e has the beginning.
func (w *watcher) record(e *recorded, r *http.Request, seen *observed, body *copyingBody, answer *copiedAnswer) {
	e.route, e.fault, e.warnings = w.routes[r.Pattern], seen.fault, seen.warnings
	e.headers, e.answered = shownHeaders(r.Header), shownHeaders(answer.header)
	e.body, e.bodyCut = bytes.Clone(body.copied.Bytes()), body.copied.cut || !body.ended && body.read != r.ContentLength
	e.answer, e.answerSize = bytes.Clone(answer.body.Bytes()), answer.size
	if e.operation() == "createApiKey" {
		e.answer = withoutKey(e.answer)
	}
	if e.outcome == "" {
		e.outcome = "refused"
		if e.status/100 == 2 {
			e.outcome = "answered"
		}
	}
	resets := int64(0)
	if seen.message != nil {
		resets = seen.message.resets
		m := seen.message.Message
		if m.Media != nil {
			media := *m.Media
			media.Content = nil
			m.Media = &media
		}
		e.message = &m
		if e.outcome == "answered" {
			e.outcome = "accepted"
		}
	}
	if seen.form != nil {
		e.form.fields = seen.form.fields
		if m := seen.form.media; m != nil {
			e.form.file = &exchangePart{Name: mediaField, FileName: shown(m.Name), ContentType: shown(m.ContentType), Size: m.Size}
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
	w.add(e, resets)
}

// add remembers a request, unless a reset came after its message: there is another message with that id now, or will be.
func (w *watcher) add(r *recorded, resets int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.message != nil && resets != w.server.state.resetsUntilNow() {
		return
	}
	w.lastID++
	r.id, r.attempt = w.lastID, 1
	if r.digest != nil {
		if before := w.attempts[*r.digest]; before != nil && r.at.Sub(before.at).Abs() <= w.server.cfg.DoubledWithin {
			r.attempt = before.attempt + 1
		}
	}
	w.list = append(w.list, r)
	w.count(r)
	w.makeRoom()
	w.tell(event{r.id, "request", func() any { return w.summary(r) }})
}

// count takes note of a request that is in the list. The caller holds the lock.
func (w *watcher) count(r *recorded) {
	w.bytes += r.size
	if r.message != nil {
		w.ofMessage[r.message.ID] = r.id
	}
	if r.digest != nil {
		w.attempts[*r.digest] = r
	}
}

// fill makes these requests, the oldest first, all that there are. The caller holds the lock.
func (w *watcher) fill(all []*recorded) {
	w.list, w.bytes = all, 0
	clear(w.ofMessage)
	clear(w.attempts)
	for _, r := range all {
		w.count(r)
	}
}

// makeRoom forgets the oldest requests. The caller holds the lock.
func (w *watcher) makeRoom() {
	for len(w.list) > w.most || (w.bytes > w.mostBytes && len(w.list) > 1) {
		old := w.list[0]
		w.list[0] = nil
		w.list = w.list[1:]
		w.forgotten++
		w.bytes -= old.size
		if old.message != nil {
			delete(w.ofMessage, old.message.ID)
		}
		if old.digest != nil && w.attempts[*old.digest] == old {
			delete(w.attempts, *old.digest)
		}
	}
}

// remove forgets requests and their messages. They can be brought back, until others are removed.
func (w *watcher) remove(which func(*recorded) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var gone removed
	var left []*recorded
	ids := map[int64]bool{}
	for _, r := range w.list {
		if !which(r) {
			left = append(left, r)
			continue
		}
		gone.requests = append(gone.requests, r)
		if r.message != nil {
			ids[r.message.ID] = true
		}
	}
	if len(gone.requests) == 0 {
		return
	}
	gone.messages = w.server.state.remove(func(k *kept) bool { return ids[k.ID] })
	w.removed = gone
	w.fill(left)
	w.tell(event{0, "changed", nothing})
}

// clear forgets all requests and messages. They can be brought back, until others are removed.
func (w *watcher) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	gone := removed{w.list, w.server.state.remove(func(*kept) bool { return true }), w.forgotten}
	if !gone.isEmpty() { // a second click leaves what the first one removed
		w.removed = gone
	}
	w.forgetAll()
}

// reset brings the workspace back to its beginning and forgets all requests, for good.
func (w *watcher) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.server.state.reset(w.server.cfg) // under the lock: what was before must not come back by an undo meanwhile
	w.removed = removed{}
	w.forgetAll()
}

func (w *watcher) forgetAll() {
	w.fill(nil)
	w.cleared, w.forgotten = w.lastID, 0
	w.tell(event{0, "cleared", nothing})
}

// undo brings back what was removed last. It reports whether there was anything.
func (w *watcher) undo() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	back := w.removed
	w.removed = removed{}
	if back.isEmpty() {
		return false
	}
	w.server.state.restore(back.messages)
	all := slices.Concat(w.list, back.requests)
	slices.SortFunc(all, func(a, b *recorded) int { return cmp.Compare(a.id, b.id) })
	w.fill(all)
	w.forgotten += back.forgotten
	w.makeRoom()
	w.tell(event{0, "changed", nothing})
	return true
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
	w.tell(event{0, name, nothing})
}

// after returns the requests with a higher id, the oldest first.
func (w *watcher) after(id int64) []*recorded {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.list[w.from(id):])
}

// find returns the request with this id; nil where it is none, or forgotten.
func (w *watcher) find(id int64) *recorded {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := w.from(id - 1); i < len(w.list) && w.list[i].id == id {
		return w.list[i]
	}
	return nil
}

func (w *watcher) from(id int64) int {
	return sort.Search(len(w.list), func(i int) bool { return w.list[i].id > id })
}

// requestOf returns the id of the request that brought a message; 0 where it is forgotten, or nobody watches.
func (w *watcher) requestOf(message int64) int64 {
	if w == nil {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ofMessage[message]
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
		past = append(past, event{0, "cleared", nothing})
	}
	for _, r := range w.list[w.from(since):] {
		past = append(past, event{r.id, "request", func() any { return w.summary(r) }})
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
	if status >= http.StatusOK && a.status == 0 { // what comes before is no answer
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
