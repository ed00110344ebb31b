package contract_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// usageOf returns the usage by sender number.
func usageOf(t *testing.T, client *tgo.Client) map[int64]int64 {
	t.Helper()
	usage, err := client.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sent := map[int64]int64{}
	for _, s := range usage.Senders {
		sent[s.SenderNumberID] += s.MessagesSent
	}
	return sent
}

// TestRefusedSendsLeaveNoTrace: whatever the reason, a refused send changes neither the log nor the usage.
func TestRefusedSendsLeaveNoTrace(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(*tgotest.Server) *tgo.Client{
		"sender inactive": func(f *tgotest.Server) *tgo.Client { f.SetSenderStatus(senderID, "suspended", ""); return f.Client },
		"sender unverified": func(f *tgotest.Server) *tgo.Client {
			f.SetSenderStatus(senderID, "", "pending_account_verification")
			return f.Client
		},
		"unknown phone": func(f *tgotest.Server) *tgo.Client { f.SetContact(recipient, tgotest.ContactUnknown); return f.Client },
		"no scope":      func(f *tgotest.Server) *tgo.Client { return clientWith(t, f, f.NewKey(tgo.ScopeMessagesRead)) },
		"wrong key":     func(f *tgotest.Server) *tgo.Client { return clientWith(t, f, tgo.NewKey("tgo_wrong-key")) },
		"rate limited": func(f *tgotest.Server) *tgo.Client {
			if _, err := f.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultStatus, Status: 429}); err != nil {
				t.Fatal(err)
			}
			return f.Client
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := suite.NewFake(t)
			if _, err := fake.Sender.SendText(t.Context(), recipient, "before"); err != nil {
				t.Fatal(err)
			}
			before := suite.CountsOf(t, fake)
			client := refuse(fake)
			for _, c := range onePerMethod(t) {
				if !c.sends() {
					continue
				}
				if _, err := c.do(t.Context(), client); tgo.DeliveryOf(err) != tgo.DeliveryRejected {
					t.Errorf("%s: %v", c.name, err)
				}
			}
			if got := suite.CountsOf(t, fake); got != before {
				t.Errorf("counts were %+v and are %+v", before, got)
			}
		})
	}
}

