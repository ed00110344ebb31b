package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
)

// writeJSON writes a value as one line. Characters that control a terminal are escaped, which does not change the value.
func writeJSON(out io.Writer, v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	var line strings.Builder
	for _, r := range b.String() {
		if r != '\n' && steers(r) {
			fmt.Fprintf(&line, `\u%04x`, r)
		} else {
			line.WriteRune(r)
		}
	}
	_, err := io.WriteString(out, line.String())
	return err
}

// failure is an error as --json shows it, on stderr for every command.
type failure struct {
	Delivery   string              `json:"delivery"`
	Error      string              `json:"error"`
	ExitCode   int                 `json:"exit_code"`
	Status     int                 `json:"status,omitempty"`
	Fields     map[string][]string `json:"fields,omitempty"`
	RetryAfter float64             `json:"retry_after_seconds,omitempty"`
	RequestID  string              `json:"request_id,omitempty"`
}

func failureOf(err error) failure {
	f := failure{Delivery: deliveryText(err), Error: inWordsOf(err), ExitCode: codeOf(err)}
	var refused *tgo.APIError
	if errors.As(err, &refused) {
		f.Status, f.Fields, f.RequestID = refused.Status, refused.Fields, refused.RequestID
		f.RetryAfter = refused.RetryAfter.Seconds()
	}
	var input *tgo.InputError
	if errors.As(err, &input) {
		f.Fields = map[string][]string{}
		for _, field := range input.Fields {
			f.Fields[field.Field] = append(f.Fields[field.Field], field.Rule)
		}
	}
	return f
}
