package tgotest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

var noon = time.Date(2025, 1, 10, 12, 0, 0, 0, time.UTC)

func TestKeyExpiresAtTheVeryInstant(t *testing.T) {
	t.Parallel()
	clock := newClock(noon)
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Now = clock.now })
	key := fake.AddKey(tgotest.Key{Scopes: []tgo.Scope{tgo.ScopeUsageRead}, ExpiresAt: noon.Add(time.Hour)})
	for _, c := range []struct {
		at    time.Duration
		works bool
	}{
		{0, true},
		{time.Hour - 1, true},
		{time.Hour, false},
		{time.Hour + 1, false},
		{365 * 24 * time.Hour, false},
		{time.Minute, true}, // the clock alone decides
	} {
		clock.set(noon.Add(c.at))
		a := ask(t, fake, http.MethodGet, "/usage", nil, withKey(key))
		if c.works {
			if a.status != http.StatusOK {
				t.Errorf("after %v: %d %s", c.at, a.status, a.body)
			}
			continue
		}
		a.mustRefuse(t, http.StatusUnauthorized, textUnauthenticated)
	}
	// The fake's own key has no expiry.
	clock.set(noon.AddDate(100, 0, 0))
	if _, err := fake.Client.Usage(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestKeysThatAreNotAccepted(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	revoked := fake.NewKey(tgo.ScopeAll)
	if !fake.RevokeKey(revoked) {
		t.Error("RevokeKey found no key")
	}
	for name, edit := range map[string]func(*http.Request){
		"missing":    func(r *http.Request) { r.Header.Del("X-Api-Key") },
		"empty":      withKey(tgo.Key{}),
		"wrong":      withKey(tgo.NewKey("tgo_nobody-has-this-key")),
		"longer":     withKey(tgo.NewKey(fake.Key.Reveal() + "x")),
		"shorter":    withKey(tgo.NewKey(fake.Key.Reveal()[1:])),
		"other case": withKey(tgo.NewKey(strings.ToLower(fake.Key.Reveal()))),
		"revoked":    withKey(revoked),
		"as a bearer": func(r *http.Request) {
			r.Header.Del("X-Api-Key")
			r.Header.Set("Authorization", "Bearer "+fake.Key.Reveal())
		},
	} {
		t.Run(name, func(t *testing.T) {
			ask(t, fake, http.MethodGet, "/usage", nil, edit).mustRefuse(t, http.StatusUnauthorized, textUnauthenticated)
			// A key comes before the fields: nothing is said of a body to someone without one.
			ask(t, fake, http.MethodPost, "/messages", toJSON("?"), edit).mustRefuse(t, http.StatusUnauthorized, textUnauthenticated)
		})
	}
	if messages := fake.Messages(); len(messages) > 0 {
		t.Errorf("sent without a key: %v", contents(messages))
	}
}

func TestRevokeKeyTellsWhetherOneWorked(t *testing.T) {
	t.Parallel()
	clock := newClock(noon)
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Now = clock.now })
	works := func(key tgo.Key) bool {
		return ask(t, fake, http.MethodGet, "/usage", nil, withKey(key)).status == http.StatusOK
	}

	t.Run("working", func(t *testing.T) {
		key := fake.NewKey(tgo.ScopeAll)
		if !works(key) || !fake.RevokeKey(key) || works(key) {
			t.Error("it did not go from working to revoked")
		}
	})
	t.Run("revoked already", func(t *testing.T) {
		key := fake.NewKey(tgo.ScopeAll)
		fake.RevokeKey(key)
		if fake.RevokeKey(key) {
			t.Error("revoked twice")
		}
	})
	t.Run("unknown", func(t *testing.T) {
		if fake.RevokeKey(tgo.NewKey("tgo_nobody-has-this-key")) || fake.RevokeKey(tgo.Key{}) {
			t.Error("revoked what was not there")
		}
	})
	t.Run("expired", func(t *testing.T) {
		key := fake.AddKey(tgotest.Key{ExpiresAt: noon.Add(-time.Second)})
		if fake.RevokeKey(key) {
			t.Error("an expired key was reported as one that worked")
		}
	})
	t.Run("added again", func(t *testing.T) {
		key := fake.NewKey(tgo.ScopeAll)
		fake.RevokeKey(key)
		fake.AddKey(tgotest.Key{PlainText: key.Reveal(), Scopes: []tgo.Scope{tgo.ScopeAll}})
		if !works(key) {
			t.Fatal("a key that was added again does not work")
		}
		if !fake.RevokeKey(key) || works(key) {
			t.Error("a key that was added again cannot be revoked")
		}
	})
}

