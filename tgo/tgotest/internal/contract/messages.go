package contract

import (
	"net/http"

	"github.com/getkin/kin-openapi/routers"
)

// What the API says, as its documentation has it.
const (
	MessageUnauthenticated  = "Unauthenticated."
	MessageMissingScope     = "This API key does not have the required scope."
	MessageUnknownTenant    = "Tenant could not be identified for this domain."
	MessageInvalid          = "The given data was invalid."
	MessageSenderInactive   = "The sender number is not active."
	MessageSenderUnverified = "يجب أن يكون صاحب الرقم موثقًا داخل TGO Connect قبل استخدام API الإرسال."
)

// StatusInvalid is the status of a response that refuses the content of a request.
const StatusInvalid = http.StatusUnprocessableEntity

// MessageOf is what the API says under a status, if that is always the same; empty otherwise.
func MessageOf(status int) string {
	return map[int]string{
		http.StatusUnauthorized:    MessageUnauthenticated,
		http.StatusForbidden:       MessageMissingScope,
		StatusInvalid:              MessageInvalid,
		http.StatusTooManyRequests: "Too Many Attempts.",
		// As Laravel says in production, and the contract in its example.
		http.StatusInternalServerError: "Server Error",
	}[status]
}

// MessageNotFound is what an operation says if its path names nothing: the message of the contract's own example, other
// than that of an unknown tenant. Without an example it is Laravel's.
func MessageNotFound(route *routers.Route) string {
	if response := route.Operation.Responses.Status(http.StatusNotFound); response != nil {
		if content := response.Value.Content["application/json"]; content != nil {
			for _, example := range content.Examples {
				value, _ := example.Value.Value.(map[string]any)
				if message, ok := value["message"].(string); ok && message != MessageUnknownTenant {
					return message
				}
			}
		}
	}
	return "Not Found."
}
