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

// Receipt is what the API answers to a message that it accepted. Fields that the API may answer with null are then zero.
//
// Its fields:
//
//	ID               int64     // of the entry in the message log
//	SenderNumberID   int64     // the number it went out from
//	RecipientUserID  int64     // the recipient's user on TGO Connect; may be null
//	ConversationID   int64     // on TGO Connect; may be null
//	MessageID        int64     // on TGO Connect; may be null
//	MessageType      string    // text, image, voice or document
//	Content          string    // the text or the caption
//	Status           string    // "sent" is the only known one
//	SentAt           time.Time // may be null
type Receipt = gen.SentMessage

// readReceipt reads the receipt in the answer to a message: an object with an id, in data or as the answer itself, with no error
// named beside it. Beside an error there is no receipt, and the error says the id that a person may look for. found says that it is there; err then is about the rest of it. Where the JSON is whole, it does not matter that
// the answer was cut after it.
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
	case inData: // a status beside it is not that of a message
		refused = refused || saysFailed(body)
	}
	switch {
	case receipt.ID > 0 && !refused:
		return receipt, true, err
	case refused && receipt.ID > 0:
		err = fmt.Errorf("it tells of an error, and of a message with the id %d", receipt.ID)
	case refused:
		err = errors.New("it tells of an error")
	case err == nil:
		err = errors.New(`it has no "id" of a message`)
	}
	return Receipt{}, false, cmp.Or(a.Err, whyNotJSON(a), err)
}

// flags are what may say that a message was not accepted, beside a receipt or in it.
type flags struct {
	Error   fault `json:"error"`
	Errors  fault `json:"errors"`
	Success lack  `json:"success"`
}

func (f flags) refuse() bool { return bool(f.Error) || bool(f.Errors) || bool(f.Success) }

// saysFailed reports whether an answer has a status of its own, as many PHP programs write it, that is none of success.
func saysFailed(body phpjson.Value) bool {
	status := body.Member("status")
	if !status.Exists() {
		return false
	}
	word := strings.Trim(string(status.Raw()), `"`)
	return slices.Contains([]string{"false", "error", "fail", "failed", "failure"}, strings.ToLower(word))
}

// fault notes that a property was there and not false, and lack that it was false and not null, in any of the forms in which PHP
// programs say false, be it once: a name may come again, and names may differ in case.
type (
	fault bool
	lack  bool
)

// UnmarshalJSON notes it.
func (f *fault) UnmarshalJSON(b []byte) error {
	value, err := phpjson.Parse(b)
	*f = *f || err != nil || fault(!value.IsFalse())
	return err
}

// UnmarshalJSON notes it.
func (l *lack) UnmarshalJSON(b []byte) error {
	value, err := phpjson.Parse(b)
	*l = *l || string(b) != "null" && lack(value.IsFalse())
	return err
}
