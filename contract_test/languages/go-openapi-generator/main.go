// Command go-openapi-generator runs the scenario of all languages with the client that openapi-generator generates from
// openapi.yaml for Go.
//
//nolint:bodyclose // the generated client reads and closes it
package main

import (
	"context"
	"net/http"
	"os"

	api "github.com/tgo-business/tgo-go/contract_test/languages/go-openapi-generator/generated"
	"github.com/tgo-business/tgo-go/contract_test/languages/go/scenario"
)

func main() { scenario.Main(connect) }

func connect(url, key string) (scenario.API, error) { return calls{newClient(url), key}, nil }

type calls struct {
	client *api.APIClient
	key    string
}

func (c calls) SendText(ctx context.Context, m scenario.Message) (scenario.Object, error) {
	return sent(c.client.MessagesAPI.SendMessageWithJson(withKey(ctx, c.key)).TextMessage(api.TextMessage{
		Type: "text", SenderPhone: optional(m.SenderPhone), SenderNumberId: optional(m.SenderNumberID),
		ToPhone: m.ToPhone, Content: m.Content,
	}).Execute())
}

func (c calls) SendForm(ctx context.Context, m scenario.Message) (scenario.Object, error) {
	r := c.client.MessagesAPI.SendMessageWithFormData(withKey(ctx, c.key)).Type_(m.Type).ToPhone(m.ToPhone)
	r = given(r, m.SenderPhone, r.SenderPhone)
	r = given(r, m.SenderNumberID, r.SenderNumberId)
	r = given(r, m.Content, r.Content)
	r = given(r, m.Duration, r.Duration)
	r = given(r, m.FileName, r.FileName)
	r = given(r, m.FileSize, r.FileSize)
	r = given(r, m.FileType, r.FileType)
	if m.File != "" {
		file, err := os.Open(m.File)
		if err != nil {
			return nil, err
		}
		r = r.Media(file) // it closes the file
	}
	return sent(r.Execute())
}

func sent(r *api.AcceptedMessage, response *http.Response, err error) (scenario.Object, error) {
	if err != nil {
		return nil, refusal("sendMessage", response, err)
	}
	m := r.Data
	return scenario.Object{
		"id": m.Id, "sender_number_id": m.SenderNumberId, "recipient_user_id": m.RecipientUserId.Get(),
		"message_type": m.MessageType, "content": m.Content.Get(), "status": m.Status,
	}, nil
}

func (c calls) Lookup(ctx context.Context, q scenario.Query) (scenario.Object, error) {
	r := c.client.ContactsAPI.LookupContact(withKey(ctx, c.key)).Phone(q.Phone)
	r = given(r, q.SenderPhone, r.SenderPhone)
	r = given(r, q.SenderNumberID, r.SenderNumberId)
	contact, response, err := r.Execute()
	if err != nil {
		return nil, refusal("lookupContact", response, err)
	}
	return scenario.Object{
		"exists": contact.Exists, "can_receive": contact.CanReceive, "reason_code": contact.ReasonCode,
		"recipient_id": contact.RecipientId.Get(), "is_verified": contact.IsVerified,
		"phone_verified_at": scenario.Moment(contact.PhoneVerifiedAt.Get()),
	}, nil
}

func (c calls) Log(ctx context.Context, number int32) (page scenario.Page, err error) {
	log, response, err := c.client.MessagesAPI.ListMessages(withKey(ctx, c.key)).Page(number).Execute()
	if err != nil {
		return page, refusal("listMessages", response, err)
	}
	for _, e := range log.Data {
		page.Entries = append(page.Entries, scenario.Object{
			"id": e.Id, "sender_number_id": e.SenderNumberId, "message_type": e.MessageType, "content": e.Content.Get(), "status": e.Status,
		})
	}
	if log.Links != nil {
		page.More = log.Links.Next.Get() != nil
	}
	if log.Meta != nil {
		page.Total = log.Meta.Total
	}
	return page, nil
}

