// Package traffic records the requests to the API and what became of them, for the inbox and for tests: it lists, searches,
// explains, exports and repeats them, and sends listeners an event for each.
package traffic

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/routers"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// Config says what is recorded.
type Config struct {
	// MaxMessages is how many requests are kept; at least 500 are.
	MaxMessages int
	// DoubledWithin is how soon after a request the same one counts as its next attempt.
	DoubledWithin time.Duration
	// Now is the clock.
	Now func() time.Time
	// Routes are the operations of the contract by their operationId.
	Routes map[string]*routers.Route
	// URL is the address of the fake.
	URL string
}

// Log remembers the requests to the API as they came, and sends events to listeners. It records the handler that [Log.Watch] wraps.
type Log struct {
	cfg       Config
	workspace *workspace.Workspace
	run       string                    // identifies this fake, since another one may have run here before; it is in the ids of events
	routes    map[string]*routers.Route // by method and path, as the mux has them
	// most and mostBytes bound what is kept.
	most, mostBytes int

	mu        sync.Mutex
	list      []*Record // by id, the newest last
	bytes     int
	lastID    int64
	ofMessage map[int64]int64 // the id of the request by that of the message it brought
	attempts  map[[sha256.Size]byte]*Record
	underWay  []*UnderWay
	forgotten int64
	removed   removed
	cleared   int64 // the last id that was cleared with all before it
	listeners map[chan Event]struct{}
	closed    bool
}

const (
	minExchanges     = 500
	minExchangeBytes = 64 << 20
	usualExchange    = 2 << 10 // bytes; a text takes less
	maxListeners     = 64
	listenerQueue    = 256
)

// Record is a request that has ended. It does not change, except for the mark that it was read.
type Record struct {
	id       int64
	at       time.Time
	took     time.Duration
	method   string
	path     string         // with the query
	route    *routers.Route // nil if the contract has none
	key      workspace.Key  // the zero one if none is known
	hasKey   bool           // it has the header, even if its key is unknown
	outcome  string         // one of Outcomes
	fault    *Fault
	status   int // 0 without a response
	headers  [][2]string
	body     []byte
	bodyCut  bool // body is not all of it
	form     formSeen
	answered [][2]string // the headers of the response
	answer   []byte      // its beginning
	// answerSize is that of the whole response body, in bytes.
	answerSize int
	message    *workspace.Message // without the bytes of its file
	warnings   [][2]string
	attempt    int
	resentOf   int64
	read       atomic.Bool
	size       int // in bytes, about
	sent       sentFields
	problem    string             // what was wrong with it, in one line
	digest     *[sha256.Size]byte // of what makes two requests the same; nil for one that may come any number of times
}

const (
	outcomeAccepted  = "accepted" // it brought a message
	outcomeAnswered  = "answered" // with success, and without a message
	outcomeRefused   = "refused"
	outcomeBrokenOff = "broken off"
)

// Outcomes are what can become of a request.
var Outcomes = []string{outcomeAccepted, outcomeAnswered, outcomeRefused, outcomeBrokenOff}

// UnderWay is a request that has had no response for a while.
type UnderWay struct {
	At     string `json:"at"`
	Method string `json:"method"`
	Path   string `json:"path"`
}

// removed is what was removed last, and can be restored.
type removed struct {
	requests  []*Record
	messages  workspace.Removed
	forgotten int64 // before
}

func (r *removed) isEmpty() bool { return len(r.requests) == 0 && len(r.messages) == 0 }

// Event is what listeners receive.
type Event struct {
	// ID is that of the request; 0 if it is about something else.
	ID int64
	// Name is one of EventNames.
	Name string
	// Data makes what JSON has of it.
	Data func() any
}

const (
	// EventHello is the first event that a listener is sent.
	EventHello = "hello"
	// EventState says that keys, contacts, sender numbers or faults have changed.
	EventState = "state"

	eventRequest  = "request"   // a request has ended
	eventUnderWay = "under_way" // a request takes long
	eventChanged  = "changed"   // requests were removed, restored or read
	eventCleared  = "cleared"   // all requests were removed
)

// EventNames are the names of all events.
var EventNames = []string{EventHello, eventRequest, eventUnderWay, eventChanged, eventCleared, EventState}

func nothing() any { return struct{}{} }

// New returns an empty log of what happens in a workspace.
func New(of *workspace.Workspace, cfg Config) *Log {
	most := max(minExchanges, cfg.MaxMessages)
	l := &Log{
		cfg: cfg, workspace: of, run: rand.Text(), routes: map[string]*routers.Route{}, most: most, mostBytes: max(minExchangeBytes, most*usualExchange),
		ofMessage: map[int64]int64{}, attempts: map[[sha256.Size]byte]*Record{}, listeners: map[chan Event]struct{}{},
	}
	for _, route := range cfg.Routes {
		l.routes[route.Method+" "+contract.BasePath+route.Path] = route
	}
	return l
}

// Run identifies this log.
func (l *Log) Run() string { return l.run }

// Status is the id of the last request, how many have been dropped, and those that are under way.
func (l *Log) Status() (last, forgotten int64, underWay []UnderWay) {
	l.mu.Lock()
	defer l.mu.Unlock()
	underWay = []UnderWay{}
	for _, u := range l.underWay {
		underWay = append(underWay, *u)
	}
	return l.lastID, l.forgotten, underWay
}

