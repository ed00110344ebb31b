//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tgo-business/tgo-go/tgo"
)

// Invalid messages are refused when they are added, and nothing is added.
func TestInvalid(t *testing.T) {
	each(t, testInvalid[*sql.Tx], testInvalid[pgx.Tx])
}

func testInvalid[TTx any](t *testing.T, b *bed[TTx]) {
	good := b.message("good")
	change := func(do func(m *Message)) Message {
		m := good
		do(&m)
		return m
	}
	media := func(media Media) Message { return change(func(m *Message) { m.Media = &media }) }
	for field, m := range map[string]Message{
		"to_phone":         change(func(m *Message) { m.To = "01010000000" }),
		"From ":            change(func(m *Message) { m.From = "1" }),
		"sender_number_id": change(func(m *Message) { m.From, m.FromNumber = "", -1 }),
		"From":             change(func(m *Message) { m.From = "" }),
		"FromNumber":       change(func(m *Message) { m.FromNumber = 1 }),
		"content":          change(func(m *Message) { m.Text = " " }),
		"Text":             change(func(m *Message) { m.Text = "a\x00b" }),
		"Key":              change(func(m *Message) { m.Key = strings.Repeat("k", MaxKey+1) }),
		"Priority":         change(func(m *Message) { m.Priority = 4 }),
		"At":               change(func(m *Message) { m.At = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) }),
		"Media":            media(Media{Type: tgo.TypeImage}),
		"Media ":           media(Media{Type: tgo.TypeDocument, Ref: "a\xff"}),
		"Media.Type":       media(Media{Type: "film", Ref: "a"}),
		"Media.Data":       media(Media{Type: tgo.TypeDocument, Name: "a", Data: make([]byte, MaxData+1)}),
		"Media.Name":       media(Media{Type: tgo.TypeDocument, Data: []byte("a")}),
		"Media.Duration":   media(Media{Type: tgo.TypeDocument, Name: "a", Data: []byte("a"), Duration: 1}),
		"duration":         media(Media{Type: tgo.TypeVoice, Name: "a", Data: []byte("OggS")}),
		"duration ":        media(Media{Type: tgo.TypeVoice, Name: "a", Data: []byte("OggS\x00"), Duration: 12}), // nanoseconds
		"media":            media(Media{Type: tgo.TypeImage, Name: "a", Data: []byte("%PDF-1.7")}),
	} {
		_, err := b.Add(t.Context(), m)
		var input *tgo.InputError
		if !errors.As(err, &input) || len(input.Fields) != 1 || input.Fields[0].Field != strings.TrimSpace(field) || !strings.HasPrefix(err.Error(), "tgo: add message: ") {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := b.AddMany(t.Context(), []Message{good, {}})
	var invalid *InvalidError
	if !errors.As(err, &invalid) || invalid.Index != 1 || !strings.HasPrefix(err.Error(), "message 2: ") {
		t.Errorf("%v", err)
	}
	if _, err := b.box(Config{}).Add(t.Context(), media(Media{Type: tgo.TypeImage, Ref: "a.png"})); err == nil || !strings.Contains(err.Error(), "Config.Open") {
		t.Errorf("without an Opener: %v", err)
	}
	if _, err := b.Add(t.Context(), media(Media{Type: tgo.TypeImage, Ref: filepath.Join(t.TempDir(), "a.png")})); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if records, err := b.List(t.Context(), Query{}); err != nil || len(records) != 0 {
		t.Errorf("%+v, %v", records, err)
	}
}
