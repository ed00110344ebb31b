package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
)

// wantSentinels returns the sentinels that the error of a response must be. It must be no others.
func wantSentinels(status int, message string) []string {
	switch {
	case message == textSenderInactive || message == textSenderInactiveLater:
		return []string{"ErrSenderInactive"}
	case message == textSenderUnverified || message == textSenderUnverifiedLater:
		return []string{"ErrSenderUnverified"}
	case status == http.StatusUnauthorized && message == textMissingScope:
		return []string{"ErrScope"}
	case status == http.StatusUnauthorized:
		return []string{"ErrUnauthenticated"}
	case status == http.StatusForbidden:
		return []string{"ErrScope"}
	case status == http.StatusNotFound && message == textUnknownTenant:
		return []string{"ErrNotFound", "ErrTenant"}
	case status == http.StatusNotFound:
		return []string{"ErrNotFound"}
	case status == http.StatusUnprocessableEntity:
		return []string{"ErrValidation"}
	case status == http.StatusTooManyRequests:
		return []string{"ErrRateLimited"}
	case status >= 500:
		return []string{"ErrServer"}
	}
	return []string{}
}

func wantDelivery(status int) tgo.Delivery {
	if status/100 == 4 && status != http.StatusRequestTimeout && status != 460 && status != 499 {
		return tgo.DeliveryRejected
	}
	return tgo.DeliveryUnknown
}

// TestClientReportsEveryErrorOfTheContract responds to each call with each example of an error of its operation.
func TestClientReportsEveryErrorOfTheContract(t *testing.T) {
	t.Parallel()
	for _, c := range onePerMethod(t) {
		op := contract.OperationByID(t, c.op)
		for status, response := range op.ByStatus() {
			statuses := []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, 599}
			if status != "5XX" {
				code, _ := strconv.Atoi(status)
				if code < 400 {
					continue
				}
				statuses = []int{code}
			}
			for _, e := range contract.ExamplesOf(response.Content[jsonType]) {
				for _, code := range statuses {
					t.Run(fmt.Sprintf("%s/%d %s", c.method, code, e.Name), func(t *testing.T) {
						t.Parallel()
						checkError(t, c, op, code, response, e)
					})
				}
			}
		}
	}
}

func checkError(t *testing.T, c call, op operation, status int, response *openapi3.Response, e example) {
	t.Helper()
	header := http.Header{"X-Request-Id": {"req-1"}}
	retryAfter := time.Duration(0)
	for name, h := range response.Headers {
		header.Set(name, fmt.Sprint(h.Value.Example))
		if name == "Retry-After" {
			retryAfter = 30 * time.Second
		}
	}
	body := e.JSON(t)
	_, err := c.do(t.Context(), suite.ScriptedServer{Status: status, Header: header, AnyBody: body}.Client(t))
	var refusal *tgo.APIError
	if !errors.As(err, &refusal) {
		t.Fatalf("the error is %v", err)
	}
	var said suite.ErrorBody
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(err)
	}
	if refusal.Status != status || refusal.Message != said.Message || !reflect.DeepEqual(refusal.Fields, said.Errors) {
		t.Errorf("%d %q %v, want %d %q %v", refusal.Status, refusal.Message, refusal.Fields, status, said.Message, said.Errors)
	}
	if got, want := suite.SentinelsOf(err), wantSentinels(status, said.Message); !slices.Equal(got, want) {
		t.Errorf("it is %v, want %v", got, want)
	}
	scope := ""
	if said.Message == textMissingScope {
		scope = strings.Join(op.RequiredScopes(), " ")
	}
	if refusal.RequiredScope != scope || refusal.RetryAfter != retryAfter || refusal.RequestID != "req-1" {
		t.Errorf("scope %q, retry after %v, request %q; want %q, %v, req-1", refusal.RequiredScope, refusal.RetryAfter, refusal.RequestID, scope, retryAfter)
	}
	for _, want := range []string{strconv.Itoa(status), strings.TrimSuffix(said.Message, "."), scope, "req-1"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
	checkDelivery(t, c, err, wantDelivery(status))
}

// checkDelivery: the error of a send, and only of a send, says what became of the message.
func checkDelivery(t *testing.T, c call, err error, want tgo.Delivery) {
	t.Helper()
	var failed *tgo.SendError
	if errors.As(err, &failed) != c.sends() {
		t.Errorf("%s is a send: %v, and its error is a %T", c.method, c.sends(), err)
	}
	if c.sends() && (failed.Delivery != want || failed.Attempts != 1) {
		t.Errorf("delivery %v after %d attempts, want %v after 1", failed.Delivery, failed.Attempts, want)
	}
}

// TestUndocumentedStatuses: a status that the document does not have is an error of its own kind.
func TestUndocumentedStatuses(t *testing.T) {
	t.Parallel()
	for _, c := range onePerMethod(t) {
		for _, status := range []int{300, 304, 400, 402, 405, 408, 409, 410, 413, 415, 418, 423, 451, 460, 499, 500, 501, 505, 520, 599} {
			for name, body := range map[string]string{
				"JSON":        `{"message":"So it is.","code":7,"errors":null}`,
				"other JSON":  `["a"]`,
				"empty":       ``,
				"broken JSON": `{"message":`,
			} {
				t.Run(fmt.Sprintf("%s/%d %s", c.method, status, name), func(t *testing.T) {
					t.Parallel()
					_, err := c.do(t.Context(), suite.ScriptedServer{Status: status, AnyBody: []byte(body)}.Client(t))
					var refusal *tgo.APIError
					if !errors.As(err, &refusal) || refusal.Status != status {
						t.Fatalf("the error is %v", err)
					}
					if got, want := suite.SentinelsOf(err), wantSentinels(status, ""); !slices.Equal(got, want) {
						t.Errorf("it is %v, want %v", got, want)
					}
					if name == "JSON" && status != http.StatusNotModified && refusal.Message != "So it is." {
						t.Errorf("the message is %q", refusal.Message)
					}
					checkDelivery(t, c, err, wantDelivery(status))
				})
			}
		}
	}
}

// TestAnHTMLPageIsNotAnAnswer: a proxy may respond with HTML. The document says so of a 5XX, and that the outcome of a send is then
// unknown.
func TestAnHTMLPageIsNotAnAnswer(t *testing.T) {
	t.Parallel()
	const page = `<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>`
	for _, c := range onePerMethod(t) {
		for _, status := range []int{200, 201, 403, 502, 503} {
			t.Run(fmt.Sprintf("%s/%d", c.method, status), func(t *testing.T) {
				t.Parallel()
				s := suite.ScriptedServer{Status: status, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, AnyBody: []byte(page)}
				_, err := c.do(t.Context(), s.Client(t))
				if c.op == "revokeApiKey" && status/100 == 2 {
					return // its success has no body to read
				}
				var refusal *tgo.APIError
				switch {
				case err == nil && c.method == "Client.Usage":
					t.Error("an HTML page was accepted as a usage report")
				case !errors.As(err, &refusal) || refusal.Status != status || refusal.Message != "502 Bad Gateway":
					t.Errorf("the error is %v", err)
				case status/100 == 2 && (!errors.Is(err, tgo.ErrUnreadable) || !strings.Contains(err.Error(), "HTML")):
					t.Errorf("it is %v, want ErrUnreadable, and HTML in the text: %v", suite.SentinelsOf(err), err)
				}
				checkDelivery(t, c, err, wantDelivery(status))
			})
		}
	}
}