// add remembers a request, unless a reset came after its message: there is another message with that id now, or will be.
func (l *Log) add(r *Record, resets int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.message != nil && resets != l.workspace.Resets() {
		return
	}
	l.lastID++
	r.id, r.attempt = l.lastID, 1
	if r.digest != nil {
		if before := l.attempts[*r.digest]; before != nil && r.at.Sub(before.at).Abs() <= l.cfg.DoubledWithin {
			r.attempt = before.attempt + 1
		}
	}
	l.list = append(l.list, r)
	l.count(r)
	l.makeRoom()
	l.tell(Event{r.id, eventRequest, func() any { return l.Summary(r) }})
}

// count takes note of a request that is in the list. The caller holds the lock.
func (l *Log) count(r *Record) {
	l.bytes += r.size
	if r.message != nil {
		l.ofMessage[r.message.ID] = r.id
	}
	if r.digest != nil {
		l.attempts[*r.digest] = r
	}
}

// fill makes these requests, the oldest first, all that there are. The caller holds the lock.
func (l *Log) fill(all []*Record) {
	l.list, l.bytes = all, 0
	clear(l.ofMessage)
	clear(l.attempts)
	for _, r := range all {
		l.count(r)
	}
}

// makeRoom drops the oldest requests. The caller holds the lock.
func (l *Log) makeRoom() {
	for len(l.list) > l.most || (l.bytes > l.mostBytes && len(l.list) > 1) {
		old := l.list[0]
		l.list[0] = nil
		l.list = l.list[1:]
		l.forgotten++
		l.bytes -= old.size
		if old.message != nil {
			delete(l.ofMessage, old.message.ID)
		}
		if old.digest != nil && l.attempts[*old.digest] == old {
			delete(l.attempts, *old.digest)
		}
	}
}

// Remove removes requests and their messages. They can be restored, until others are removed.
func (l *Log) Remove(which func(*Record) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var gone removed
	var left []*Record
	ids := map[int64]bool{}
	for _, r := range l.list {
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
	gone.messages = l.workspace.Remove(func(id int64) bool { return ids[id] })
	l.removed = gone
	l.fill(left)
	l.tell(Event{0, eventChanged, nothing})
}

// Clear removes all requests and messages. They can be restored, until others are removed.
func (l *Log) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	gone := removed{l.list, l.workspace.Remove(func(int64) bool { return true }), l.forgotten}
	if !gone.isEmpty() { // a second click leaves what the first one removed
		l.removed = gone
	}
	l.forgetAll()
}

// Reset restores the workspace's initial state and drops all requests. Undo does not restore them.
func (l *Log) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.workspace.Reset() // under the lock: an undo must not restore what was before meanwhile
	l.removed = removed{}
	l.forgetAll()
}

func (l *Log) forgetAll() {
	l.fill(nil)
	l.cleared, l.forgotten = l.lastID, 0
	l.tell(Event{0, eventCleared, nothing})
}

// Undo restores what was removed last. It reports whether there was anything.
func (l *Log) Undo() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	back := l.removed
	l.removed = removed{}
	if back.isEmpty() {
		return false
	}
	l.workspace.Restore(back.messages)
	all := slices.Concat(l.list, back.requests)
	slices.SortFunc(all, func(a, b *Record) int { return cmp.Compare(a.id, b.id) })
	l.fill(all)
	l.forgotten += back.forgotten
	l.makeRoom()
	l.tell(Event{0, eventChanged, nothing})
	return true
}

// tell gives an event to every listener. One that does not keep up is disconnected: it connects again and asks for the rest. The
// caller holds the lock.
func (l *Log) tell(e Event) {
	for next := range l.listeners {
		select {
		case next <- e:
		default:
			delete(l.listeners, next)
			close(next)
		}
	}
}

// Changed sends listeners an event that is not about a single request, such as EventState.
func (l *Log) Changed(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell(Event{0, name, nothing})
}

// After returns the requests with a higher id, the oldest first.
func (l *Log) After(id int64) []*Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list[l.from(id):])
}

// Find returns the request with this id; nil if there is none, or it is no longer kept.
func (l *Log) Find(id int64) *Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := l.from(id - 1); i < len(l.list) && l.list[i].id == id {
		return l.list[i]
	}
	return nil
}

func (l *Log) from(id int64) int {
	return sort.Search(len(l.list), func(i int) bool { return l.list[i].id > id })
}

// MarkRead marks a request as read.
func (l *Log) MarkRead(r *Record) {
	if !r.read.Swap(true) {
		l.Changed(eventChanged)
	}
}

// MarkAllRead marks all requests as read.
func (l *Log) MarkAllRead() {
	for _, r := range l.After(0) {
		r.read.Store(true)
	}
	l.Changed(eventChanged)
}

// RequestOf returns the id of the request that brought a message; 0 if it is no longer kept or was not recorded.
func (l *Log) RequestOf(message int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ofMessage[message]
}

// Listen returns what happened since an id, the last id, and what comes next. ok is false if too many listen, or the fake ends.
func (l *Log) Listen(since int64) (past []Event, last int64, next chan Event, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.listeners) >= maxListeners {
		return nil, 0, nil, false
	}
	next = make(chan Event, listenerQueue)
	l.listeners[next] = struct{}{}
	if since > 0 && since <= l.cleared { // it may have been missed
		past = append(past, Event{0, eventCleared, nothing})
	}
	for _, r := range l.list[l.from(since):] {
		past = append(past, Event{r.id, eventRequest, func() any { return l.Summary(r) }})
	}
	return past, l.lastID, next, true
}

// Leave ends what Listen began.
func (l *Log) Leave(next chan Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.listeners, next)
}

// End disconnects all listeners, and refuses new ones.
func (l *Log) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for next := range l.listeners {
		delete(l.listeners, next)
		close(next)
	}
}
