package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tones are the folders with recordings. The command's tests use those of the second one too.
var tones = []string{"testdata", "../../testdata"}

func file(t testing.TB, name string) []byte {
	t.Helper()
	for _, folder := range tones {
		if b, err := os.ReadFile(filepath.Join(folder, name)); err == nil {
			return b
		}
	}
	t.Fatalf("there is no %s", name)
	return nil
}

// countedReader counts the bytes that are read.
type countedReader struct {
	*bytes.Reader
	read int
}

func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read += n
	return n, err
}

// lengthOf is Duration, and checks what must be true of any file.
func lengthOf(t testing.TB, b []byte) (time.Duration, error) {
	t.Helper()
	r := &countedReader{Reader: bytes.NewReader(b)}
	d, err := Duration(r)
	if r.read > len(b) {
		t.Errorf("%d bytes of %d were read", r.read, len(b))
	}
	switch {
	case err == nil && d <= 0:
		t.Errorf("%v without an error", d)
	case err != nil && !errors.Is(err, ErrNoLength) && !errors.Is(err, ErrNotAudio) && !errors.Is(err, ErrVideo):
		t.Errorf("%v is none of the package's errors", err)
	}
	return d, err
}

// want checks a length to a tenth of a millisecond, or an error and a part of its text.
func want(t testing.TB, b []byte, length time.Duration, kind error, says string) {
	t.Helper()
	d, err := lengthOf(t, b)
	switch {
	case kind == nil && (err != nil || (d-length).Abs() > 100*time.Microsecond):
		t.Errorf("%v, %v; want %v", d, err, length)
	case kind != nil && (!errors.Is(err, kind) || !strings.Contains(err.Error(), says)):
		t.Errorf("%v, %v; want %v with %q", d, err, kind, says)
	}
}

const ms = time.Millisecond

// recordings are files that ffmpeg wrote. Most hold 0.4 s or 0.7 s of sound; AAC, MP3 and ALAC end with a full frame if
// the file does not say where in it the sound ends. Those that are whole name their end: every cut that takes sound is noticed.
var recordings = map[string]struct {
	length time.Duration
	whole  bool
}{
	"adts.aac":        {768 * ms, false},
	"alac.caf":        {512 * ms, true},
	"browser.webm":    {700 * ms, false}, // as MediaRecorder writes it: no sizes, no length
	"dash.mp4":        {764 * ms, true},  // its sidx names what follows
	"flac.ogg":        {400 * ms, false},
	"frag.m4a":        {764 * ms, false},
	"known.flac":      {400 * ms, true},
	"layer2.mp2":      {720 * ms, false},
	"noxing.mp3":      {792 * ms, false},
	"opus.caf":        {720 * ms, true},
	"opus.webm":       {700 * ms, true},
	"speex.spx":       {691062 * time.Microsecond, false},
	"vorbis.webm":     {736 * ms, true},
	"tone.opus":       {2500 * ms, false},
	"tone.vorbis.ogg": {2500 * ms, false},
	"tone.wav":        {1250 * ms, true},
	"tone.mp3":        {2500 * ms, true}, // Xing
	"tone.vbr.mp3":    {2500 * ms, true},
	"tone.m4a":        {2500 * ms, true},
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for name, r := range recordings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, file(t, name), r.length, nil, "")
		})
	}
	for _, name := range []string{"video.mp4", "video.mov", "video.webm"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, file(t, name), 0, ErrVideo, "a video, not a voice note")
		})
	}
}

// A file that is cut off has no length, or if nothing shows that it is, the length of what is there.
func TestCutOff(t *testing.T) {
	t.Parallel()
	for name, r := range recordings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := file(t, name)
			full, err := lengthOf(t, whole)
			if err != nil {
				t.Fatal(err)
			}
			lengths := 0
			for n := len(whole) - 1; n >= 0; n -= 1 + len(whole)/1500 {
				d, err := lengthOf(t, whole[:n])
				if err != nil {
					continue
				}
				if lengths++; d > full || r.whole && d < full {
					t.Errorf("cut at %d of %d: %v", n, len(whole), d)
				}
			}
			if lengths > 60 { // the ends of frames and pages
				t.Errorf("%d cuts have a length", lengths)
			}
		})
	}
}

// Damage gives a length or an error, and no panic.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name := range recordings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := file(t, name)
			for n := 0; n < len(whole); n += 1 + len(whole)/1500 {
				flipped := bytes.Clone(whole)
				flipped[n] ^= 0xFF
				d, err := lengthOf(t, flipped)
				if ogg := string(whole[:4]) == "OggS"; ogg && err == nil { // each page has a checksum
					t.Errorf("flipped at %d: %v", n, d)
				}
			}
		})
	}
}

