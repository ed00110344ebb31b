package tgotest

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// Seed is what exists in the workspace at the beginning. [Start] returns an error if two keys have the same text, two
// sender numbers the same phone or id, or two contacts the same phone, and for a scope, a phone or a state that is not valid.
type Seed struct {
	// Keys are the API keys. By default there is one, with all scopes and a random text.
	Keys []Key `json:"keys"`
	// SenderNumbers are the phones to send from. By default there is one that can send.
	SenderNumbers []SenderNumber `json:"sender_numbers"`
	// Contacts are the people with a phone on TGO Connect. By default there is one, who can be reached.
	Contacts []Contact `json:"contacts"`
	// Strangers is the state of everyone else; by default they can be reached too.
	Strangers ContactState `json:"strangers"`
}

// Key is an API key of the fake.
type Key struct {
	// PlainText is the key itself.
	PlainText string `json:"key"`
	// Name is the name of the key.
	Name string `json:"name"`
	// Scopes are its permissions. Without scopes it can only call operations that require none.
	Scopes []tgo.Scope `json:"scopes"`
	// ExpiresAt is when it expires; the zero time means never.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// SenderNumber is a phone to send from. It can send when Status and VerificationStatus are both "active".
type SenderNumber struct {
	// ID must not be negative. If it is 0, the fake chooses one.
	ID tgo.NumberID `json:"id"`
	// Phone is its phone.
	Phone tgo.Phone `json:"phone"`
	// DisplayName may be empty.
	DisplayName string `json:"display_name"`
	// Status is "active" by default. The API knows pending_verification, pending_account_verification, rejected, suspended
	// and removed too; others need Config.UnknownFields. A removed number stays in the list.
	Status string `json:"status"`
	// VerificationStatus is "active" by default. The API knows pending_verification, pending_account_verification and
	// rejected too; others need Config.UnknownFields.
	VerificationStatus string `json:"verification_status"`
}

// Contact is a person with a phone.
type Contact struct {
	Phone tgo.Phone    `json:"phone"`
	State ContactState `json:"state"`
}

// ContactState says whether a person can receive messages.
type ContactState string

// The states of a contact. All but ContactReachable refuse messages; how the API words that is assumed.
const (
	ContactReachable   ContactState = "reachable"
	ContactUnreachable ContactState = "unreachable"
	// ContactUnverified means that the account has not verified the phone.
	ContactUnverified ContactState = "unverified"
	// ContactUnknown means that no account has the phone.
	ContactUnknown ContactState = "unknown"
)

// contactStates are the states that a contact can have.
var contactStates = []ContactState{ContactReachable, ContactUnreachable, ContactUnverified, ContactUnknown}

// ReadSeed reads a seed from JSON, as the seed file of tgo fake has it. An unknown field is an error.
func ReadSeed(r io.Reader) (Seed, error) {
	var s Seed
	if err := readObject(r, &s); err != nil {
		return Seed{}, fmt.Errorf("tgotest: seed: %w", err)
	}
	return s, nil
}

// readObject reads a JSON object, with known fields only and nothing after it, into what v points to.
func readObject(r io.Reader, v any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return err
	}
	if v == nil {
		return errors.New("null is not a JSON object")
	}
	if _, end := d.Token(); end != io.EOF {
		return errors.New("there is text after the JSON object: remove it")
	}
	return nil
}

