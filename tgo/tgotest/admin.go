package tgotest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// adminPath is where programs in other languages, and the inbox page, look at what the fake has received and make it
// misbehave. It is no part of the API, and is described in admin.yaml.
const adminPath = "/_fake"

// adminMessage is a Message as the admin path shows it.
type adminMessage struct {
	ID             int64       `json:"id"`
	Type           string      `json:"type"`
	SenderNumberID int64       `json:"sender_number_id"`
	SenderPhone    string      `json:"sender_phone"`
	SenderName     string      `json:"sender_name"`
	To             string      `json:"to_phone"`
	Content        string      `json:"content"`
	Duration       int64       `json:"duration"` // whole seconds
	Media          *adminMedia `json:"media"`
	KeyName        string      `json:"key_name"`
	SentAt         string      `json:"sent_at"`
	RequestID      int64       `json:"request_id"` // 0 where it is forgotten
	Doubled        *doubled    `json:"doubled"`
}

type adminMedia struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	SHA256      string `json:"sha256"`
	Kept        bool   `json:"kept"` // its bytes can be read
}

func (s *Server) shownMessage(m Message) adminMessage {
	shown := adminMessage{
		ID: m.ID, Type: m.Type, SenderNumberID: int64(m.SenderNumberID), SenderPhone: string(m.SenderPhone), SenderName: s.state.senderName(m.SenderNumberID),
		To: string(m.To), Content: m.Content, Duration: int64(m.Duration.Seconds()), KeyName: m.KeyName, SentAt: m.SentAt.Format(timeFormat),
		RequestID: s.watcher.requestOf(m.ID), Doubled: s.doubledOf(m.ID),
	}
	if m.Media != nil {
		shown.Media = &adminMedia{m.Media.Name, m.Media.ContentType, m.Media.Size, m.Media.SHA256, s.state.keepsFile(m.ID)}
	}
	return shown
}

const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// adminRefusal is an answer other than success.
type adminRefusal struct {
	status  int
	message string
}

func (e *adminRefusal) Error() string { return e.message }

func refuseAdmin(status int, format string, args ...any) error {
	return &adminRefusal{status, fmt.Sprintf(format, args...)}
}

var errNoInbox = refuseAdmin(http.StatusNotFound, "Requests are not remembered: start the fake with Config.Inbox, as tgo fake does.")

// admin serves the admin path.
func (s *Server) admin(mux *http.ServeMux) {
	handle := func(pattern string, status int, serve func(*http.Request) (any, error)) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+adminPath+path, func(w http.ResponseWriter, r *http.Request) {
			answer, err := any(nil), s.guard(r)
			if err == nil {
				answer, err = serve(r)
			}
			writeAdmin(w, status, answer, err)
		})
	}
	handle("GET /messages", http.StatusOK, func(*http.Request) (any, error) {
		list := []adminMessage{}
		for _, m := range s.Messages() {
			list = append(list, s.shownMessage(m))
		}
		return list, nil
	})
	handle("GET /messages/{id}", http.StatusOK, func(r *http.Request) (any, error) {
		m, err := s.messageOf(r)
		return s.shownMessage(m), err
	})
	handle("DELETE /messages", http.StatusNoContent, func(*http.Request) (any, error) {
		if s.watcher != nil {
			s.watcher.clear()
		} else {
			s.state.remove(func(*kept) bool { return true })
		}
		return nil, nil
	})
	mux.HandleFunc("GET "+adminPath+"/messages/{id}/media", s.serveMedia)
	mux.HandleFunc("GET "+adminPath+"/events", s.serveEvents)
	handle("GET /coverage", http.StatusOK, func(*http.Request) (any, error) {
		report := s.Coverage().Report()
		return adminCoverage{report.Summary(), report.Percent(), report}, nil
	})
	handle("GET /options", http.StatusOK, s.options)
	s.adminInbox(handle, mux)
	s.adminKeys(handle)
	s.adminPeople(handle)
	s.adminFaults(handle)
	handle("POST /reset", http.StatusNoContent, func(r *http.Request) (any, error) {
		if err := readAdmin(r, &struct{}{}); err != nil {
			return nil, err
		}
		s.faults.clear()
		if s.watcher != nil {
			s.watcher.reset()
		} else {
			s.state.reset(s.cfg)
		}
		s.watcher.changed("state")
		return nil, nil
	})
	mux.HandleFunc(adminPath+"/", func(w http.ResponseWriter, r *http.Request) {
		err := s.guard(r)
		if err == nil {
			err = refuseAdmin(http.StatusNotFound, "The admin API has no such path or method; see admin.yaml.")
		}
		writeAdmin(w, 0, nil, err)
	})
}

