package suite

import (
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// TestRedaction shows what becomes of what must not be kept.
func TestRedaction(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"message":"The phone +20 101 000 0000 of tgo_abc is bad"}`:                    `{"message":"redacted"}`,
		`{"message":"The recipient Mona Adel of acme.tgo-eg.com said: secret"}`:         `{"message":"redacted"}`,
		`{"message":"Unauthenticated."}`:                                                `{"message":"Unauthenticated."}`,
		`{"data":{"message":"Dear Mona Adel, your code is 4821"}}`:                      `{"data":{"message":"redacted"}}`,
		`{"errors":{"phone":["+201010000000 is taken"]},"message":"a"}`:                 `{"errors":{"phone":["redacted"]},"message":"redacted"}`,
		`{"errors":{"contacts.+201010000000":["a"]}}`:                                   `{"errors":{"another_field":["redacted"]}}`,
		`{"errors":{"duration":["The sender number is not active."]}}`:                  `{"errors":{"duration":["The sender number is not active."]}}`,
		`{"Acme Support":{"mona@acme.com":{"tgo_abcdef123":[1]}}}`:                      `{"another_field":{"another_field":{"another_field":[1000001]}}}`,
		`{"201010000000":1,"at":"2026-11-24 07:00:01"}`:                                 `{"another_field":1000001,"at":"2025-01-10 08:00:00"}`,
		`{"status":"mona","reason_code":"+20.101.000.0000","message_type":"text"}`:      `{"message_type":"text","reason_code":"another_word","status":"another_word"}`,
		`{"note":"٠١٠١٠٠٠٠٠٠٠","number":201010000000,"otp":482113,"ratio":-1.5}`:        `{"note":"redacted","number":1000001,"otp":1000001,"ratio":0.5}`,
		`[{"id":90133},{"id":201010000000},{"id":7,"user_id":90133},{"id":"Mona"}]`:     `[{"id":3},{"id":4},{"id":1,"user_id":3},{"id":"id_2"}]`,
		`["2026-11-24T07:00:02.5Z","2026-11-24T07:00:01Z","2026-11-24T09:00:02+02:00"]`: `["2025-01-10T08:00:02Z","2025-01-10T08:00:00Z","2025-01-10T10:00:01+02:00"]`,
		`{"meta":{"current_page":2,"total":12},"page":{"total":201010000000}}`:          `{"meta":{"current_page":2,"total":12},"page":{"total":1000001}}`,
		`{"data":[{"phone":"+201001187188"}],"sender_phone":"01010000000"}`:             `{"data":[{"phone":"+201000000000"}],"sender_phone":"+201000000000"}`,
		`{"next":"https://acme.tgo-eg.com/x/messages?page=2&k=tgo_a"}`:                  `{"next":"https://tenant.example/api/v1/messages?page=2"}`,
	} {
		if got := string(RecordingOf([]contract.Exchange{{Body: []byte(in)}})[0].Body); got != want {
			t.Errorf("%s is kept as %s, want %s", in, got, want)
		}
	}
}
