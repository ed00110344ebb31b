package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The lengths are those that ffprobe reads, except that it counts the silence before a sound of Opus as a part of it.
func TestAudioDuration(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]time.Duration{
		"testdata/tone.opus":       2500 * time.Millisecond,
		"testdata/tone.vorbis.ogg": 2500 * time.Millisecond,
		"testdata/tone.wav":        1250 * time.Millisecond,
		"testdata/tone.mp3":        2592 * time.Millisecond,
		"testdata/tone.vbr.mp3":    2592 * time.Millisecond,
		"testdata/tone.m4a":        2500 * time.Millisecond,
		"demo/voice.ogg":           4080 * time.Millisecond,
	} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			got, err := fileDuration(name)
			if err != nil || (got-want).Abs() > 10*time.Millisecond {
				t.Errorf("%v, %v; want %v", got, err, want)
			}
		})
	}
}

// A damaged file gives an error or a length, and no panic; cut short anywhere, it gives no length that is too long.
func TestAudioDurationOfDamagedFiles(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/tone.*")
	if err != nil || len(names) < 6 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(whole); n += 1 + len(whole)/300 {
			if d, err := audioDuration(bytes.NewReader(whole[:n])); err == nil && d > 2600*time.Millisecond {
				t.Errorf("%s, cut at %d: %v", name, n, d)
			}
			flipped := bytes.Clone(whole)
			flipped[n] ^= 0xFF
			if d, err := audioDuration(bytes.NewReader(flipped)); err == nil && d <= 0 {
				t.Errorf("%s, flipped at %d: %v without an error", name, n, d)
			}
		}
	}
	for _, other := range []string{"demo/picture.png", "demo/invoice.pdf", "audio.go"} {
		if d, err := fileDuration(other); !errors.Is(err, errNotAudio) {
			t.Errorf("%s: %v, %v", other, d, err)
		}
	}
	if d, err := audioDuration(bytes.NewReader(nil)); !errors.Is(err, errNotAudio) {
		t.Errorf("nothing: %v, %v", d, err)
	}
}

// countedFile counts how often it is read.
type countedFile struct {
	*os.File
	reads int
}

func (f *countedFile) Read(p []byte) (int, error) {
	f.reads++
	return f.File.Read(p)
}

// A file that is all head, with nothing but zeros behind, is not walked through.
func TestAudioDurationOfZeros(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "zeros.wav"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // nothing depends on what it holds then
	if _, err := f.WriteString("RIFF\x00\x00\x00\x00WAVE"); err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(8 << 20); err != nil {
		t.Fatal(err)
	}
	counted := &countedFile{File: f}
	if d, err := audioDuration(counted); !errors.Is(err, errCutOff) || counted.reads > 20_000 {
		t.Errorf("%v, %v after %d reads", d, err, counted.reads)
	}
}

func FuzzAudioDuration(f *testing.F) {
	names, _ := filepath.Glob("testdata/tone.*")
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := audioDuration(bytes.NewReader(b)); err == nil && d <= 0 {
			t.Errorf("%v without an error", d)
		}
	})
}
