package tgo

import (
	"encoding/json"
	"net/url"
	"strings"
)

// redactor masks API keys in what is shown to people.
type redactor struct {
	key    *strings.Replacer
	ending func(s string) int // how many characters at the end of a text begin a key; a function, because fmt would print the key
}

func newRedactor(key string) *redactor {
	forms := []string{key, url.QueryEscape(key), url.PathEscape(key), strings.ReplaceAll(key, "/", `\/`)}
	if quoted, err := json.Marshal(key); err == nil {
		forms = append(forms, strings.Trim(string(quoted), `"`))
	}
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, maskedKey)
	}
	ending := func(s string) int {
		for n := min(len(key)-1, len(s)); n >= 4; n-- { // fewer give nothing away
			if strings.HasSuffix(s, key[:n]) {
				return n
			}
		}
		return 0
	}
	return &redactor{key: strings.NewReplacer(pairs...), ending: ending}
}

func (r *redactor) mask(s string) string {
	return maskAnyKey(r.key.Replace(s))
}

// maskCut masks a text that may be cut within a key.
func (r *redactor) maskCut(s string) string {
	s = r.mask(s)
	if n := r.ending(s); n > 0 {
		s = s[:len(s)-n] + maskedKey
	}
	return s
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
