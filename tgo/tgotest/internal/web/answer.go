package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Refusal is a response other than success, as an error.
type Refusal struct {
	Status  int
	Message string
}

// Error is for the error interface.
func (e *Refusal) Error() string { return e.Message }

// Refuse returns a [Refusal].
func Refuse(status int, format string, args ...any) error {
	return &Refusal{status, fmt.Sprintf(format, args...)}
}

// NoPages is the Content-Security-Policy of responses that are not pages.
const NoPages = "default-src 'none'; frame-ancestors 'none'"

// WriteJSON writes a response of the admin API. An error is a [Refusal].
func WriteJSON(w http.ResponseWriter, status int, answer any, err error) {
	var refused *Refusal
	if errors.As(err, &refused) {
		status, answer = refused.Status, struct {
			Message string `json:"message"`
		}{refused.Message}
	} else if err != nil {
		panic(err) // no other error is returned
	}
	SecureHeaders(w, NoPages)
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// SecureHeaders sets the headers of everything that a browser may show. policy is the Content-Security-Policy.
func SecureHeaders(w http.ResponseWriter, policy string) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
}
