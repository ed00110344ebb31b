package tgo_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// A message counts as accepted only if the response has a receipt.
func TestReceipts(t *testing.T) {
	t.Parallel()
	const whole = `{"data": {"id": 77, "status": "sent", "sent_at": "2025-01-10T08:00:00Z"}}`
	const accepted, unknown = tgo.DeliveryAccepted, tgo.DeliveryUnknown
	for _, c := range []struct {
		name, body string
		want       tgo.Delivery
		unreadable bool // an error comes with the receipt
	}{
		{"in data", whole, accepted, false},
		{"bare", `{"id": 77, "status": "sent", "sent_at": "2025-01-10T08:00:00Z"}`, accepted, false},
		{"bare beside a null data", `{"id": 77, "data": null}`, accepted, false},
		{"a byte order mark", "\ufeff" + whole, accepted, false},
		{"a number in quotes", `{"data": {"id": "77"}}`, accepted, false},
		{"only an id", `{"data": {"id": 77}}`, accepted, false},
		{"no error, said so", `{"data": {"id": 77}, "error": null, "success": true}`, accepted, false},
		{"error false", `{"data": {"id": 77}, "error": false}`, accepted, false},
		{"no errors", `{"data": {"id": 77}, "errors": []}`, accepted, false},
		{"errors beside the receipt", `{"data": {"id": 77}, "errors": {"media": ["bad"]}}`, unknown, false},
		{"errors of a flat receipt", `{"id": 77, "Errors": ["bad"]}`, unknown, false},
		{"an error in data", `{"data": {"id": 77, "error": "no credit"}}`, unknown, false},
		{"no success in data", `{"data": {"id": 77, "success": false}}`, unknown, false},
		{"errors in data", `{"data": {"id": 77, "errors": {"media": ["bad"]}}}`, unknown, false},
		{"an exception", `{"data": {"id": 77}, "exception": "QueryException"}`, unknown, false},
		{"a status of no success", `{"data": {"id": 77}, "status": "error"}`, unknown, false},
		{"a status that is false", `{"data": {"id": 77}, "status": false}`, unknown, false},
		{"a status of success", `{"data": {"id": 77}, "status": "success"}`, accepted, false},
		{"a status that is a number", `{"data": {"id": 77}, "status": 0}`, accepted, false},
		{"the status of the message", `{"data": {"id": 77, "status": "failed"}}`, accepted, false},
		{"the status of a flat receipt", `{"id": 77, "status": "failed"}`, accepted, false},
		{"a time of zeros", `{"data": {"id": 77, "sent_at": "0000-00-00 00:00:00"}}`, accepted, false},
		{"a database's time", `{"data": {"id": 77, "sent_at": "2025-01-10 08:00:00"}}`, accepted, false},
		{"a wrong time", `{"data": {"id": 77, "sent_at": 12}}`, accepted, true},
		{"a wrong time before the id", `{"data": {"sent_at": "yesterday", "id": 77}}`, accepted, true},
		{"a wrong type", `{"data": {"status": [], "id": 77}}`, accepted, true},
		{"cut", whole[:len(whole)-2], unknown, false},
		{"cut after an id", `{"data": {"id": 77, "sta`, unknown, false},
		{"cut after a refusal", `{"success":false,"data":{"id":77`, unknown, false},
		{"empty", "", unknown, false},
		{"no JSON", "OK", unknown, false},
		{"a PHP warning first", "<br />\n<b>Warning</b>: x in y on line 1<br />\n" + whole, unknown, false},
		{"a PHP notice first", "\nNotice: Undefined index\n" + whole, unknown, false},
		{"UTF-16", "{\x00\"\x00i\x00d\x00\"\x00:\x007\x007\x00}\x00", unknown, false},
		{"undeclared gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", unknown, false},
		{"two values", whole + whole, unknown, false},
		{"a request id and an error", `{"id":"req-8f3","error":"no credit"}`, unknown, false},
		{"JSON-RPC", `{"jsonrpc":"2.0","error":{"code":-32000},"id":1}`, unknown, false},
		{"an error beside the receipt", `{"data": {"id": 77}, "error": "queue full"}`, unknown, false},
		{"no success beside the receipt", `{"data": {"id": 77}, "success": false}`, unknown, false},
		{"an error, and none", `{"data": {"id": 77}, "error": "queue full", "Error": null}`, unknown, false},
		{"no success, and success", `{"data": {"id": 77}, "success": false, "success": true}`, unknown, false},
		{"a request's id beside other data", `{"id": 1, "data": {"message": "queued"}}`, unknown, false},
		{"a request's id beside a text", `{"id": 1, "data": "no credit"}`, unknown, false},
		{"a page of the log", `{"data": [{"id": 77}]}`, unknown, false},
		{"a list", `[{"id": 77}]`, unknown, false},
		{"an id that is none", `{"data": {"id": "one"}}`, unknown, false},
		{"an id of 0", `{"data": {"id": 0}}`, unknown, false},
		{"an id below 0", `{"data": {"id": -77}}`, unknown, false},
		{"an id beyond 64 bits", `{"data": {"id": 99999999999999999999}}`, unknown, false},
		{"a null id", `{"data": {"id": null}}`, unknown, false},
		{"an id in another object", `{"meta": {"id": 77}}`, unknown, false},
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 201, c.body) })
		for _, s := range sends {
			receipt, err := s.send(t.Context(), client.FromNumber(1), testRecipient, "hello")
			if got := tgo.DeliveryOf(err); got != c.want || (receipt.ID == 77) != (c.want == accepted) {
				t.Errorf("%s, %s: %v, id %d: %v", c.name, s.name, got, receipt.ID, err)
			}
			if (err != nil) != (c.want == unknown || c.unreadable) || (err != nil && !errors.Is(err, tgo.ErrUnreadable)) {
				t.Errorf("%s, %s: %v", c.name, s.name, err)
			}
		}
	}
}

