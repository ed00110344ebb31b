package laravel_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// verdicts has the suite's verdict on each assumption of the contract after a run in which everything is allowed. The assumptions that are
// not seen would need invalid requests, which the suite does not send to a live tenant.
var verdicts = map[string]string{
	"key-name-not-blank":  "not seen",
	"key-scopes-once":     "not seen",
	"log-data":            "held",
	"log-id":              "held",
	"log-links":           "held",
	"log-meta":            "held",
	"log-newest-first":    "held",
	"log-nulls":           "held",
	"log-page-parameter":  "held",
	"log-page-refused":    "not seen",
	"log-pages":           "held",
	"lookup-needs-sender": "not seen",
	"lookup-one-sender":   "not seen",
	"me-key-fields":       "held",
	"message-status":      "held",
	"null-is-absent":      "not seen",
	"phone-seven-digits":  "not seen",
	"rate-limit":          "not seen",
	"reason-codes":        "not seen",
	"sender-refused-422":  "not seen",
	"server-error":        "not seen",
	"subscription-active": "held",
	"text-not-blank":      "not seen",
	"text-required":       "not seen",
	"unknown-key-404":     "not seen",
	"unknown-phone-200":   "not seen",
	"usage-entries":       "held",
	"usage-fields":        "held",
	"user-fields":         "held",
}

// TestSuite runs the contract suite against the tenant as a user would, with everything allowed, and replays the recording.
func TestSuite(t *testing.T) {
	ten := startTenant(t)
	ten.history(t)
	for _, url := range []string{ten.HTTPSURL, ten.URL} {
		scheme, _, _ := strings.Cut(url, ":")
		t.Run(scheme, func(t *testing.T) {
			const newest = "SELECT coalesce(max(id), 0) FROM "
			messages, keys := ten.query(t, newest+"messages")[0][0], ten.query(t, newest+"api_keys")[0][0]
			recording := filepath.Join(t.TempDir(), "recording.json")
			to := string(ten.RecipientPhone)
			output, err := ten.suite(t, []string{
				"TGO_BASE_URL=" + url, "TGO_API_KEY=" + ten.APIKey, "SSL_CERT_FILE=" + ten.CAFile,
				"TGO_SENDER_PHONE=" + string(ten.SenderPhone), "TGO_LIVE_RECIPIENT=" + to,
			}, "-live", "-live.pause=0s", "-live.keys", "-live.messages=9", "-live.recipient="+to, "-live.lookup="+to, "-record="+recording)
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			checkVerdicts(t, "the run", output)
			if !strings.Contains(output, "of 80 requests, 5 of 9 messages") { // one of the five is refused
				t.Errorf("the output does not have the requests and messages that were used:\n%s", output)
			}
			sent := ten.query(t, "SELECT message_type, to_phone FROM messages WHERE id > "+messages+" ORDER BY id")
			if want := [][]string{{"text", to}, {"image", to}, {"voice", to}, {"document", to}}; !reflect.DeepEqual(sent, want) {
				t.Errorf("the suite sent %v, want %v", sent, want)
			}
			made := ten.query(t, "SELECT status FROM api_keys WHERE id > "+keys)
			if want := [][]string{{"revoked"}}; !reflect.DeepEqual(made, want) {
				t.Errorf("the suite created the keys %v, want %v", made, want)
			}
			ten.tellsNothing(t, "the output", output, ten.secrets())
			content, err := os.ReadFile(recording)
			if err != nil {
				t.Fatal(err)
			}
			ten.tellsNothing(t, "the recording", string(content), append(ten.secrets(), "127.0.0", "localhost", to[1:],
				string(ten.SenderPhone[1:]), "contract suite", time.Now().UTC().Format("2006-01-02")))

			output, err = ten.suite(t, nil, "-replay="+recording)
			if err != nil {
				t.Fatalf("the replay: %v\n%s", err, output)
			}
			checkVerdicts(t, "the replay", output)
			t.Logf("in the replay: %d lines on differences from the fake", strings.Count(output, "it differs from the fake: "))
		})
	}
}