func TestNotAudio(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{"../../demo/picture.png": "image/png", "../../demo/invoice.pdf": "application/pdf", "audio.go": "text/plain"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want(t, b, 0, ErrNotAudio, says)
	}
	for name, c := range map[string]struct {
		content string
		kind    error
		says    string
	}{
		"nothing":          {"", ErrNotAudio, "empty"},
		"text":             {"Get free parcels", ErrNotAudio, "text/plain"}, // free is a box of MP4
		"text of UTF-16":   {"\xFF\xFEH\x00e\x00l\x00l\x00o\x00", ErrNotAudio, "text/plain"},
		"text on ID3":      {"ID3 is a tag", ErrNotAudio, "text/plain"},
		"HEIC":             {"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", ErrNotAudio, "image/heic"},
		"AVI":              {"RIFF\x00\x01\x00\x00AVI LIST\x00\x00\x00\x00", ErrVideo, ""},
		"FLV":              {"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00", ErrVideo, ""},
		"AIFF":             {"FORM\x00\x00\x00\x12AIFFCOMM", ErrNoLength, "none of Ogg"},
		"ASF":              {"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C", ErrNoLength, "none of Ogg"},
		"bytes":            {"\x01\x02\x03\x04", ErrNoLength, "none of Ogg"},
		"one byte":         {"\x00", ErrNoLength, "none of Ogg"},
		"ID3 and no sound": {"ID3\x04\x00\x00\x00\x00\x00\x00", ErrNotAudio, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, []byte(c.content), 0, c.kind, c.says)
		})
	}
}

// A size or a number that the file only claims costs neither memory nor time.
func TestClaims(t *testing.T) {
	const many = "\x0F\xFF\xFF\xFF"
	track := func(content []byte) []byte {
		return join(box("ftyp", "M4A \x00\x00\x00\x00"), box("moov", string(box("trak", string(content)))))
	}
	for name, b := range map[string][]byte{
		"stts":        track(box("stts", "\x00\x00\x00\x00"+many)),
		"elst":        track(box("elst", "\x00\x00\x00\x00"+many)),
		"stsz":        track(box("stsz", "\x00\x00\x00\x00\x00\x00\x00\x00"+many)),
		"ID3":         []byte("ID3\x04\x00\x00\x7F\x7F\x7F\x7F and no more"),
		"zeros":       append([]byte("RIFF\x00\x00\x00\x00WAVE"), make([]byte, 8<<20)...),
		"WebM":        []byte("\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\xFF\xA3\x08\x40\x00\x00\x00"),
		"pakt":        join(cafHead(0, 0), cafChunk("data", make([]byte, 8)), cafChunk("pakt", append([]byte("\x0F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), make([]byte, 100)...))),
		"Ogg":         []byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xFF\xFF"),
		"FLAC":        []byte("fLaC\x00\x00\x00\x22" + strings.Repeat("\xFF", flacInfoSize) + "\x84\xFF\xFF\xFF"),
		"WAV of ADTS": []byte("RIFF\xFF\xFF\xFF\xFFWAVEfmt \xFF\xFF\xFF\x7F"),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d, err := lengthOf(t, b)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, ErrNoLength) {
				t.Errorf("%v, %v", d, err)
			}
			// What is read may be copied, in small pieces under the race detector; what is claimed would be hundreds of megabytes.
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20+4*uint64(len(b)) {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
}

// brokenDisk fails when a file is read or measured.
type brokenDisk struct{ seeks bool }

var errDisk = errors.New("the disk is broken")

func (d brokenDisk) Read([]byte) (int, error) { return 0, errDisk }

func (d brokenDisk) Seek(int64, int) (int64, error) {
	if d.seeks {
		return 100, nil
	}
	return 0, errDisk
}

// shrunk is a file that was longer when it was measured.
type shrunk struct{ *bytes.Reader }

func (s shrunk) Seek(offset int64, whence int) (int64, error) {
	n, err := s.Reader.Seek(offset, whence)
	if whence == io.SeekEnd {
		n += 1000
	}
	return n, err
}

func TestErrorsOfTheReader(t *testing.T) {
	t.Parallel()
	for _, seeks := range []bool{true, false} {
		if d, err := Duration(brokenDisk{seeks}); !errors.Is(err, errDisk) {
			t.Errorf("%v, %v", d, err)
		}
	}
	if d, err := Duration(shrunk{bytes.NewReader(file(t, "adts.aac"))}); !errors.Is(err, ErrNoLength) {
		t.Errorf("%v, %v", d, err)
	}
}

func FuzzDuration(f *testing.F) {
	for _, folder := range tones {
		names, err := filepath.Glob(filepath.Join(folder, "*.*"))
		if err != nil || len(names) == 0 {
			f.Fatal(names, err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add(amr(3, 0x3C, 32))
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = lengthOf(t, b) })
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// u32 and u64 are numbers as MP4 and CAF write them; l16 and l32 as WAV does.
func u32(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }
func u64(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }
func l16(n uint16) string { return string(binary.LittleEndian.AppendUint16(nil, n)) }
func l32(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }
