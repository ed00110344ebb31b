package tgo_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

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
