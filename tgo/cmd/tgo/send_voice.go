package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/audio"
)

type sendVoice struct {
	media
	voiceLength
}

// Help is shown by tgo send voice --help.
func (sendVoice) Help() string {
	return `Examples:

  tgo send voice --to +201010000000 hello.ogg
  tgo send voice --to +201010000000 hello.wma --duration 12

` + exitCodes
}

// Run sends a voice note.
func (c *sendVoice) Run(ctx context.Context, s streams) error {
	path, done, err := c.path(s, c.KeyFile)
	if err != nil {
		return err
	}
	defer done()
	duration, err := c.of(path)
	if err != nil {
		return err
	}
	return c.sendPath(ctx, s, path, func(ctx context.Context, from *tgo.Sender, to tgo.Phone, f tgo.File) (tgo.Receipt, error) {
		return from.SendVoice(ctx, to, tgo.Voice{File: f, Duration: duration, Caption: c.Caption})
	})
}

// voiceLength is the length of a voice note.
type voiceLength struct {
	Duration length `help:"Its length, up to 5m: 12, 12s or 1m5s. By default it is read from the file: Ogg, WebM, MP3, AAC, M4A, MP4, 3GP, WAV, AMR, FLAC or CAF." placeholder:"DURATION"`
}

// of returns the length of the voice note in a file: the given one, or the one of the file. Neither accepts a video or a
// picture.
func (c *voiceLength) of(path string) (time.Duration, error) {
	duration, err := fileDuration(path)
	var missing *fs.PathError
	switch {
	case errors.As(err, &missing):
		return 0, fileError(err)
	case errors.Is(err, audio.ErrVideo), errors.Is(err, audio.ErrNotAudio):
		return 0, withCode(exitValidation, err)
	case c.Duration != 0:
		return time.Duration(c.Duration), nil
	case err != nil:
		return 0, withCode(exitValidation, fmt.Errorf("voice note: %w; give --duration", err))
	}
	return duration, nil
}

// length is a duration on the command line. A number without a unit is seconds.
type length time.Duration

// UnmarshalText parses the value of --duration.
func (l *length) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		d, err = time.ParseDuration(string(text) + "s")
	}
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is not a length: give seconds, or something like 1m5s", text)
	}
	*l = length(d)
	return nil
}

func fileDuration(path string) (time.Duration, error) {
	f, err := os.Open(path) //nolint:gosec // reading the file that the user names is the purpose
	if err != nil {
		return 0, err
	}
	defer f.Close() //nolint:errcheck // it was only read from
	return audio.Duration(f)
}