// TestSuiteThrottled: the tenant refuses the eleventh request of the suite.
func TestSuiteThrottled(t *testing.T) {
	ten := startTenant(t, "TENANT_RATE_LIMIT=10")
	output, err := ten.suite(t, []string{"TGO_BASE_URL=" + ten.URL, "TGO_API_KEY=" + ten.APIKey}, "-live", "-live.pause=0s")
	if err == nil || !strings.Contains(output, "ended because the server said 429") || !strings.Contains(output, "Used: 11 of 80 requests") {
		t.Errorf("%v\n%s", err, output)
	}
	if got := assumptions(output)["rate-limit"]; got != "held" {
		t.Errorf("the assumption of 429 is %q", got)
	}
}

// TestSuiteFindsDifference runs the suite against a tenant without a subscription. Its usage_snapshot is an empty array of PHP, which is a
// list in JSON, and the contract has an object.
func TestSuiteFindsDifference(t *testing.T) {
	ten := startTenant(t)
	output, err := ten.suite(t, []string{
		"TGO_BASE_URL=" + ten.EmptyTenantURL, "TGO_API_KEY=" + ten.Keys["empty"], "SSL_CERT_FILE=" + ten.CAFile,
	}, "-live", "-live.pause=0s", "-live.keys")
	if err == nil {
		t.Errorf("the suite passes:\n%s", output)
	}
	failed := regexp.MustCompile(`--- FAIL: TestContract/(\S+)`).FindAllStringSubmatch(output, -1)
	if len(failed) != 1 || failed[0][1] != "every_read_returns_what_is_documented" ||
		!strings.Contains(output, "schema #/components/schemas/Subscription: /usage_snapshot: type") {
		t.Errorf("the tests that fail are %v:\n%s", failed, output)
	}
}

// history adds earlier messages, on several pages and over some time.
func (ten *tenant) history(t *testing.T) {
	t.Helper()
	sender := ten.client(t, ten.HTTPSURL, ten.APIKey).FromPhone(ten.SenderPhone)
	for i := range 20 {
		if _, err := sender.SendText(t.Context(), ten.RecipientPhone, "Geheim "+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	ten.query(t, "UPDATE messages SET sent_at = datetime(sent_at, '-' || (100 - id) || ' minutes')")
}

// suite runs the contract suite with a user's flags, and with additional variables in the environment.
func (ten *tenant) suite(t *testing.T, variables []string, flags ...string) (output string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "./contract_test", "-run", "^TestContract$", "-count=1", "-v"},
		flags...)...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = environment(variables...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// environment returns the environment of this process without what would change the result of a program under test, and with these
// variables.
func environment(variables ...string) []string {
	return append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "TGO_") || slices.Contains([]string{"CI", "SSL_CERT_FILE", "SSL_CERT_DIR"}, name)
	}), variables...)
}

// assumptions reads the verdict on each assumption from a report.
func assumptions(output string) map[string]string {
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  (held|refuted|not seen) +(\S+) `).FindAllStringSubmatch(output, -1) {
		found[m[2]] = m[1]
	}
	return found
}

// checkVerdicts fails the test if a report has other verdicts than those above.
func checkVerdicts(t *testing.T, what, output string) {
	t.Helper()
	said := assumptions(output)
	for name, want := range verdicts {
		if said[name] != want {
			t.Errorf("%s has the verdict %q on %s, want %q", what, said[name], name, want)
		}
	}
	for name, verdict := range said {
		if verdicts[name] == "" {
			t.Errorf("%s has the verdict %q on %s, which is not in the list of verdicts: add it", what, verdict, name)
		}
	}
}

// secrets returns what must not be in any output: the tenant's keys, names and texts.
func (ten *tenant) secrets() []string {
	list := []string{"acme", "mona", "geheim", "business@"}
	for _, key := range ten.Keys {
		list = append(list, key[4:12])
	}
	for _, phones := range []map[string]tgo.Phone{ten.Senders, ten.Contacts} {
		for _, phone := range phones {
			if phone != ten.SenderPhone && phone != ten.RecipientPhone { // the user gave these
				list = append(list, string(phone[1:]))
			}
		}
	}
	return list
}

func (ten *tenant) tellsNothing(t *testing.T, what, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
			t.Errorf("%s shows %q", what, secret)
		}
	}
}
