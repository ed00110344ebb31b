package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// The length of a voice note is read from the file, or given by --duration.
func TestVoiceLength(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := envOf(fake), string(fake.RecipientPhone)
	unknown := filepath.Join(t.TempDir(), "note.aiff") // a format that is not supported
	if err := os.WriteFile(unknown, []byte("FORM\x00\x00\x00\x12AIFFCOMM"), 0o600); err != nil {
		t.Fatal(err)
	}
	commandIn(t, env, "", "send", "voice", "--to", to, unknown).want(t, exitValidation, "its length cannot be read", "give --duration")
	fake.ExpectNoMessage(t)
	for _, c := range []struct {
		args []string
		want time.Duration
	}{
		{[]string{unknown, "--duration", "5"}, 5 * time.Second},
		{[]string{"demo/voice.ogg", "--duration", "2.5"}, 3 * time.Second},
		{[]string{"demo/voice.ogg", "--duration=1m5s"}, 65 * time.Second},
		{[]string{"testdata/tone.mp3"}, 3 * time.Second},
		{[]string{"internal/audio/testdata/adts.aac"}, time.Second},
		{[]string{"internal/audio/testdata/browser.webm"}, time.Second},
	} {
		commandIn(t, env, "", append([]string{"send", "voice", "--to", to}, c.args...)...).want(t, exitOK)
		if m := fake.ExpectMessage(t); m.Duration != c.want {
			t.Errorf("%v: %v arrived, want %v", c.args, m.Duration, c.want)
		}
	}
}
