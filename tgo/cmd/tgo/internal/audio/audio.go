// Package audio reads how long a recording is. The length is right, to one frame of the codec, or the file is refused; it is
// never estimated. So a reader follows the sound to the end of the file, and a file that ends too early has no length.
//
// A file is read forward and each byte at most once. Nothing is allocated by a size that the file claims.
//
// The readers are our own. These libraries were tried on files that ffmpeg wrote, whole and cut off:
//
//   - abema/go-mp4: the lengths are right, but Probe does not notice that fragments are cut off, and does not distinguish sound from
//     pictures if it does not know the codec (Opus is one)
//   - Eyevinn/mp4ff: refuses the sound of QuickTime files; reports no error for a file that is cut off before its index
//   - go-audio/wav: divides the size of the whole file by the bytes a second: wrong for ADPCM, RF64, pipes and cut-off files
//   - tcolgate/mp3: counts the Xing frame and the padding as sound
//   - mewkiz/flac: right, but it decodes: 150 KB of silence are 20 hours of samples. Nor does it read FLAC in Ogg
//   - pion's oggreader: one stream of Opus only, no chains
//   - at-wat/ebml-go: right on these files, but it keeps all of the sound in memory; by its source it fails at each element
//     that it does not know, or, told to ignore those, ignores that a file is cut off too
//
// The libraries that read most of the containers are under the GPL or wrap TagLib.
package audio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"
)

var (
	// ErrNotAudio reports a picture, a document or another file without sound.
	ErrNotAudio = errors.New("it is not a recording")
	// ErrVideo reports a file that has pictures as well as sound.
	ErrVideo = errors.New("it is a video, not a voice note")
	// ErrNoLength reports a file that may be a recording, but whose length cannot be read.
	ErrNoLength = errors.New("its length cannot be read")
)

var (
	errCutOff  = fmt.Errorf("%w: the file is cut off or damaged", ErrNoLength)
	errNoSound = fmt.Errorf("%w: it holds no sound", ErrNoLength)
)

// noLength returns an ErrNoLength with a reason.
func noLength(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNoLength, fmt.Sprintf(format, args...))
}

// sniffLength is how many bytes mimetype needs.
const sniffLength = 4096

// Duration reads the length of a recording. Its error is ErrNotAudio, ErrVideo, ErrNoLength, or an error of the reader.
func Duration(r io.ReadSeeker) (time.Duration, error) {
	s, err := newStream(r)
	if err != nil {
		return 0, err
	}
	if s.size == 0 {
		return 0, fmt.Errorf("%w: the file is empty", ErrNotAudio)
	}
	if err := skipTags(s); err != nil {
		return 0, err
	}
	if s.at > 0 {
		if err := skipPadding(s); err != nil {
			return 0, err
		}
	}
	head, err := s.upTo(sniffLength)
	if err != nil {
		return 0, err
	}
	read := readerOf(head)
	if read == nil {
		return 0, refusal(head)
	}
	d, err := read(s)
	switch {
	case err != nil:
		return 0, err
	case d <= 0:
		return 0, errNoSound
	}
	return d, nil
}

// readerOf returns the function that reads a file with this beginning; nil if there is none.
func readerOf(head []byte) func(*stream) (time.Duration, error) {
	begins := func(with string) bool { return bytes.HasPrefix(head, []byte(with)) }
	has := func(at int, text string) bool { return len(head) >= at && bytes.HasPrefix(head[at:], []byte(text)) }
	switch {
	case begins("OggS"):
		return oggDuration
	case (begins("RIFF") || begins("RF64") || begins("BW64")) && has(8, "WAVE"), begins(w64RIFF):
		return wavDuration
	case has(4, "ftyp") && !strings.HasPrefix(mimetype.Detect(head).String(), "image/"), isMovie(head):
		return mp4Duration
	case begins("\x1A\x45\xDF\xA3"):
		return webmDuration
	case begins("#!AMR"):
		return amrDuration
	case begins("fLaC"):
		return flacDuration
	case begins("caff"):
		return cafDuration
	case isADTS(head):
		return adtsDuration
	case isMPEG(head):
		return mpegDuration
	}
	return nil
}

// refusal returns the reason why a file with this beginning is rejected.
func refusal(head []byte) error {
	found, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	kind, _, _ := strings.Cut(found, "/")
	switch {
	case kind == "audio", found == "application/octet-stream", found == "video/x-ms-asf": // ASF may hold sound alone
		return noLength("it is none of Ogg, WebM, MP3, AAC, MP4, WAV, AMR, FLAC and CAF")
	case kind == "video":
		return ErrVideo
	}
	return fmt.Errorf("%w: its content is %s", ErrNotAudio, found)
}

// longest is the greatest length that is accepted, in seconds. It keeps sums from overflowing.
const longest = 1e6

// timeOf converts a number of samples, or of other units, to a time. It returns 0 for a time that no recording has.
func timeOf(n, rate uint64) time.Duration {
	if rate == 0 || n/rate >= longest {
		return 0
	}
	return time.Duration(n/rate)*time.Second + time.Duration(n%rate*uint64(time.Second)/rate) //nolint:gosec // both are small
}