func (c calls) Usage(ctx context.Context) ([]scenario.Object, error) {
	report, response, err := c.client.UsageAPI.GetUsage(withKey(ctx, c.key)).Execute()
	if err != nil {
		return nil, refusal("getUsage", response, err)
	}
	var list []scenario.Object
	for _, n := range report.Data {
		list = append(list, scenario.Object{
			"sender_number_id": n.SenderNumberId, "sender_phone": n.SenderPhone, "messages_sent": n.MessagesSent,
		})
	}
	return list, nil
}

func (c calls) SenderNumbers(ctx context.Context) ([]scenario.Object, error) {
	numbers, response, err := c.client.SenderNumbersAPI.ListSenderNumbers(withKey(ctx, c.key)).Execute()
	if err != nil {
		return nil, refusal("listSenderNumbers", response, err)
	}
	var list []scenario.Object
	for _, n := range numbers.Data {
		list = append(list, scenario.Object{
			"id": n.Id, "phone": n.Phone, "display_name": n.DisplayName.Get(),
			"status": n.Status, "verification_status": n.VerificationStatus,
		})
	}
	return list, nil
}

func (c calls) Register(ctx context.Context, n scenario.Number) (scenario.Object, error) {
	registered, response, err := c.client.SenderNumbersAPI.RegisterSenderNumber(withKey(ctx, c.key)).
		RegisterSenderNumberRequest(api.RegisterSenderNumberRequest{Phone: n.Phone, DisplayName: optional(n.DisplayName)}).Execute()
	if err != nil {
		return nil, refusal("registerSenderNumber", response, err)
	}
	number := registered.Data
	return scenario.Object{
		"phone": number.Phone, "display_name": number.DisplayName.Get(), "status": number.Status,
		"verified_at": scenario.Moment(number.VerifiedAt.Get()),
	}, nil
}

func (c calls) CreateKey(ctx context.Context, k scenario.Key) (scenario.Object, error) {
	body := api.CreateApiKeyRequest{Name: k.Name, ExpiresInDays: optional(k.ExpiresInDays)}
	for _, s := range k.Scopes {
		body.Scopes = append(body.Scopes, api.Scope(s))
	}
	created, response, err := c.client.APIKeysAPI.CreateApiKey(withKey(ctx, c.key)).CreateApiKeyRequest(body).Execute()
	if err != nil {
		return nil, refusal("createApiKey", response, err)
	}
	result := scenario.Object{"begins": created.PlainTextKey[:4]}
	if key := created.Data; key != nil {
		result["name"], result["scopes"], result["status"] = key.Name, key.Scopes, key.Status
	}
	return result, nil
}

func (c calls) RevokeKey(ctx context.Context, id int64) error {
	response, err := c.client.APIKeysAPI.RevokeApiKey(withKey(ctx, c.key), id).Execute()
	return refusal("revokeApiKey", response, err)
}

func (c calls) Me(ctx context.Context) (scenario.Object, error) {
	me, response, err := c.client.AccountAPI.GetMe(withKey(ctx, c.key)).Execute()
	if err != nil {
		return nil, refusal("getMe", response, err)
	}
	result := scenario.Object{
		"user": me.User.Name, "organization": me.Organization.Name, "email_verified": me.Organization.EmailVerified,
		"subscription": me.Subscription,
	}
	if key := me.ApiKey.Get(); key != nil {
		result["api_key"] = key.Name
	}
	return result, nil
}

func (c calls) Subscription(ctx context.Context) (scenario.Object, error) {
	s, response, err := c.client.AccountAPI.GetSubscription(withKey(ctx, c.key)).Execute()
	if err != nil {
		return nil, refusal("getSubscription", response, err)
	}
	return scenario.Object{"plan": s.Plan, "status": s.Status.Get(), "limits": s.Limits, "usage_snapshot": s.UsageSnapshot}, nil
}

// optional is a pointer to a value, or nil for the zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// given sets a value of a request, unless it is the zero value.
func given[R any, T comparable](r R, v T, set func(T) R) R {
	var zero T
	if v == zero {
		return r
	}
	return set(v)
}
