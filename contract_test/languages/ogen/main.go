// Command ogen runs the scenario of all languages with the client that ogen generates from openapi.yaml.
package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	ht "github.com/ogen-go/ogen/http"

	"github.com/tgo-business/tgo-go/contract_test/languages/go/scenario"
	api "github.com/tgo-business/tgo-go/contract_test/languages/ogen/generated"
)

func main() { scenario.Main(connect) }

func connect(url, key string) (scenario.API, error) {
	client, err := newClient(url, key)
	return calls{client}, err
}

type calls struct{ client *api.Client }

func (c calls) SendText(ctx context.Context, m scenario.Message) (scenario.Object, error) {
	return c.send(ctx, &api.TextMessage{
		Type: api.TextMessageTypeText, SenderPhone: phone(m.SenderPhone), SenderNumberID: integer(m.SenderNumberID),
		ToPhone: api.Phone(m.ToPhone), Content: m.Content,
	})
}

func (c calls) SendForm(ctx context.Context, m scenario.Message) (scenario.Object, error) {
	form := &api.MessageFormMultipart{
		Type: api.MessageFormMultipartType(m.Type), SenderPhone: phone(m.SenderPhone), SenderNumberID: integer(m.SenderNumberID),
		ToPhone: api.Phone(m.ToPhone), Content: text(m.Content), Duration: api.OptInt32{Value: m.Duration, Set: m.Duration != 0},
		FileName: text(m.FileName), FileSize: integer(m.FileSize), FileType: text(m.FileType),
	}
	if m.File != "" {
		file, err := os.Open(m.File)
		if err != nil {
			return nil, err
		}
		defer file.Close() //nolint:errcheck // it was only read from
		form.Media = api.NewOptMultipartFile(ht.MultipartFile{Name: filepath.Base(m.File), File: file})
	}
	return c.send(ctx, form)
}

func (c calls) send(ctx context.Context, m api.SendMessageReq) (scenario.Object, error) {
	r, err := c.client.SendMessage(ctx, m)
	answer, err := success[api.SendMessageRes]("sendMessage", r, err)
	var sent api.SentMessage
	switch a := answer.(type) {
	case *api.AcceptedMessage:
		sent = a.Data
	case *api.AcceptedMessageStatusCode: // another 2XX than 201
		sent = a.Response.Data
	}
	return scenario.Object{
		"id": sent.ID, "sender_number_id": sent.SenderNumberID, "recipient_user_id": nullable(sent.RecipientUserID),
		"message_type": sent.MessageType, "content": nullable(sent.Content), "status": sent.Status,
	}, err
}

func (c calls) Lookup(ctx context.Context, q scenario.Query) (scenario.Object, error) {
	r, err := c.client.LookupContact(ctx, api.LookupContactParams{
		Phone: api.Phone(q.Phone), SenderPhone: phone(q.SenderPhone), SenderNumberID: integer(q.SenderNumberID),
	})
	contact, err := success[*api.Contact]("lookupContact", r, err)
	if err != nil {
		return nil, err
	}
	return scenario.Object{
		"exists": contact.Exists, "can_receive": contact.CanReceive, "reason_code": contact.ReasonCode,
		"recipient_id": nullable(contact.RecipientID), "is_verified": contact.IsVerified,
		"phone_verified_at": moment(contact.PhoneVerifiedAt),
	}, nil
}

func (c calls) Log(ctx context.Context, number int32) (page scenario.Page, err error) {
	r, err := c.client.ListMessages(ctx, api.ListMessagesParams{Page: api.NewOptInt32(number)})
	log, err := success[*api.MessageLogPage]("listMessages", r, err)
	if err != nil {
		return page, err
	}
	for _, e := range log.Data {
		page.Entries = append(page.Entries, scenario.Object{
			"id": e.ID, "sender_number_id": e.SenderNumberID, "message_type": e.MessageType,
			"content": nullable(e.Content), "status": e.Status,
		})
	}
	_, page.More = log.Links.Value.Next.Get()
	page.Total = nullable(log.Meta.Value.Total)
	return page, nil
}

func (c calls) Usage(ctx context.Context) ([]scenario.Object, error) {
	r, err := c.client.GetUsage(ctx)
	report, err := success[*api.UsageReport]("getUsage", r, err)
	if err != nil {
		return nil, err
	}
	var list []scenario.Object
	for _, n := range report.Data {
		list = append(list, scenario.Object{
			"sender_number_id": nullable(n.SenderNumberID), "sender_phone": nullable(n.SenderPhone), "messages_sent": nullable(n.MessagesSent),
		})
	}
	return list, nil
}

