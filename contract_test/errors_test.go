package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tgo-business/tgo-go/tgo"
)

// script is a server that answers each operation with what is put in, and reads every request to its end.
type script struct {
	status  int
	header  http.Header
	bodies  map[string][]byte // by operationId
	anyBody []byte            // for operations that bodies does not have
}

func (s script) client(t *testing.T) *tgo.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		body := s.anyBody
		if route, _, err := findRoute(r.Method, r.URL.Path); err == nil && s.bodies[route.Operation.OperationID] != nil {
			body = s.bodies[route.Operation.OperationID]
		}
		w.Header().Set("Content-Type", jsonType)
		for name, values := range s.header {
			w.Header()[name] = values
		}
		w.WriteHeader(s.status)
		_, _ = w.Write(turned(r, body))
	}))
	t.Cleanup(server.Close)
	client, err := tgo.New("", tgo.NewKey("tgo_the-key"), tgo.WithBaseURL(server.URL), tgo.WithReadRetries())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// turned is an answer that shows the first page of a list, as one to the request for another page: its link would lead back.
func turned(r *http.Request, body []byte) []byte {
	if !r.URL.Query().Has("page") {
		return body
	}
	return linkToNext.ReplaceAll(body, []byte("${1}null"))
}

var linkToNext = regexp.MustCompile(`("next":\s*)"[^"]*"`)

// sentinels are all the errors that an answer can be.
var sentinels = map[string]error{
	"ErrUnauthenticated":  tgo.ErrUnauthenticated,
	"ErrScope":            tgo.ErrScope,
	"ErrTenant":           tgo.ErrTenant,
	"ErrNotFound":         tgo.ErrNotFound,
	"ErrValidation":       tgo.ErrValidation,
	"ErrRateLimited":      tgo.ErrRateLimited,
	"ErrServer":           tgo.ErrServer,
	"ErrSenderInactive":   tgo.ErrSenderInactive,
	"ErrSenderUnverified": tgo.ErrSenderUnverified,
	"ErrSenderUnknown":    tgo.ErrSenderUnknown,
	"ErrUnreadable":       tgo.ErrUnreadable,
}

