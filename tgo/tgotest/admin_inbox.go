package tgotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// inboxPage is a part of the list of requests, and what else a page needs to know.
type inboxPage struct {
	Run          string       `json:"run"`
	Last         int64        `json:"last"`
	Total        counts       `json:"total"`
	Found        counts       `json:"found"`
	Doubled      int          `json:"doubled"` // messages that arrived more than once
	Requests     []summary    `json:"requests"`
	More         bool         `json:"more"`
	UnderWay     []underWay   `json:"under_way"`
	Faults       []adminFault `json:"faults"`
	FaultsByCode bool         `json:"faults_by_code"`
	Forgotten    int64        `json:"forgotten"`
}

type counts struct {
	All      int `json:"all"`
	Accepted int `json:"accepted"`
	Failed   int `json:"failed"`
	Doubled  int `json:"doubled"`
	Unread   int `json:"unread"`
}

func (c *counts) add(r found) {
	for _, kind := range [...]struct {
		n  *int
		is bool
	}{{&c.All, true}, {&c.Accepted, r.is("accepted")}, {&c.Failed, r.is("failed")}, {&c.Doubled, r.is("doubled")}, {&c.Unread, r.is("unread")}} {
		if kind.is {
			*kind.n++
		}
	}
}

const (
	usualInboxPage  = 100
	maxInboxPage    = 500
	usualThreadPage = 50
	maxPhones       = 500
)

// selection chooses requests by a request's query: q is a search, is one of the kinds that the page has buttons for.
type selection struct {
	search
	is      string
	doubled map[int64]bool
	server  *Server
}

func (s *Server) selectionOf(r *http.Request) (selection, error) {
	is := r.FormValue("is")
	if is != "" && !slices.Contains([]string{"accepted", "failed", "doubled", "unread"}, is) {
		return selection{}, refuseAdmin(http.StatusUnprocessableEntity, "is must be accepted, failed, doubled or unread.")
	}
	return selection{parseSearch(r.FormValue("q")), is, s.doubledIDs(), s}, nil
}

func (s *selection) found(r *recorded) found {
	f := found{recorded: r}
	if r.message != nil {
		f.doubled = s.doubled[r.message.ID]
		if len(s.search) > 0 {
			f.sender = s.server.state.senderName(r.message.SenderNumberID)
		}
	}
	return f
}

// of returns those of some requests that are chosen.
func (s *selection) of(all []*recorded) []*recorded {
	return slices.DeleteFunc(all, func(r *recorded) bool {
		f := s.found(r)
		return !s.matches(f) || s.is != "" && !f.is(s.is)
	})
}