// A receipt is read if its JSON is complete and only the end of the response is wrong.
func TestReceiptsOfBrokenAnswers(t *testing.T) {
	receipt := sent(77)
	for name, answer := range map[string]string{
		"cut after the JSON":     "Content-Length: 9999\r\n\r\n" + receipt,
		"no last chunk":          "Transfer-Encoding: chunked\r\n\r\n" + chunk(receipt),
		"a bad chunk at the end": "Transfer-Encoding: chunked\r\n\r\n" + chunk(receipt) + "zz\r\n",
		"a bad trailer":          "Transfer-Encoding: chunked\r\n\r\n" + chunk(receipt) + "0\r\nbad trailer\r\n\r\n",
	} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"+answer)
			_ = conn.Close()
		})
		got, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		if err != nil || got.ID != 77 || got.Status != "sent" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// chunk returns a text as a chunk of a response.
func chunk(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }

// A "success" that is false in any form, or an error in any form, means that there is no receipt.
func TestReceiptsWithoutSuccess(t *testing.T) {
	deny := []string{}
	for _, no := range []string{"false", "0", "0.0", "-0", "[]", "{}", `""`, `"0"`, `"false"`, `"FALSE"`} {
		deny = append(deny, `"success": `+no)
	}
	for _, fault := range []string{"true", "1", `"no credit"`, "[1]", `{"code": 0}`, `"00"`} {
		deny = append(deny, `"error": `+fault, `"errors": `+fault)
	}
	for _, flag := range deny {
		receipt, err := always(t, 201, `{"data": {"id": 77}, `+flag+`}`).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		if !reflect.DeepEqual(receipt, tgo.Receipt{}) || tgo.DeliveryOf(err) != tgo.DeliveryUnknown || !strings.Contains(fmt.Sprint(err), "a message with the id 77") {
			t.Errorf("%s: %+v, %v", flag, receipt, err)
		}
	}
	allow := []string{}
	for _, yes := range []string{"null", "true", "1", `"1"`, `"true"`, `"yes"`, `"ok"`, "[1]"} {
		allow = append(allow, `"success": `+yes)
	}
	for _, none := range []string{"null", "false", "0", `"0"`, `""`, "[]", "{}", "[ ]", `"false"`} {
		allow = append(allow, `"error": `+none, `"errors": `+none)
	}
	for _, flag := range allow {
		receipt, err := always(t, 201, `{"data": {"id": 77}, `+flag+`}`).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		if receipt.ID != 77 || err != nil {
			t.Errorf("%s: %+v, %v", flag, receipt, err)
		}
	}
}

// A receipt is read in each form that a PHP server may write it in, with nulls too.
func TestFormsOfAReceipt(t *testing.T) {
	for _, body := range []string{
		`{"data": {"id": "7", "recipient_user_id": null, "conversation_id": null, "message_id": null, "sent_at": null, "content": null}}`,
		`{"data": {"id": 7.0, "recipient_user_id": "0", "sent_at": ""}}`,
	} {
		receipt, err := always(t, 201, body).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		if err != nil || !reflect.DeepEqual(receipt, tgo.Receipt{ID: 7}) {
			t.Errorf("%s: %+v, %v", body, receipt, err)
		}
	}
}
