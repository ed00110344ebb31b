package tgotest

import (
	"net/http"
	"slices"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// optionsAnswer lists the words that the inbox offers. The page has no copy of them.
type optionsAnswer struct {
	Operations           []string       `json:"operations"`
	FaultKinds           []faultOption  `json:"fault_kinds"`
	Presets              []faultPreset  `json:"presets"`
	ContactStates        []ContactState `json:"contact_states"`
	SenderStatuses       []any          `json:"sender_statuses"`
	VerificationStatuses []any          `json:"verification_statuses"`
	Scopes               []any          `json:"scopes"`
	DoubledWithinMS      int64          `json:"doubled_within_ms"`
}

func (s *Server) options(*http.Request) (any, error) {
	options := optionsAnswer{
		FaultKinds: faultOptions(), Presets: faultPresets, ContactStates: contactStates, SenderStatuses: contract.StatusWords("status"),
		VerificationStatuses: contract.StatusWords("verification_status"), Scopes: contract.ScopeWords(), DoubledWithinMS: s.cfg.DoubledWithin.Milliseconds(),
	}
	for id := range s.faults.operations {
		options.Operations = append(options.Operations, id)
	}
	slices.Sort(options.Operations)
	return options, nil
}