// checkedSeed returns the seed with its phones in E.164 form and an id for each sender number, or what is wrong with it.
func (c *Config) checkedSeed() (Seed, error) {
	s := c.Seed
	if !slices.Contains(contactStates, s.Strangers) {
		return s, fmt.Errorf("tgotest: seed: strangers: %q is not a valid state of a contact", s.Strangers)
	}
	texts := map[string]bool{}
	for _, k := range s.Keys {
		for _, scope := range k.Scopes {
			if !scope.Valid() {
				return s, fmt.Errorf("tgotest: seed: key %q: %q is not a valid scope", k.Name, scope)
			}
		}
		if texts[k.PlainText] {
			return s, fmt.Errorf("tgotest: seed: key %q has the same text as another key: give it its own", k.Name)
		}
		texts[k.PlainText] = true
	}
	s.SenderNumbers = slices.Clone(s.SenderNumbers)
	numbers, ids := map[tgo.Phone]bool{}, map[tgo.NumberID]bool{}
	for i, n := range s.SenderNumbers {
		n, err := c.checkedSender(n)
		if err != nil {
			return s, fmt.Errorf("tgotest: seed: %w", err)
		}
		if numbers[n.Phone] || (n.ID != 0 && ids[n.ID]) {
			return s, fmt.Errorf("tgotest: seed: %w", senderTwice(n, numbers[n.Phone]))
		}
		numbers[n.Phone], ids[n.ID], s.SenderNumbers[i] = true, true, n
	}
	var last tgo.NumberID
	for i := range s.SenderNumbers {
		id := &s.SenderNumbers[i].ID
		if *id == 0 {
			for *id = last + 1; ids[*id]; *id++ { // an id that is given further down is not free
			}
		}
		last = max(last, *id)
	}
	s.Contacts = slices.Clone(s.Contacts)
	people := map[tgo.Phone]bool{}
	for i, contact := range s.Contacts {
		contact, err := contact.checked()
		if err != nil {
			return s, fmt.Errorf("tgotest: seed: %w", err)
		}
		if people[contact.Phone] {
			return s, fmt.Errorf("tgotest: seed: contact %q is listed twice: remove one", contact.Phone)
		}
		people[contact.Phone], s.Contacts[i] = true, contact
	}
	return s, nil
}

// checkedSender returns a sender number with its phone in E.164 form, or what is wrong with it.
func (c *Config) checkedSender(n SenderNumber) (SenderNumber, error) {
	phone, err := tgo.ParsePhone(string(n.Phone))
	if err == nil && n.ID < 0 {
		err = fmt.Errorf("id: %d is below 0", n.ID)
	}
	if err == nil {
		err = c.checkStatus(n.Status, n.VerificationStatus)
	}
	if err != nil {
		return n, fmt.Errorf("sender number %q: %w", n.Phone, err)
	}
	n.Phone = phone
	return n, nil
}

func (k Key) forWorkspace() workspace.Key {
	return workspace.Key{PlainText: k.PlainText, Name: k.Name, Scopes: k.Scopes, ExpiresAt: k.ExpiresAt}
}

func (n SenderNumber) forWorkspace() workspace.Sender {
	return workspace.Sender{ID: n.ID, Phone: n.Phone, DisplayName: n.DisplayName, Status: n.Status, VerificationStatus: n.VerificationStatus}
}

func senderNumberOf(n workspace.Sender) SenderNumber {
	return SenderNumber{ID: n.ID, Phone: n.Phone, DisplayName: n.DisplayName, Status: n.Status, VerificationStatus: n.VerificationStatus}
}

func (c Contact) forWorkspace() workspace.Contact {
	return workspace.Contact{Phone: c.Phone, State: workspace.ContactState(c.State)}
}

// senderTwice says that there is another sender number with the phone of this one or, if not, with its id.
func senderTwice(n SenderNumber, samePhone bool) error {
	if samePhone {
		return fmt.Errorf("sender number %q: another sender number has this phone: use a different one", n.Phone)
	}
	return fmt.Errorf("sender number %q: another sender number has the id %d: use a different one", n.Phone, n.ID)
}

// checkStatus checks that the contract has the two states of a sender number: a mistyped word would not change what the number
// can do, or not in the way that was meant.
func (c *Config) checkStatus(status, verificationStatus string) error {
	for _, given := range [][2]string{{"status", status}, {"verification_status", verificationStatus}} {
		field, word := given[0], given[1]
		if words := contract.StatusWords(field); word != "" && !c.UnknownFields && !slices.Contains(words, any(word)) {
			return fmt.Errorf("%s: %q is not one of %s", field, word, strings.Trim(fmt.Sprint(words), "[]"))
		}
	}
	return nil
}

// checked returns the contact with its phone in E.164 form, or what is wrong with it.
func (c Contact) checked() (Contact, error) {
	phone, err := tgo.ParsePhone(string(c.Phone))
	if err == nil && c.State != "" && !slices.Contains(contactStates, c.State) {
		err = fmt.Errorf("state: %q is not a valid state of a contact", c.State)
	}
	if err != nil {
		return c, fmt.Errorf("contact %q: %w", c.Phone, err)
	}
	return Contact{phone, c.State}, nil
}

func newPlainKey() string { return "tgo_" + rand.Text() }