func TestScopes(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	lookup := "/contacts/lookup?phone=%2B201010000000&sender_phone=%2B201001187188"
	operations := []struct {
		name, method, path string
		body               func() io.Reader
		needs              tgo.Scope // empty for none
		success            int
	}{
		{"send", http.MethodPost, "/messages", func() io.Reader { return text(recipient, "hello") }, tgo.ScopeMessagesSend, http.StatusCreated},
		{"log", http.MethodGet, "/messages", nil, tgo.ScopeMessagesRead, http.StatusOK},
		{"lookup", http.MethodGet, lookup, nil, tgo.ScopeContactsLookup, http.StatusOK},
		{"usage", http.MethodGet, "/usage", nil, tgo.ScopeUsageRead, http.StatusOK},
		{"register", http.MethodPost, "/sender-numbers", func() io.Reader { return toJSON(map[string]any{"phone": newPhone()}) }, tgo.ScopeMessagesSend, http.StatusCreated},
		{"sender numbers", http.MethodGet, "/sender-numbers", nil, "", http.StatusOK},
		{"me", http.MethodGet, "/me", nil, "", http.StatusOK},
		{"subscription", http.MethodGet, "/subscription", nil, "", http.StatusOK},
		{"create key", http.MethodPost, "/api-keys", func() io.Reader { return toJSON(map[string]any{"name": "one"}) }, "", http.StatusCreated},
	}
	keys := map[string][]tgo.Scope{
		"none":          nil,
		"send":          {tgo.ScopeMessagesSend},
		"read":          {tgo.ScopeMessagesRead},
		"lookup":        {tgo.ScopeContactsLookup},
		"usage":         {tgo.ScopeUsageRead},
		"all":           {tgo.ScopeAll},
		"three of four": {tgo.ScopeMessagesSend, tgo.ScopeContactsLookup, tgo.ScopeUsageRead},
	}
	for name, scopes := range keys {
		key := fake.NewKey(scopes...)
		for _, op := range operations {
			t.Run(name+" for "+op.name, func(t *testing.T) {
				var body io.Reader
				if op.body != nil {
					body = op.body()
				}
				a := ask(t, fake, op.method, op.path, body, withKey(key))
				if op.needs == "" || slices.Contains(scopes, op.needs) || slices.Contains(scopes, tgo.ScopeAll) {
					if a.status != op.success {
						t.Errorf("%d %s", a.status, a.body)
					}
					return
				}
				a.mustRefuse(t, http.StatusForbidden, textMissingScope)
			})
		}
	}
}

// newPhone is a phone that no other test has.
func newPhone() tgo.Phone { return tgo.Phone(fmt.Sprintf("+2010%08d", phones.Add(1))) }

var phones atomic.Int64

func TestAddKey(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	given := fake.AddKey(tgotest.Key{PlainText: "tgo_local-development", Name: "dev", Scopes: []tgo.Scope{tgo.ScopeMessagesSend}})
	if given.Reveal() != "tgo_local-development" {
		t.Errorf("AddKey changed the key")
	}
	if _, err := clientWith(t, fake, given).FromPhone(fake.SenderPhone).SendText(t.Context(), fake.RecipientPhone, "from dev"); err != nil {
		t.Fatal(err)
	}
	if m := fake.ExpectMessage(t); m.KeyName != "dev" {
		t.Errorf("the message was sent with key %q", m.KeyName)
	}
	seen := map[string]bool{fake.Key.Reveal(): true}
	for range 5 {
		plain := fake.NewKey().Reveal()
		if !strings.HasPrefix(plain, "tgo_") || len(plain) < 20 || seen[plain] {
			t.Errorf("the made-up key is no good: %d characters, seen before: %v", len(plain), seen[plain])
		}
		seen[plain] = true
	}
}

