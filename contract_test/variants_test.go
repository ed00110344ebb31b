package contract_test

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// variantRefutes says which assumptions each variant refutes.
var variantRefutes = map[tgotest.Variant][]string{
	tgotest.VariantSuccess200:       {},
	tgotest.VariantSuccess202:       {},
	tgotest.VariantPageBare:         {"log-links", "log-meta", "log-pages"},
	tgotest.VariantPageLinks:        {"log-meta", "log-pages"},
	tgotest.VariantPageNone:         {"log-links", "log-meta", "log-pages"},
	tgotest.VariantPageList:         {"log-data", "log-links", "log-meta", "log-pages"},
	tgotest.VariantLenientPage:      {"log-page-refused"},
	tgotest.VariantPageOldest:       {"log-newest-first"},
	tgotest.VariantSender400:        {"sender-refused-422"},
	tgotest.VariantSender403:        {"sender-refused-422"},
	tgotest.VariantSender409:        {"sender-refused-422"},
	tgotest.VariantUsageNames:       {"usage-fields"},
	tgotest.VariantUsageMap:         {"usage-entries"},
	tgotest.VariantMeData:           {},
	tgotest.VariantSubscriptionData: {},
	tgotest.VariantSubscriptionNull: {},
	tgotest.VariantKeyFlat:          {},
	tgotest.VariantScope401:         {},
	tgotest.VariantNewerWording:     {},
	tgotest.VariantAccountFields:    {"me-key-fields", "user-fields"},
	tgotest.VariantAccountScope:     {}, // that the vendor names no scope is not an assumption, but may change
	tgotest.VariantQueued:           {"message-status"},
	tgotest.VariantWords:            {"reason-codes", "subscription-active"},
	tgotest.VariantKeyForever:       {},
	tgotest.VariantRevokeUnknown:    {"unknown-key-404"},
	tgotest.VariantNullRefused:      {"null-is-absent"},
	tgotest.VariantErrorsBare:       {},
}

// shownByScopes has the variants that make no difference to a key with all scopes.
var shownByScopes = map[tgotest.Variant]bool{tgotest.VariantAccountScope: true, tgotest.VariantScope401: true}

// TestVariantsRefuteWhatTheyAreFor: each variant refutes the assumptions that it is for. This also shows that checks can refute, and
// that each variant changes something.
func TestVariantsRefuteWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	usual := suite.RecordingOf(exerciseAssumptions(t))
	for _, v := range tgotest.Variants() {
		t.Run(string(v), func(t *testing.T) {
			t.Parallel()
			all := exerciseAssumptions(t, func(c *tgotest.Config) { c.Variants = []tgotest.Variant{v} })
			var replayed []exchange
			for _, r := range suite.RecordingOf(all) {
				replayed = append(replayed, r.Exchange())
			}
			report := assumptionReport(all)
			if reflect.DeepEqual(suite.RecordingOf(all), usual) != shownByScopes[v] {
				t.Error("its responses are the same as without it, or it is in shownByScopes and should not be")
			}
			for how, report := range map[string]map[string]suite.Finding{"live": report, "replayed": assumptionReport(replayed)} {
				got := []string{}
				for _, id := range slices.Sorted(maps.Keys(report)) {
					if report[id].Verdict == refuted {
						got = append(got, id)
					}
				}
				want, known := variantRefutes[v]
				if how == "replayed" {
					want = slices.DeleteFunc(slices.Clone(want), func(id string) bool { return id == "null-is-absent" }) // no body of a request is recorded
				}
				if !known || !slices.Equal(got, want) {
					t.Errorf("%s: refutes %v, want %v", how, got, want)
				}
			}
		})
	}
	if _, err := tgotest.Start(tgotest.Config{Variants: []tgotest.Variant{"success-418"}}); err == nil || !strings.Contains(err.Error(), "success-418") {
		t.Errorf("an unknown variant: %v", err)
	}
}