// numberOfQuery reads a number of the query, from 1 to most; usual where there is none.
func numberOfQuery(r *http.Request, name string, usual, most int64) (int64, error) {
	text := r.FormValue(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > most {
		return 0, refuseAdmin(http.StatusUnprocessableEntity, "%s must be a number from 1 to %d.", name, most)
	}
	return n, nil
}

const anyID = 1<<53 - 1 // of what JavaScript can count

func (s *Server) inboxPage(r *http.Request) (any, error) {
	chosen, err := s.selectionOf(r)
	if err != nil {
		return nil, err
	}
	before, err := numberOfQuery(r, "before", anyID, anyID)
	if err != nil {
		return nil, err
	}
	limit, err := numberOfQuery(r, "limit", usualInboxPage, maxInboxPage)
	if err != nil {
		return nil, err
	}
	w := s.watcher
	page := inboxPage{Run: w.run, Requests: []summary{}, Faults: s.activeFaults(), FaultsByCode: s.cfg.Faults != nil, Doubled: len(s.Doubled())}
	w.mu.Lock()
	page.Last, page.Forgotten, page.UnderWay = w.lastID, w.forgotten, []underWay{}
	for _, u := range w.underWay {
		page.UnderWay = append(page.UnderWay, *u)
	}
	w.mu.Unlock()
	all := w.after(0)
	for _, one := range slices.Backward(all) {
		f := chosen.found(one)
		page.Total.add(f)
		if !chosen.matches(f) {
			continue
		}
		page.Found.add(f)
		if chosen.is != "" && !f.is(chosen.is) || one.id >= before {
			continue
		}
		if int64(len(page.Requests)) == limit {
			page.More = true
			continue
		}
		page.Requests = append(page.Requests, w.summary(one))
	}
	return page, nil
}

// adminInbox serves what the inbox page reads and does.
func (s *Server) adminInbox(handle adminHandle, mux *http.ServeMux) {
	watched := func(pattern string, status int, serve func(*http.Request) (any, error)) {
		handle(pattern, status, func(r *http.Request) (any, error) {
			if s.watcher == nil {
				return nil, errNoInbox
			}
			return serve(r)
		})
	}
	// one is for a path that names a request.
	one := func(serve func(*http.Request, *recorded) (any, error)) func(*http.Request) (any, error) {
		return func(r *http.Request) (any, error) {
			found := s.watcher.find(idOf(r))
			if found == nil {
				return nil, refuseAdmin(http.StatusNotFound, "There is no such request, or it has been forgotten.")
			}
			return serve(r, found)
		}
	}
	watched("GET /inbox", http.StatusOK, s.inboxPage)
	watched("GET /requests", http.StatusOK, func(r *http.Request) (any, error) {
		after, err := strconv.ParseInt(r.FormValue("after"), 10, 64)
		if r.FormValue("after") != "" && err != nil {
			return nil, refuseAdmin(http.StatusUnprocessableEntity, "after must be the id of a request.")
		}
		chosen, err := s.selectionOf(r)
		if err != nil {
			return nil, err
		}
		list := []*exchange{}
		for _, r := range chosen.of(s.watcher.after(after)) {
			list = append(list, s.watcher.exchange(r))
		}
		return list, nil
	})
	watched("GET /requests/{id}", http.StatusOK, one(func(_ *http.Request, r *recorded) (any, error) { return s.watcher.exchange(r), nil }))
	watched("DELETE /requests/{id}", http.StatusNoContent, one(func(_ *http.Request, r *recorded) (any, error) {
		s.watcher.remove(func(other *recorded) bool { return other == r })
		return nil, nil
	}))
	watched("POST /requests/{id}/resend", http.StatusOK, one(func(admin *http.Request, r *recorded) (any, error) {
		return s.resend(admin, r)
	}))
	watched("POST /requests/{id}/read", http.StatusNoContent, one(func(_ *http.Request, r *recorded) (any, error) {
		if !r.read.Swap(true) {
			s.watcher.changed("changed")
		}
		return nil, nil
	}))
	watched("POST /requests/read", http.StatusNoContent, func(*http.Request) (any, error) {
		for _, r := range s.watcher.after(0) {
			r.read.Store(true)
		}
		s.watcher.changed("changed")
		return nil, nil
	})
	watched("POST /undo", http.StatusNoContent, func(*http.Request) (any, error) {
		if !s.watcher.undo() {
			return nil, refuseAdmin(http.StatusNotFound, "Nothing was removed that could be brought back.")
		}
		return nil, nil
	})
	handle("GET /doubled", http.StatusOK, func(*http.Request) (any, error) {
		type copies struct {
			Messages []adminMessage `json:"messages"`
			ApartMS  int64          `json:"apart_ms"`
		}
		list := []copies{}
		for _, all := range s.Doubled() {
			c := copies{ApartMS: apart(all[0], all[len(all)-1])}
			for _, m := range all {
				c.Messages = append(c.Messages, s.shownMessage(m))
			}
			list = append(list, c)
		}
		return list, nil
	})
	handle("GET /phones", http.StatusOK, s.phones)
	handle("GET /phones/{phone}", http.StatusOK, s.thread)
	mux.HandleFunc("GET "+adminPath+"/requests.jsonl", s.export("requests.jsonl", "application/jsonl", writeJSONLines))
	mux.HandleFunc("GET "+adminPath+"/requests.har", s.export("requests.har", "application/json", writeHAR))
}

// export serves the chosen requests as a file.
func (s *Server) export(name, contentType string, write func(io.Writer, *watcher, []*recorded) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := s.guard(r)
		if err == nil && s.watcher == nil {
			err = errNoInbox
		}
		var chosen selection
		if err == nil {
			chosen, err = s.selectionOf(r)
		}
		if err != nil {
			writeAdmin(w, 0, nil, err)
			return
		}
		secureHeaders(w, "default-src 'none'; frame-ancestors 'none'")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		_ = write(w, s.watcher, chosen.of(s.watcher.after(0))) // who does not read to the end misses the rest
	}
}

func writeJSONLines(to io.Writer, w *watcher, all []*recorded) error {
	e := json.NewEncoder(to)
	for _, r := range all {
		if err := e.Encode(w.exchange(r)); err != nil {
			return err
		}
	}
	return nil
}

