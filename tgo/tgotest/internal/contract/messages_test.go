package contract

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// What an operation says where its path names nothing is the contract's own example, and so of the right resource.
func TestMessageNotFound(t *testing.T) {
	t.Parallel()
	routes, err := Routes()
	if err != nil {
		t.Fatal(err)
	}
	if got := MessageNotFound(routes["revokeApiKey"]); got != "API key not found." {
		t.Errorf("no such key: %q", got)
	}
	examples := func(messages ...string) *routers.Route {
		media := openapi3.NewMediaType()
		media.Examples = openapi3.Examples{}
		for _, m := range messages {
			media.Examples[m] = &openapi3.ExampleRef{Value: openapi3.NewExample(map[string]any{"message": m})}
		}
		response := openapi3.NewResponse().WithContent(openapi3.Content{"application/json": media})
		return &routers.Route{Operation: &openapi3.Operation{
			Responses: openapi3.NewResponses(openapi3.WithStatus(404, &openapi3.ResponseRef{Value: response})),
		}}
	}
	for want, route := range map[string]*routers.Route{
		"Message not found.": examples(MessageUnknownTenant, "Message not found."),
		"Not Found.":         examples(MessageUnknownTenant),
	} {
		if got := MessageNotFound(route); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	none := &routers.Route{Operation: &openapi3.Operation{Responses: openapi3.NewResponses()}}
	if got := MessageNotFound(none); got != "Not Found." {
		t.Errorf("without an answer of 404: %q", got)
	}
}
