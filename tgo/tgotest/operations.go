package tgotest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo"
)

// data is the envelope of most answers.
type data struct {
	Data any `json:"data"`
}

// nullable is null for the empty text.
func nullable(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func nullableTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

// decode reads a JSON body that the contract has found good.
func (c *call) decode(v any) *refusal {
	err := json.Unmarshal(c.body, v)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Type.Kind() == reflect.String: // the first of two of its name, which nobody has looked at
		return invalid(problems{wrong.Field: {saysNoText(wrong.Field)}})
	case errors.As(err, &wrong): // such as an id of 12.0, which the contract takes for whole
		return invalid(problems{wrong.Field: {"The " + attribute(wrong.Field) + " must be an integer."}})
	case err != nil:
		return invalid(problems{bodyField: {"The body is not well formed."}})
	}
	return nil
}

func (s *Server) sendMessage(c *call) *refusal {
	m, number, refused := c.message()
	if refused != nil {
		return refused
	}
	m.KeyName = c.key.Name
	m.Content = trimmed(m.Content)
	sent, recipient, refused := s.state.accept(kept{Message: m, key: c.key.id, resent: isResent(c.Request)}, number)
	if refused != nil {
		return refused
	}
	observeMessage(c.Request, sent)
	c.answer(http.StatusCreated, data{sentMessage{
		logEntry:        entryOf(sent.Message),
		RecipientUserID: recipient,
		ConversationID:  recipient,
		MessageID:       sent.ID,
	}})
	return nil
}

// message reads the message out of either body.
func (c *call) message() (Message, tgo.NumberID, *refusal) {
	if c.form == nil {
		var sender struct {
			ID int64 `json:"sender_number_id"` // read as the number it is written as
		}
		if c.values == nil || c.values["sender_number_id"] != nil { // nil where something stands after the object
			if refused := c.decode(&sender); refused != nil {
				return Message{}, 0, refused
			}
		}
		text := func(field string) string { s, _ := c.values[field].(string); return s }
		return Message{
			Type:        text("type"),
			SenderPhone: tgo.Phone(text("sender_phone")),
			To:          tgo.Phone(text("to_phone")),
			Content:     text("content"),
		}, tgo.NumberID(sender.ID), nil
	}
	field := c.form.fields
	number, _ := strconv.ParseInt(field["sender_number_id"], 10, 64) // the contract has found them good
	seconds, _ := strconv.ParseInt(field["duration"], 10, 64)
	return Message{
		Type:        field["type"],
		SenderPhone: tgo.Phone(field["sender_phone"]),
		To:          tgo.Phone(field["to_phone"]),
		Content:     field["content"],
		Duration:    time.Duration(seconds) * time.Second,
		Media:       c.form.media,
	}, tgo.NumberID(number), nil
}

type logEntry struct {
	ID             int64     `json:"id"`
	SenderNumberID int64     `json:"sender_number_id"`
	MessageType    string    `json:"message_type"`
	Content        *string   `json:"content"`
	Status         string    `json:"status"`
	SentAt         time.Time `json:"sent_at"`
}

type sentMessage struct {
	logEntry
	RecipientUserID int64 `json:"recipient_user_id"`
	ConversationID  int64 `json:"conversation_id"`
	MessageID       int64 `json:"message_id"`
}

func entryOf(m Message) logEntry {
	return logEntry{
		ID:             m.ID,
		SenderNumberID: int64(m.SenderNumberID),
		MessageType:    m.Type,
		Content:        nullable(m.Content),
		Status:         "sent",
		SentAt:         m.SentAt.Truncate(time.Second),
	}
}

