package tgotest

import (
	"net/http"
	"slices"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

type adminKey struct {
	ID        int64       `json:"id"`
	Name      string      `json:"name"`
	Key       string      `json:"key"`
	Scopes    []tgo.Scope `json:"scopes"`
	Status    string      `json:"status"`
	ExpiresAt *time.Time  `json:"expires_at"`
}

func (s *Server) shownKey(k workspace.Key) adminKey {
	scopes := k.Scopes
	if scopes == nil {
		scopes = []tgo.Scope{}
	}
	return adminKey{k.ID, k.Name, k.PlainText, scopes, k.Status(s.cfg.Now()), nullableTime(k.ExpiresAt)}
}

func (s *Server) adminKeys(handle adminHandle) {
	handle("GET /keys", http.StatusOK, func(*http.Request) (any, error) {
		list := []adminKey{}
		for _, k := range s.workspace.Keys() {
			list = append(list, s.shownKey(k))
		}
		return list, nil
	})
	handle("POST /keys", http.StatusCreated, func(r *http.Request) (any, error) {
		var k Key
		if err := readAdmin(r, &k); err != nil {
			return nil, err
		}
		for _, scope := range k.Scopes {
			if !scope.Valid() {
				return nil, web.Refuse(http.StatusUnprocessableEntity, "%q is not a valid scope.", scope)
			}
		}
		if k.PlainText == "" {
			k.PlainText = newPlainKey()
		}
		added, ok := s.workspace.AddKey(k.forWorkspace())
		if !ok {
			return nil, web.Refuse(http.StatusUnprocessableEntity, "This key already exists.")
		}
		s.changed()
		return s.shownKey(added), nil
	})
	handle("DELETE /keys/{id}", http.StatusNoContent, func(r *http.Request) (any, error) {
		id := idOf(r)
		if !s.workspace.RevokeKey(id) {
			return nil, web.Refuse(http.StatusNotFound, "There is no such key, or it is already revoked.")
		}
		s.changed()
		return nil, nil
	})
}

func checkState(state ContactState) error {
	if !slices.Contains(contactStates, state) {
		return web.Refuse(http.StatusUnprocessableEntity, "%q is not a valid state of a contact.", state)
	}
	return nil
}

type adminContacts struct {
	Contacts  []Contact    `json:"contacts"`
	Strangers ContactState `json:"strangers"`
}

func (s *Server) adminPeople(handle adminHandle) {
	handle("GET /contacts", http.StatusOK, func(*http.Request) (any, error) {
		known, strangers := s.workspace.Contacts()
		all := adminContacts{[]Contact{}, ContactState(strangers)}
		for _, c := range known {
			all.Contacts = append(all.Contacts, Contact{c.Phone, ContactState(c.State)})
		}
		return all, nil
	})
	type stateOnly struct {
		State ContactState `json:"state"`
	}
	readState := func(r *http.Request) (body stateOnly, err error) {
		if err = readAdmin(r, &body); err == nil {
			err = checkState(body.State)
		}
		return body, err
	}
	handle("PUT /contacts/{phone}", http.StatusOK, func(r *http.Request) (any, error) {
		body, err := readState(r)
		if err != nil {
			return nil, err
		}
		contact, err := s.setContact(Contact{tgo.Phone(r.PathValue("phone")), body.State})
		if err != nil {
			return nil, web.Refuse(http.StatusUnprocessableEntity, "%v.", err)
		}
		return contact, nil
	})
	handle("PUT /strangers", http.StatusOK, func(r *http.Request) (any, error) {
		body, err := readState(r)
		if err != nil {
			return nil, err
		}
		s.workspace.SetStrangers(workspace.ContactState(body.State))
		s.changed()
		return body, nil
	})
	handle("GET /senders", http.StatusOK, func(*http.Request) (any, error) {
		list := []SenderNumber{}
		for _, n := range s.workspace.Senders() {
			list = append(list, senderNumberOf(n))
		}
		return list, nil
	})
	handle("POST /senders", http.StatusCreated, func(r *http.Request) (any, error) {
		var n SenderNumber
		if err := readAdmin(r, &n); err != nil {
			return nil, err
		}
		added, err := s.addSender(n)
		if err != nil {
			return nil, web.Refuse(http.StatusUnprocessableEntity, "%v.", err)
		}
		return added, nil
	})
	handle("PUT /senders/{id}", http.StatusOK, func(r *http.Request) (any, error) {
		var body struct {
			Status             string `json:"status"`
			VerificationStatus string `json:"verification_status"`
		}
		if err := readAdmin(r, &body); err != nil {
			return nil, err
		}
		if err := s.cfg.checkStatus(body.Status, body.VerificationStatus); err != nil {
			return nil, web.Refuse(http.StatusUnprocessableEntity, "%v.", err)
		}
		n, ok := s.workspace.SetSender(tgo.NumberID(idOf(r)), body.Status, body.VerificationStatus)
		if !ok {
			return nil, web.Refuse(http.StatusNotFound, "There is no such sender number.")
		}
		s.changed()
		return senderNumberOf(n), nil
	})
}
