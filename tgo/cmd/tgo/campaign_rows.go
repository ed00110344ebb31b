package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// rowID identifies a row. Rows with the same recipient and message differ in their occurrence.
type rowID struct {
	recipient, message digest
	occurrence         uint16 // from 1
}

// key returns the key of a row's message in the outbox. It consists of the row's id, the generation (1, and one more
// each time the row is sent again) and the sender number: a message that waits to be sent from another number is not the
// one that is wanted.
func (id rowID) key(generation uint16, sender string) string {
	return fmt.Sprintf("%s.%s.%d.%d.%s", id.recipient, id.message, id.occurrence, generation, digestOf(sender))
}

// digest is the beginning of a SHA-256. The probability that two of a million rows have the same digest is 1e-10.
type digest [9]byte

// String returns the digest in 12 characters.
func (d digest) String() string { return base64.RawURLEncoding.EncodeToString(d[:]) }

func digestOf(parts ...string) digest {
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return digest(hash.Sum(nil)[:len(digest{})])
}

// parseKey parses what key returned.
func parseKey(key string) (id rowID, generation uint16, sender digest, ok bool) {
	parts := strings.Split(key, ".")
	if len(parts) != 5 {
		return rowID{}, 0, digest{}, false
	}
	var digests [3]digest
	for i, part := range []string{parts[0], parts[1], parts[4]} {
		decoded, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || len(decoded) != len(digest{}) {
			return rowID{}, 0, digest{}, false
		}
		digests[i] = digest(decoded)
	}
	occurrence, err1 := strconv.ParseUint(parts[2], 10, 16)
	number, err2 := strconv.ParseUint(parts[3], 10, 16)
	return rowID{digests[0], digests[1], uint16(occurrence)}, uint16(number), digests[2], err1 == nil && err2 == nil
}

// listRow is a row of the list.
type listRow struct {
	id         rowID
	number     int32 // as a spreadsheet counts it
	next       int32 // index of the next row in the same hash chain; -1 after the last
	generation uint16
	state      rowState
	tried      bool  // at least one attempt to send it was made
	receipt    int64 // the API's id of the message that was sent
}

// rowTable holds the rows of a list, a million of them in little memory. They are stored in chunks, since growing a
// slice copies it, and found by a hash table of indices.
type rowTable struct {
	chunks [][]listRow
	heads  []int32
	len    int
}

func (t *rowTable) at(i int) *listRow { return &t.chunks[i/chunkRows][i%chunkRows] }

func (t *rowTable) head(recipient digest) *int32 {
	return &t.heads[(int(recipient[0])<<12|int(recipient[1])<<4|int(recipient[2])>>4)%tableHeads]
}

// add adds a row.
func (t *rowTable) add(r listRow) {
	if t.len%chunkRows == 0 {
		t.chunks = append(t.chunks, make([]listRow, chunkRows))
	}
	head := t.head(r.id.recipient)
	r.next = *head
	*head = int32(t.len) //nolint:gosec // a list has not so many rows
	*t.at(t.len) = r
	t.len++
}

// of calls do with the rows of a recipient, the last one first, until do returns false.
func (t *rowTable) of(recipient digest, do func(i int, r *listRow) bool) {
	for i := *t.head(recipient); i >= 0; {
		r := t.at(int(i))
		if r.id.recipient == recipient && !do(int(i), r) {
			return
		}
		i = r.next
	}
}

// find returns a row; nil if there is none.
func (t *rowTable) find(id rowID) (index int, found *listRow) {
	t.of(id.recipient, func(i int, r *listRow) bool {
		if r.id == id {
			index, found = i, r
		}
		return found == nil
	})
	return index, found
}

const (
	chunkRows  = 1 << 12
	tableHeads = 1 << 20
)

func newRowTable() *rowTable {
	t := &rowTable{heads: make([]int32, tableHeads)}
	for i := range t.heads {
		t.heads[i] = -1
	}
	return t
}
