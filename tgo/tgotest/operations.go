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
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// operations are those of the contract, by their operationId. Each writes its response, or returns why it refuses the request.
func (s *Server) operations() map[string]func(*call) *refusal {
	return map[string]func(*call) *refusal{
		"sendMessage":          s.sendMessage,
		"listMessages":         s.listMessages,
		"lookupContact":        s.lookupContact,
		"getUsage":             s.getUsage,
		"listSenderNumbers":    s.listSenderNumbers,
		"registerSenderNumber": s.registerSenderNumber,
		"createApiKey":         s.createAPIKey,
		"revokeApiKey":         s.revokeAPIKey,
		"getMe":                s.getMe,
		"getSubscription":      s.getSubscription,
	}
}

// data is the envelope of most responses.
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
	case errors.As(err, &wrong) && wrong.Type.Kind() == reflect.String: // the first of two with the same name, which no one has checked
		return invalid(contract.Problems{wrong.Field: {contract.SaysNoText(wrong.Field)}})
	case errors.As(err, &wrong): // such as an id of 12.0, which the contract takes for whole
		return invalid(contract.Problems{wrong.Field: {contract.SaysNotInteger(wrong.Field)}})
	case err != nil:
		return invalid(contract.Problems{contract.BodyField: {"The body is not well formed."}})
	}
	return nil
}

func (s *Server) sendMessage(c *call) *refusal {
	m, refused := c.message()
	if refused != nil {
		return refused
	}
	m.KeyName = c.key.Name
	m.Content = contract.Trimmed(m.Content)
	sent, err := s.workspace.Send(workspace.NewMessage{Message: m, Key: c.key.ID, Resent: traffic.IsResent(c.Request)})
	if err != nil {
		return notSent(m, err)
	}
	traffic.NoteSent(c.Request, sent)
	c.answer(http.StatusCreated, data{sentMessage{
		logEntry:        entryOf(sent.Message),
		RecipientUserID: sent.Recipient,
		ConversationID:  sent.Recipient,
		MessageID:       sent.ID,
	}})
	return nil
}

// notSent refuses a message, for the reason that the workspace has.
func notSent(m workspace.Message, err error) *refusal {
	var cannot *workspace.CannotReceiveError
	switch {
	case errors.Is(err, workspace.ErrNoSender):
		return noSender(m.SenderPhone)
	case errors.Is(err, workspace.ErrSenderUnverified):
		return &refusal{status: contract.StatusInvalid, message: contract.MessageSenderUnverified}
	case errors.Is(err, workspace.ErrSenderInactive):
		return &refusal{status: contract.StatusInvalid, message: contract.MessageSenderInactive}
	case errors.As(err, &cannot):
		return invalid(contract.Problems{"to_phone": {"This phone cannot receive messages: " + cannot.State.ReasonCode() + "."}})
	}
	panic(err) // there is no other reason
}

// noSender refuses a sender that the workspace does not have, by the field that named it.
func noSender(phone tgo.Phone) *refusal {
	field := "sender_phone"
	if phone == "" {
		field = "sender_number_id"
	}
	return invalid(contract.Problems{field: {contract.SaysInvalid(field)}})
}