func TestKeysMadeThroughTheAPI(t *testing.T) {
	t.Parallel()
	clock := newClock(noon)
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Now = clock.now })
	for _, c := range []struct{ asked, days int }{{0, 90}, {1, 1}, {365, 365}} {
		t.Run(strconv.Itoa(c.asked), func(t *testing.T) {
			clock.set(noon)
			created, err := fake.Client.CreateAPIKey(t.Context(), tgo.NewAPIKey{Name: "one", Scopes: []tgo.Scope{tgo.ScopeUsageRead}, ExpiresInDays: c.asked})
			if err != nil {
				t.Fatal(err)
			}
			ends := noon.AddDate(0, 0, c.days)
			if created.ExpiresAt == nil || !created.ExpiresAt.Equal(ends) || created.Status != "active" || created.LastUsedAt != nil {
				t.Errorf("created %+v, want an end at %v", created.APIKey, ends)
			}
			if !strings.HasPrefix(created.Key.Reveal(), created.Prefix) || created.Prefix == created.Key.Reveal() {
				t.Error("the prefix is not the beginning of the key")
			}
			client := clientWith(t, fake, created.Key)
			clock.set(ends.Add(-1))
			if _, err := client.Usage(t.Context()); err != nil {
				t.Errorf("just before its end: %v", err)
			}
			if _, err := client.MessagePage(t.Context(), tgo.MessageQuery{}); !errors.Is(err, tgo.ErrScope) {
				t.Errorf("it may do more than was asked for: %v", err)
			}
			clock.set(ends)
			if _, err := client.Usage(t.Context()); !errors.Is(err, tgo.ErrUnauthenticated) {
				t.Errorf("at its end: %v", err)
			}
		})
	}
	clock.set(noon)
	t.Run("revoked", func(t *testing.T) {
		created, err := fake.Client.CreateAPIKey(t.Context(), tgo.NewAPIKey{Name: "one", Scopes: []tgo.Scope{tgo.ScopeAll}})
		if err != nil {
			t.Fatal(err)
		}
		client := clientWith(t, fake, created.Key)
		me, err := client.Me(t.Context())
		if err != nil || me.APIKey == nil || me.APIKey.ID != created.ID {
			t.Fatalf("whose key is it? %+v %v", me.APIKey, err)
		}
		if err := fake.Client.RevokeAPIKey(t.Context(), created.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Me(t.Context()); !errors.Is(err, tgo.ErrUnauthenticated) {
			t.Errorf("the revoked key: %v", err)
		}
		for name, id := range map[string]int64{"again": created.ID, "unknown": math.MaxInt64} {
			if err := fake.Client.RevokeAPIKey(t.Context(), id); !errors.Is(err, tgo.ErrNotFound) || errors.Is(err, tgo.ErrTenant) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// The table says of each state of a number in the contract whether it can send, as the fake seeds it, answers and lists it.
func TestSeededSenderStates(t *testing.T) {
	t.Parallel()
	const pending = "pending_account_verification"
	table := []struct {
		status, verification string
		refused              string // empty where it can send
	}{
		{"", "", ""},
		{"active", "active", ""},
		{"active", pending, textSenderUnverified},
		{"active", "pending_verification", textSenderUnverified},
		{"active", "rejected", textSenderUnverified},
		{"", pending, textSenderUnverified},
		{pending, "", textSenderUnverified},
		{pending, "active", textSenderUnverified},
		{pending, pending, textSenderUnverified},
		{"pending_verification", "active", textSenderInactive},
		{"pending_verification", pending, textSenderInactive},
		{"rejected", "active", textSenderInactive},
		{"rejected", pending, textSenderInactive},
		{"suspended", "active", textSenderInactive},
		{"suspended", pending, textSenderInactive},
		{"removed", "active", textSenderInactive},
		{"removed", "rejected", textSenderInactive},
	}
	seen := map[string]bool{}
	for _, c := range table {
		seen["status "+c.status], seen["verification_status "+c.verification] = true, true
	}
	for _, field := range []string{"status", "verification_status"} {
		for _, word := range contract.StatusWords(field) {
			if !seen[field+" "+fmt.Sprint(word)] {
				t.Errorf("the contract has the %s %q: add it to the table", field, word)
			}
		}
	}
	for _, c := range table {
		t.Run(c.status+" "+c.verification, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t, func(cfg *tgotest.Config) {
				cfg.SenderNumbers = []tgotest.SenderNumber{{Phone: sender, Status: c.status, VerificationStatus: c.verification}}
			})
			requests := map[string]func() answer{
				"text by phone": func() answer { return ask(t, fake, http.MethodPost, "/messages", text(recipient, "hello")) },
				"text by id": func() answer {
					return ask(t, fake, http.MethodPost, "/messages", toJSON(map[string]any{
						"sender_number_id": fake.SenderNumberID, "to_phone": recipient, "type": "text", "content": "hello",
					}))
				},
				"image": func() answer {
					body, contentType := form(imageParts("picture")...)
					return ask(t, fake, http.MethodPost, "/messages", strings.NewReader(string(body)), withContentType(contentType))
				},
			}
			for name, request := range requests {
				a := request()
				switch {
				case c.refused != "":
					a.mustRefuse(t, http.StatusUnprocessableEntity, c.refused)
				case a.status != http.StatusCreated:
					t.Errorf("%s: %d %s", name, a.status, a.body)
				}
			}
			want, kind := len(requests), error(nil)
			if c.refused != "" {
				want, kind = 0, tgo.ErrSenderInactive
			}
			if c.refused == textSenderUnverified {
				kind = tgo.ErrSenderUnverified
			}
			if got := len(fake.Messages()); got != want {
				t.Errorf("%d messages are stored, want %d", got, want)
			}
			// The client knows the refusal by its text, and sees the states in the list: removed numbers are in it too.
			_, err := fake.Sender.SendText(t.Context(), recipient, "hello")
			if !errors.Is(err, kind) || (kind != nil && tgo.DeliveryOf(err) != tgo.DeliveryRejected) {
				t.Errorf("the client says %v, want %v", err, kind)
			}
			numbers, err := fake.Client.SenderNumbers(t.Context())
			if err != nil || len(numbers) != 1 || numbers[0].Status != cmp.Or(c.status, "active") || numbers[0].VerificationStatus != cmp.Or(c.verification, "active") {
				t.Errorf("listed are %+v, %v", numbers, err)
			}
		})
	}
}

// The contract lets the API have more states one day. A test that wants to be ready for them says so; elsewhere an unknown state is a typing error.
func TestSenderStatesOfTomorrow(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.UnknownFields = true
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: sender, Status: "a_state_of_tomorrow", VerificationStatus: "another"}}
	})
	for _, c := range []struct {
		status string
		is     error
	}{{"", tgo.ErrSenderInactive}, {"active", tgo.ErrSenderUnverified}, {"yet_another", tgo.ErrSenderInactive}} {
		if !fake.SetSenderStatus(fake.SenderNumberID, c.status, "") {
			t.Fatal("there is no such sender number")
		}
		if _, err := fake.Sender.SendText(t.Context(), recipient, "hello"); !errors.Is(err, c.is) {
			t.Errorf("%s: %v, want %v", c.status, err, c.is)
		}
	}
	added := fake.AddSenderNumber(tgotest.SenderNumber{Phone: newPhone(), VerificationStatus: "a_state_of_tomorrow"})
	if added.VerificationStatus != "a_state_of_tomorrow" {
		t.Errorf("added is %+v", added)
	}
}

