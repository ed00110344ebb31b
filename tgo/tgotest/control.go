package tgotest

import "github.com/tgo-business/tgo-go/tgo"

// NewKey adds a key with these scopes, and without an expiry.
func (s *Server) NewKey(scopes ...tgo.Scope) tgo.Key {
	return s.AddKey(Key{Name: "test", Scopes: scopes})
}

// AddKey adds a key. Its text is made up where it is empty.
func (s *Server) AddKey(k Key) tgo.Key {
	if k.PlainText == "" {
		k.PlainText = newPlainKey()
	}
	s.state.addKey(k)
	return tgo.NewKey(k.PlainText)
}

// RevokeKey revokes a key at once. It reports whether there was one that worked.
func (s *Server) RevokeKey(key tgo.Key) bool {
	return s.state.revokeText(key.Reveal())
}

// ClientWith returns a client of this fake with another key.
func (s *Server) ClientWith(key tgo.Key, opts ...tgo.Option) (*tgo.Client, error) {
	return tgo.New("", key, append([]tgo.Option{tgo.WithBaseURL(s.URL)}, opts...)...)
}

// AddSenderNumber adds a phone to send from and returns it with its id.
func (s *Server) AddSenderNumber(n SenderNumber) SenderNumber { return s.state.addSender(n) }

// SetSenderStatus changes the two states of a sender number; an empty one stays as it is. It reports whether there is
// such a number.
func (s *Server) SetSenderStatus(id tgo.NumberID, status, verificationStatus string) bool {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	n := s.state.sender("", id)
	if n == nil {
		return false
	}
	if status != "" {
		n.Status = status
	}
	if verificationStatus != "" {
		n.VerificationStatus = verificationStatus
	}
	return true
}

// SetContact changes the state of a contact, or adds one.
func (s *Server) SetContact(phone tgo.Phone, state ContactState) { s.state.setContact(phone, state) }