// guard keeps pages of other sites out. A page can make its visitor's browser send anything here that a form can, and by
// a name that leads here it can read the answers too.
func (s *Server) guard(r *http.Request) error {
	if !s.knowsVisitor(r.Host) {
		s.warnOfHost(r.Host)
		return refuseAdmin(http.StatusNotFound, "%s", messageUnknownTenant)
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host && origin != "https://"+r.Host {
		return refuseAdmin(http.StatusForbidden, "Pages of other sites may not use the admin API.")
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return refuseAdmin(http.StatusForbidden, "Pages of other sites may not use the admin API.")
	}
	if r.Method == http.MethodPost || r.Method == http.MethodPut {
		// No form can send this type, and a script of another site may not without being allowed to.
		if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
			return refuseAdmin(http.StatusUnsupportedMediaType, "The Content-Type must be application/json.")
		}
	}
	return nil
}

// knowsVisitor is stricter than knowsTenant: a name that only "*" lets through may be anybody's. Addresses are safe, since
// no page of another site has them for its own.
func (s *Server) knowsVisitor(host string) bool {
	name := hostName(host)
	return net.ParseIP(name) != nil && s.knowsTenant(host) || strings.EqualFold(name, "localhost") && s.knowsTenant(host) ||
		slices.ContainsFunc(s.cfg.Tenants, func(tenant string) bool { return strings.EqualFold(tenant, name) })
}

func writeAdmin(w http.ResponseWriter, status int, answer any, err error) {
	var refused *adminRefusal
	if errors.As(err, &refused) {
		status, answer = refused.status, struct {
			Message string `json:"message"`
		}{refused.message}
	} else if err != nil {
		panic(err) // none other is returned
	}
	secureHeaders(w, "default-src 'none'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// secureHeaders are for everything that a browser may show.
func secureHeaders(w http.ResponseWriter, policy string) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
}

// maxAdminBody is more than any request needs.
const maxAdminBody = 64 << 10

func readAdmin(r *http.Request, v any) error {
	if err := readObject(io.LimitReader(r.Body, maxAdminBody), v); err != nil {
		return refuseAdmin(http.StatusUnprocessableEntity, "The body is not what admin.yaml describes: %v.", err)
	}
	return nil
}

func idOf(r *http.Request) int64 {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64) // 0 is nobody's
	return id
}

func (s *Server) messageOf(r *http.Request) (Message, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if k := s.state.find(idOf(r)); k != nil {
		return k.Message, nil
	}
	return Message{}, refuseAdmin(http.StatusNotFound, "There is no such message, or it has been forgotten.")
}

// serveMedia shows the bytes of a file. Whatever is in them, they do nothing here: only pictures and sounds keep their
// type, and nothing runs even in those.
func (s *Server) serveMedia(w http.ResponseWriter, r *http.Request) {
	err := s.guard(r)
	var m Message
	if err == nil {
		m, err = s.messageOf(r)
	}
	if err == nil && (m.Media == nil || m.Media.Content == nil) {
		err = refuseAdmin(http.StatusNotFound, "The bytes of this file are not kept.")
	}
	if err != nil {
		writeAdmin(w, 0, nil, err)
		return
	}
	secureHeaders(w, "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'")
	mediaType, _, err := mime.ParseMediaType(m.Media.ContentType)
	kind, _, _ := strings.Cut(mediaType, "/")
	_, download := r.URL.Query()["download"]
	if err != nil || (kind != "image" && kind != "audio") {
		mediaType, download = "application/octet-stream", true
	}
	if download {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": m.Media.Name}))
	}
	w.Header().Set("Content-Type", mediaType)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(m.Media.Content))
}

