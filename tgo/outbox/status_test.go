//go:build !386 && !arm

package outbox

import (
	"crypto/aes"
	"crypto/cipher"
	"database/sql"
	"maps"
	"testing"

	"github.com/jackc/pgx/v5"
)

// The unknown messages of all queues are counted, and only the unknown ones.
func TestUnknownByQueue(t *testing.T) {
	each(t, testUnknownByQueue[*sql.Tx], testUnknownByQueue[pgx.Tx])
}

func testUnknownByQueue[TTx any](t *testing.T, b *bed[TTx]) {
	if counts, err := b.UnknownByQueue(t.Context()); err != nil || counts == nil || len(counts) != 0 {
		t.Errorf("in an empty database: %v, %v", counts, err)
	}
	for _, queue := range []string{b.Queue(), "other", "other", "third"} {
		added, err := b.box(Config{Queue: queue}).Add(t.Context(), b.message("hello"))
		if err != nil {
			t.Fatal(err)
		}
		state := Unknown
		if queue == "third" {
			state = Sent
		}
		b.must(`update {message} set state = $2 where id = $1`, added.ID, string(state))
	}
	want := map[string]int64{b.Queue(): 1, "other": 2}
	for _, queue := range []string{b.Queue(), "third"} { // whichever queue the Box has
		if counts, err := b.box(Config{Queue: queue}).UnknownByQueue(t.Context()); err != nil || !maps.Equal(counts, want) {
			t.Errorf("from queue %s: %v, %v; want %v", queue, counts, err, want)
		}
	}
}

// Status says whether the Box has a key, and how many messages need one: those of this queue that have not ended.
func TestStatusOfEncryptedMessages(t *testing.T) {
	each(t, testStatusOfEncryptedMessages[*sql.Tx], testStatusOfEncryptedMessages[pgx.Tx])
}

func testStatusOfEncryptedMessages[TTx any](t *testing.T, b *bed[TTx]) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	with := Config{Ciphers: []cipher.AEAD{gcm}}
	var ids []int64
	for _, cfg := range []Config{{}, with, with, with, {Queue: "other", Ciphers: with.Ciphers}} {
		added, err := b.box(cfg).Add(t.Context(), b.message("hello"))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, added.ID)
	}
	b.must(`update {message} set state = 'unknown' where id = $1`, ids[1])
	b.must(`update {job} set state = 'pending' where id = $1`, ids[1])
	if err := b.Cancel(t.Context(), ids[2], "not wanted"); err != nil {
		t.Fatal(err)
	}
	for _, cfg := range []Config{{}, with} {
		if status, err := b.box(cfg).Status(t.Context()); err != nil || status.Encrypted != 2 || status.HasKey != (len(cfg.Ciphers) > 0) {
			t.Errorf("with %d keys: %+v, %v", len(cfg.Ciphers), status, err)
		}
	}
}
