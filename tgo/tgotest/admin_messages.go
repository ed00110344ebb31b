package tgotest

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// adminMessages serves the messages that have arrived.
func (s *Server) adminMessages(handle adminHandle, mux *http.ServeMux) {
	shown := func(all []workspace.Message) []traffic.Message {
		list := make([]traffic.Message, len(all))
		for i, m := range all {
			list[i] = s.traffic.Message(m)
		}
		return list
	}
	handle("GET /messages", http.StatusOK, func(*http.Request) (any, error) { return shown(s.workspace.Messages()), nil })
	handle("GET /messages/{id}", http.StatusOK, func(r *http.Request) (any, error) {
		m, err := s.messageNamed(r)
		return s.traffic.Message(m), err
	})
	handle("DELETE /messages", http.StatusNoContent, func(*http.Request) (any, error) {
		if s.cfg.Inbox {
			s.traffic.Clear()
		} else { // no one can undo it, so nothing is kept for that
			s.workspace.Remove(func(int64) bool { return true })
		}
		return nil, nil
	})
	mux.HandleFunc("GET "+adminPath+"/messages/{id}/media", s.serveMedia)
	handle("GET /doubled", http.StatusOK, func(*http.Request) (any, error) {
		type copies struct {
			Messages []traffic.Message `json:"messages"`
			ApartMS  int64             `json:"apart_ms"`
		}
		list := []copies{}
		for _, all := range s.workspace.Doubled() {
			list = append(list, copies{shown(all), workspace.Apart(all[0], all[len(all)-1]).Milliseconds()})
		}
		return list, nil
	})
}

// messageNamed is the message whose id is in a path.
func (s *Server) messageNamed(r *http.Request) (workspace.Message, error) {
	if m, ok := s.workspace.Message(idOf(r)); ok {
		return m, nil
	}
	return workspace.Message{}, web.Refuse(http.StatusNotFound, "There is no such message, or it is no longer kept.")
}

// serveMedia shows the bytes of a file. Whatever is in them, they do nothing here: only pictures and sounds keep their
// type, and nothing runs even in those.
func (s *Server) serveMedia(w http.ResponseWriter, r *http.Request) {
	err := s.guard.Check(r)
	var m workspace.Message
	if err == nil {
		m, err = s.messageNamed(r)
	}
	if err == nil && (m.Media == nil || m.Media.Content == nil) {
		err = web.Refuse(http.StatusNotFound, "The bytes of this file are not kept.")
	}
	if err != nil {
		web.WriteJSON(w, 0, nil, err)
		return
	}
	web.SecureHeaders(w, "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'")
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