// TestTheClientWorksUnderEveryVariant makes every call with every variant, and checks what the client reads from the responses that
// differ.
func TestTheClientWorksUnderEveryVariant(t *testing.T) {
	t.Parallel()
	for _, v := range tgotest.Variants() {
		t.Run(string(v), func(t *testing.T) {
			t.Parallel()
			fake := suite.NewFake(t, func(c *tgotest.Config) {
				c.Variants = []tgotest.Variant{v}
				c.PageSize = 3
				c.SenderNumbers = append(c.SenderNumbers,
					tgotest.SenderNumber{ID: 13, Phone: "+201001187189", Status: "suspended"},
					tgotest.SenderNumber{ID: 14, Phone: "+201001187199", VerificationStatus: "pending_account_verification"})
				c.Contacts = append(c.Contacts, tgotest.Contact{Phone: "+201010000001", State: tgotest.ContactUnreachable})
			})
			var sent []int64
			for _, c := range calls(t) {
				if media, _ := c.body["media"].(string); len(media) > 1<<20 {
					continue // no variant is about files, and large ones take long
				}
				got, err := c.do(t.Context(), fake.Client)
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				if receipt, ok := got.(tgo.Receipt); ok {
					sent = append(sent, receipt.ID)
				}
			}
			checkVariant(t, fake, v, sent)
		})
	}
}

// checkVariant checks what the client reads with a variant after these messages.
func checkVariant(t *testing.T, fake *tgotest.Server, v tgotest.Variant, sent []int64) {
	t.Helper()
	ctx := t.Context()
	var logged []int64
	for _, e := range logOf(t, fake.Client) {
		logged = append(logged, e.ID)
	}
	if v != tgotest.VariantPageOldest {
		slices.Reverse(logged)
	}
	if len(sent) < 50 || !slices.Equal(logged, sent) {
		t.Errorf("%d messages were sent, and the log has %d, or others", len(sent), len(logged))
	}
	for phone, want := range map[tgo.Phone]error{"+201001187189": tgo.ErrSenderInactive, "+201001187199": tgo.ErrSenderUnverified} {
		_, err := fake.Client.FromPhone(phone).SendText(ctx, recipient, "a")
		if got := suite.SentinelsOf(err); len(got) != 1 || suite.Sentinels[got[0]] != want || tgo.DeliveryOf(err) != tgo.DeliveryRejected { //nolint:errorlint // one of the package's own variables is looked for
			t.Errorf("%s: it is %v, delivery %v, want %v", phone, got, tgo.DeliveryOf(err), want)
		}
	}
	if contact, err := fake.Sender.Lookup(ctx, "+201010000001"); err != nil || contact.CanReceive || contact.ReasonCode == "" {
		t.Errorf("the lookup says %+v, %v", contact, err)
	}
	if number, err := fake.Sender.Check(ctx); err != nil || number.ID != senderID {
		t.Errorf("the check says %+v, %v", number, err)
	}
	me, err := fake.Client.Me(ctx)
	if err != nil || me.APIKey == nil || (me.APIKey.Name != "all" && v != tgotest.VariantAccountFields) || me.Organization.Name == "" {
		t.Errorf("me is %+v, %v", me, err)
	}
	if s, err := fake.Client.Subscription(ctx); err != nil || (s.Status == "") != (v == tgotest.VariantSubscriptionNull) || len(s.Limits) == 0 {
		t.Errorf("the subscription is %+v, %v", s, err)
	}
	usage, err := fake.Client.Usage(ctx)
	if err != nil || !strings.Contains(string(usage.Raw), strconv.Itoa(len(sent))) {
		t.Errorf("the usage is %s, %v", usage.Raw, err)
	}
	if v != tgotest.VariantUsageNames && v != tgotest.VariantUsageMap && usage.Senders[0].MessagesSent != int64(len(sent)) {
		t.Errorf("the usage counts %d, want %d", usage.Senders[0].MessagesSent, len(sent))
	}
	key, err := fake.Client.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "a", Scopes: []tgo.Scope{tgo.ScopeUsageRead}})
	if err != nil || (key.ExpiresAt == nil) != (v == tgotest.VariantKeyForever) {
		t.Errorf("the key is %+v, %v", key, err)
	}
	if err := fake.Client.RevokeAPIKey(ctx, key.ID); err != nil {
		t.Errorf("revoking: %v", err)
	}
}
