package tgotest

import (
	"encoding/json"
	"net/http"
)

// adminPath is where programs in other languages look at what the fake has received. It is no part of the API.
const adminPath = "/_fake"

// adminMessage is a Message as the admin path shows it.
type adminMessage struct {
	ID             int64       `json:"id"`
	Type           string      `json:"type"`
	SenderNumberID int64       `json:"sender_number_id"`
	SenderPhone    string      `json:"sender_phone"`
	To             string      `json:"to_phone"`
	Content        string      `json:"content"`
	Duration       int64       `json:"duration"` // whole seconds
	Media          *adminMedia `json:"media"`
	KeyName        string      `json:"key_name"`
	SentAt         string      `json:"sent_at"`
}

type adminMedia struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	SHA256      string `json:"sha256"`
}

// admin serves the admin path.
func (s *Server) admin(mux *http.ServeMux) {
	mux.HandleFunc("GET "+adminPath+"/messages", func(w http.ResponseWriter, r *http.Request) {
		if !s.knowsTenant(r.Host) { // a page on the web may not look in through a name that leads here
			http.Error(w, messageUnknownTenant, http.StatusNotFound)
			return
		}
		list := []adminMessage{}
		for _, m := range s.Messages() {
			shown := adminMessage{
				ID: m.ID, Type: m.Type, SenderNumberID: int64(m.SenderNumberID), SenderPhone: string(m.SenderPhone), To: string(m.To),
				Content: m.Content, Duration: int64(m.Duration.Seconds()), KeyName: m.KeyName, SentAt: m.SentAt.Format(timeFormat),
			}
			if m.Media != nil {
				shown.Media = &adminMedia{m.Media.Name, m.Media.ContentType, m.Media.Size, m.Media.SHA256}
			}
			list = append(list, shown)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(list)
	})
}

const timeFormat = "2006-01-02T15:04:05.000Z07:00"