func (c calls) SenderNumbers(ctx context.Context) ([]scenario.Object, error) {
	r, err := c.client.ListSenderNumbers(ctx)
	numbers, err := success[*api.SenderNumberList]("listSenderNumbers", r, err)
	if err != nil {
		return nil, err
	}
	var list []scenario.Object
	for _, n := range numbers.Data {
		list = append(list, scenario.Object{
			"id": n.ID, "phone": n.Phone, "display_name": nullable(n.DisplayName),
			"status": n.Status, "verification_status": n.VerificationStatus,
		})
	}
	return list, nil
}

func (c calls) Register(ctx context.Context, n scenario.Number) (scenario.Object, error) {
	body := &api.RegisterSenderNumberRequest{Phone: api.Phone(n.Phone), DisplayName: text(n.DisplayName)}
	r, err := c.client.RegisterSenderNumber(ctx, body)
	answer, err := success[api.RegisterSenderNumberRes]("registerSenderNumber", r, err)
	var number api.SenderNumber
	switch a := answer.(type) {
	case *api.RegisteredSenderNumber:
		number = a.Data
	case *api.RegisteredSenderNumberStatusCode: // another 2XX than 201
		number = a.Response.Data
	}
	return scenario.Object{
		"phone": number.Phone, "display_name": nullable(number.DisplayName), "status": number.Status,
		"verified_at": moment(number.VerifiedAt),
	}, err
}

func (c calls) CreateKey(ctx context.Context, k scenario.Key) (scenario.Object, error) {
	body := &api.CreateApiKeyRequest{Name: k.Name, ExpiresInDays: api.OptInt32{Value: k.ExpiresInDays, Set: k.ExpiresInDays != 0}}
	for _, s := range k.Scopes {
		body.Scopes = append(body.Scopes, api.Scope(s))
	}
	r, err := c.client.CreateApiKey(ctx, body)
	answer, err := success[api.CreateApiKeyRes]("createApiKey", r, err)
	if err != nil {
		return nil, err
	}
	var created api.CreatedApiKey
	switch a := answer.(type) {
	case *api.CreatedApiKey:
		created = *a
	case *api.CreatedApiKeyStatusCode: // another 2XX than 201
		created = a.Response
	}
	key := created.Data.Value
	result := scenario.Object{"begins": created.PlainTextKey[:4], "name": nil, "scopes": key.Scopes, "status": nullable(key.Status)}
	if created.Data.Set {
		result["name"] = key.Name
	}
	return result, nil
}

func (c calls) RevokeKey(ctx context.Context, id int64) error {
	r, err := c.client.RevokeApiKey(ctx, api.RevokeApiKeyParams{ApiKey: id})
	_, err = success[*api.RevokeApiKeyNoContent]("revokeApiKey", r, err)
	return err
}

func (c calls) Me(ctx context.Context) (scenario.Object, error) {
	r, err := c.client.GetMe(ctx)
	me, err := success[*api.Me]("getMe", r, err)
	if err != nil {
		return nil, err
	}
	return scenario.Object{
		"user": nullable(me.User.Name), "api_key": nullable(me.APIKey.Value.Name), "organization": nullable(me.Organization.Name),
		"email_verified": nullable(me.Organization.EmailVerified), "subscription": nullable(me.Subscription),
	}, nil
}

func (c calls) Subscription(ctx context.Context) (scenario.Object, error) {
	r, err := c.client.GetSubscription(ctx)
	s, err := success[*api.Subscription]("getSubscription", r, err)
	if err != nil {
		return nil, err
	}
	return scenario.Object{
		"plan": nullable(s.Plan), "status": nullable(s.Status), "limits": s.Limits, "usage_snapshot": s.UsageSnapshot,
	}, nil
}

// nullable is the value of a field, or null if the field was null or absent.
func nullable[T any](field interface{ Get() (T, bool) }) any {
	if v, ok := field.Get(); ok {
		return v
	}
	return nil
}

func moment(field interface{ Get() (time.Time, bool) }) any {
	if t, ok := field.Get(); ok {
		return scenario.Moment(&t)
	}
	return nil
}

func phone(p string) api.OptPhone { return api.OptPhone{Value: api.Phone(p), Set: p != ""} }

func text(t string) api.OptString { return api.OptString{Value: t, Set: t != ""} }

func integer(n int64) api.OptInt64 { return api.OptInt64{Value: n, Set: n != 0} }
