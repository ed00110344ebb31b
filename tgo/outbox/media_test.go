//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tgo-business/tgo-go/tgo"
)

// Each kind of media, by reference and as data, is sent with the content type that was detected when it was added.
func TestMedia(t *testing.T) {
	each(t, testMedia[*sql.Tx], testMedia[pgx.Tx])
}

func testMedia[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})
	file := filepath.Join(t.TempDir(), "invoice.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.7 invoice"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		media             Media
		name, contentType string
		size              int64
	}{
		{Media{Type: tgo.TypeDocument, Ref: file}, "invoice.pdf", "application/pdf", 16},
		{Media{Type: tgo.TypeDocument, Ref: file, Name: "May.pdf", ContentType: "application/x-invoice"}, "May.pdf", "application/x-invoice", 16},
		{Media{Type: tgo.TypeImage, Data: []byte("GIF89a and more"), Name: "a.gif"}, "a.gif", "image/gif", 15},
		{Media{Type: tgo.TypeVoice, Data: []byte("OggS\x00 and more"), Name: "a.ogg", Duration: 12 * time.Second}, "a.ogg", "audio/ogg", 14},
	} {
		m := b.message("caption")
		m.Media = &test.media
		record := b.until(b.add(m), Sent)
		sent := b.fake.ExpectMessage(t)
		if sent.Type != test.media.Type || sent.Content != "caption" || sent.Media.Name != test.name ||
			sent.Media.ContentType != test.contentType || sent.Media.Size != test.size {
			t.Errorf("%+v was sent as %+v", test.media, sent)
		}
		if got := record.Message.Media; got == nil || got.Data != nil || got.ContentType != test.contentType || got.Duration != test.media.Duration {
			t.Errorf("the record has %+v", got)
		}
	}
}

// A file that has changed since it was added is not sent.
func TestChangedFile(t *testing.T) {
	each(t, testChangedFile[*sql.Tx], testChangedFile[pgx.Tx])
}

func testChangedFile[TTx any](t *testing.T, b *bed[TTx]) {
	folder := t.TempDir()
	changes := map[string]func(file string) error{
		"same size": func(file string) error { return os.WriteFile(file, []byte("%PDF-1.7 INVOICE"), 0o600) },
		"longer":    func(file string) error { return os.WriteFile(file, []byte("%PDF-1.7 invoice and more"), 0o600) },
		"gone":      os.Remove,
	}
	ids := map[string]int64{}
	for name, change := range changes {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte("%PDF-1.7 invoice"), 0o600); err != nil {
			t.Fatal(err)
		}
		m := b.message("")
		m.Media = &Media{Type: tgo.TypeDocument, Ref: file}
		ids[name] = b.add(m)
		if err := change(file); err != nil {
			t.Fatal(err)
		}
	}
	b.work(Workers{})
	for name, id := range ids {
		if record := b.until(id, Rejected); record.Code != "file" || record.Attempts != 0 {
			t.Errorf("%s: %+v", name, record)
		}
	}
	b.fake.ExpectNoMessage(t)
}

// A message is not rejected because the object store is unavailable.
func TestOpenerAway(t *testing.T) {
	each(t, testOpenerAway[*sql.Tx], testOpenerAway[pgx.Tx])
}

func testOpenerAway[TTx any](t *testing.T, b *bed[TTx]) {
	file := filepath.Join(t.TempDir(), "invoice.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.7 invoice"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := b.message("")
	m.Media = &Media{Type: tgo.TypeDocument, Ref: file}
	id := b.add(m)
	var calls int
	box := b.box(Config{Open: func(ctx context.Context, ref string) (content io.ReadCloser, size int64, err error) {
		if calls++; calls == 1 {
			return nil, 0, errors.New("the store is away")
		}
		return OpenPath(ctx, ref)
	}})
	b.workOn(box, b.fake.Client, Workers{})
	b.until(id, Sent)
	if b.fake.ExpectMessage(t).Media.Size != 16 {
		t.Error("another file was sent")
	}
}
