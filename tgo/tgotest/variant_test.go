package tgotest_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func withVariants(variants ...tgotest.Variant) func(*tgotest.Config) {
	return func(c *tgotest.Config) { c.Variants = variants }
}

// fieldsOf is an answer that is an object.
func fieldsOf(t testing.TB, fake *tgotest.Server, method, path, body string) map[string]any {
	t.Helper()
	a := ask(t, fake, method, path, strings.NewReader(body))
	if a.status/100 != 2 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(a.body), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func keysOf(fields any) map[string]bool {
	names := map[string]bool{}
	object, _ := fields.(map[string]any)
	for name := range object {
		names[name] = true
	}
	return names
}

func names(list ...string) map[string]bool {
	all := map[string]bool{}
	for _, name := range list {
		all[name] = true
	}
	return all
}

// TestAccountAnswers looks at the answers that the vendor publishes without an envelope.
func TestAccountAnswers(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	me := fieldsOf(t, fake, http.MethodGet, "/me", "")
	if got := keysOf(me); !reflect.DeepEqual(got, names("user", "api_key", "organization", "subscription")) {
		t.Errorf("/me has %v", got)
	}
	if got := keysOf(me["organization"]); !reflect.DeepEqual(got, names("id", "name", "slug", "status", "primary_domain", "billing_email", "email_verified")) {
		t.Errorf("the organization has %v", got)
	}
	sendTexts(t, fake, "hello")
	subscription := fieldsOf(t, fake, http.MethodGet, "/subscription", "")
	want := map[string]any{
		"plan": map[string]any{"name": "fake"}, "status": "active", "limits": []any{map[string]any{"name": "messages_per_month", "value": 1e6}},
		"usage_snapshot": map[string]any{"messages_this_month": 1.0},
	}
	if !reflect.DeepEqual(subscription, want) {
		t.Errorf("/subscription is %v", subscription)
	}
}

// A number has the time since when its owner is verified, and null before.
func TestVerifiedAt(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	now := newClock(noon)
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Now = now.now })
	verifiedAt := func() any {
		data, _ := fieldsOf(t, fake, http.MethodGet, "/sender-numbers", "")["data"].([]any)
		number, _ := data[0].(map[string]any)
		return number["verified_at"]
	}
	for _, c := range []struct {
		verification string
		want         any
	}{{"", "2026-01-02T12:00:00Z"}, {"active", "2026-01-02T12:00:00Z"}, {"rejected", nil}, {"active", "2026-01-02T13:00:00Z"}} {
		fake.SetSenderStatus(1, "", c.verification)
		if got := verifiedAt(); got != c.want {
			t.Errorf("after %q: %v, want %v", c.verification, got, c.want)
		}
		now.set(noon.Add(time.Hour))
	}
	data, _ := fieldsOf(t, fake, http.MethodPost, "/sender-numbers", `{"phone":"+201055555555"}`)["data"].(map[string]any)
	if at, there := data["verified_at"]; at != nil || !there || data["daily_limit_override"] != nil {
		t.Errorf("registered %v", data)
	}
}

func TestVariantsOfTheAccount(t *testing.T) {
	t.Parallel()
	in := func(envelope string, variants ...tgotest.Variant) {
		fake := tgotest.New(t, withVariants(variants...))
		me, subscription := fieldsOf(t, fake, http.MethodGet, "/me", ""), fieldsOf(t, fake, http.MethodGet, "/subscription", "")
		if inner, ok := me["data"].(map[string]any); strings.Contains(envelope, "me") != ok {
			t.Errorf("%v: /me is %v", variants, me)
		} else if ok {
			me = inner
		}
		if inner, ok := subscription["data"].(map[string]any); strings.Contains(envelope, "subscription") != ok {
			t.Errorf("%v: /subscription is %v", variants, subscription)
		} else if ok {
			subscription = inner
		}
		null := false
		for _, v := range variants {
			null = null || v == tgotest.VariantSubscriptionNull
		}
		if len(me) != 4 || (me["subscription"] == nil) != null {
			t.Errorf("%v: /me is %v", variants, me)
		}
		limits, _ := subscription["limits"].([]any)
		snapshot, isObject := subscription["usage_snapshot"].(map[string]any)
		none, isList := subscription["usage_snapshot"].([]any)
		if limits == nil || (len(limits) == 0) != null || isList != null || isObject == null || len(none) > 0 || isObject && len(snapshot) == 0 {
			t.Errorf("%v: /subscription has the limits %v and the usage %v", variants, subscription["limits"], subscription["usage_snapshot"])
		}
		if len(subscription) != 4 || (subscription["plan"] == nil) != null || (subscription["status"] == nil) != null {
			t.Errorf("%v: /subscription is %v", variants, subscription)
		}
	}
	in("")
	in("me", tgotest.VariantMeData)
	in("subscription", tgotest.VariantSubscriptionData)
	in("", tgotest.VariantSubscriptionNull)
	in("me subscription", tgotest.VariantSubscriptionNull, tgotest.VariantMeData, tgotest.VariantSubscriptionData)
	in("me subscription", tgotest.VariantMeData, tgotest.VariantSubscriptionData, tgotest.VariantSubscriptionNull)
	fake := tgotest.New(t, withVariants(tgotest.VariantMeData, tgotest.VariantAccountFields))
	me, _ := fieldsOf(t, fake, http.MethodGet, "/me", "")["data"].(map[string]any)
	for _, part := range []string{"user", "api_key"} {
		if got := keysOf(me[part]); got["id"] || got["name"] || len(got) == 0 {
			t.Errorf("%s has %v", part, got)
		}
	}
}