// listMessages pages through the log, the newest first, as a Laravel resource collection does. A page that is no
// number from 1 does not come here: Laravel's paginator would answer the first page, but the contract refuses it, so that a
// test hears of a page that is not the one asked for.
func (s *Server) listMessages(c *call) *refusal {
	page := 1
	if text := c.URL.Query().Get("page"); text != "" {
		page, _ = strconv.Atoi(text) // the contract has found it good
	}
	entries, total := s.state.logPage(page, s.cfg.PageSize, s.cfg.has(VariantPageOldest))
	last := max(1, pages(total, s.cfg.PageSize))
	link := func(is bool, page int) *string {
		if !is {
			return nil
		}
		url := fmt.Sprintf("%s/messages?page=%d", baseURL(c.Request), page)
		return &url
	}
	type links struct {
		First *string `json:"first"`
		Last  *string `json:"last"`
		Prev  *string `json:"prev"`
		Next  *string `json:"next"`
	}
	type meta struct { // and not gen.PageMeta, which leaves out what is 0
		CurrentPage int   `json:"current_page"`
		LastPage    int   `json:"last_page"`
		PerPage     int   `json:"per_page"`
		Total       int64 `json:"total"`
	}
	c.answer(http.StatusOK, struct {
		Data  []logEntry `json:"data"`
		Links links      `json:"links"`
		Meta  meta       `json:"meta"`
	}{
		Data:  entries,
		Links: links{link(true, 1), link(true, last), link(page > 1, page-1), link(page < last, page+1)},
		Meta:  meta{CurrentPage: page, LastPage: last, PerPage: s.cfg.PageSize, Total: int64(total)},
	})
	return nil
}

// pages counts the pages of a log.
func pages(total, size int) int {
	n := total / size
	if total%size > 0 {
		n++
	}
	return n
}

func (s *state) logPage(page, size int, oldestFirst bool) ([]logEntry, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := []logEntry{}
	total := s.len()
	if page > pages(total, size) { // also keeps the product below from overflowing
		return entries, total
	}
	for i := (page - 1) * size; i < total && len(entries) < size; i++ {
		at := total - 1 - i
		if oldestFirst {
			at = i
		}
		entries = append(entries, entryOf(s.at(at).Message))
	}
	return entries, total
}

func (s *Server) lookupContact(c *call) *refusal {
	query := c.URL.Query()
	sender := tgo.Phone(query.Get("sender_phone"))
	number, _ := strconv.ParseInt(query.Get("sender_number_id"), 10, 64)
	s.state.mu.Lock()
	from := s.state.sender(sender, tgo.NumberID(number))
	known := s.state.contact(tgo.Phone(query.Get("phone")))
	s.state.mu.Unlock()
	if from == nil {
		field := "sender_phone"
		if sender == "" {
			field = "sender_number_id"
		}
		return invalid(problems{field: {saysInvalid(field)}})
	}
	answer := gen.Contact{
		Exists:     known.state != ContactUnknown,
		CanReceive: known.state == ContactReachable,
		ReasonCode: reasonCode(known.state),
	}
	if answer.Exists {
		answer.RecipientID = &known.id
		answer.IsVerified = known.state != ContactUnverified
		if answer.IsVerified {
			answer.PhoneVerifiedAt = nullableTime(known.since)
		}
	}
	c.answer(http.StatusOK, answer)
	return nil
}

type senderUsage struct {
	SenderNumberID int64  `json:"sender_number_id"`
	SenderPhone    string `json:"sender_phone"`
	MessagesSent   int64  `json:"messages_sent"`
}

func (s *Server) getUsage(c *call) *refusal {
	s.state.mu.Lock()
	usage := make([]senderUsage, len(s.state.senders))
	for i, n := range s.state.senders {
		usage[i] = senderUsage{int64(n.ID), string(n.Phone), n.sent}
	}
	s.state.mu.Unlock()
	c.answer(http.StatusOK, data{usage})
	return nil
}

type senderNumber struct {
	ID                 int64      `json:"id"`
	Phone              string     `json:"phone"`
	DisplayName        *string    `json:"display_name"`
	Status             string     `json:"status"`
	VerificationStatus string     `json:"verification_status"`
	DailyLimitOverride *int       `json:"daily_limit_override"`
	VerifiedAt         *time.Time `json:"verified_at"`
}