// A test whose set-up is mistyped must not pass by it.
func TestSettersRefuseWhatIsNone(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for name, c := range map[string]struct {
		set  func()
		says string
	}{
		"a status":              {func() { fake.SetSenderStatus(1, "suspendet", "") }, "status"},
		"a verification status": {func() { fake.SetSenderStatus(1, "", "unverified") }, "verification_status"},
		"a new number's status": {func() { fake.AddSenderNumber(tgotest.SenderNumber{Phone: other, Status: "x"}) }, "status"},
		"a phone":               {func() { fake.AddSenderNumber(tgotest.SenderNumber{Phone: "nonsense"}) }, "nonsense"},
		"a phone that is taken": {func() { fake.AddSenderNumber(tgotest.SenderNumber{Phone: "00201001187188"}) }, "another"},
		"an id that is taken":   {func() { fake.AddSenderNumber(tgotest.SenderNumber{Phone: other, ID: 1}) }, "another"},
		"an id":                 {func() { fake.AddSenderNumber(tgotest.SenderNumber{Phone: other, ID: -1}) }, "id"},
		"a contact's phone":     {func() { fake.SetContact("0100", tgotest.ContactUnreachable) }, "0100"},
		"a contact's state":     {func() { fake.SetContact(other, "unreachabel") }, "unreachabel"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "tgotest: ") || !strings.Contains(got, c.says) {
					t.Errorf("it says %q", got)
				}
			}()
			c.set()
		})
	}
	numbers, err := fake.Client.SenderNumbers(t.Context())
	if err != nil || len(numbers) != 1 || numbers[0].Ready() != nil {
		t.Errorf("the numbers are %+v, %v", numbers, err)
	}
	if contact, err := fake.Sender.Lookup(t.Context(), other); err != nil || !contact.CanReceive {
		t.Errorf("the contact is %+v, %v", contact, err)
	}
}

func TestSettersReadPhonesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	fake.SetContact("+20 101 000 0000", tgotest.ContactUnreachable)
	if contact, err := fake.Sender.Lookup(t.Context(), recipient); err != nil || contact.CanReceive {
		t.Errorf("the contact is %+v, %v", contact, err)
	}
	added := fake.AddSenderNumber(tgotest.SenderNumber{Phone: "00201055555555"})
	if _, err := fake.Client.FromPhone(other).SendText(t.Context(), "+201066666666", "hello"); err != nil || added.Phone != other {
		t.Errorf("%s: %v", added.Phone, err)
	}
}

func TestSetSenderStatusTakesEffectAtOnce(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	second := fake.AddSenderNumber(tgotest.SenderNumber{Phone: other})
	for _, c := range []struct {
		status, verification string
		now                  error
	}{
		{"suspended", "", tgo.ErrSenderInactive},
		{"", "pending_account_verification", tgo.ErrSenderInactive}, // still suspended
		{"active", "", tgo.ErrSenderUnverified},                     // still pending
		{"", "active", nil},
		{"", "", nil},
		{"rejected", "active", tgo.ErrSenderInactive},
		{"active", "active", nil},
	} {
		if !fake.SetSenderStatus(fake.SenderNumberID, c.status, c.verification) {
			t.Fatal("there is no such sender number")
		}
		if _, err := fake.Sender.SendText(t.Context(), recipient, "hello"); !errors.Is(err, c.now) {
			t.Errorf("after %q, %q: %v, want %v", c.status, c.verification, err, c.now)
		}
		if _, err := fake.Client.FromNumber(second.ID).SendText(t.Context(), recipient, "hello"); err != nil {
			t.Errorf("another sender number is affected: %v", err)
		}
	}
	if fake.SetSenderStatus(999, "active", "") {
		t.Error("a sender number that does not exist was changed")
	}
}

func TestAddSenderNumberChoosesAFreeID(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{ID: 12, Phone: sender}, {Phone: newPhone()}}
	})
	fake.AddSenderNumber(tgotest.SenderNumber{ID: 3, Phone: newPhone()})
	fake.AddSenderNumber(tgotest.SenderNumber{Phone: newPhone(), DisplayName: "Acme"})
	numbers, err := fake.Client.SenderNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, n := range numbers {
		ids = append(ids, n.ID)
		if n.Status != "active" || n.VerificationStatus != "active" {
			t.Errorf("number %d is %s and %s", n.ID, n.Status, n.VerificationStatus)
		}
	}
	if want := []int64{12, 13, 3, 14}; !slices.Equal(ids, want) {
		t.Errorf("the ids are %v, want %v", ids, want)
	}
	if last := numbers[len(numbers)-1]; last.DisplayName != "Acme" {
		t.Errorf("the display name is %q", last.DisplayName)
	}
	if fake.SenderNumberID != 12 || fake.SenderPhone != sender {
		t.Errorf("the fake's sender is %d %s, not the first", fake.SenderNumberID, fake.SenderPhone)
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	fake.AddSenderNumber(tgotest.SenderNumber{Phone: other})
	phone := newPhone()
	registered, err := fake.Client.RegisterSenderNumber(t.Context(), phone, "Acme deliveries")
	if err != nil {
		t.Fatal(err)
	}
	if registered.Status != "pending_verification" || registered.VerificationStatus != "pending_verification" || registered.Phone != string(phone) || registered.DisplayName != "Acme deliveries" {
		t.Errorf("registered %+v", registered)
	}
	if _, err := fake.Client.FromPhone(phone).SendText(t.Context(), recipient, "hello"); !errors.Is(err, tgo.ErrSenderInactive) {
		t.Errorf("before its code was entered: %v", err)
	}
	before, _ := fake.Client.SenderNumbers(t.Context())
	for name, taken := range map[string]string{"of the seed": sender, "added": other, "registered": string(phone)} {
		a := ask(t, fake, http.MethodPost, "/sender-numbers", toJSON(map[string]string{"phone": taken}))
		a.mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, "phone")
		if t.Failed() {
			t.Fatalf("the taken phone was the one %s", name)
		}
	}
	if after, _ := fake.Client.SenderNumbers(t.Context()); len(after) != len(before) || len(before) != 3 {
		t.Errorf("%d sender numbers before the duplicates and %d after, want 3", len(before), len(after))
	}
	// Once its owner has done what the dashboard asks for, it sends.
	fake.SetSenderStatus(tgo.NumberID(registered.ID), "active", "active")
	if _, err := fake.Client.FromPhone(phone).SendText(t.Context(), recipient, "hello"); err != nil {
		t.Error(err)
	}
}

