package tgo_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// A receipt that cannot be read completely is returned with the fields that can be read.
func TestAcceptedButUnreadable(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 201, `{"data": {"id": 77, "status": "sent", "sent_at": 12}}`)
	})
	receipt, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
	if tgo.DeliveryOf(err) != tgo.DeliveryAccepted || !errors.Is(err, tgo.ErrUnreadable) {
		t.Fatalf("%v: %v", tgo.DeliveryOf(err), err)
	}
	if receipt.ID != 77 {
		t.Errorf("the receipt has the id %d", receipt.ID)
	}
	if !strings.Contains(err.Error(), "do not send again") {
		t.Errorf("the error does not say what not to do: %v", err)
	}
}

func TestSendErrorCountsAttempts(t *testing.T) {
	client := clientOf(t, "http://"+closedPort)
	_, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
	var failed *tgo.SendError
	if !errors.As(err, &failed) || failed.Attempts != 3 || failed.Delivery != tgo.DeliveryNotSent {
		t.Errorf("%+v", failed)
	}
}