// serveEvents tells of requests and changes as they happen, as server-sent events.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	err := s.guard(r)
	if err == nil && s.watcher == nil {
		err = errNoInbox
	}
	if err != nil {
		writeAdmin(w, 0, nil, err)
		return
	}
	since := int64(0)
	if id, ours := strings.CutPrefix(cmp.Or(r.Header.Get("Last-Event-ID"), r.FormValue("after")), s.watcher.run+"."); ours {
		since, _ = strconv.ParseInt(id, 10, 64) // what is no number begins at the beginning, as what is of another run
	}
	secureHeaders(w, "default-src 'none'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead { // its answer would not end
		return
	}
	past, last, next, ok := s.watcher.listen(since)
	if !ok {
		writeAdmin(w, 0, nil, refuseAdmin(http.StatusServiceUnavailable, "Too many are listening, or the fake is stopping."))
		return
	}
	defer s.watcher.leave(next)
	rc := http.NewResponseController(w)
	send := func(e event) bool {
		data, err := json.Marshal(e.data())
		if err != nil {
			panic(err) // the types are our own
		}
		if e.id > 0 {
			fmt.Fprintf(w, "id: %s.%d\n", s.watcher.run, e.id)
		}
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.name, data)
		return rc.Flush() == nil
	}
	fmt.Fprintln(w, "retry: 500")
	hello := struct {
		Run  string `json:"run"`
		Last int64  `json:"last"`
	}{s.watcher.run, last}
	if !send(event{0, "hello", func() any { return hello }}) {
		return
	}
	for _, e := range past {
		if !send(e) {
			return
		}
	}
	alive := time.NewTicker(15 * time.Second)
	defer alive.Stop()
	for {
		select {
		case e, open := <-next:
			if !open || !send(e) {
				return
			}
		case <-alive.C:
			fmt.Fprintf(w, ": still here\n\n")
			if rc.Flush() != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-s.closed:
			return
		}
	}
}

// adminHandle registers a path of the admin API.
type adminHandle func(pattern string, status int, serve func(*http.Request) (any, error))

type adminKey struct {
	ID        int64       `json:"id"`
	Name      string      `json:"name"`
	Key       string      `json:"key"`
	Scopes    []tgo.Scope `json:"scopes"`
	Status    string      `json:"status"`
	ExpiresAt *time.Time  `json:"expires_at"`
}

func (s *Server) shownKey(k keyState) adminKey {
	scopes := k.Scopes
	if scopes == nil {
		scopes = []tgo.Scope{}
	}
	return adminKey{k.id, k.Name, k.PlainText, scopes, k.status(s.state.now()), nullableTime(k.ExpiresAt)}
}

func (s *Server) adminKeys(handle adminHandle) {
	handle("GET /keys", http.StatusOK, func(*http.Request) (any, error) {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		list := []adminKey{}
		for _, k := range s.state.keys {
			list = append(list, s.shownKey(*k))
		}
		return list, nil
	})
	handle("POST /keys", http.StatusCreated, func(r *http.Request) (any, error) {
		var k Key
		if err := readAdmin(r, &k); err != nil {
			return nil, err
		}
		for _, scope := range k.Scopes {
			if !scope.Valid() {
				return nil, refuseAdmin(http.StatusUnprocessableEntity, "%q is no scope.", scope)
			}
		}
		if k.PlainText == "" {
			k.PlainText = newPlainKey()
		}
		added, ok := s.state.addKey(k, false)
		if !ok {
			return nil, refuseAdmin(http.StatusUnprocessableEntity, "There is such a key already.")
		}
		s.watcher.changed("state")
		return s.shownKey(added), nil
	})
	handle("DELETE /keys/{id}", http.StatusNoContent, func(r *http.Request) (any, error) {
		id := idOf(r)
		if !s.state.revokeKey(id) {
			return nil, refuseAdmin(http.StatusNotFound, "There is no such key, or it is revoked already.")
		}
		s.watcher.changed("state")
		return nil, nil
	})
}

