// Command go runs the scenario of all languages with the client that oapi-codegen generates from openapi.yaml.
package main

import (
	"cmp"
	"context"
	"net/http"

	"github.com/tgo-business/tgo-go/contract_test/languages/go/scenario"
	"github.com/tgo-business/tgo-go/gen"
)

func main() { scenario.Main(connect) }

func connect(url, key string) (scenario.API, error) {
	client, err := newClient(url, key)
	return api{client}, err
}

type api struct{ client *gen.ClientWithResponses }

func (a api) SendText(ctx context.Context, m scenario.Message) (scenario.Object, error) {
	return sent(a.client.SendMessageWithResponse(ctx, gen.TextMessage{
		Type: gen.TextMessageTypeText, SenderPhone: m.SenderPhone, SenderNumberID: m.SenderNumberID,
		ToPhone: m.ToPhone, Content: m.Content,
	}))
}

func (a api) SendForm(ctx context.Context, m scenario.Message) (scenario.Object, error) {
	return sent(sendForm(ctx, a.client, form{
		MessageForm: gen.MessageForm{
			Type: gen.MessageFormType(m.Type), SenderPhone: m.SenderPhone, SenderNumberID: m.SenderNumberID, ToPhone: m.ToPhone,
			Content: m.Content, Duration: int(m.Duration), FileName: m.FileName, FileSize: m.FileSize, FileType: m.FileType,
		},
		File: m.File,
	}))
}

func sent(r *gen.SendMessageHTTPResponse, err error) (scenario.Object, error) {
	if err != nil {
		return nil, err
	}
	accepted := cmp.Or(r.JSON201, r.JSON2XX)
	if accepted == nil {
		return nil, refusal("sendMessage", r.HTTPResponse, r.Body)
	}
	m := accepted.Data
	return scenario.Object{
		"id": m.ID, "sender_number_id": m.SenderNumberID, "recipient_user_id": nullable(m.RecipientUserID),
		"message_type": m.MessageType, "content": nullable(m.Content), "status": m.Status,
	}, nil
}

func (a api) Lookup(ctx context.Context, q scenario.Query) (scenario.Object, error) {
	r, err := a.client.LookupContactWithResponse(ctx, &gen.LookupContactParams{
		Phone: q.Phone, SenderPhone: optional(q.SenderPhone), SenderNumberID: optional(q.SenderNumberID),
	})
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, refusal("lookupContact", r.HTTPResponse, r.Body)
	}
	c := *r.JSON200
	return scenario.Object{
		"exists": c.Exists, "can_receive": c.CanReceive, "reason_code": c.ReasonCode,
		"recipient_id": c.RecipientID, "is_verified": c.IsVerified, "phone_verified_at": scenario.Moment(c.PhoneVerifiedAt),
	}, nil
}

func (a api) Log(ctx context.Context, number int32) (page scenario.Page, err error) {
	r, err := a.client.ListMessagesWithResponse(ctx, &gen.ListMessagesParams{Page: optional(int(number))})
	if err != nil {
		return page, err
	}
	if r.JSON200 == nil {
		return page, refusal("listMessages", r.HTTPResponse, r.Body)
	}
	for _, e := range r.JSON200.Data {
		page.Entries = append(page.Entries, scenario.Object{
			"id": e.ID, "sender_number_id": e.SenderNumberID, "message_type": e.MessageType,
			"content": nullable(e.Content), "status": e.Status,
		})
	}
	page.More, page.Total = r.JSON200.Links.Next != "", nullable(r.JSON200.Meta.Total)
	return page, nil
}

func (a api) Usage(ctx context.Context) ([]scenario.Object, error) {
	r, err := a.client.GetUsageWithResponse(ctx)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, refusal("getUsage", r.HTTPResponse, r.Body)
	}
	var list []scenario.Object
	for _, n := range r.JSON200.Data {
		list = append(list, scenario.Object{
			"sender_number_id": n.SenderNumberID, "sender_phone": nullable(n.SenderPhone), "messages_sent": n.MessagesSent,
		})
	}
	return list, nil
}

func (a api) SenderNumbers(ctx context.Context) ([]scenario.Object, error) {
	r, err := a.client.ListSenderNumbersWithResponse(ctx)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, refusal("listSenderNumbers", r.HTTPResponse, r.Body)
	}
	var list []scenario.Object
	for _, n := range r.JSON200.Data {
		list = append(list, scenario.Object{
			"id": n.ID, "phone": n.Phone, "display_name": nullable(n.DisplayName),
			"status": n.Status, "verification_status": n.VerificationStatus,
		})
	}
	return list, nil
}

func (a api) Register(ctx context.Context, n scenario.Number) (scenario.Object, error) {
	r, err := a.client.RegisterSenderNumberWithResponse(ctx, gen.RegisterSenderNumberRequest{Phone: n.Phone, DisplayName: n.DisplayName})
	if err != nil {
		return nil, err
	}
	registered := cmp.Or(r.JSON201, r.JSON2XX)
	if registered == nil {
		return nil, refusal("registerSenderNumber", r.HTTPResponse, r.Body)
	}
	m := registered.Data
	return scenario.Object{
		"phone": m.Phone, "display_name": nullable(m.DisplayName), "status": m.Status, "verified_at": scenario.Moment(m.VerifiedAt),
	}, nil
}

func (a api) CreateKey(ctx context.Context, k scenario.Key) (scenario.Object, error) {
	body := gen.CreateAPIKeyRequest{Name: k.Name, ExpiresInDays: int(k.ExpiresInDays)}
	for _, s := range k.Scopes {
		body.Scopes = append(body.Scopes, gen.Scope(s))
	}
	r, err := a.client.CreateAPIKeyWithResponse(ctx, body)
	if err != nil {
		return nil, err
	}
	created := cmp.Or(r.JSON201, r.JSON2XX)
	if created == nil {
		return nil, refusal("createApiKey", r.HTTPResponse, r.Body)
	}
	c := created.Data
	return scenario.Object{
		"begins": created.PlainTextKey[:4], "name": nullable(c.Name), "scopes": c.Scopes, "status": nullable(c.Status),
	}, nil
}

func (a api) RevokeKey(ctx context.Context, id int64) error {
	r, err := a.client.RevokeAPIKeyWithResponse(ctx, id)
	if err != nil {
		return err
	}
	if r.StatusCode() != http.StatusNoContent {
		return refusal("revokeApiKey", r.HTTPResponse, r.Body)
	}
	return nil
}

func (a api) Me(ctx context.Context) (scenario.Object, error) {
	r, err := a.client.GetMeWithResponse(ctx)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, refusal("getMe", r.HTTPResponse, r.Body)
	}
	m := *r.JSON200
	if m.APIKey == nil {
		m.APIKey = &gen.APIKey{}
	}
	return scenario.Object{
		"user": nullable(m.User.Name), "api_key": nullable(m.APIKey.Name), "organization": nullable(m.Organization.Name),
		"email_verified": m.Organization.EmailVerified, "subscription": m.Subscription,
	}, nil
}

func (a api) Subscription(ctx context.Context) (scenario.Object, error) {
	r, err := a.client.GetSubscriptionWithResponse(ctx)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, refusal("getSubscription", r.HTTPResponse, r.Body)
	}
	s := *r.JSON200
	return scenario.Object{"plan": s.Plan, "status": nullable(s.Status), "limits": s.Limits, "usage_snapshot": s.UsageSnapshot}, nil
}

// nullable is null for the zero value: the Go types decode null and an absent field as the zero value.
func nullable[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// optional is a pointer to a value, or nil for the zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