type adminPhone struct {
	Phone    string       `json:"phone"`
	Messages int          `json:"messages"`
	Doubled  int          `json:"doubled"`
	Last     adminMessage `json:"last"`
}

// phones lists whom messages went to, the latest first.
func (s *Server) phones(r *http.Request) (any, error) {
	type recipient struct{ messages, doubled, last int }
	all := s.Messages()
	byPhone := map[tgo.Phone]*recipient{}
	var order []tgo.Phone
	for i, m := range slices.Backward(all) {
		known := byPhone[m.To]
		if known == nil {
			known = &recipient{last: i}
			byPhone[m.To] = known
			order = append(order, m.To)
		}
		known.messages++
	}
	for _, copies := range s.Doubled() {
		if known := byPhone[copies[0].To]; known != nil { // it may have come just now
			known.doubled++
		}
	}
	wanted := strings.ToLower(strings.TrimSpace(r.FormValue("q")))
	answer := struct {
		Total  int          `json:"total"`
		Phones []adminPhone `json:"phones"`
	}{Phones: []adminPhone{}}
	for _, phone := range order {
		known := byPhone[phone]
		last := all[known.last]
		if wanted != "" && !strings.Contains(string(phone), wanted) && !samePhone(wanted, string(phone)) && !strings.Contains(strings.ToLower(last.Content), wanted) {
			continue
		}
		answer.Total++
		if len(answer.Phones) < maxPhones {
			answer.Phones = append(answer.Phones, adminPhone{string(phone), known.messages, known.doubled, s.shownMessage(last)})
		}
	}
	return answer, nil
}

// thread lists what went to one phone.
func (s *Server) thread(r *http.Request) (any, error) {
	phone, err := tgo.ParsePhone(r.PathValue("phone"))
	if err != nil {
		return nil, refuseAdmin(http.StatusUnprocessableEntity, "%v.", err)
	}
	before, err := numberOfQuery(r, "before", anyID, anyID)
	if err != nil {
		return nil, err
	}
	limit, err := numberOfQuery(r, "limit", usualThreadPage, maxInboxPage)
	if err != nil {
		return nil, err
	}
	answer := struct {
		Phone    tgo.Phone      `json:"phone"`
		Total    int            `json:"total"`
		Messages []adminMessage `json:"messages"`
		More     bool           `json:"more"`
	}{Phone: phone, Messages: []adminMessage{}}
	for _, m := range slices.Backward(s.Messages()) {
		if m.To != phone {
			continue
		}
		answer.Total++
		switch {
		case m.ID >= before:
		case int64(len(answer.Messages)) == limit:
			answer.More = true
		default:
			answer.Messages = append(answer.Messages, s.shownMessage(m))
		}
	}
	slices.Reverse(answer.Messages)
	return answer, nil
}

// canResend reports whether all of a request is there that is needed to send it again.
func (w *watcher) canResend(r *recorded) bool {
	if r.hasKey && r.key.id == 0 {
		return false // only the beginning of its key is known
	}
	return !r.bodyCut || r.form.file != nil && r.message != nil && w.server.state.keepsFile(r.message.ID)
}

// resend carries a request out once more, within this process.
func (s *Server) resend(admin *http.Request, r *recorded) (any, error) {
	if !s.watcher.canResend(r) {
		return nil, refuseAdmin(http.StatusConflict, "Not enough of this request is kept to send it again: its key, its whole body or its file is missing.")
	}
	body, contentType := bytes.NewBuffer(bytes.Clone(r.body)), r.header("Content-Type")
	if r.bodyCut {
		var err error
		if body, contentType, err = s.formAgain(r); err != nil {
			return nil, err
		}
	}
	target, err := url.ParseRequestURI(r.path)
	if err != nil {
		return nil, refuseAdmin(http.StatusConflict, "The path of this request cannot be sent again.")
	}
	seen := &observed{resentOf: r.id}
	again, err := http.NewRequestWithContext(withObserved(admin.Context(), seen), r.method, target.String(), body)
	if err != nil {
		return nil, refuseAdmin(http.StatusConflict, "This request cannot be sent again: %v.", err)
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
	var answer recorder
	func() {
		defer func() {
			if broken := recover(); broken != nil {
				if err, ok := broken.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
					panic(broken)
				}
			}
		}()
		s.http.Handler.ServeHTTP(&answer, again)
	}()
	return struct {
		ID     int64 `json:"id"`
		Status int   `json:"status"` // 0 where a fault cut the connection
	}{seen.id, answer.status}, nil
}

// formAgain writes the form of a message that is kept.
func (s *Server) formAgain(r *recorded) (*bytes.Buffer, string, error) {
	s.state.mu.Lock()
	k := s.state.find(r.message.ID)
	var media *Media
	if k != nil {
		media = k.Media
	}
	s.state.mu.Unlock()
	if media == nil || media.Content == nil {
		return nil, "", refuseAdmin(http.StatusConflict, "The bytes of this file are not kept any more.")
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	var err error
	for _, name := range slices.Sorted(maps.Keys(r.form.fields)) { // each time the same
		err = errors.Join(err, form.WriteField(name, r.form.fields[name]))
	}
	head := textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition(mediaField, media.Name)}}
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

// optionsAnswer are the words that the page offers, so that it has none of its own.
type optionsAnswer struct {
	Operations           []string       `json:"operations"`
	FaultKinds           []faultOption  `json:"fault_kinds"`
	Presets              []faultPreset  `json:"presets"`
	ContactStates        []ContactState `json:"contact_states"`
	SenderStatuses       []any          `json:"sender_statuses"`
	VerificationStatuses []any          `json:"verification_statuses"`
	Scopes               []any          `json:"scopes"`
	DoubledWithinMS      int64          `json:"doubled_within_ms"`
}

type faultOption struct {
	Kind   string   `json:"kind"`
	Label  string   `json:"label"`
	Status int      `json:"status"` // by default; 0 where it has none
	Fields []string `json:"fields"` // besides those that every kind has
}

type faultPreset struct {
	Label string   `json:"label"`
	Fault newFault `json:"fault"`
}

var faultOptions = []faultOption{
	{FaultNone.String(), "Answer late", 0, []string{}},
	{FaultStatus.String(), "Answer a status", http.StatusServiceUnavailable, []string{"status", "retry_after", "stored"}},
	{FaultHTML.String(), "Answer an HTML page", http.StatusBadGateway, []string{"status", "stored"}},
	{FaultRedirect.String(), "Redirect", http.StatusTemporaryRedirect, []string{"status", "location", "stored"}},
	{FaultCut.String(), "Cut the connection, no answer", 0, []string{"stored"}},
	{FaultCutMidway.String(), "Cut in the middle of the upload", 0, []string{}},
	{FaultCutAnswer.String(), "Cut in the middle of the answer", 0, []string{}},
	{FaultBrokenJSON.String(), "Answer half of the JSON", 0, []string{}},
	{FaultEmpty.String(), "Answer without a body", 0, []string{}},
}

var faultPresets = []faultPreset{
	{"Stored, answer lost", newFault{Kind: FaultCut.String(), Stored: true}},
	{"Cut before it is stored", newFault{Kind: FaultCut.String()}},
	{"503 Service Unavailable", newFault{Kind: FaultStatus.String(), Status: http.StatusServiceUnavailable}},
	{"429 Too Many Requests", newFault{Kind: FaultStatus.String(), Status: http.StatusTooManyRequests, RetryAfter: "1"}},
	{"401, as with a revoked key", newFault{Kind: FaultStatus.String(), Status: http.StatusUnauthorized}},
	{"502 page of a proxy", newFault{Kind: FaultHTML.String(), Status: http.StatusBadGateway}},
	{"200 login page", newFault{Kind: FaultHTML.String(), Status: http.StatusOK}},
	{"Redirect elsewhere", newFault{Kind: FaultRedirect.String(), Status: http.StatusTemporaryRedirect, Location: "/elsewhere"}},
	{"Cut in the middle of the upload", newFault{Kind: FaultCutMidway.String()}},
	{"Cut in the middle of the answer", newFault{Kind: FaultCutAnswer.String()}},
	{"Half of the JSON", newFault{Kind: FaultBrokenJSON.String()}},
	{"Empty answer", newFault{Kind: FaultEmpty.String()}},
	{"3 seconds late", newFault{Kind: FaultNone.String(), DelayMS: (3 * time.Second).Milliseconds()}},
}

func (s *Server) options(*http.Request) (any, error) {
	options := optionsAnswer{
		FaultKinds: faultOptions, Presets: faultPresets, ContactStates: contactStates, SenderStatuses: statusWords("status"),
		VerificationStatuses: statusWords("verification_status"), Scopes: scopeWords(), DoubledWithinMS: s.cfg.DoubledWithin.Milliseconds(),
	}
	for id := range s.faults.operations {
		options.Operations = append(options.Operations, id)
	}
	slices.Sort(options.Operations)
	return options, nil
}