// sentinelsOf names the sentinels that an error is.
func sentinelsOf(err error) []string {
	names := []string{}
	for name, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// wantSentinels is what an answer with this status and message must be, and nothing else.
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

// TestEveryErrorOfTheContractIsTold answers each call with each error example of its operation.
func TestEveryErrorOfTheContractIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range onePerMethod(t) {
		op := operationByID(t, c.op)
		for status, response := range op.responses() {
			statuses := []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, 599}
			if status != "5XX" {
				code, _ := strconv.Atoi(status)
				if code < 400 {
					continue
				}
				statuses = []int{code}
			}
			for _, e := range examplesOf(response.Content[jsonType]) {
				for _, code := range statuses {
					t.Run(fmt.Sprintf("%s/%d %s", c.method, code, e.name), func(t *testing.T) {
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
	body := e.json(t)
	_, err := c.do(t.Context(), script{status: status, header: header, anyBody: body}.client(t))
	var refusal *tgo.APIError
	if !errors.As(err, &refusal) {
		t.Fatalf("the error is %v", err)
	}
	var said refused
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(err)
	}
	if refusal.Status != status || refusal.Message != said.Message || !reflect.DeepEqual(refusal.Fields, said.Errors) {
		t.Errorf("%d %q %v, want %d %q %v", refusal.Status, refusal.Message, refusal.Fields, status, said.Message, said.Errors)
	}
	if got, want := sentinelsOf(err), wantSentinels(status, said.Message); !slices.Equal(got, want) {
		t.Errorf("it is %v, want %v", got, want)
	}
	scope := ""
	if said.Message == textMissingScope {
		scope = strings.Join(op.requiredScopes(), " ")
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

// checkDelivery: a send, and a send alone, says what became of the message.
func checkDelivery(t *testing.T, c call, err error, want tgo.Delivery) {
	t.Helper()
	var failed *tgo.SendError
	if errors.As(err, &failed) != c.sends() {
		t.Errorf("of %s, which is a send: %v, the error is %T", c.method, c.sends(), err)
	}
	if c.sends() && (failed.Delivery != want || failed.Attempts != 1) {
		t.Errorf("delivery %v after %d attempts, want %v after 1", failed.Delivery, failed.Attempts, want)
	}
}

// TestStatusesThatNobodyDocuments must not be taken for something they are not.
func TestStatusesThatNobodyDocuments(t *testing.T) {
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
					_, err := c.do(t.Context(), script{status: status, anyBody: []byte(body)}.client(t))
					var refusal *tgo.APIError
					if !errors.As(err, &refusal) || refusal.Status != status {
						t.Fatalf("the error is %v", err)
					}
					if got, want := sentinelsOf(err), wantSentinels(status, ""); !slices.Equal(got, want) {
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

// TestAPageOfAProxyIsNoAnswer: the document says that a 5XX may be HTML, and that a send's outcome is then open.
func TestAPageOfAProxyIsNoAnswer(t *testing.T) {
	t.Parallel()
	const page = `<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>`
	for _, c := range onePerMethod(t) {
		for _, status := range []int{200, 201, 403, 502, 503} {
			t.Run(fmt.Sprintf("%s/%d", c.method, status), func(t *testing.T) {
				t.Parallel()
				s := script{status: status, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, anyBody: []byte(page)}
				_, err := c.do(t.Context(), s.client(t))
				if c.op == "revokeApiKey" && status/100 == 2 {
					return // its success has no body to read
				}
				var refusal *tgo.APIError
				switch {
				case err == nil && c.method == "Client.Usage":
					t.Error("a page is taken for a usage report")
				case !errors.As(err, &refusal) || refusal.Status != status || refusal.Message != "502 Bad Gateway":
					t.Errorf("the error is %v", err)
				case status/100 == 2 && (!errors.Is(err, tgo.ErrUnreadable) || !strings.Contains(err.Error(), "HTML")):
					t.Errorf("it is %v, want ErrUnreadable and a word of HTML: %v", sentinelsOf(err), err)
				}
				checkDelivery(t, c, err, wantDelivery(status))
			})
		}
	}
}

// changed is an example of the document as a later version of the API may answer: each object has a new field, and each
// string with an x-extensible-enum is a new value. It returns how many strings were changed.
func changed(schema *openapi3.Schema, value any, news *int) any {
	switch v := value.(type) {
	case map[string]any:
		object := map[string]any{"brand_new": map[string]any{"deep": []any{1, nil, "a"}}}
		for name, property := range v {
			object[name] = property
			if p := schema.Properties[name]; p != nil {
				object[name] = changed(p.Value, property, news)
			}
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
			if schema.Items != nil {
				list[i] = changed(schema.Items.Value, v[i], news)
			}
		}
		return list
	case string:
		if _, extensible := schema.Extensions["x-extensible-enum"]; extensible {
			*news++
			return newValue
		}
	}
	return value
}

const newValue = "value_of_tomorrow"

// TestAnswersOfTomorrowAreRead: new fields, new statuses and other 2xx codes change nothing for what is known.
func TestAnswersOfTomorrowAreRead(t *testing.T) {
	t.Parallel()
	totalNews := 0
	for _, c := range onePerMethod(t) {
		op := operationByID(t, c.op)
		_, examples := op.success(t)
		if len(examples) == 0 {
			examples = []example{{name: "no body"}}
		}
		// What the methods read besides: the log knows sender numbers, and the list of those comes first.
		others := map[string][]byte{}
		for _, id := range []string{"listSenderNumbers", "listMessages"} {
			_, e := operationByID(t, id).success(t)
			others[id] = e[0].json(t)
		}
		for _, e := range examples {
			value := e.value
			news := 0
			if e.value != nil {
				schema := successSchema(t, op)
				value = changed(schema, e.value, &news)
				if err := schema.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
					t.Fatalf("%s %s: the change broke the contract: %v", c.op, e.name, err)
				}
			}
			totalNews += news
			for _, status := range []int{200, 201, 202, 206, 226, 299} {
				t.Run(fmt.Sprintf("%s/%s %d", c.method, e.name, status), func(t *testing.T) {
					t.Parallel()
					s := script{status: status, bodies: map[string][]byte{}}
					for id, body := range others {
						s.bodies[id] = body
					}
					s.bodies[c.op] = toJSON(t, value)
					if e.value == nil {
						s.bodies[c.op] = nil
					}
					got, err := c.do(t.Context(), s.client(t))
					if c.method == "Sender.Check" {
						// It reads the answer, and a status that is not known is not "active".
						if !errors.Is(err, tgo.ErrSenderInactive) || !strings.Contains(err.Error(), newValue) {
							t.Errorf("check says %v", err)
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if n := strings.Count(string(toJSON(t, got)), newValue); c.method != "Sender.Candidates" && (n > 0) != (news > 0) {
						t.Errorf("%d values were new, and %s shows %d", news, toJSON(t, got), n)
					}
				})
			}
		}
	}
	if totalNews < 20 {
		t.Errorf("only %d values were new: is the walk complete?", totalNews)
	}
}

// successSchema is the schema of an operation's success.
func successSchema(t *testing.T, op operation) *openapi3.Schema {
	t.Helper()
	_, response := op.documentedSuccess(t)
	return response.Content[jsonType].Schema.Value
}

// TestTheDocumentsExamplesAreReadInFull: no property of an answer is lost between the wire and the caller, whatever the
// example. The names are those of the contract, so the result can be compared as JSON.
func TestTheDocumentsExamplesAreReadInFull(t *testing.T) {
	t.Parallel()
	for _, c := range onePerMethod(t) {
		op := operationByID(t, c.op)
		status, examples := op.success(t)
		for _, e := range examples {
			t.Run(c.method+"/"+e.name, func(t *testing.T) {
				t.Parallel()
				got, err := c.do(t.Context(), script{status: status, anyBody: e.json(t)}.client(t))
				if err != nil {
					if c.thenOp != "" && c.op != c.thenOp {
						return // its second request is to another operation
					}
					t.Fatal(err)
				}
				want := e.value
				if object, ok := want.(map[string]any); ok && object["data"] != nil {
					want = object["data"]
				}
				switch r := got.(type) {
				case tgo.MessagePage:
					got = r.Entries
				case tgo.Usage:
					got = r.Senders
				case tgo.CreatedAPIKey:
					if key := e.value.(map[string]any)["plain_text_key"]; r.Key.Reveal() != key {
						t.Errorf("the key is %q, want %q", r.Key.Reveal(), key)
					}
					got = r.APIKey
				}
				switch c.method {
				case "Sender.Check": // one of the list
					want = want.([]any)[0]
				case "Sender.Candidates": // none of the list
					return
				}
				if !sameJSON(t, nullsAsEmpty(t, want), nullsAsEmpty(t, got)) {
					t.Errorf("read %s, want %s", toJSON(t, got), toJSON(t, want))
				}
			})
		}
	}
}

// nullsAsEmpty makes null texts empty ones, as the client reads them. No status is the empty text otherwise.
func nullsAsEmpty(t *testing.T, v any) any {
	t.Helper()
	var plain any
	if err := json.Unmarshal(toJSON(t, v), &plain); err != nil {
		t.Fatal(err)
	}
	var empty func(any) any
	empty = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				v[name] = empty(value)
				if value == nil && (name == "content" || name == "display_name" || name == "status") {
					v[name] = ""
				}
			}
		case []any:
			for i := range v {
				v[i] = empty(v[i])
			}
		}
		return v
	}
	return empty(plain)
}