func checkState(state ContactState) error {
	if !slices.Contains(contactStates, state) {
		return refuseAdmin(http.StatusUnprocessableEntity, "%q is no state of a contact.", state)
	}
	return nil
}

type adminContacts struct {
	Contacts  []Contact    `json:"contacts"`
	Strangers ContactState `json:"strangers"`
}

func (s *Server) adminPeople(handle adminHandle) {
	handle("GET /contacts", http.StatusOK, func(*http.Request) (any, error) {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		all := adminContacts{[]Contact{}, s.state.strangers}
		for phone, c := range s.state.contacts {
			all.Contacts = append(all.Contacts, Contact{phone, c.state})
		}
		slices.SortFunc(all.Contacts, func(a, b Contact) int { return strings.Compare(string(a.Phone), string(b.Phone)) })
		return all, nil
	})
	type stateOnly struct {
		State ContactState `json:"state"`
	}
	readState := func(r *http.Request) (body stateOnly, err error) {
		if err = readAdmin(r, &body); err == nil {
			err = checkState(body.State)
		}
		return body, err
	}
	handle("PUT /contacts/{phone}", http.StatusOK, func(r *http.Request) (any, error) {
		body, err := readState(r)
		if err != nil {
			return nil, err
		}
		contact, err := s.setContact(Contact{tgo.Phone(r.PathValue("phone")), body.State})
		if err != nil {
			return nil, refuseAdmin(http.StatusUnprocessableEntity, "%v.", err)
		}
		return contact, nil
	})
	handle("PUT /strangers", http.StatusOK, func(r *http.Request) (any, error) {
		body, err := readState(r)
		if err != nil {
			return nil, err
		}
		s.state.mu.Lock()
		s.state.strangers = body.State
		s.state.mu.Unlock()
		s.watcher.changed("state")
		return body, nil
	})
	handle("GET /senders", http.StatusOK, func(*http.Request) (any, error) {
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		list := []SenderNumber{}
		for _, n := range s.state.senders {
			list = append(list, n.SenderNumber)
		}
		return list, nil
	})
	handle("POST /senders", http.StatusCreated, func(r *http.Request) (any, error) {
		var n SenderNumber
		if err := readAdmin(r, &n); err != nil {
			return nil, err
		}
		added, err := s.addSender(n)
		if err != nil {
			return nil, refuseAdmin(http.StatusUnprocessableEntity, "%v.", err)
		}
		return added, nil
	})
	handle("PUT /senders/{id}", http.StatusOK, func(r *http.Request) (any, error) {
		var body struct {
			Status             string `json:"status"`
			VerificationStatus string `json:"verification_status"`
		}
		if err := readAdmin(r, &body); err != nil {
			return nil, err
		}
		if err := s.cfg.checkStatus(body.Status, body.VerificationStatus); err != nil {
			return nil, refuseAdmin(http.StatusUnprocessableEntity, "%v.", err)
		}
		n, ok := s.state.setSender(tgo.NumberID(idOf(r)), body.Status, body.VerificationStatus)
		if !ok {
			return nil, refuseAdmin(http.StatusNotFound, "There is no such sender number.")
		}
		s.watcher.changed("state")
		return n, nil
	})
}

