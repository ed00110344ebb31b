package uploads

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

const (
	senderPhone = "+201001187188"
	recipient   = "+201010000000"
)

func newClient(t *testing.T, serverURL string) *tgo.Client {
	t.Helper()
	client, err := tgo.New("", tgo.NewKey("key-of-the-upload-tests"), tgo.WithBaseURL(serverURL), tgo.WithTimeout(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func send(ctx context.Context, client *tgo.Client, m message) (tgo.Receipt, error) {
	s := client.FromPhone(senderPhone)
	if m.number != 0 {
		s = client.FromNumber(tgo.NumberID(m.number))
	}
	switch m.kind {
	case "image":
		return s.SendImage(ctx, recipient, tgo.Image{File: m.file, Caption: m.caption})
	case "voice":
		length := time.Duration(m.seconds * float64(time.Second))
		return s.SendVoice(ctx, recipient, tgo.Voice{File: m.file, Duration: length, Caption: m.caption})
	default:
		return s.SendDocument(ctx, recipient, tgo.Document{File: m.file, Caption: m.caption})
	}
}

// TestForeignServers sends all messages to every server. Each must read the same names, types, contents and fields.
func TestForeignServers(t *testing.T) {
	for _, f := range foreigners {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := f.start(t)
			client := newClient(t, s.url)
			var version string
			var lost bool // whether the next report may be that of an earlier request
			for _, m := range messages(t) {
				t.Run(m.title, func(t *testing.T) {
					lost = true
					receipt, err := send(t.Context(), client, m)
					if err != nil {
						t.Fatal(err)
					}
					if receipt.ID != 1 {
						t.Errorf("the receipt has ID %d", receipt.ID)
					}
					found := s.next(t)
					lost = false
					version = found.Version
					compare(t, f, m, found)
				})
				if lost {
					t.Fatal("the rest was not sent")
				}
			}
			s.nothingMore(t)
			t.Log("parsed by", version)
		})
	}
}

func compare(t *testing.T, f foreign, m message, found report) {
	t.Helper()
	if found.Error != "" {
		t.Fatalf("the server reports an error: %s", found.Error)
	}
	wantFields := map[string][]string{}
	for _, field := range fieldsOf(m) {
		wantFields[field[0]] = []string{field[1]}
	}
	for name := range found.Fields {
		if wantFields[name] == nil {
			t.Errorf("there is an unexpected field %q", name)
		}
	}
	for name, want := range wantFields {
		if got := found.Fields[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("field %s: got %.300q, want %.300q", name, got, want)
		}
	}
	if len(found.Files) != 1 {
		t.Fatalf("got %d files: %.300q", len(found.Files), found.Files)
	}
	hash := sha256.Sum256([]byte(m.wantContent))
	want := foundFile{
		Field:  "media",
		Name:   m.wantName,
		Type:   m.wantType,
		Size:   int64(len(m.wantContent)),
		SHA256: hex.EncodeToString(hash[:]),
	}
	if f.bareTypes {
		want.Type = bare(want.Type)
	}
	if got := found.Files[0]; got != want {
		t.Errorf("the file differs:\n got %s\nwant %s", got, want)
	}
}

// fieldsOf lists the text fields that a message must have, in the order of the contract.
func fieldsOf(m message) [][2]string {
	fields := [][2]string{{"sender_phone", senderPhone}}
	if m.number != 0 {
		fields = [][2]string{{"sender_number_id", strconv.FormatInt(m.number, 10)}}
	}
	fields = append(fields, [2]string{"to_phone", recipient}, [2]string{"type", m.kind})
	if m.caption != "" {
		fields = append(fields, [2]string{"content", m.caption})
	}
	if m.wantDuration != "" {
		fields = append(fields, [2]string{"duration", m.wantDuration})
	}
	return fields
}

// TestRefusals: a message that cannot be sent correctly is not sent.
func TestRefusals(t *testing.T) {
	s := startGo(t)
	client := newClient(t, s.url)
	for _, r := range refusals(t) {
		t.Run(r.title, func(t *testing.T) {
			_, err := send(t.Context(), client, r.message)
			var failed *tgo.SendError
			var input *tgo.InputError
			if !errors.As(err, &failed) || !errors.As(err, &input) {
				t.Fatalf("got %v, want a SendError with an InputError", err)
			}
			if failed.Delivery != tgo.DeliveryNotSent || failed.Attempts != 0 {
				t.Errorf("got %v after %d attempts, want not sent after 0", failed.Delivery, failed.Attempts)
			}
			if len(input.Fields) != 1 || input.Fields[0].Field != r.field || !strings.Contains(input.Fields[0].Rule, r.says) {
				t.Errorf("got %v, want %s: %s", input.Fields, r.field, r.says)
			}
			s.nothingMore(t)
		})
	}
}