func clientWith(t *testing.T, fake *tgotest.Server, key tgo.Key) *tgo.Client {
	t.Helper()
	c, err := fake.ClientWith(key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestReadingChangesNothing makes each read twice and compares the results.
func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	for i := range 5 {
		if _, err := fake.Sender.SendText(t.Context(), recipient, strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	before := suite.WorkspaceOf(t, fake)
	for _, c := range readCalls() {
		first, err := c.do(t.Context(), fake.Client)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		second, err := c.do(t.Context(), fake.Client)
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%s: first %+v, then %+v, %v", c.name, first, second, err)
		}
	}
	// A lookup may give an unknown phone an id. It must stay the same, and be another than that of other phones.
	ids := map[int64]string{}
	for i := range 50 {
		phone := fmt.Sprintf("+2010200000%02d", i)
		first, err := fake.Sender.Lookup(t.Context(), tgo.Phone(phone))
		if err != nil {
			t.Fatal(err)
		}
		again, err := fake.Sender.Lookup(t.Context(), tgo.Phone(phone))
		if err != nil || !reflect.DeepEqual(first, again) || first.RecipientID == nil {
			t.Fatalf("%s is first %+v, then %+v, %v", phone, first, again, err)
		}
		if other, taken := ids[*first.RecipientID]; taken {
			t.Errorf("%s and %s are both %d", phone, other, *first.RecipientID)
		}
		ids[*first.RecipientID] = phone
	}
	if after := suite.WorkspaceOf(t, fake); after != before {
		t.Errorf("the workspace was %+v and is %+v", before, after)
	}
}

// TestARevokedKeyStopsAtOnce: every operation refuses it, and other keys still work.
func TestARevokedKeyStopsAtOnce(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	created, err := fake.Client.CreateAPIKey(t.Context(), tgo.NewAPIKey{Name: "a", Scopes: []tgo.Scope{tgo.ScopeAll}})
	if err != nil {
		t.Fatal(err)
	}
	client := clientWith(t, fake, created.Key)
	if _, err := client.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := fake.Client.RevokeAPIKey(t.Context(), created.ID); err != nil {
		t.Fatal(err)
	}
	before := suite.WorkspaceOf(t, fake)
	for _, c := range onePerMethod(t) {
		if _, err := c.do(t.Context(), client); !errors.Is(err, tgo.ErrUnauthenticated) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if after := suite.WorkspaceOf(t, fake); after != before {
		t.Errorf("the workspace was %+v and is %+v", before, after)
	}
	if err := fake.Client.RevokeAPIKey(t.Context(), created.ID); !errors.Is(err, tgo.ErrNotFound) {
		t.Errorf("revoked again: %v", err)
	}
}

// TestAKeyCanRevokeItself: it is refused afterwards.
func TestAKeyCanRevokeItself(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	me, err := fake.Client.Me(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := fake.Client.RevokeAPIKey(t.Context(), me.APIKey.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := fake.Client.Me(t.Context()); !errors.Is(err, tgo.ErrUnauthenticated) {
		t.Errorf("it still works: %v", err)
	}
}

// TestSendsAtTheSameTime: no message is lost, and none gets the id of another.
func TestSendsAtTheSameTime(t *testing.T) {
	t.Parallel()
	const goroutines, each = 8, 10
	fake := suite.NewFake(t, func(c *tgotest.Config) { c.PageSize = 7 })
	var mu sync.Mutex
	texts := map[int64]string{}
	var sending sync.WaitGroup
	for g := range goroutines {
		sending.Go(func() {
			for i := range each {
				text := fmt.Sprintf("%d of %d", i, g)
				receipt, err := fake.Sender.SendText(context.Background(), recipient, text)
				mu.Lock()
				if err != nil {
					t.Error(err)
				}
				texts[receipt.ID] = text
				mu.Unlock()
			}
		})
	}
	sending.Wait()
	logged := map[int64]string{}
	for _, e := range logOf(t, fake.Client) {
		logged[e.ID] = e.Content
	}
	if len(texts) != goroutines*each || !reflect.DeepEqual(logged, texts) {
		t.Errorf("%d messages were sent and %d logged: %v and %v", len(texts), len(logged), texts, logged)
	}
	if used := usageOf(t, fake.Client)[senderID]; used != goroutines*each {
		t.Errorf("usage is %d", used)
	}
}

// TestAnyOrderOfCallsKeepsTheProperties makes random calls and compares the fake with a small model.
func TestAnyOrderOfCallsKeepsTheProperties(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			fake := suite.NewFake(t, func(c *tgotest.Config) { c.PageSize = 1 + random.IntN(4) })
			second := fake.AddSenderNumber(tgotest.SenderNumber{Phone: "+201001187189"})
			senders := map[int64]*tgo.Sender{senderID: fake.Client.FromPhone(senderPhone), int64(second.ID): fake.Client.FromNumber(second.ID)}
			ids := []int64{senderID, int64(second.ID)}
			active := map[int64]bool{ids[0]: true, ids[1]: true}
			reachable := true
			var log []string
			used := map[int64]int64{ids[0]: 0, ids[1]: 0}
			for step := range 60 {
				id := ids[random.IntN(len(ids))]
				switch random.IntN(6) {
				case 0:
					active[id] = !active[id]
					fake.SetSenderStatus(tgo.NumberID(id), map[bool]string{true: "active", false: "suspended"}[active[id]], "")
				case 1:
					reachable = !reachable
					fake.SetContact(recipient, map[bool]tgotest.ContactState{true: tgotest.ContactReachable, false: tgotest.ContactUnreachable}[reachable])
				case 2:
					contact, err := senders[id].Lookup(t.Context(), recipient)
					if err != nil || contact.CanReceive != reachable {
						t.Fatalf("step %d: %+v, %v", step, contact, err)
					}
				default:
					text := fmt.Sprintf("step %d", step)
					_, err := senders[id].SendText(t.Context(), recipient, text)
					if (err == nil) != (active[id] && reachable) {
						t.Fatalf("step %d: active %v, reachable %v, and the send returned %v", step, active[id], reachable, err)
					}
					if err == nil {
						log = append([]string{text}, log...)
						used[id]++
					}
				}
				var got []string
				for _, e := range logOf(t, fake.Client) {
					got = append(got, e.Content)
				}
				if !slices.Equal(got, log) {
					t.Fatalf("step %d: the log is %v, want %v", step, got, log)
				}
				if u := usageOf(t, fake.Client); !reflect.DeepEqual(u, used) {
					t.Fatalf("step %d: usage is %v, want %v", step, u, used)
				}
			}
		})
	}
}
