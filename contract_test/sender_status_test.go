package contract_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
)

// TestSendsByStatusOfTheSenderNumber sends each kind of message from a number in each status, with the client and with the requests
// of the document's examples. A refused message must not be counted. Add a new status here.
func TestSendsByStatusOfTheSenderNumber(t *testing.T) {
	t.Parallel()
	var tried []string
	for _, state := range []struct {
		status, verification string
		says                 string
		is                   error
	}{
		{"active", "active", "", nil},
		{"active", "rejected", textSenderUnverified, tgo.ErrSenderUnverified},
		{"active", "pending_verification", textSenderUnverified, tgo.ErrSenderUnverified},
		{"active", "pending_account_verification", textSenderUnverified, tgo.ErrSenderUnverified},
		{"pending_account_verification", "active", textSenderUnverified, tgo.ErrSenderUnverified},
		{"pending_account_verification", "pending_account_verification", textSenderUnverified, tgo.ErrSenderUnverified},
		{"pending_verification", "active", textSenderInactive, tgo.ErrSenderInactive},
		{"pending_verification", "pending_account_verification", textSenderInactive, tgo.ErrSenderInactive},
		{"rejected", "active", textSenderInactive, tgo.ErrSenderInactive},
		{"suspended", "active", textSenderInactive, tgo.ErrSenderInactive},
		{"removed", "active", textSenderInactive, tgo.ErrSenderInactive},
	} {
		tried = append(tried, state.status)
		t.Run(state.status+" "+state.verification, func(t *testing.T) {
			t.Parallel()
			j := suite.NewValidator()
			fake := suite.NewFake(t)
			client := j.Client(t, fake, fake.Key)
			if !fake.SetSenderStatus(senderID, state.status, state.verification) {
				t.Fatal("there is no such sender number")
			}
			before := suite.CountsOf(t, fake)
			sent := 0
			for _, c := range onePerMethod(t) {
				if !c.sends() {
					continue
				}
				_, err := c.do(t.Context(), client)
				if state.is == nil {
					sent++
					if err != nil {
						t.Errorf("%s: %v", c.name, err)
					}
					continue
				}
				var refusal *tgo.APIError
				if !errors.As(err, &refusal) || refusal.Message != state.says || !errors.Is(err, state.is) {
					t.Errorf("%s: %v, want %q", c.name, err, state.says)
				}
				if d := tgo.DeliveryOf(err); d != tgo.DeliveryRejected {
					t.Errorf("%s: delivery is %v", c.name, d)
				}
			}
			if got := suite.CountsOf(t, fake); got != before.Plus(sent) {
				t.Errorf("counts are %+v, want %+v and %d", got, before, sent)
			}
			for _, f := range bothSenders {
				if _, err := f.of(client).Check(t.Context()); !errors.Is(err, state.is) {
					t.Errorf("Check returns %v for a number whose sends return %v", err, state.is)
				}
			}
			j.Report(t)

			raw := contract.ExampleRequests(t, contract.OperationByID(t, "sendMessage"))
			for _, r := range raw {
				a := suite.Send(t, r.HTTP(t, fake.URL, fake.Key.Reveal()))
				if state.says == "" {
					if a.Status != http.StatusCreated {
						t.Errorf("%s returned %d %s", r.Name, a.Status, a.Body)
					}
					continue
				}
				// Byte for byte, and not only after decoding.
				if want := fmt.Sprintf("{\"message\":%q}\n", state.says); a.Status != http.StatusUnprocessableEntity || string(a.Body) != want {
					t.Errorf("%s returned %d %s, want 422 %s", r.Name, a.Status, a.Body, want)
				}
			}
		})
	}
	documented, _ := contract.Document().Components.Schemas["SenderNumber"].Value.Properties["status"].Value.Extensions["x-extensible-enum"].([]any)
	if len(documented) == 0 {
		t.Error("the contract has no statuses of a sender number")
	}
	for _, status := range documented {
		if !slices.Contains(tried, fmt.Sprint(status)) {
			t.Errorf("nothing was sent from a number that is %v", status)
		}
	}
}

// TestUnknownSenders: an unknown number is refused with an error for the field that names it.
func TestUnknownSenders(t *testing.T) {
	t.Parallel()
	j := suite.NewValidator()
	fake := suite.NewFake(t)
	client := j.Client(t, fake, fake.Key)
	for field, sender := range map[string]*tgo.Sender{
		"sender_phone":     client.FromPhone("+201001180000"),
		"sender_number_id": client.FromNumber(4711),
	} {
		for name, do := range map[string]func(context.Context) error{
			"text": func(ctx context.Context) error { _, err := sender.SendText(ctx, recipient, "a"); return err },
			"document": func(ctx context.Context) error {
				_, err := sender.SendDocument(ctx, recipient, tgo.Document{File: tgo.BytesFile("a", []byte("a"))})
				return err
			},
			"lookup": func(ctx context.Context) error { _, err := sender.Lookup(ctx, recipient); return err },
		} {
			var refusal *tgo.APIError
			if err := do(t.Context()); !errors.As(err, &refusal) || refusal.Status != http.StatusUnprocessableEntity || len(refusal.Fields) != 1 || len(refusal.Fields[field]) == 0 {
				t.Errorf("%s by %s: %v", name, field, err)
			}
		}
		if _, err := sender.Check(t.Context()); !errors.Is(err, tgo.ErrSenderUnknown) {
			t.Errorf("check by %s: %v", field, err)
		}
	}
	if n := len(fake.Messages()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
	j.Report(t)
}