func TestVariantKeyFlat(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, withVariants(tgotest.VariantKeyFlat))
	created := fieldsOf(t, fake, http.MethodPost, "/api-keys", `{"name":"flat","scopes":["usage.read"]}`)
	if got := keysOf(created); !reflect.DeepEqual(got, names("id", "name", "prefix", "scopes", "status", "expires_at", "last_used_at", "plain_text_key")) || created["name"] != "flat" {
		t.Errorf("created %v", created)
	}
	key, _ := created["plain_text_key"].(string)
	if a := ask(t, fake, http.MethodGet, "/usage", nil, withKey(tgo.NewKey(key))); a.status != http.StatusOK {
		t.Errorf("with it: %d %s", a.status, a.body)
	}
}

func TestVariantScope401(t *testing.T) {
	t.Parallel()
	for status, variants := range map[int][]tgotest.Variant{http.StatusForbidden: nil, http.StatusUnauthorized: {tgotest.VariantScope401}} {
		fake := tgotest.New(t, withVariants(variants...))
		ask(t, fake, http.MethodGet, "/usage", nil, withKey(fake.NewKey(tgo.ScopeMessagesRead))).mustRefuse(t, status, textMissingScope)
		ask(t, fake, http.MethodGet, "/usage", nil, withKey(tgo.NewKey("tgo_none"))).mustRefuse(t, http.StatusUnauthorized, textUnauthenticated)
	}
}

// A sender that is refused with 403 is another matter.
func TestVariantScope401LeavesSendersAlone(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, withVariants(tgotest.VariantSender403, tgotest.VariantScope401))
	fake.SetSenderStatus(1, "suspended", "")
	ask(t, fake, http.MethodPost, "/messages", text(recipient, "hello")).mustRefuse(t, http.StatusForbidden, textSenderInactive)
}

func TestVariantNewerWording(t *testing.T) {
	t.Parallel()
	for status, variants := range map[int][][]tgotest.Variant{
		http.StatusUnprocessableEntity: {{tgotest.VariantNewerWording}},
		http.StatusForbidden:           {{tgotest.VariantNewerWording, tgotest.VariantSender403}, {tgotest.VariantSender403, tgotest.VariantNewerWording}},
	} {
		for _, v := range variants {
			fake := tgotest.New(t, withVariants(v...))
			fake.SetSenderStatus(1, "suspended", "")
			ask(t, fake, http.MethodPost, "/messages", text(recipient, "hello")).mustRefuse(t, status, "Sender number is not active.")
			fake.SetSenderStatus(1, "active", "rejected")
			ask(t, fake, http.MethodPost, "/messages", text(recipient, "hello")).mustRefuse(t, status, "The sender number owner must be verified in Sinjapp before using the messaging API.")
			ask(t, fake, http.MethodPost, "/messages", text("0100", "hello")).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, "to_phone")
		}
	}
}

// What the vendor publishes keeps its word; only assumed words change.
func TestVariantWords(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, withVariants(tgotest.VariantWords))
	if a := ask(t, fake, http.MethodGet, "/sender-numbers", nil); !strings.Contains(a.body, `"status":"active","verification_status":"active"`) {
		t.Errorf("a number is %s", a.body)
	}
	if subscription := fieldsOf(t, fake, http.MethodGet, "/subscription", ""); subscription["status"] != "in_force" {
		t.Errorf("the subscription is %v", subscription)
	}
	fake.SetContact(recipient, tgotest.ContactUnknown)
	if a := ask(t, fake, http.MethodGet, "/contacts/lookup?phone=%2B201010000000&sender_number_id=1", nil); !strings.Contains(a.body, `"reason_code":"no_account"`) {
		t.Errorf("the contact is %s", a.body)
	}
}
