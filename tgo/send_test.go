package tgo_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A message that breaks a rule is refused before anything is sent; the error names the field and the rule.
func TestRefusedBeforeSending(t *testing.T) {
	fake := tgotest.New(t)
	from, to := fake.Sender, fake.RecipientPhone
	const voice = "cmd/tgo/demo/voice.ogg"
	for _, test := range []struct {
		what, field, rule string
		send              func() (tgo.Receipt, error)
	}{
		{"an empty text", "content", "must not be empty", func() (tgo.Receipt, error) { return from.SendText(t.Context(), to, "") }},
		{"a text of white space", "content", "must not be empty", func() (tgo.Receipt, error) { return from.SendText(t.Context(), to, " \n\u00a0") }},
		{"a text in another encoding", "content", "must be UTF-8 text", func() (tgo.Receipt, error) { return from.SendText(t.Context(), to, "\xe3\xd1\xcd\xc8\xc7") }},
		{"a picture's caption in another encoding", "content", "must be UTF-8 text", func() (tgo.Receipt, error) {
			return from.SendImage(t.Context(), to, tgo.Image{File: tgo.FilePath("cmd/tgo/demo/picture.png"), Caption: "\xe3"})
		}},
		{"a voice note's caption in another encoding", "content", "must be UTF-8 text", func() (tgo.Receipt, error) {
			return from.SendVoice(t.Context(), to, tgo.Voice{File: tgo.FilePath(voice), Duration: time.Second, Caption: "\xe3"})
		}},
		{"a document's caption in another encoding", "content", "must be UTF-8 text", func() (tgo.Receipt, error) {
			return from.SendDocument(t.Context(), to, tgo.Document{File: tgo.FilePath(voice), Caption: "\xe3"})
		}},
		{"no file", "media", "", func() (tgo.Receipt, error) { return from.SendDocument(t.Context(), to, tgo.Document{}) }},
		{"sound as a picture", "media", "", func() (tgo.Receipt, error) {
			return from.SendImage(t.Context(), to, tgo.Image{File: tgo.FilePath(voice)})
		}},
		{"a national phone", "to_phone", "", func() (tgo.Receipt, error) { return from.SendText(t.Context(), "01010000000", "hello") }},
	} {
		_, err := test.send()
		var refused *tgo.InputError
		if !errors.As(err, &refused) || len(refused.Fields) != 1 || refused.Fields[0].Field != test.field || !strings.HasPrefix(refused.Fields[0].Rule, test.rule) {
			t.Errorf("%s: %v", test.what, err)
		}
		if tgo.DeliveryOf(err) != tgo.DeliveryNotSent {
			t.Errorf("%s: it counts as %v", test.what, tgo.DeliveryOf(err))
		}
	}
	fake.ExpectNoMessage(t)
}

func TestVoiceDuration(t *testing.T) {
	fake := tgotest.New(t)
	file := tgo.FilePath("cmd/tgo/demo/voice.ogg")
	for given, want := range map[time.Duration]time.Duration{
		time.Millisecond:        time.Second,
		time.Second:             time.Second,
		1001 * time.Millisecond: 2 * time.Second,
		300 * time.Second:       300 * time.Second,
	} {
		if _, err := fake.Sender.SendVoice(t.Context(), fake.RecipientPhone, tgo.Voice{File: file, Duration: given}); err != nil {
			t.Fatal(err)
		}
		if m := fake.ExpectMessage(t); m.Duration != want {
			t.Errorf("%v arrived as %v", given, m.Duration)
		}
	}
	for _, bad := range []time.Duration{0, -1, 12, time.Millisecond - 1, 300*time.Second + 1, 1<<63 - 1, -1 << 63} {
		_, err := fake.Sender.SendVoice(t.Context(), fake.RecipientPhone, tgo.Voice{File: file, Duration: bad})
		var inputError *tgo.InputError
		if !errors.As(err, &inputError) || inputError.Fields[0].Field != "duration" {
			t.Errorf("%v: %v", bad, err)
		}
	}
	fake.ExpectNoMessage(t)
}
