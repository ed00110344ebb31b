package tgo

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
)

// Receipt is the response of the API to a message that it accepted. A field that is null in the response is zero.
//
// Its fields:
//
//	ID               int64     // the id of the entry in the message log
//	SenderNumberID   int64     // the sender number
//	RecipientUserID  int64     // the recipient's user on TGO Connect; may be null
//	ConversationID   int64     // on TGO Connect; may be null
//	MessageID        int64     // on TGO Connect; may be null
//	MessageType      string    // text, image, voice or document
//	Content          string    // the text or the caption
//	Status           string    // "sent" is the only known value
//	SentAt           time.Time // may be null
type Receipt = gen.SentMessage

// readReceipt reads the receipt in the response to a message. A receipt is an object with an id, in "data" or as the response
// itself. If the response also reports an error, there is no receipt, and err has the id, so that a person can search for the
// message. found says whether there is a receipt; err may then say that another part of it cannot be read. If the JSON is
// complete, it does not matter that the response was cut after it.
func readReceipt(a exchange.Answer) (receipt Receipt, found bool, err error) {
	var said struct {
		flags

		Data struct {
			Receipt
			flags
		} `json:"data"`
		Exception fault `json:"exception"`
	}
	body, err := phpjson.Parse(trimJSON(a.Body))
	if err == nil {
		err = body.Read(&said)
	}
	receipt = said.Data.Receipt
	refused := said.refuse() || said.Data.refuse() || bool(said.Exception)
	switch inData := body.Member("data").Exists(); {
	case receipt.ID == 0 && body.Exists() && !inData:
		err = body.Read(&receipt)
	case inData: // a status beside "data" is not the status of a message
		refused = refused || saysFailed(body)
	}
	switch {
	case receipt.ID > 0 && !refused:
		return receipt, true, err
	case refused && receipt.ID > 0:
		err = fmt.Errorf("it reports an error, and a message with the id %d", receipt.ID)
	case refused:
		err = errors.New("it reports an error")
	case err == nil:
		err = errors.New(`it has no "id" of a message`)
	}
	return Receipt{}, false, cmp.Or(a.Err, whyNotJSON(a), err)
}

// flags are the properties, beside a receipt or in it, that may say that a message was not accepted.
type flags struct {
	Error   fault `json:"error"`
	Errors  fault `json:"errors"`
	Success lack  `json:"success"`
}

func (f flags) refuse() bool { return bool(f.Error) || bool(f.Errors) || bool(f.Success) }

// saysFailed reports whether a response has a "status" that reports a failure, as many PHP programs write it.
func saysFailed(body phpjson.Value) bool {
	status := body.Member("status")
	if !status.Exists() {
		return false
	}
	word := strings.Trim(string(status.Raw()), `"`)
	return slices.Contains([]string{"false", "error", "fail", "failed", "failure"}, strings.ToLower(word))
}

// fault is set if a property exists and is not false. lack is set if a property is false and not null. False is in any of the forms
// that PHP programs write. One occurrence is enough, because a name may be repeated, also in a different case.
type (
	fault bool
	lack  bool
)

// UnmarshalJSON sets f if the value is not false.
func (f *fault) UnmarshalJSON(b []byte) error {
	value, err := phpjson.Parse(b)
	*f = *f || err != nil || fault(!value.IsFalse())
	return err
}

// UnmarshalJSON sets l if the value is false and not null.
func (l *lack) UnmarshalJSON(b []byte) error {
	value, err := phpjson.Parse(b)
	*l = *l || string(b) != "null" && lack(value.IsFalse())
	return err
}
