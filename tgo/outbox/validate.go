package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/tgo-business/tgo-go/tgo"
)

// validator validates a message when it is added: it sends the message with a client whose transport discards it, so that the client makes
// the same checks as for a real send. For media it also records the content type, size and checksum.
type validator struct{ client *tgo.Client }

func newValidator() (validator, error) {
	client, err := tgo.New("outbox.invalid", tgo.NewKey("tgo_none"),
		tgo.WithHTTPClient(&http.Client{Transport: discardTransport{}}), tgo.WithWriteRetries())
	return validator{client}, err
}

// notedKey is the key of the *noted in a request's context.
type notedKey struct{}

// noted is what the validator records about media.
type noted struct {
	content

	contentType string
}

// check returns the error that a send would return, and what was recorded about the media.
func (v validator) check(ctx context.Context, m Message, open Opener) (noted, error) {
	var n noted
	ctx = context.WithValue(ctx, notedKey{}, &n)
	file, err := file(ctx, m.Media, open)
	if err == nil {
		_, err = deliver(ctx, v.client, m, file)
	}
	return n, err
}

// discardTransport is a transport that reads a request, sends nothing, and responds that it was accepted.
type discardTransport struct{}

// RoundTrip reads the request's body.
func (discardTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	defer req.Body.Close()
	mediaType, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	if n, ok := req.Context().Value(notedKey{}).(*noted); ok && mediaType == "multipart/form-data" {
		err = n.read(multipart.NewReader(req.Body, params["boundary"]))
	} else {
		_, err = io.Copy(io.Discard, req.Body)
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusCreated, Request: req, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"data":{"id":1}}`)),
	}, nil
}

// read records size, checksum and content type of the form's file.
func (n *noted) read(form *multipart.Reader) error {
	for {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		hash := sha256.New()
		size, err := io.Copy(hash, part)
		if err != nil {
			return err
		}
		if part.FileName() != "" {
			n.content = content{Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}
			n.contentType = part.Header.Get("Content-Type")
		}
	}
}

// problems returns what is wrong with a message that the client does not check.
func (m Message) problems(hasOpener bool) []tgo.FieldError {
	var found []tgo.FieldError
	add := func(field, rule string) { found = append(found, tgo.FieldError{Field: field, Rule: rule}) }
	switch {
	case m.From == "" && m.FromNumber == 0:
		add("From", "must be given: the phone of the sender number, or FromNumber, its id")
	case m.From != "" && m.FromNumber != 0:
		add("FromNumber", "must not be given together with From")
	case m.sender() == "":
		add("From", "must be a phone in E.164 form, such as +201010000000")
	}
	if rule := keyProblem(m.Key); rule != "" {
		add("Key", rule)
	}
	if m.Priority < 0 || m.Priority > Bulk {
		add("Priority", "must be Code, Normal or Bulk")
	}
	if year := m.At.Year(); !m.At.IsZero() && (year < 2000 || year > 9999) {
		add("At", "must be in the years 2000 to 9999; the zero time means immediately")
	}
	if strings.ContainsRune(m.Text, 0) {
		add("Text", "must not contain NUL, which PostgreSQL cannot store")
	}
	if m.Media == nil {
		return found
	}
	switch m.Media.Type {
	case tgo.TypeImage, tgo.TypeVoice, tgo.TypeDocument:
	default:
		add("Media.Type", "must be image, voice or document")
	}
	switch {
	case m.Media.Ref == "" && len(m.Media.Data) == 0:
		add("Media", "must have a Ref or Data")
	case m.Media.Ref != "" && len(m.Media.Data) != 0:
		add("Media", "must have a Ref or Data, not both")
	case m.Media.Ref != "" && !hasOpener:
		add("Media.Ref", "cannot be opened: set Config.Open, for example to OpenPath")
	case len(m.Media.Data) > MaxData:
		add("Media.Data", fmt.Sprintf("must be at most %d bytes; it has %d. Use Ref instead", MaxData, len(m.Media.Data)))
	case m.Media.Ref == "" && m.Media.Name == "":
		add("Media.Name", "must be given with Data")
	}
	if text := m.Media.Ref + m.Media.Name + m.Media.ContentType; strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		add("Media", "must have a Ref, a Name and a ContentType in UTF-8 without NUL")
	}
	if m.Media.Type != tgo.TypeVoice && m.Media.Duration != 0 {
		add("Media.Duration", "is only for voice notes")
	}
	return found
}

// keyProblem returns what is wrong with a key, or an empty string.
func keyProblem(key string) string {
	switch {
	case len(key) > MaxKey:
		return fmt.Sprintf("must be at most %d bytes long; it has %d", MaxKey, len(key))
	case strings.ContainsRune(key, 0) || !utf8.ValidString(key):
		return "must be UTF-8 without NUL"
	}
	return ""
}