// Two requests for the same phone may come at the very same time; one of them is a duplicate all the same.
func TestRegisterAtTheSameTime(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	sendTexts(t, fake, numbered(200)...)
	done := make(chan struct{})
	var readers sync.WaitGroup
	defer readers.Wait()
	defer close(done)
	for range 4 {
		readers.Go(func() { // keep the fake busy, so that requests have to wait for each other
			for {
				select {
				case <-done:
					return
				default:
					fake.Messages()
				}
			}
		})
	}
	for range 10 {
		phone := newPhone()
		var registered atomic.Int64
		atOnce(8, func(int) {
			if _, err := fake.Client.RegisterSenderNumber(t.Context(), phone, ""); err == nil {
				registered.Add(1)
			} else if !errors.Is(err, tgo.ErrValidation) {
				t.Error(err)
			}
		})
		if n := registered.Load(); n != 1 {
			t.Fatalf("a phone was registered %d times", n)
		}
	}
}

// atOnce runs f in n goroutines that begin together, and waits for them.
func atOnce(n int, f func(i int)) {
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	wg.Wait()
}

func TestContacts(t *testing.T) {
	t.Parallel()
	states := []struct {
		state              tgotest.ContactState
		exists, canReceive bool
		reason             string
		verified           bool
	}{
		{"", true, true, "ok", true}, // by default
		{tgotest.ContactReachable, true, true, "ok", true},
		{tgotest.ContactUnreachable, true, false, "unreachable", true},
		{tgotest.ContactUnverified, true, false, "unverified", false},
		{tgotest.ContactUnknown, false, false, "not_found", false},
	}
	// A state reaches a phone in four ways.
	ways := map[string]func(t *testing.T, state tgotest.ContactState) *tgotest.Server{
		"seed": func(t *testing.T, state tgotest.ContactState) *tgotest.Server {
			return tgotest.New(t, func(c *tgotest.Config) { c.Contacts = []tgotest.Contact{{Phone: other, State: state}} })
		},
		"set": func(t *testing.T, state tgotest.ContactState) *tgotest.Server {
			fake := tgotest.New(t)
			fake.SetContact(other, state)
			return fake
		},
		"changed": func(t *testing.T, state tgotest.ContactState) *tgotest.Server {
			fake := tgotest.New(t, func(c *tgotest.Config) {
				c.Contacts = []tgotest.Contact{{Phone: other, State: tgotest.ContactUnreachable}}
			})
			fake.SetContact(other, state)
			return fake
		},
		"stranger": func(t *testing.T, state tgotest.ContactState) *tgotest.Server {
			return tgotest.New(t, func(c *tgotest.Config) { c.Strangers = state })
		},
	}
	for _, c := range states {
		for way, newFake := range ways {
			t.Run(fmt.Sprintf("%s %s", way, c.state), func(t *testing.T) {
				t.Parallel()
				fake := newFake(t, c.state)
				contact, err := fake.Sender.Lookup(t.Context(), other)
				if err != nil {
					t.Fatal(err)
				}
				if contact.Exists != c.exists || contact.CanReceive != c.canReceive || contact.ReasonCode != c.reason || contact.IsVerified != c.verified {
					t.Errorf("looked up %+v", contact)
				}
				if (contact.RecipientID != nil) != c.exists || (contact.PhoneVerifiedAt != nil) != c.verified {
					t.Errorf("the recipient id is %v and the phone verified at %v", contact.RecipientID, contact.PhoneVerifiedAt)
				}
				receipt, err := fake.Sender.SendText(t.Context(), other, "hello")
				if c.canReceive {
					if err != nil {
						t.Fatal(err)
					}
					if contact.RecipientID == nil || receipt.RecipientUserID != *contact.RecipientID {
						t.Errorf("sent to %d, but the lookup says %v", receipt.RecipientUserID, contact.RecipientID)
					}
					return
				}
				if !errors.Is(err, tgo.ErrValidation) || tgo.DeliveryOf(err) != tgo.DeliveryRejected {
					t.Errorf("sent to someone who cannot receive: %v", err)
				}
				ask(t, fake, http.MethodPost, "/messages", text(other, "hello")).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, "to_phone")
				if messages := fake.Messages(); len(messages) > 0 {
					t.Errorf("stored: %v", contents(messages))
				}
			})
		}
	}
}

func TestStrangersLeaveContactsAlone(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Strangers = tgotest.ContactUnknown })
	if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, "hello"); err != nil {
		t.Errorf("a contact is taken for a stranger: %v", err)
	}
	if _, err := fake.Sender.SendText(t.Context(), other, "hello"); !errors.Is(err, tgo.ErrValidation) {
		t.Errorf("a stranger was reached: %v", err)
	}
}

