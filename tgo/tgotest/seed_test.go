package tgotest_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestReadSeed(t *testing.T) {
	t.Parallel()
	seed, err := tgotest.ReadSeed(strings.NewReader(`{
		"keys": [
			{"key": "tgo_local-development", "name": "dev", "scopes": ["messages.send", "*"], "expires_at": "2025-01-10T12:00:00Z"},
			{"name": "made up"}
		],
		"sender_numbers": [
			{"id": 12, "phone": "+201001187188", "display_name": "Acme"},
			{"phone": "+201001187189", "status": "suspended", "verification_status": "pending_account_verification"}
		],
		"contacts": [{"phone": "+201010000000"}, {"phone": "+201066666666", "state": "unreachable"}],
		"strangers": "unknown"
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := tgotest.Seed{
		Keys: []tgotest.Key{
			{PlainText: "tgo_local-development", Name: "dev", Scopes: []tgo.Scope{tgo.ScopeMessagesSend, tgo.ScopeAll}, ExpiresAt: noon},
			{Name: "made up"},
		},
		SenderNumbers: []tgotest.SenderNumber{
			{ID: 12, Phone: "+201001187188", DisplayName: "Acme"},
			{Phone: "+201001187189", Status: "suspended", VerificationStatus: "pending_account_verification"},
		},
		Contacts: []tgotest.Contact{
			{Phone: "+201010000000"},
			{Phone: "+201066666666", State: tgotest.ContactUnreachable},
		},
		Strangers: tgotest.ContactUnknown,
	}
	if !reflect.DeepEqual(seed, want) {
		t.Errorf("got  %+v\nwant %+v", seed, want)
	}

	before := noon.Add(-time.Second)
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.Seed = seed
		c.Now = func() time.Time { return before }
	})
	if fake.Key.Reveal() != "tgo_local-development" || fake.SenderNumberID != 12 || fake.RecipientPhone != "+201010000000" {
		t.Errorf("the fake begins with another key, or with %d and %s", fake.SenderNumberID, fake.RecipientPhone)
	}
	if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, "hello"); err != nil {
		t.Error(err)
	}
	if _, err := fake.Client.FromPhone("+201001187189").SendText(t.Context(), recipient, "hello"); !errors.Is(err, tgo.ErrSenderInactive) {
		t.Errorf("from the second number: %v", err)
	}
	for _, phone := range []tgo.Phone{"+201066666666", "+201077777777"} {
		if contact, err := fake.Sender.Lookup(t.Context(), phone); err != nil || contact.CanReceive {
			t.Errorf("%s: %+v, %v", phone, contact, err)
		}
	}
}

func TestSeedDefaults(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty object": `{}`,
		"empty lists":  `{"keys": [], "sender_numbers": [], "contacts": [], "strangers": ""}`,
		"nulls":        `{"keys": null, "sender_numbers": null, "contacts": null, "strangers": null}`,
		"white space":  " \r\n{}\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed, err := tgotest.ReadSeed(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			fake := tgotest.New(t, func(c *tgotest.Config) { c.Seed = seed })
			for _, to := range []tgo.Phone{fake.RecipientPhone, other} {
				if _, err := fake.Sender.SendText(t.Context(), to, "hello"); err != nil {
					t.Errorf("to %s: %v", to, err)
				}
			}
			me, err := fake.Client.Me(t.Context())
			if err != nil || me.APIKey == nil || len(me.APIKey.Scopes) != 1 || me.APIKey.Scopes[0] != "*" || me.APIKey.ExpiresAt != nil {
				t.Errorf("the key is %+v, %v", me.APIKey, err)
			}
		})
	}
}

// A seed is written by hand, so what is wrong with it has to be said before anything listens.
func TestBadSeeds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, says string }{
		"nothing":                     {``, "EOF"},
		"null":                        {`null`, "null"},
		"no JSON":                     {`keys: []`, "invalid character"},
		"cut":                         {`{"keys": [`, "EOF"},
		"something after it":          {`{"keys": []} {"contacts": []}`, ""},
		"a bracket too many":          {`{"keys": []}}`, ""},
		"a list":                      {`[]`, "array"},
		"unknown field":               {`{"contact": []}`, `"contact"`},
		"unknown field of a key":      {`{"keys": [{"plain_text": "tgo_x"}]}`, `"plain_text"`},
		"unknown field of a number":   {`{"sender_numbers": [{"number": "+201001187188"}]}`, `"number"`},
		"unknown field of a contact":  {`{"contacts": [{"phone": "+201010000000", "status": "ok"}]}`, `"status"`},
		"wrong type":                  {`{"contacts": {"phone": "+201010000000"}}`, "contacts"},
		"id that is a text":           {`{"sender_numbers": [{"id": "12", "phone": "+201001187188"}]}`, "id"},
		"expiry that is no time":      {`{"keys": [{"expires_at": "tomorrow"}]}`, "tomorrow"},
		"unknown state":               {`{"contacts": [{"phone": "+201010000000", "state": "asleep"}]}`, `"asleep"`},
		"unknown state of strangers":  {`{"strangers": "asleep"}`, `"asleep"`},
		"unknown scope":               {`{"keys": [{"name": "dev", "scopes": ["messages.send", "messages.write"]}]}`, `"messages.write"`},
		"number without a phone":      {`{"sender_numbers": [{"id": 12}]}`, "sender number"},
		"number that is not a phone":  {`{"sender_numbers": [{"phone": "12345"}]}`, `"12345"`},
		"contact without a phone":     {`{"contacts": [{}]}`, "contact"},
		"contact that is not a phone": {`{"contacts": [{"phone": "+2010x"}]}`, `"+2010x"`},
		"contact without its country": {`{"contacts": [{"phone": "01010000000"}]}`, `"01010000000"`},
		"key that cannot be one":      {`{"keys": [{"key": "tgo with spaces"}]}`, "key"},
		"two keys with the same text": {`{"keys": [{"key": "tgo_local-development", "name": "one"}, {"key": "tgo_local-development", "name": "two"}]}`, `key "two"`},
		"two numbers with a phone":    {`{"sender_numbers": [{"phone": "+201001187188"}, {"phone": "00201001187188"}]}`, "another"},
		"two numbers with an id":      {`{"sender_numbers": [{"phone": "+201001187188", "id": 7}, {"phone": "+201001187189", "id": 7}]}`, "id 7"},
		"id below 0":                  {`{"sender_numbers": [{"phone": "+201001187188", "id": -5}]}`, "-5"},
		"unknown status":              {`{"sender_numbers": [{"phone": "+201001187188", "status": "suspendet"}]}`, `status: "suspendet"`},
		"unknown verification status": {`{"sender_numbers": [{"phone": "+201001187188", "verification_status": "pending"}]}`, `verification_status: "pending"`},
		"two contacts with a phone":   {`{"contacts": [{"phone": "+201010000000"}, {"phone": "+20 101 000 0000"}]}`, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed, err := tgotest.ReadSeed(strings.NewReader(c.text))
			if err == nil {
				fake, startErr := tgotest.Start(tgotest.Config{Seed: seed})
				if err = startErr; err == nil {
					_ = fake.Close()
					t.Fatal("it was taken")
				}
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s is missing in: %v", c.says, err)
			}
		})
	}
}

// An id that the seed gives to one number is not chosen for another.
func TestSeedChoosesFreeIDs(t *testing.T) {
	t.Parallel()
	for want, given := range map[string][]tgo.NumberID{
		"[2 1 3]":      {0, 1, 0},
		"[1 12 13]":    {0, 12, 0},
		"[12 13 14]":   {12, 0, 0},
		"[3 1 2 4]":    {0, 1, 2, 0},
		"[1 2 3 4 5]":  {0, 2, 0, 4, 0},
		"[7 8 9 10 1]": {7, 0, 9, 0, 1},
	} {
		fake := tgotest.New(t, func(c *tgotest.Config) {
			for _, id := range given {
				c.SenderNumbers = append(c.SenderNumbers, tgotest.SenderNumber{ID: id, Phone: newPhone()})
			}
		})
		numbers, err := fake.Client.SenderNumbers(t.Context())
		var ids []int64
		for _, n := range numbers {
			ids = append(ids, n.ID)
		}
		if got := fmt.Sprint(ids); err != nil || got != want {
			t.Errorf("%v became %s, %v; want %s", given, got, err, want)
		}
	}
}

func TestSeedThatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is broken")
	if _, err := tgotest.ReadSeed(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// A phone that is written as people write it is either refused or meant: it must not become a number that nobody can
// send from or to.
func TestSeedPhonesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	const meant = "+201001187199"
	for _, phone := range []tgo.Phone{"+20 100 118 7199", "00201001187199", "+20-100-118-7199", " +201001187199"} {
		t.Run("sender "+string(phone), func(t *testing.T) {
			fake, err := tgotest.Start(tgotest.Config{Seed: tgotest.Seed{SenderNumbers: []tgotest.SenderNumber{{Phone: phone}}}})
			if err != nil {
				return
			}
			defer fake.Close() //nolint:errcheck // nothing depends on how a fake ends
			for _, from := range []*tgo.Sender{fake.Sender, fake.Client.FromPhone(meant)} {
				if _, err := from.SendText(t.Context(), recipient, "hello"); err != nil {
					t.Errorf("it was taken, but nobody can send from it: %v", err)
				}
			}
		})
		t.Run("contact "+string(phone), func(t *testing.T) {
			fake, err := tgotest.Start(tgotest.Config{Seed: tgotest.Seed{
				Contacts: []tgotest.Contact{{Phone: phone, State: tgotest.ContactUnreachable}},
			}})
			if err != nil {
				return
			}
			defer fake.Close() //nolint:errcheck // nothing depends on how a fake ends
			if contact, err := fake.Sender.Lookup(t.Context(), meant); err != nil || contact.CanReceive {
				t.Errorf("it was taken, but is not the contact that it was meant to be: %+v %v", contact, err)
			}
		})
	}
}

// A configuration may be used for several fakes, also at the same time.
func TestStartLeavesTheConfigurationAlone(t *testing.T) {
	t.Parallel()
	cfg := tgotest.Config{Seed: tgotest.Seed{
		Keys:          []tgotest.Key{{Name: "one", Scopes: []tgo.Scope{tgo.ScopeAll}}},
		SenderNumbers: []tgotest.SenderNumber{{Phone: sender}},
		Contacts:      []tgotest.Contact{{Phone: recipient}},
	}}
	first := tgotest.New(t, func(c *tgotest.Config) { *c = cfg })
	second := tgotest.New(t, func(c *tgotest.Config) { *c = cfg })
	if first.Key.Reveal() == second.Key.Reveal() {
		t.Error("two fakes made up the same key")
	}
	if cfg.Keys[0].PlainText != "" || cfg.SenderNumbers[0] != (tgotest.SenderNumber{Phone: sender}) || cfg.Contacts[0] != (tgotest.Contact{Phone: recipient}) {
		t.Error("the configuration was changed")
	}
}