// message reads the message out of either body.
func (c *call) message() (workspace.Message, *refusal) {
	if c.form == nil {
		var sender struct {
			ID int64 `json:"sender_number_id"` // read as the number it is written as
		}
		if c.values == nil || c.values["sender_number_id"] != nil { // nil if something follows the object
			if refused := c.decode(&sender); refused != nil {
				return workspace.Message{}, refused
			}
		}
		text := func(field string) string { s, _ := c.values[field].(string); return s }
		return workspace.Message{
			Type:           text("type"),
			SenderNumberID: tgo.NumberID(sender.ID),
			SenderPhone:    tgo.Phone(text("sender_phone")),
			To:             tgo.Phone(text("to_phone")),
			Content:        text("content"),
		}, nil
	}
	field := c.form.Fields
	number, _ := strconv.ParseInt(field["sender_number_id"], 10, 64) // the contract has found them good
	seconds, _ := strconv.ParseInt(field["duration"], 10, 64)
	return workspace.Message{
		Type:           field["type"],
		SenderNumberID: tgo.NumberID(number),
		SenderPhone:    tgo.Phone(field["sender_phone"]),
		To:             tgo.Phone(field["to_phone"]),
		Content:        field["content"],
		Duration:       time.Duration(seconds) * time.Second,
		Media:          (*workspace.Media)(c.form.File),
	}, nil
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

func entryOf(m workspace.Message) logEntry {
	return logEntry{
		ID:             m.ID,
		SenderNumberID: int64(m.SenderNumberID),
		MessageType:    m.Type,
		Content:        nullable(m.Content),
		Status:         "sent",
		SentAt:         m.SentAt.Truncate(time.Second),
	}
}

// listMessages pages through the log, the newest first, as a Laravel resource collection does. A page that is not a
// number from 1 does not get here: Laravel's paginator would return the first page, but the contract refuses it: a
// test must not get a page that it did not ask for.
func (s *Server) listMessages(c *call) *refusal {
	page := 1
	if text := c.URL.Query().Get("page"); text != "" {
		page, _ = strconv.Atoi(text) // the contract has found it good
	}
	messages, total := s.workspace.LogPage(page, s.cfg.PageSize, s.cfg.has(VariantPageOldest))
	entries := make([]logEntry, len(messages))
	for i, m := range messages {
		entries[i] = entryOf(m)
	}
	last := max(1, workspace.LogPages(total, s.cfg.PageSize))
	link := func(is bool, page int) *string {
		if !is {
			return nil
		}
		url := fmt.Sprintf("%s/messages?page=%d", contract.BaseURL(c.Request), page)
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

func (s *Server) lookupContact(c *call) *refusal {
	query := c.URL.Query()
	sender := tgo.Phone(query.Get("sender_phone"))
	number, _ := strconv.ParseInt(query.Get("sender_number_id"), 10, 64)
	if !s.workspace.HasSender(sender, tgo.NumberID(number)) {
		return noSender(sender)
	}
	known := s.workspace.Lookup(tgo.Phone(query.Get("phone")))
	answer := gen.Contact{
		Exists:     known.State != workspace.Unknown,
		CanReceive: known.State == workspace.Reachable,
		ReasonCode: known.State.ReasonCode(),
	}
	if answer.Exists {
		answer.RecipientID = &known.ID
		answer.IsVerified = known.State != workspace.Unverified
		if answer.IsVerified {
			answer.PhoneVerifiedAt = nullableTime(known.Since)
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
	usage := []senderUsage{}
	for _, n := range s.workspace.Senders() {
		usage = append(usage, senderUsage{int64(n.ID), string(n.Phone), n.Sent})
	}
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

func numberOf(n workspace.Sender) senderNumber {
	return senderNumber{
		ID:                 int64(n.ID),
		Phone:              string(n.Phone),
		DisplayName:        nullable(n.DisplayName),
		Status:             n.Status,
		VerificationStatus: n.VerificationStatus,
		VerifiedAt:         nullableTime(n.VerifiedAt),
	}
}

func (s *Server) listSenderNumbers(c *call) *refusal {
	list := []senderNumber{}
	for _, n := range s.workspace.Senders() {
		list = append(list, numberOf(n))
	}
	c.answer(http.StatusOK, data{list})
	return nil
}

func (s *Server) registerSenderNumber(c *call) *refusal {
	var body gen.RegisterSenderNumberRequest
	if refused := c.decode(&body); refused != nil {
		return refused
	}
	added, err := s.workspace.AddSender(workspace.Sender{
		Phone:              tgo.Phone(body.Phone),
		DisplayName:        contract.Trimmed(body.DisplayName),
		Status:             "pending_verification",
		VerificationStatus: "pending_verification",
	})
	if err != nil {
		return invalid(contract.Problems{"phone": {contract.SaysTaken("phone")}})
	}
	c.answer(http.StatusCreated, data{numberOf(added)})
	return nil
}

func (s *Server) createAPIKey(c *call) *refusal {
	body := gen.CreateAPIKeyRequest{ExpiresInDays: 90}
	if refused := c.decode(&body); refused != nil {
		return refused
	}
	created := s.workspace.ReplaceKey(workspace.Key{
		PlainText: newPlainKey(),
		Name:      contract.Trimmed(body.Name),
		Scopes:    body.Scopes,
		ExpiresAt: s.cfg.Now().AddDate(0, 0, body.ExpiresInDays),
	})
	c.answer(http.StatusCreated, struct {
		Data         gen.APIKey `json:"data"`
		PlainTextKey string     `json:"plain_text_key"`
	}{s.describe(created), created.PlainText})
	return nil
}

func (s *Server) describe(k workspace.Key) gen.APIKey {
	scopes := []string{}
	for _, scope := range k.Scopes {
		scopes = append(scopes, string(scope))
	}
	return gen.APIKey{
		ID:         k.ID,
		Name:       k.Name,
		Prefix:     k.PlainText[:min(len(k.PlainText), 8)],
		Scopes:     scopes,
		Status:     k.Status(s.cfg.Now()),
		ExpiresAt:  nullableTime(k.ExpiresAt),
		LastUsedAt: nullableTime(k.LastUsed),
	}
}

func (s *Server) revokeAPIKey(c *call) *refusal {
	id, _ := strconv.ParseInt(c.PathValue("apiKey"), 10, 64)
	if !s.workspace.RevokeKey(id) {
		return c.notFound()
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
			ID: 1, Name: "Fake organization", Slug: "fake", Status: "active", PrimaryDomain: web.HostName(c.Host),
			BillingEmail: "billing@fake.example", EmailVerified: true,
		},
		Subscription: json.RawMessage(`{"status":"active"}`),
	})
	return nil
}

func (s *Server) getSubscription(c *call) *refusal {
	var sent int64
	for _, n := range s.workspace.Senders() {
		sent += n.Sent
	}
	c.answer(http.StatusOK, gen.Subscription{
		Plan:          json.RawMessage(`{"name":"fake"}`),
		Status:        "active",
		Limits:        json.RawMessage(`[{"name":"messages_per_month","value":1000000}]`),
		UsageSnapshot: json.RawMessage(fmt.Sprintf(`{"messages_this_month":%d}`, sent)),
	})
	return nil
}
