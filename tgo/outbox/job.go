package outbox

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Schema is the JSON Schema of a job's arguments, for programs in other languages that add messages.
//
//go:embed job.schema.json
var Schema []byte

// jobVersion is the version of the arguments. A new version goes into job.schema.json too.
const jobVersion = 1

// jobArgs are the arguments of a job as they are stored in the database. They are decoded when the job is worked, so that a job with invalid
// arguments becomes a rejected message.
type jobArgs struct{ raw json.RawMessage }

// Kind returns the kind of the job.
func (jobArgs) Kind() string { return Kind }

// MarshalJSON returns the stored arguments.
func (a jobArgs) MarshalJSON() ([]byte, error) { return a.raw, nil }

// UnmarshalJSON stores the arguments.
func (a *jobArgs) UnmarshalJSON(b []byte) error {
	a.raw = bytes.Clone(b)
	return nil
}

// wire is a message in the arguments of its job.
type wire struct {
	Version    int        `json:"version"`
	From       string     `json:"from,omitempty"`
	FromNumber int64      `json:"from_number,omitempty"`
	To         string     `json:"to,omitempty"`
	Type       string     `json:"type,omitempty"`
	Text       string     `json:"text,omitempty"`
	Media      *wireMedia `json:"media,omitempty"`
	Key        string     `json:"key,omitempty"`
	Sealed     []byte     `json:"sealed,omitempty"` // all of the above, encrypted: a nonce and the ciphertext
}

type wireMedia struct {
	Ref         string  `json:"ref,omitempty"`
	Data        []byte  `json:"data,omitempty"`
	Name        string  `json:"name,omitempty"`
	ContentType string  `json:"content_type,omitempty"`
	Duration    float64 `json:"duration,omitempty"` // in seconds
	content
}

// content is what was recorded about the content of media when the message was added. It is zero if another program added the message without
// it.
type content struct {
	Size   int64  `json:"size,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

// encode returns the arguments for a message.
func (b *Box[TTx]) encode(m Message, noted content) (json.RawMessage, error) {
	w := wire{
		Version: jobVersion, From: string(m.From), FromNumber: int64(m.FromNumber), To: string(m.To), Type: tgo.TypeText, Text: m.Text, Key: m.Key,
	}
	if m.Media != nil {
		w.Type = m.Media.Type
		w.Media = &wireMedia{
			Ref: m.Media.Ref, Data: m.Media.Data, Name: m.Media.Name, ContentType: m.Media.ContentType,
			Duration: m.Media.Duration.Seconds(), content: noted,
		}
	}
	plain, err := json.Marshal(w)
	if err != nil || len(b.cfg.Ciphers) == 0 {
		return plain, err
	}
	return json.Marshal(wire{Version: jobVersion, Sealed: seal(b.cfg.Ciphers[0], plain)})
}

// decode reads the arguments of a message, and what was recorded about its content.
func (b *Box[TTx]) decode(raw []byte) (Message, content, error) {
	fail := func(err error) (Message, content, error) {
		return Message{}, content{}, fmt.Errorf("the job's arguments: %w", err)
	}
	w, err := readWire(raw)
	if err == nil && w.Sealed != nil {
		var plain []byte
		if plain, err = unseal(b.cfg.Ciphers, w.Sealed); err == nil {
			w, err = readWire(plain)
		}
	}
	if err != nil {
		return fail(err)
	}
	m := Message{From: tgo.Phone(w.From), FromNumber: tgo.NumberID(w.FromNumber), To: tgo.Phone(w.To), Text: w.Text, Key: w.Key}
	if w.Media == nil {
		if w.Type != tgo.TypeText {
			return fail(fmt.Errorf("type %q needs media", w.Type))
		}
		return m, content{}, nil
	}
	if w.Media.Duration < 0 || w.Media.Duration > 1e6 {
		return fail(errors.New("media.duration is out of range"))
	}
	m.Media = &Media{
		Type: w.Type, Ref: w.Media.Ref, Data: w.Media.Data, Name: w.Media.Name, ContentType: w.Media.ContentType,
		Duration: time.Duration(w.Media.Duration * float64(time.Second)),
	}
	return m, w.Media.content, nil
}

func readWire(raw []byte) (wire, error) {
	var w wire
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil {
		return w, errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if w.Version != jobVersion {
		return w, fmt.Errorf("%w: they have version %d, and this release knows only version %d: update the worker", errWorker, w.Version, jobVersion)
	}
	return w, nil
}

// errWorker means that a worker with another configuration, or of another release, could read the arguments. The message is not at fault.
var errWorker = errors.New("this worker cannot read them")

// seal encrypts with a random nonce, and puts the nonce before the ciphertext. The kind of the job is the additional authenticated data.
func seal(aead cipher.AEAD, plain []byte) []byte {
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce) // it never fails
	return aead.Seal(nonce, nonce, plain, []byte(Kind))
}

func unseal(ciphers []cipher.AEAD, sealed []byte) ([]byte, error) {
	for _, aead := range ciphers {
		if len(sealed) < aead.NonceSize() {
			continue
		}
		if plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(Kind)); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("%w: none of its Ciphers can decrypt them: add the one that encrypted them to Config.Ciphers", errWorker)
}
