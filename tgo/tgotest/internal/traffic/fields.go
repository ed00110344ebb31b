package traffic

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"mime"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// sentFields is what a request to send a message says, accepted or not.
type sentFields struct{ messageType, to, from, text, fileName string }

// digestOfBody is of what makes two requests the same; nil for one without a body. length is what the request says of its body.
func (r *Record) digestOfBody(length int64) *[sha256.Size]byte {
	if len(r.body) == 0 {
		return nil
	}
	body := r.body
	if _, params, err := mime.ParseMediaType(r.header("Content-Type")); err == nil && params["boundary"] != "" {
		body = bytes.ReplaceAll(body, []byte("--"+params["boundary"]), []byte("--")) // it is another one each time
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s %s %d\n", r.method, r.path, r.key.ID)
	if r.bodyCut {
		fmt.Fprintln(hash, length)
	}
	hash.Write(body)
	sum := [sha256.Size]byte(hash.Sum(nil))
	return &sum
}

// fieldsSent reads what a request to send a message says.
func (r *Record) fieldsSent() (f sentFields) {
	if m := r.message; m != nil {
		f = sentFields{m.Type, string(m.To), string(m.SenderPhone), m.Content, ""}
		if m.Media != nil {
			f.fileName = shown(m.Media.Name)
		}
		return f
	}
	if r.operation() != "sendMessage" {
		return f
	}
	field := map[string]string{}
	if parts := formParts(r.header("Content-Type"), r.body, r.form); parts != nil {
		for _, p := range parts {
			field[p.Name] = p.Value
			if p.Name == contract.MediaField {
				f.fileName = p.FileName
			}
		}
	} else {
		var values map[string]any
		d := json.NewDecoder(bytes.NewReader(r.body))
		d.UseNumber()
		_ = d.Decode(&values) // another body has no fields
		for name, value := range values {
			switch value.(type) {
			case string, json.Number:
				field[name] = shown(fmt.Sprint(value))
			}
		}
	}
	f.messageType, f.to, f.from, f.text = field["type"], field["to_phone"], field["sender_phone"], field["content"]
	if number := field["sender_number_id"]; f.from == "" && number != "" {
		f.from = "number " + number
	}
	return f
}