// newFault is a Fault as the admin path takes it.
type newFault struct {
	Operation  string `json:"operation"`
	Kind       string `json:"kind"`
	Skip       int    `json:"skip"`
	Times      int    `json:"times"`
	Stored     bool   `json:"stored"`
	DelayMS    int64  `json:"delay_ms"`
	Status     int    `json:"status"`
	RetryAfter string `json:"retry_after"`
	Location   string `json:"location"`
}

// adminFault is a Fault as the admin path shows it.
type adminFault struct {
	ID int64 `json:"id"`
	newFault
	Struck  int    `json:"struck"`
	Active  bool   `json:"active"`
	Summary string `json:"summary"`
}

// maxDelay keeps a switch from hanging a test for good.
const maxDelay = 10 * time.Minute

func (f newFault) fault() (Fault, error) {
	kind := FaultNone
	for FaultKind.String(kind) != f.Kind {
		if kind++; strings.HasPrefix(kind.String(), "FaultKind(") {
			return Fault{}, refuseAdmin(http.StatusUnprocessableEntity, "%q is no kind of fault.", f.Kind)
		}
	}
	if f.DelayMS < 0 || f.DelayMS > maxDelay.Milliseconds() {
		return Fault{}, refuseAdmin(http.StatusUnprocessableEntity, "delay_ms must be from 0 to %d.", maxDelay.Milliseconds())
	}
	return Fault{
		Operation: f.Operation, Kind: kind, Skip: f.Skip, Times: f.Times, Stored: f.Stored, Delay: time.Duration(f.DelayMS) * time.Millisecond,
		Status: f.Status, RetryAfter: f.RetryAfter, Location: f.Location,
	}, nil
}

// shown describes a fault. The caller holds the lock of the faults.
func (i *Injected) shown() adminFault {
	f := i.fault
	return adminFault{i.id, newFault{
		Operation: f.Operation, Kind: f.Kind.String(), Skip: f.Skip, Times: max(0, f.Times), Stored: f.Stored, DelayMS: f.Delay.Milliseconds(),
		Status: f.Status, RetryAfter: f.RetryAfter, Location: f.Location,
	}, i.struck, i.active(), i.summary()}
}

// activeFaults are those that can strike, the oldest first.
func (s *Server) activeFaults() []adminFault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := []adminFault{}
	for _, i := range s.faults.list {
		if i.active() {
			list = append(list, i.shown())
		}
	}
	return list
}

func (s *Server) adminFaults(handle adminHandle) {
	handle("GET /faults", http.StatusOK, func(*http.Request) (any, error) {
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		list := []adminFault{}
		for _, i := range s.faults.list {
			list = append(list, i.shown())
		}
		return list, nil
	})
	handle("POST /faults", http.StatusCreated, func(r *http.Request) (any, error) {
		body := newFault{Kind: FaultNone.String()}
		if err := readAdmin(r, &body); err != nil {
			return nil, err
		}
		f, err := body.fault()
		if err != nil {
			return nil, err
		}
		i, err := s.Inject(f)
		if err != nil {
			return nil, refuseAdmin(http.StatusUnprocessableEntity, "%v.", errors.Unwrap(err))
		}
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		return i.shown(), nil
	})
	handle("DELETE /faults/{id}", http.StatusNoContent, func(r *http.Request) (any, error) {
		id := idOf(r)
		s.faults.mu.Lock()
		before := len(s.faults.list)
		s.faults.list = slices.DeleteFunc(s.faults.list, func(i *Injected) bool { return i.id == id })
		gone := len(s.faults.list) < before
		s.faults.mu.Unlock()
		if !gone {
			return nil, refuseAdmin(http.StatusNotFound, "There is no such fault.")
		}
		s.watcher.changed("state")
		return nil, nil
	})
	handle("DELETE /faults", http.StatusNoContent, func(*http.Request) (any, error) {
		s.ClearFaults()
		return nil, nil
	})
}

// adminCoverage is the coverage of the contract as the admin path shows it.
type adminCoverage struct {
	Summary string  `json:"summary"`
	Percent float64 `json:"percent"`
	CoverageReport
}
