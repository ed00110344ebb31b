package audio

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// With TGO_REQUIRE_RUNTIMES, as in CI, ffmpeg makes a recording of 4.3 s in every form that Debian's ffmpeg writes, and our
// length is compared with what ffprobe says or, if that only estimates, with what ffmpeg decodes.
const recorded = 4300 * ms

// reference is the source of the expected length.
type reference int

const (
	probe   reference = iota // ffprobe, and what was recorded
	decoder                  // ffprobe estimates, or says nothing: what ffmpeg decodes, and what was recorded
	known                    // both are wrong: what was recorded alone
)

// tone and picture are what is recorded.
const (
	tone    = "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=4.3 "
	picture = "-f lavfi -i testsrc=size=64x64:rate=5:duration=4.3 "
)

// forms are names of files and the arguments that make them. A name that begins with "piped" is written to a pipe.
var forms = map[string]struct {
	args  string
	by    reference
	frame time.Duration // of the codec, if it is longer than 50 ms
	want  time.Duration // other than what was recorded
	err   error
}{
	"adts.aac":            {args: tone + "-c:a aac -f adts", by: decoder},
	"adts-22k-stereo.aac": {args: tone + "-c:a aac -ar 22050 -ac 2 -f adts", by: decoder, frame: 93 * ms}, // priming and a full frame
	"cbr.mp3":             {args: tone + "-b:a 32k", by: decoder},                                         // ffprobe counts the padding
	"vbr.mp3":             {args: tone + "-q:a 7 -ar 22050", by: decoder},
	"noxing.mp3":          {args: tone + "-b:a 32k -write_xing 0"},
	"vbr-noxing.mp3":      {args: tone + "-q:a 7 -write_xing 0", by: decoder},
	"notags.mp3":          {args: tone + "-b:a 64k -id3v2_version 0 -write_id3v1 1", by: decoder},
	"tags.mp3":            {args: tone + "-metadata title=a -id3v2_version 4 -write_id3v1 1 -write_apetag 1", by: decoder},
	"mpeg25.mp3":          {args: tone + "-ar 8000 -b:a 8k", by: decoder, frame: 72 * ms},
	"piped.mp3":           {args: tone + "-f mp3", by: decoder, frame: 72 * ms},
	"layer2.mp2":          {args: tone + "-c:a mp2"},
	"plain.m4a":           {args: tone + "-c:a aac"},
	"faststart.m4a":       {args: tone + "-c:a aac -movflags +faststart"},
	"fragments.m4a":       {args: tone + "-c:a aac -movflags frag_keyframe+empty_moov -frag_duration 700000"},
	"fragments-moov.m4a":  {args: tone + "-c:a aac -movflags frag_custom -frag_duration 700000"},
	"piped.m4a":           {args: tone + "-c:a aac -movflags frag_keyframe+empty_moov+default_base_moof -f mp4"},
	"cmaf.mp4":            {args: tone + "-c:a aac -movflags cmaf+delay_moov -frag_duration 700000"},
	"dash.mp4":            {args: tone + "-c:a aac -movflags dash+global_sidx -frag_duration 700000"},
	"sidx.mp4":            {args: tone + "-c:a aac -movflags dash -frag_duration 700000"},
	"opus.mp4":            {args: tone + "-c:a libopus"},
	"flac.mp4":            {args: tone + "-c:a flac -strict -2", frame: 96 * ms},
	"alac.m4a":            {args: tone + "-c:a alac", frame: 86 * ms},
	"mp3.mp4":             {args: tone + "-c:a libmp3lame"},
	"sound.mov":           {args: tone + "-c:a pcm_s16le"},
	"ima.mov":             {args: tone + "-c:a adpcm_ima_qt"},
	"aac.3gp":             {args: tone + "-c:a aac"},
	"later.m4a":           {args: "-ss 1.3 -i BASE.m4a -c copy", want: 3 * time.Second},
	"copied.3gp":          {args: "-i BASE.amr -c copy", want: 3 * time.Second},
	"opus.webm":           {args: tone + "-c:a libopus"},
	"opus-60ms.webm":      {args: tone + "-c:a libopus -frame_duration 60 -application voip", frame: 60 * ms},
	"piped.webm":          {args: tone + "-c:a libopus -f webm", by: decoder},
	"piped-vorbis.webm":   {args: tone + "-c:a libvorbis -f webm", by: decoder},
	"vorbis.webm":         {args: tone + "-c:a libvorbis"},
	"opus.mka":            {args: tone + "-c:a libopus"},
	"aac.mka":             {args: tone + "-c:a aac"},
	"piped-aac.mka":       {args: tone + "-c:a aac -f matroska", by: decoder},
	"opus.ogg":            {args: tone + "-c:a libopus"},
	"opus-2.5ms.ogg":      {args: tone + "-c:a libopus -frame_duration 2.5 -application lowdelay"},
	"piped-opus.ogg":      {args: tone + "-c:a libopus -f ogg", by: decoder},
	"vorbis.ogg":          {args: tone + "-c:a libvorbis"},
	"flac.ogg":            {args: tone + "-c:a flac"},
	"speex.ogg":           {args: tone + "-ar 16000 -c:a libspeex"},
	"speex-narrow.spx":    {args: tone + "-ar 8000 -frames_per_packet 3 -c:a libspeex", frame: 60 * ms},
	"pages.ogg":           {args: tone + "-c:a libvorbis -page_duration 20000"},
	"two.ogg":             {args: tone + tone + "-map 0 -map 1 -c:a libopus"},
	"pcm.wav":             {args: tone},
	"pcm24.wav":           {args: tone + "-c:a pcm_s24le -ac 2"},
	"float.wav":           {args: tone + "-c:a pcm_f32le"},
	"8bit.wav":            {args: tone + "-c:a pcm_u8"},
	"alaw.wav":            {args: tone + "-c:a pcm_alaw -ar 8000"},
	"mulaw.wav":           {args: tone + "-c:a pcm_mulaw -ar 8000"},
	"ima.wav":             {args: tone + "-c:a adpcm_ima_wav"},
	"ima-stereo.wav":      {args: tone + "-c:a adpcm_ima_wav -ac 2 -block_size 512"},
	"ms.wav":              {args: tone + "-c:a adpcm_ms"},
	"gsm.wav":             {args: tone + "-c:a libgsm_ms -ar 8000"},
	"mp3.wav":             {args: tone + "-c:a libmp3lame -b:a 32k"},
	"g726.wav":            {args: tone + "-c:a g726 -ar 8000", err: ErrNoLength},
	"piped.wav":           {args: tone + "-f wav"},
	"piped-ima.wav":       {args: tone + "-c:a adpcm_ima_wav -f wav", by: decoder},
	"rf64.wav":            {args: tone + "-rf64 always"},
	"plain.w64":           {args: tone},
	"piped.w64":           {args: tone + "-f w64", by: known}, // ffmpeg does not read what it wrote
	"plain.flac":          {args: tone},
	"8k.flac":             {args: tone + "-ar 8000 -ac 2 -compression_level 12"},
	"piped.flac":          {args: tone + "-f flac", by: decoder},
	"pcm.caf":             {args: tone + "-c:a pcm_s16be"},
	"piped.caf":           {args: tone + "-c:a pcm_s16be -f caf"},
	"ima.caf":             {args: tone + "-c:a adpcm_ima_qt"},
	"alac.caf":            {args: tone + "-c:a alac", frame: 86 * ms},
	"opus.caf":            {args: tone + "-c:a libopus"},
	"mulaw.caf":           {args: tone + "-c:a pcm_mulaw"},
	"video.mp4":           {args: tone + picture + "-c:a aac -c:v libx264", err: ErrVideo},
	"video-fragments.mp4": {args: tone + picture + "-c:a aac -c:v libx264 -movflags frag_keyframe+empty_moov", err: ErrVideo},
	"video.mov":           {args: tone + picture + "-c:a aac -c:v mpeg4", err: ErrVideo},
	"video.3gp":           {args: tone + picture + "-c:a aac -c:v mpeg4", err: ErrVideo},
	"video.webm":          {args: tone + picture + "-c:a libopus -c:v libvpx", err: ErrVideo},
	"piped-video.webm":    {args: tone + picture + "-c:a libopus -c:v libvpx -f webm", err: ErrVideo},
	"video.ogv":           {args: tone + picture + "-c:a libvorbis -c:v libtheora", err: ErrVideo},
	"video.avi":           {args: tone + picture + "-c:a libmp3lame -c:v mpeg4", err: ErrVideo},
	"picture.png":         {args: picture + "-frames:v 1", err: ErrNotAudio},
	"picture.jpg":         {args: picture + "-frames:v 1", err: ErrNotAudio},
	"sound.aiff":          {args: tone, err: ErrNoLength},
	"sound.wma":           {args: tone, err: ErrNoLength},
}

