package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/runtime"

	"github.com/tgo-business/tgo-go/contract_test/server/api"
)

// server implements the ten operations. It does not store messages. Its other responses are the document's examples.
type server struct{ doc *openapi3.T }

func (s server) SendMessage(_ context.Context, r api.SendMessageRequestObject) (api.SendMessageResponseObject, error) {
	m := api.MessageForm{Type: api.MessageFormTypeText}
	if r.JSONBody != nil {
		m.Content = &r.JSONBody.Content
	} else if err := runtime.BindMultipart(&m, *r.MultipartBody); err != nil {
		return nil, err
	}
	if m.Media != nil {
		log.Printf("%s %q of %d bytes", m.Type, m.Media.Filename(), m.Media.FileSize())
	}
	sent := api.SentMessage{ID: time.Now().Unix(), SenderNumberID: 12, MessageType: string(m.Type), Content: m.Content, Status: "sent"}
	return api.SendMessage201JSONResponse{Data: sent}, nil
}

func (s server) ListMessages(context.Context, api.ListMessagesRequestObject) (api.ListMessagesResponseObject, error) {
	return example[api.ListMessages200JSONResponse](s.doc, "listMessages", "page")
}

func (s server) LookupContact(context.Context, api.LookupContactRequestObject) (api.LookupContactResponseObject, error) {
	return example[api.LookupContact200JSONResponse](s.doc, "lookupContact", "reachable")
}

func (s server) GetUsage(context.Context, api.GetUsageRequestObject) (api.GetUsageResponseObject, error) {
	return example[api.GetUsage200JSONResponse](s.doc, "getUsage", "usage")
}

func (s server) ListSenderNumbers(
	context.Context, api.ListSenderNumbersRequestObject,
) (api.ListSenderNumbersResponseObject, error) {
	return example[api.ListSenderNumbers200JSONResponse](s.doc, "listSenderNumbers", "readyAndWaiting")
}

func (s server) RegisterSenderNumber(
	context.Context, api.RegisterSenderNumberRequestObject,
) (api.RegisterSenderNumberResponseObject, error) {
	return example[api.RegisterSenderNumber201JSONResponse](s.doc, "registerSenderNumber", "registered")
}

func (s server) CreateAPIKey(context.Context, api.CreateAPIKeyRequestObject) (api.CreateAPIKeyResponseObject, error) {
	return example[api.CreateAPIKey201JSONResponse](s.doc, "createApiKey", "created")
}

func (s server) RevokeAPIKey(context.Context, api.RevokeAPIKeyRequestObject) (api.RevokeAPIKeyResponseObject, error) {
	return api.RevokeAPIKey204Response{}, nil
}

func (s server) GetMe(context.Context, api.GetMeRequestObject) (api.GetMeResponseObject, error) {
	return example[api.GetMe200JSONResponse](s.doc, "getMe", "me")
}

func (s server) GetSubscription(context.Context, api.GetSubscriptionRequestObject) (api.GetSubscriptionResponseObject, error) {
	return example[api.GetSubscription200JSONResponse](s.doc, "getSubscription", "subscription")
}

// example returns the example of a response with this name in the document.
func example[T any](doc *openapi3.T, operationID, name string) (answer T, err error) {
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for status, response := range operation.Responses.Map() {
				if operation.OperationID != operationID || !strings.HasPrefix(status, "20") {
					continue
				}
				text, err := json.Marshal(response.Value.Content["application/json"].Examples[name].Value.Value)
				if err != nil {
					return answer, err
				}
				return answer, json.Unmarshal(text, &answer)
			}
		}
	}
	return answer, fmt.Errorf("the document has no example %s of %s", name, operationID)
}
