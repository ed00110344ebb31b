package tgo

import (
	"encoding/json"
	"net/url"
	"strings"
)

// redactor masks API keys in what is shown to people.
type redactor struct{ key *strings.Replacer }

func newRedactor(key string) *redactor {
	forms := []string{key, url.QueryEscape(key), url.PathEscape(key), strings.ReplaceAll(key, "/", `\/`)}
	if quoted, err := json.Marshal(key); err == nil {
		forms = append(forms, strings.Trim(string(quoted), `"`))
	}
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, maskedKey)
	}
	return &redactor{key: strings.NewReplacer(pairs...)}
}

func (r *redactor) mask(s string) string {
	return maskAnyKey(r.key.Replace(s))
}

// maskedError shows an error of someone else's making without the key in it.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.err }

func (r *redactor) maskError(err error) error {
	text := err.Error()
	if masked := r.mask(text); masked != text {
		return &maskedError{text: masked, err: err}
	}
	return err
}