func TestAgainstFFprobe(t *testing.T) {
	t.Parallel()
	if os.Getenv("TGO_REQUIRE_RUNTIMES") == "" {
		t.Skip("TGO_REQUIRE_RUNTIMES is not set")
	}
	for _, program := range []string{"ffmpeg", "ffprobe"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is missing, and TGO_REQUIRE_RUNTIMES is set: install it first", program)
		}
	}
	dir := t.TempDir()
	base := filepath.Join(dir, "base")
	convert(t, base+".m4a", tone+"-c:a aac")
	// Debian's ffmpeg reads AMR, and writes none.
	if err := os.WriteFile(base+".amr", amr(150, 0x3C, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, name)
			convert(t, path, strings.ReplaceAll(form.args, "BASE", base))
			if form.want == 0 {
				form.want = recorded
			}
			compare(t, path, form.by, max(form.frame, 50*ms), form.want, form.err)
		})
	}
	t.Run("base.amr", func(t *testing.T) {
		t.Parallel()
		compare(t, base+".amr", decoder, 50*ms, 3*time.Second, nil)
	})
	t.Run("wide.amr", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(dir, "wide.amr")
		wide := append([]byte("#!AMR-WB\n"), bytes.Repeat(append([]byte{0x44}, make([]byte, 60)...), 150)...)
		if err := os.WriteFile(path, wide, 0o600); err != nil {
			t.Fatal(err)
		}
		compare(t, path, decoder, 50*ms, 3*time.Second, nil)
	})
	// ffprobe takes the first part, or the last one; ffmpeg's times jump at each.
	t.Run("chained", func(t *testing.T) {
		t.Parallel()
		convert(t, base+".opus", tone+"-c:a libopus")
		convert(t, base+".ogg", tone+"-c:a libvorbis")
		convert(t, base+".mp3", tone+"-b:a 32k")
		for _, names := range [][]string{{".opus", ".opus"}, {".opus", ".ogg", ".opus"}, {".mp3", ".mp3"}} {
			var chain []byte
			for _, name := range names {
				b, err := os.ReadFile(base + name)
				if err != nil {
					t.Fatal(err)
				}
				chain = append(chain, b...)
			}
			path := filepath.Join(dir, "chain"+strings.Join(names, ""))
			if err := os.WriteFile(path, chain, 0o600); err != nil {
				t.Fatal(err)
			}
			compare(t, path, known, 50*ms, time.Duration(len(names))*recorded, nil)
		}
	})
}

