package tgo

import (
	"context"
	"errors"
	"fmt"

	"github.com/tgo-business/tgo-go/gen"
)

// SenderNumber is a phone to send from. [SenderNumber.Ready] says whether it may send yet.
type SenderNumber struct {
	gen.SenderNumber
}

// Ready returns nil where the number may send, and otherwise an error that says why not and what to do: an
// [ErrSenderInactive] or an [ErrSenderUnverified]. Two things must hold: the one-time code was entered, and the owner's
// TGO Connect account is verified. A verification status that is not documented is not held against the number.
func (n SenderNumber) Ready() error {
	switch n.Status {
	case "active":
	case "pending_verification":
		return n.notReady(ErrSenderInactive, "its owner has received a one-time code and must enter it in the dashboard")
	case "pending_account_verification":
		return n.notReady(ErrSenderUnverified, "its owner must have their TGO Connect account verified")
	case "rejected":
		return n.notReady(ErrSenderInactive, "it was rejected: see the dashboard, or register another")
	case "suspended":
		return n.notReady(ErrSenderInactive, "it is suspended: ask the vendor why")
	default:
		return n.notReady(ErrSenderInactive, fmt.Sprintf("its status is %q: see the dashboard", n.Status))
	}
	if n.VerificationStatus == "pending_account_verification" {
		return n.notReady(ErrSenderUnverified, "its owner must have their TGO Connect account verified")
	}
	return nil
}

func (n SenderNumber) notReady(why error, what string) error {
	return fmt.Errorf("tgo: sender number %d cannot send: %w; %s", n.ID, why, what)
}

var (
	opListSenderNumbers    = operation{id: "listSenderNumbers", name: "list sender numbers"}
	opRegisterSenderNumber = operation{id: "registerSenderNumber", name: "register sender number"}
)

// SenderNumbers lists the sender numbers of the organization. It needs no scope.
//
// Errors are an [*APIError], or the network's or the context's.
func (c *Client) SenderNumbers(ctx context.Context) ([]SenderNumber, error) {
	req, err := gen.NewListSenderNumbersRequest(c.baseURL)
	a, err := c.do(ctx, opListSenderNumbers, req, err)
	if err != nil {
		return nil, err
	}
	var numbers []SenderNumber
	if err := c.decodeData(opListSenderNumbers, a, &numbers); err != nil {
		return nil, err
	}
	if numbers == nil {
		return nil, c.unreadable(opListSenderNumbers, a, errors.New(`it has no "data"`))
	}
	for i := range numbers {
		if numbers[i].ID == 0 {
			return nil, c.unreadable(opListSenderNumbers, a, fmt.Errorf("number %d of the list has no %q", i, "id"))
		}
	}
	return numbers, nil
}

// RegisterSenderNumber registers a phone to send from, under a display name that may be empty. Its owner then receives a
// one-time code and enters it in the dashboard; the number cannot send before that. It needs the scope messages.send.
//
// It is repeated by itself only where certainly nothing was sent. Errors are an [*InputError], an [*APIError], or the network's or the context's.
func (c *Client) RegisterSenderNumber(ctx context.Context, phone Phone, displayName string) (SenderNumber, error) {
	if err := inputError(opRegisterSenderNumber.name, phone.validate("phone"), checkUTF8("display_name", displayName)); err != nil {
		return SenderNumber{}, err
	}
	req, err := gen.NewRegisterSenderNumberRequestWithBody(c.baseURL, jsonType, nil)
	body := gen.RegisterSenderNumberRequest{Phone: string(phone), DisplayName: displayName}
	a, err := c.doJSON(ctx, opRegisterSenderNumber, req, err, body)
	if err != nil {
		return SenderNumber{}, err
	}
	var number SenderNumber
	err = c.decodeData(opRegisterSenderNumber, a, &number, "id", "status")
	return number, err
}