func TestRecipientsKeepTheirID(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	ids := map[int64]tgo.Phone{}
	for _, phone := range []tgo.Phone{recipient, other, "+201055555556", "+201055555565"} {
		first, err := fake.Sender.SendText(t.Context(), phone, "one")
		if err != nil {
			t.Fatal(err)
		}
		second, err := fake.Sender.SendText(t.Context(), phone, "two")
		if err != nil {
			t.Fatal(err)
		}
		if first.RecipientUserID != second.RecipientUserID || first.ConversationID != second.ConversationID || first.ID == second.ID {
			t.Errorf("%s: first %+v, then %+v", phone, first, second)
		}
		if before, taken := ids[first.RecipientUserID]; taken {
			t.Errorf("%s and %s are the same person", phone, before)
		}
		ids[first.RecipientUserID] = phone
	}
}

func TestUnknownSenderNumber(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	message := func(field string, value any) io.Reader {
		return toJSON(map[string]any{field: value, "to_phone": recipient, "type": "text", "content": "hello"})
	}
	for name, c := range map[string]struct {
		field, path string
		body        io.Reader
	}{
		"send by phone":   {"sender_phone", "/messages", message("sender_phone", other)},
		"send by id":      {"sender_number_id", "/messages", message("sender_number_id", 999)},
		"lookup by phone": {"sender_phone", "/contacts/lookup?phone=%2B201010000000&sender_phone=%2B201055555555", nil},
		"lookup by id":    {"sender_number_id", "/contacts/lookup?phone=%2B201010000000&sender_number_id=999", nil},
	} {
		t.Run(name, func(t *testing.T) {
			method := http.MethodGet
			if c.body != nil {
				method = http.MethodPost
			}
			a := ask(t, fake, method, c.path, c.body)
			a.mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, c.field)
			if want := `["The selected ` + strings.ReplaceAll(c.field, "_", " ") + ` is invalid."]`; !strings.Contains(a.body, want) {
				t.Errorf("says %s, want %s", a.body, want)
			}
		})
	}
	if messages := fake.Messages(); len(messages) > 0 {
		t.Errorf("stored: %v", contents(messages))
	}
}

// logPage is a page of the log as it goes over the wire.
type logPage struct {
	Data  []json.RawMessage `json:"data"`
	Links struct {
		First, Last string
		Prev, Next  *string
	} `json:"links"`
	Meta struct {
		CurrentPage int `json:"current_page"`
		LastPage    int `json:"last_page"`
		PerPage     int `json:"per_page"`
		Total       int `json:"total"`
	} `json:"meta"`
}

func readPage(t testing.TB, fake *tgotest.Server, query string) logPage {
	t.Helper()
	a := ask(t, fake, http.MethodGet, "/messages"+query, nil)
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var page logPage
	a.decode(t, &page)
	return page
}

func TestLogPages(t *testing.T) {
	t.Parallel()
	const total = 7
	for _, c := range []struct{ size, pages, onLast int }{
		{1, 7, 1}, {2, 4, 1}, {3, 3, 1}, {6, 2, 1}, {7, 1, 7}, {8, 1, 7}, {0, 1, 7}, {-1, 1, 7}, {math.MaxInt32, 1, 7},
	} {
		t.Run(strconv.Itoa(c.size), func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t, func(cfg *tgotest.Config) { cfg.PageSize = c.size })
			sendTexts(t, fake, numbered(total)...)
			size := c.size
			if size <= 0 {
				size = 15
			}
			var ids []int64
			for number := 1; number <= c.pages; number++ {
				page := readPage(t, fake, "?page="+strconv.Itoa(number))
				m := page.Meta
				if m.CurrentPage != number || m.LastPage != c.pages || m.PerPage != size || m.Total != total {
					t.Errorf("page %d: %+v", number, m)
				}
				if want := size; number < c.pages && len(page.Data) != want {
					t.Errorf("page %d has %d entries, want %d", number, len(page.Data), want)
				}
				if number == c.pages && len(page.Data) != c.onLast {
					t.Errorf("the last page has %d entries, want %d", len(page.Data), c.onLast)
				}
				if pageOf(t, &page.Links.First) != 1 || pageOf(t, &page.Links.Last) != c.pages {
					t.Errorf("page %d: first is %s and last %s", number, page.Links.First, page.Links.Last)
				}
				if prev, next := pageOf(t, page.Links.Prev), pageOf(t, page.Links.Next); prev != number-1 || (number < c.pages && next != number+1) || (number == c.pages && next != 0) {
					t.Errorf("page %d: before it comes %d, after it %d", number, prev, next)
				}
				for _, raw := range page.Data {
					var entry struct{ ID int64 }
					if err := json.Unmarshal(raw, &entry); err != nil {
						t.Fatal(err)
					}
					ids = append(ids, entry.ID)
				}
			}
			if want := []int64{7, 6, 5, 4, 3, 2, 1}; !slices.Equal(ids, want) {
				t.Errorf("the pages hold %v, want %v", ids, want)
			}
			// The client goes through them all.
			count := 0
			for _, err := range fake.Client.Messages(t.Context(), tgo.MessageQuery{}) {
				if err != nil {
					t.Fatal(err)
				}
				count++
			}
			if count != total {
				t.Errorf("the client found %d entries", count)
			}
		})
	}
}