func numberOf(n senderState) senderNumber {
	return senderNumber{
		ID:                 int64(n.ID),
		Phone:              string(n.Phone),
		DisplayName:        nullable(n.DisplayName),
		Status:             n.Status,
		VerificationStatus: n.VerificationStatus,
		VerifiedAt:         nullableTime(n.verifiedAt),
	}
}

func (s *Server) listSenderNumbers(c *call) *refusal {
	s.state.mu.Lock()
	list := make([]senderNumber, len(s.state.senders))
	for i, n := range s.state.senders {
		list[i] = numberOf(*n)
	}
	s.state.mu.Unlock()
	c.answer(http.StatusOK, data{list})
	return nil
}

func (s *Server) registerSenderNumber(c *call) *refusal {
	var body gen.RegisterSenderNumberRequest
	if refused := c.decode(&body); refused != nil {
		return refused
	}
	added, ok := s.state.register(SenderNumber{
		Phone:              tgo.Phone(body.Phone),
		DisplayName:        trimmed(body.DisplayName),
		Status:             "pending_verification",
		VerificationStatus: "pending_verification",
	})
	if !ok {
		return invalid(problems{"phone": {saysTaken("phone")}})
	}
	c.answer(http.StatusCreated, data{numberOf(senderState{SenderNumber: added})}) // not verified yet
	return nil
}

func (s *Server) createAPIKey(c *call) *refusal {
	body := gen.CreateAPIKeyRequest{ExpiresInDays: 90}
	if refused := c.decode(&body); refused != nil {
		return refused
	}
	created, _ := s.state.addKey(Key{
		PlainText: newPlainKey(),
		Name:      trimmed(body.Name),
		Scopes:    body.Scopes,
		ExpiresAt: s.state.now().AddDate(0, 0, body.ExpiresInDays),
	}, true)
	c.answer(http.StatusCreated, struct {
		Data         gen.APIKey `json:"data"`
		PlainTextKey string     `json:"plain_text_key"`
	}{s.describe(created), created.PlainText})
	return nil
}

func (s *Server) describe(k keyState) gen.APIKey {
	scopes := []string{}
	for _, scope := range k.Scopes {
		scopes = append(scopes, string(scope))
	}
	return gen.APIKey{
		ID:         k.id,
		Name:       k.Name,
		Prefix:     k.PlainText[:min(len(k.PlainText), 8)],
		Scopes:     scopes,
		Status:     k.status(s.state.now()),
		ExpiresAt:  nullableTime(k.ExpiresAt),
		LastUsedAt: nullableTime(k.lastUsed),
	}
}

func (s *Server) revokeAPIKey(c *call) *refusal {
	id, _ := strconv.ParseInt(c.PathValue("apiKey"), 10, 64)
	if !s.state.revokeKey(id) {
		return notFound()
	}
	c.answer(http.StatusNoContent, nil)
	return nil
}

func (s *Server) getMe(c *call) *refusal {
	key := s.describe(c.key)
	c.answer(http.StatusOK, gen.Me{
		User:   gen.User{ID: 1, Name: "Fake user"},
		APIKey: &key,
		Organization: gen.Organization{
			ID: 1, Name: "Fake organization", Slug: "fake", Status: "active", PrimaryDomain: hostName(c.Host),
			BillingEmail: "billing@fake.example", EmailVerified: true,
		},
		Subscription: json.RawMessage(`{"status":"active"}`),
	})
	return nil
}

func (s *Server) getSubscription(c *call) *refusal {
	s.state.mu.Lock()
	var sent int64
	for _, n := range s.state.senders {
		sent += n.sent
	}
	s.state.mu.Unlock()
	c.answer(http.StatusOK, gen.Subscription{
		Plan:          json.RawMessage(`{"name":"fake"}`),
		Status:        "active",
		Limits:        json.RawMessage(`[{"name":"messages_per_month","value":1000000}]`),
		UsageSnapshot: json.RawMessage(fmt.Sprintf(`{"messages_this_month":%d}`, sent)),
	})
	return nil
}
