package tgo

import (
	"context"
	"fmt"
	"iter"

	"github.com/tgo-business/tgo-go/gen"
)

// SenderNumber is a phone to send from. [SenderNumber.Ready] says whether it may send yet.
//
// Its fields:
//
//	ID                  int64      // for Client.FromNumber
//	Phone               string     // in E.164 form
//	DisplayName         string     // shown to recipients; may be empty
//	Status              string     // the status of its registration
//	VerificationStatus  string     // the status of the verification of its owner
//	VerifiedAt          *time.Time // may be nil
//	DailyLimitOverride  *int       // a daily limit for this number, according to its name; the vendor does not document it
type SenderNumber struct {
	gen.SenderNumber
}

// Ready returns nil if the number may send. Otherwise the error says which condition is not met and what to do. There are two
// conditions: Status is "active", and VerificationStatus is "active". If Status is not, the error is an [ErrSenderInactive], or an
// [ErrSenderUnverified] if Status says that the account of the owner must be verified. If only VerificationStatus is not, the error is
// an ErrSenderUnverified. A status that is not documented counts as not ready, and the error shows it.
func (n SenderNumber) Ready() error {
	const code = "its owner has received a one-time code and must enter it in the dashboard"
	const account = "its owner must have their TGO Connect account verified"
	switch n.Status {
	case "active":
	case "pending_verification":
		return n.notReady(ErrSenderInactive, code)
	case "pending_account_verification":
		return n.notReady(ErrSenderUnverified, account)
	case "rejected":
		return n.notReady(ErrSenderInactive, "it was rejected: see the dashboard, or register another")
	case "suspended":
		return n.notReady(ErrSenderInactive, "it is suspended: ask the vendor why")
	case "removed":
		return n.notReady(ErrSenderInactive, "it was removed: send from another number, or register it again")
	default:
		return n.notReady(ErrSenderInactive, fmt.Sprintf("its status is %q: see the dashboard", n.Status))
	}
	switch n.VerificationStatus {
	case "active":
		return nil
	case "pending_verification":
		return n.notReady(ErrSenderUnverified, code)
	case "pending_account_verification":
		return n.notReady(ErrSenderUnverified, account)
	case "rejected":
		return n.notReady(ErrSenderUnverified, "the verification was rejected: see the dashboard, or ask the vendor why")
	default:
		return n.notReady(ErrSenderUnverified, fmt.Sprintf("its verification_status is %q: see the dashboard", n.VerificationStatus))
	}
}

func (n SenderNumber) notReady(why error, what string) error {
	return fmt.Errorf("tgo: sender number %d cannot send: %w; %s", n.ID, why, what)
}

var (
	opListSenderNumbers    = operation{id: "listSenderNumbers", name: "list sender numbers"}
	opRegisterSenderNumber = operation{id: "registerSenderNumber", name: "register sender number"}
)

// SenderNumbers lists the sender numbers of the organization, from all pages of the list. It needs no scope.
//
// Errors are an [*APIError], or the network's or the context's. The error is an [ErrUnreadable] if the list has more than 1000 pages,
// or if a next page cannot be requested.
func (c *Client) SenderNumbers(ctx context.Context) ([]SenderNumber, error) {
	numbers := []SenderNumber{}
	for page, err := range c.senderNumberPages(ctx) {
		if err != nil {
			return nil, err
		}
		for _, value := range page.entries {
			var number SenderNumber
			if err := readWithID(value, &number, &number.ID); err != nil {
				return nil, c.unreadable(opListSenderNumbers, page.answer, err)
			}
			numbers = append(numbers, number)
		}
	}
	return numbers, nil
}

// senderNumberPages reads the list of sender numbers. It is an error if a page is not a list.
func (c *Client) senderNumberPages(ctx context.Context) iter.Seq2[listPage, error] {
	return func(yield func(listPage, error) bool) {
		for page, err := range c.listPages(ctx, opListSenderNumbers, gen.NewListSenderNumbersRequest, pageNumbered(0), maxPages) {
			if err == nil && page.notList != nil {
				err = c.unreadable(opListSenderNumbers, page.answer, page.notList)
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// RegisterSenderNumber registers a phone to send from, with a display name that may be empty. Its owner then receives a one-time
// code and must enter it in the dashboard; the number cannot send before that. It needs the scope messages.send.
//
// It is repeated automatically only if certainly nothing was sent. Errors are an [*InputError], an [*APIError], or the network's or
// the context's.
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
	err = c.decode(opRegisterSenderNumber, a, &number, "id", "status")
	return number, err
}