// pageOf reads the page number of a link; 0 where there is none.
func pageOf(t testing.TB, link *string) int {
	t.Helper()
	if link == nil {
		return 0
	}
	u, err := url.Parse(*link)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(u.Query().Get("page"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLogLinksCanBeFollowed(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.PageSize = 2 })
	sendTexts(t, fake, numbered(3)...)
	link := readPage(t, fake, "").Links.Next
	if link == nil {
		t.Fatal("there is no next page")
	}
	path, ok := strings.CutPrefix(*link, fake.URL)
	if !ok {
		t.Fatalf("%s does not lead to %s", *link, fake.URL)
	}
	if page := readPage(t, fake, strings.TrimPrefix(path, "/messages")); page.Meta.CurrentPage != 2 || len(page.Data) != 1 {
		t.Errorf("%s leads to %+v", *link, page.Meta)
	}
}

func TestLogBeyondItsEnd(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.PageSize = 2 })
	for _, total := range []int{0, 4} {
		sendTexts(t, fake, numbered(total)...)
		last := max(1, total/2)
		pages := []int{last + 1, last + 2, 1000, math.MaxInt32/2 + 1, math.MaxInt32 - 1, math.MaxInt32}
		for _, number := range pages {
			page := readPage(t, fake, "?page="+strconv.Itoa(number))
			if page.Data == nil || len(page.Data) > 0 || page.Links.Next != nil {
				t.Errorf("page %d of %d has %d entries and is followed by %v", number, last, len(page.Data), page.Links.Next)
			}
			if page.Meta.Total != total || page.Meta.LastPage != last || page.Meta.CurrentPage != number {
				t.Errorf("page %d: %+v", number, page.Meta)
			}
			// Laravel counts down from where one is, be that beyond the end.
			if prev := pageOf(t, page.Links.Prev); prev != number-1 {
				t.Errorf("page %d of %d: the page before it is said to be %d", number, last, prev)
			}
		}
	}
}

func TestLogPagesThatAreNone(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for _, number := range []string{"0", "-1", "-9223372036854775808", "x", "1.5", "1e3"} {
		ask(t, fake, http.MethodGet, "/messages?page="+number, nil).mustRefuse(t, http.StatusUnprocessableEntity, textInvalid, "page")
	}
	// More than 32 bits hold: that it is refused or found empty does not matter, as long as the fake goes on.
	for _, number := range []string{"2147483648", "9223372036854775808", strings.Repeat("9", 400)} {
		if a := ask(t, fake, http.MethodGet, "/messages?page="+number, nil); a.status != http.StatusOK && a.status != http.StatusUnprocessableEntity {
			t.Errorf("page %s: %d %s", short(number), a.status, short(a.body))
		}
	}
}

func TestLogHasTheClocksTime(t *testing.T) {
	t.Parallel()
	cairo := time.FixedZone("Cairo", 2*60*60)
	clock := newClock(noon)
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Now = func() time.Time { return clock.now().In(cairo) } })
	receipt, err := fake.Sender.SendText(context.Background(), recipient, "hello")
	if err != nil {
		t.Fatal(err)
	}
	page := readPage(t, fake, "")
	if !receipt.SentAt.Equal(noon) || !strings.Contains(string(page.Data[0]), `"sent_at":"2025-01-10T12:00:00Z"`) {
		t.Errorf("sent at %v; the log says %s", receipt.SentAt, page.Data[0])
	}
	if m := fake.Messages()[0]; !m.SentAt.Equal(noon) {
		t.Errorf("the message was sent at %v", m.SentAt)
	}
}
