package tgo

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"mime"

	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
)

// decode reads the JSON of a success into v: what is in data, or all of it where there is no data, for of some answers the
// documentation does not say. An answer that cannot be read is an *APIError that shows what came, and v then holds what could
// be read of it. Each property in required must be there and not be null: without it, the answer would read as something that
// it is not.
func (c *Client) decode(op operation, a exchange.Answer, v any, required ...string) error {
	body, err := parse(a)
	if err == nil {
		err = readObject(withoutEnvelope(body), v, required...)
	}
	if err != nil {
		return c.unreadable(op, a, err)
	}
	return nil
}

// readObject reads an object that has the required properties.
func readObject(object phpjson.Value, v any, required ...string) error {
	if err := object.Read(v); err != nil {
		return err
	}
	for _, name := range required {
		if !object.Member(name).Exists() {
			return fmt.Errorf("it has no %q", name)
		}
	}
	return nil
}

// parse reads an answer that has come whole.
func parse(a exchange.Answer) (phpjson.Value, error) {
	if err := cmp.Or(a.Err, whyNotJSON(a)); err != nil {
		return phpjson.Value{}, err
	}
	return phpjson.Parse(trimJSON(a.Body))
}

// withoutEnvelope is what is in data, or all of the body where there is no data.
func withoutEnvelope(body phpjson.Value) phpjson.Value {
	if data := body.Member("data"); data.Exists() {
		return data
	}
	return body
}

// whyNotJSON says what an answer is that is plainly not JSON; nil where it may be.
func whyNotJSON(a exchange.Answer) error {
	switch {
	case len(trimJSON(a.Body)) == 0:
		return errors.New("it is empty")
	case isHTML(a):
		return errors.New("it is an HTML page, not JSON")
	}
	return nil
}

// notRead is the error of JSON that cannot be read. Of the value in it, the error shows the beginning. The value is masked before
// that: in so short a piece, a key would no longer be known.
func (c *Client) notRead(err error) error {
	if wrong := (*phpjson.Error)(nil); errors.As(err, &wrong) {
		wrong.Value = c.mask.Text(wrong.Value)
	}
	return fmt.Errorf("%w: %w", ErrUnreadable, cause{c.mask.Error(err)})
}

// trimJSON takes off the white space and the byte order mark that may stand before JSON.
func trimJSON(b []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\ufeff")))
}

// isHTML reports whether an answer is a page, as proxies and login forms send.
func isHTML(a exchange.Answer) bool {
	mediaType, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return mediaType == "text/html" || mediaType == "application/xhtml+xml" || bytes.HasPrefix(trimJSON(a.Body), []byte("<"))
}
