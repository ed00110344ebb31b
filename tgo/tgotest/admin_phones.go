package tgotest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
)

// adminPhones serves the conversations: whom messages went to, and what went to one phone.
func (s *Server) adminPhones(handle adminHandle) {
	handle("GET /phones", http.StatusOK, s.phones)
	handle("GET /phones/{phone}", http.StatusOK, s.thread)
}

type adminPhone struct {
	Phone    string          `json:"phone"`
	Messages int             `json:"messages"`
	Doubled  int             `json:"doubled"`
	Last     traffic.Message `json:"last"`
}

// phones lists whom messages went to, the latest first.
func (s *Server) phones(r *http.Request) (any, error) {
	type recipient struct{ messages, doubled, last int }
	all := s.workspace.Messages()
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
	for _, copies := range s.workspace.Doubled() {
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
		if wanted != "" && !strings.Contains(string(phone), wanted) && !traffic.SamePhone(wanted, string(phone)) && !strings.Contains(strings.ToLower(last.Content), wanted) {
			continue
		}
		answer.Total++
		if len(answer.Phones) < maxPhones {
			answer.Phones = append(answer.Phones, adminPhone{string(phone), known.messages, known.doubled, s.traffic.Message(last)})
		}
	}
	return answer, nil
}

// thread lists what went to one phone.
func (s *Server) thread(r *http.Request) (any, error) {
	phone, err := tgo.ParsePhone(r.PathValue("phone"))
	if err != nil {
		return nil, web.Refuse(http.StatusUnprocessableEntity, "%v.", err)
	}
	before, err := numberOfQuery(r, "before", anyID, anyID)
	if err != nil {
		return nil, err
	}
	limit, err := numberOfQuery(r, "limit", usualThread, maxInboxList)
	if err != nil {
		return nil, err
	}
	answer := struct {
		Phone    tgo.Phone         `json:"phone"`
		Total    int               `json:"total"`
		Messages []traffic.Message `json:"messages"`
		More     bool              `json:"more"`
	}{Phone: phone, Messages: []traffic.Message{}}
	for _, m := range slices.Backward(s.workspace.Messages()) {
		if m.To != phone {
			continue
		}
		answer.Total++
		switch {
		case m.ID >= before:
		case int64(len(answer.Messages)) == limit:
			answer.More = true
		default:
			answer.Messages = append(answer.Messages, s.traffic.Message(m))
		}
	}
	slices.Reverse(answer.Messages)
	return answer, nil
}
