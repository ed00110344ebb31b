package tgotest

import (
	"errors"
	"fmt"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// NewKey adds a key with these scopes, and without an expiry.
func (s *Server) NewKey(scopes ...tgo.Scope) tgo.Key {
	return s.AddKey(Key{Name: "test", Scopes: scopes})
}

// AddKey adds a key. If PlainText is empty, the fake generates it. A key with the same text is replaced.
func (s *Server) AddKey(k Key) tgo.Key {
	if k.PlainText == "" {
		k.PlainText = newPlainKey()
	}
	s.workspace.ReplaceKey(k.forWorkspace())
	s.changed()
	return tgo.NewKey(k.PlainText)
}

// RevokeKey revokes a key at once. It reports whether the key existed and worked.
func (s *Server) RevokeKey(key tgo.Key) bool {
	revoked := s.workspace.RevokeText(key.Reveal())
	s.changed()
	return revoked
}

// ClientWith returns a client of this fake with another key.
func (s *Server) ClientWith(key tgo.Key, opts ...tgo.Option) (*tgo.Client, error) {
	return tgo.New("", key, append([]tgo.Option{tgo.WithBaseURL(s.URL)}, opts...)...)
}

// AddSenderNumber adds a phone to send from and returns it with its id. The phone is read by [tgo.ParsePhone]. It panics
// if the phone is not valid, if another number has the phone or the id, or if the contract does not have the state, unless
// Config.UnknownFields is set.
func (s *Server) AddSenderNumber(n SenderNumber) SenderNumber {
	added, err := s.addSender(n)
	if err != nil {
		panic(fmt.Errorf("tgotest: %w", err))
	}
	return added
}

// addSender adds a sender number, unless something is wrong with it.
func (s *Server) addSender(n SenderNumber) (SenderNumber, error) {
	n, err := s.cfg.checkedSender(n)
	if err != nil {
		return n, err
	}
	added, err := s.workspace.AddSender(n.forWorkspace())
	if err != nil {
		return n, senderTwice(n, errors.Is(err, workspace.ErrPhoneTaken))
	}
	s.changed()
	return senderNumberOf(added), nil
}

// SetSenderStatus changes the two states of a sender number; an empty one stays as it is. It reports whether there is
// such a number, and panics with a state that the contract does not have, unless Config.UnknownFields is set.
func (s *Server) SetSenderStatus(id tgo.NumberID, status, verificationStatus string) bool {
	if err := s.cfg.checkStatus(status, verificationStatus); err != nil {
		panic(fmt.Errorf("tgotest: %w", err))
	}
	_, ok := s.workspace.SetSender(id, status, verificationStatus)
	s.changed()
	return ok
}

// SetContact changes the state of a contact, or adds one; the empty state is [ContactReachable]. The phone is read by
// [tgo.ParsePhone]. It panics if that fails, or if the state is not valid.
func (s *Server) SetContact(phone tgo.Phone, state ContactState) {
	if _, err := s.setContact(Contact{phone, state}); err != nil {
		panic(fmt.Errorf("tgotest: %w", err))
	}
}

func (s *Server) setContact(c Contact) (Contact, error) {
	c, err := c.checked()
	if err != nil {
		return c, err
	}
	s.workspace.SetContact(c.forWorkspace())
	s.changed()
	return c, nil
}

// changed notifies the inbox that something other than a request has changed the state.
func (s *Server) changed() { s.traffic.Changed(traffic.EventState) }
