package docs_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestReady checks that the client's page shows the error for a sender number that cannot send.
func TestReady(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{ID: 13, Phone: "+201001187189", VerificationStatus: "pending_account_verification"}}
	})
	number, err := fake.Sender.Check(t.Context())
	if !errors.Is(err, tgo.ErrSenderUnverified) {
		t.Fatalf("number %d: %v", number.ID, err)
	}
	blocks, _ := read(t, clientPage)
	if !slices.ContainsFunc(blocks, func(b block) bool { return b.language == "text" && b.text == err.Error()+"\n" }) {
		t.Errorf("tgo/README.md does not show %q", err)
	}
}