// convert runs ffmpeg, which writes a file, or if "piped" begins its name, to a pipe.
func convert(t *testing.T, path, args string) {
	t.Helper()
	words := append([]string{"-hide_banner", "-loglevel", "error", "-nostdin", "-y"}, strings.Fields(args)...)
	if !strings.HasPrefix(filepath.Base(path), "piped") {
		run(t, "ffmpeg", append(words, path)...)
		return
	}
	if err := os.WriteFile(path, run(t, "ffmpeg", append(words, "-")...), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var errs bytes.Buffer
	command := exec.CommandContext(ctx, program, args...)
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, &errs)
	}
	return out
}

// compare checks our length of a file against the reference.
func compare(t *testing.T, path string, by reference, tolerance, recorded time.Duration, refused error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read from
	got, err := Duration(f)
	if refused != nil {
		if !errors.Is(err, refused) {
			t.Errorf("%v, %v; want %v", got, err, refused)
		}
		return
	}
	if err != nil || (got-recorded).Abs() > tolerance {
		t.Errorf("%v, %v; %v were recorded", got, err, recorded)
	}
	var theirs time.Duration
	switch by {
	case known:
		return
	case probe:
		text := string(run(t, "ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path))
		seconds, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			t.Fatalf("ffprobe says %q", text)
		}
		theirs = time.Duration(seconds * float64(time.Second))
	case decoder:
		// Sixteen bits of a channel at 8 kHz: 16,000 bytes are a second.
		pcm := run(t, "ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:a:0", "-ac", "1", "-ar", "8000", "-f", "s16le", "-")
		theirs = time.Duration(len(pcm)) * time.Second / 16000
	}
	if (got - theirs).Abs() > tolerance {
		t.Errorf("%v; %v by ffmpeg's programs", got, theirs)
	}
	t.Logf("ours %v, theirs %v, recorded %v", got, theirs, recorded)
}
