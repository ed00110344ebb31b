package tgotest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
)

// serveEvents sends an event for each request and each change, as server-sent events.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	err := s.guard.Check(r)
	if err == nil && !s.cfg.Inbox {
		err = errNoInbox
	}
	if err != nil {
		web.WriteJSON(w, 0, nil, err)
		return
	}
	since := int64(0)
	if id, ours := strings.CutPrefix(cmp.Or(r.Header.Get("Last-Event-ID"), r.FormValue("after")), s.traffic.Run()+"."); ours {
		since, _ = strconv.ParseInt(id, 10, 64) // anything else starts from the beginning, as the id of another run does
	}
	web.SecureHeaders(w, web.NoPages)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead { // its response would not end
		return
	}
	past, last, next, ok := s.traffic.Listen(since)
	if !ok {
		web.WriteJSON(w, 0, nil, web.Refuse(http.StatusServiceUnavailable, "Too many listeners are connected, or the fake is stopping."))
		return
	}
	defer s.traffic.Leave(next)
	rc := http.NewResponseController(w)
	send := func(e traffic.Event) bool {
		data, err := json.Marshal(e.Data())
		if err != nil {
			panic(err) // the types are our own
		}
		if e.ID > 0 {
			fmt.Fprintf(w, "id: %s.%d\n", s.traffic.Run(), e.ID)
		}
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.Name, data)
		return rc.Flush() == nil
	}
	fmt.Fprintln(w, "retry: 500")
	hello := struct {
		Run  string `json:"run"`
		Last int64  `json:"last"`
	}{s.traffic.Run(), last}
	if !send(traffic.Event{Name: traffic.EventHello, Data: func() any { return hello }}) {
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
