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

// decode reads the JSON of a 2xx response into v: the value of "data", or the whole body if there is no "data", because for some
// responses the documentation does not say which. If the response cannot be read, the error is an *APIError that shows it, and v has
// the values that could be read. Each property in required must exist and not be null: without it, a wrong response could be read
// as a valid one.
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

// readObject reads an object, which must have the required properties.
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

// parse parses the body of a response, which must be complete.
func parse(a exchange.Answer) (phpjson.Value, error) {
	if err := cmp.Or(a.Err, whyNotJSON(a)); err != nil {
		return phpjson.Value{}, err
	}
	return phpjson.Parse(trimJSON(a.Body))
}

// withoutEnvelope returns the value of "data", or the whole body if there is no "data".
func withoutEnvelope(body phpjson.Value) phpjson.Value {
	if data := body.Member("data"); data.Exists() {
		return data
	}
	return body
}

// whyNotJSON returns an error if a response is obviously not JSON, and nil if it may be.
func whyNotJSON(a exchange.Answer) error {
	switch {
	case len(trimJSON(a.Body)) == 0:
		return errors.New("it is empty")
	case isHTML(a):
		return errors.New("it is an HTML page, not JSON")
	}
	return nil
}

// notRead returns the error for JSON that cannot be read. The error shows the beginning of the value. The value is masked before it
// is cut, because a key that is cut would not be recognized.
func (c *Client) notRead(err error) error {
	if wrong := (*phpjson.Error)(nil); errors.As(err, &wrong) {
		wrong.Value = c.mask.Text(wrong.Value)
	}
	return fmt.Errorf("%w: %w", ErrUnreadable, cause{c.mask.Error(err)})
}

// trimJSON removes the white space around JSON, and the byte order mark before it.
func trimJSON(b []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\ufeff")))
}

// isHTML reports whether a response is an HTML page, such as proxies and login forms send.
func isHTML(a exchange.Answer) bool {
	mediaType, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return mediaType == "text/html" || mediaType == "application/xhtml+xml" || bytes.HasPrefix(trimJSON(a.Body), []byte("<"))
}
