package audio

import (
	"encoding/binary"
	"math"
	"math/bits"
	"time"
)

// Elements of WebM and Matroska.
const (
	ebmlHead        = 0x1A45DFA3
	webmSegment     = 0x18538067
	webmInfo        = 0x1549A966
	webmScale       = 0x2AD7B1
	webmLength      = 0x4489
	webmTracks      = 0x1654AE6B
	webmTrack       = 0xAE
	webmTrackNumber = 0xD7
	webmTrackType   = 0x83
	webmCodec       = 0x86
	webmCodecDelay  = 0x56AA
	webmFrameLength = 0x23E383
	webmCluster     = 0x1F43B675
	webmClusterTime = 0xE7
	webmSimpleBlock = 0xA3
	webmBlockGroup  = 0xA0
	webmBlock       = 0xA1
	webmBlockLength = 0x9B
	webmDiscard     = 0x75A2
)

// recording is what the elements of a WebM file say.
type recording struct {
	scale   uint64  // nanoseconds of a unit of time
	length  float64 // in units, or 0
	cluster int64   // its time, in units
	tracks  map[uint64]*webmTrackOf
	track   *webmTrackOf // that is being described, or that the last block was of
}

// webmTrackOf is a track. Times are in nanoseconds.
type webmTrackOf struct {
	sound, opus bool
	delay       int64 // before the sound begins
	frame       int64 // how long a frame is, if the track says it
	blocks      int
	first, last int64 // when the first and the last block begin
	step        int64 // from the block before to the last one
	block       int64 // how long the last block is, or 0
	discard     int64 // of the last block
	packets     int64 // of Opus: their samples
}

// webmDuration reads the blocks to the last one. Browsers write no length and do not know the sizes, so the content of
// segments and clusters is read as one sequence.
func webmDuration(s *stream) (time.Duration, error) {
	r := &recording{scale: 1e6, tracks: map[uint64]*webmTrackOf{}}
	for s.left() > 0 {
		id, size, known, err := ebmlElement(s)
		if err != nil {
			return 0, err
		}
		if known && size > s.left() {
			return 0, errCutOff
		}
		switch id {
		case webmSegment, webmCluster, webmInfo, webmTracks, webmBlockGroup, webmTrack:
			if id == webmTrack {
				r.track = &webmTrackOf{}
			}
			continue // into it
		}
		if !known {
			return 0, errCutOff
		}
		end := s.at + size
		b, err := s.upTo(int(min(size, 32)))
		if err != nil {
			return 0, err
		}
		if err := r.element(id, b); err != nil {
			return 0, err
		}
		if err := s.skip(end - s.at); err != nil {
			return 0, err
		}
	}
	return r.duration()
}

// ebmlElement reads the head of an element.
func ebmlElement(s *stream) (id uint64, size int64, known bool, err error) {
	b, err := s.upTo(12)
	if err != nil {
		return 0, 0, false, err
	}
	n := ebmlLength(b)
	if n == 0 || n > 4 || len(b) <= n {
		return 0, 0, false, errCutOff
	}
	for _, c := range b[:n] {
		id = id<<8 | uint64(c)
	}
	value, m := ebmlNumber(b[n:])
	if m == 0 {
		return 0, 0, false, errCutOff
	}
	known = value != 1<<(7*m)-1
	return id, int64(value), known, s.skip(int64(n + m)) //nolint:gosec // it has 56 bits at most
}

// ebmlLength is how many bytes a number has: one more than there are zeros before the first bit.
func ebmlLength(b []byte) int {
	if len(b) == 0 || b[0] == 0 || bits.LeadingZeros8(b[0]) >= len(b) {
		return 0
	}
	return bits.LeadingZeros8(b[0]) + 1
}

// ebmlNumber reads a number, and returns its length in bytes, or 0.
func ebmlNumber(b []byte) (uint64, int) {
	n := ebmlLength(b)
	var value uint64
	for _, c := range b[:n] {
		value = value<<8 | uint64(c)
	}
	return value &^ (1 << (7 * n)), n
}

// element reads the content of an element, or the beginning of a longer one.
func (r *recording) element(id uint64, b []byte) error {
	var number uint64 // what it is, if it is one
	for _, c := range b[:min(len(b), 8)] {
		number = number<<8 | uint64(c)
	}
	if number > math.MaxInt64 {
		number = math.MaxInt64
	}
	t := r.track
	if t == nil {
		t = &webmTrackOf{} // no one asks for it
	}
	switch id {
	case ebmlHead:
		if len(r.tracks) > 0 {
			return noLength("it is several recordings, one after the other")
		}
	case webmScale:
		r.scale = number
	case webmLength:
		switch len(b) {
		case 4:
			r.length = float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
		case 8:
			r.length = math.Float64frombits(binary.BigEndian.Uint64(b))
		}
	case webmTrackNumber:
		r.tracks[number] = t
	case webmTrackType:
		if t.sound = number == 2; number == 1 {
			return ErrVideo
		}
	case webmCodec:
		t.opus = string(b) == "A_OPUS"
	case webmCodecDelay:
		t.delay = int64(number)
	case webmFrameLength:
		t.frame = int64(number)
	case webmClusterTime:
		r.cluster = int64(number)
	case webmBlock, webmSimpleBlock:
		return r.block(b)
	case webmBlockLength:
		t.block = r.nanoseconds(int64(number))
	case webmDiscard: // signed
		if len(b) > 0 && len(b) <= 8 {
			t.discard = int64(number<<(64-8*len(b))) >> (64 - 8*len(b)) //nolint:gosec // so it is signed
		}
	}
	return nil
}

// nanoseconds is a time in units, or 0 if that is not a time that a recording has.
func (r *recording) nanoseconds(units int64) int64 {
	if high, low := bits.Mul64(uint64(max(units, 0)), r.scale); high == 0 && low < longest*1e9 {
		return int64(low)
	}
	return 0
}

// block takes the time of a block.
func (r *recording) block(b []byte) error {
	number, n := ebmlNumber(b)
	t := r.tracks[number]
	if n == 0 || t == nil || len(b) < n+3 {
		return errCutOff
	}
	r.track = t
	if !t.sound {
		return nil
	}
	at := r.nanoseconds(r.cluster + int64(int16(binary.BigEndian.Uint16(b[n:])))) //nolint:gosec // it is signed
	if t.blocks == 0 {
		t.first, t.last = at, at
	}
	if at < t.last { // out of order, or an overflow
		return errCutOff
	}
	t.step, t.last, t.block, t.discard = at-t.last, at, t.frame, 0
	t.blocks++
	laced := b[n+2]&6 != 0
	switch {
	case laced && (t.opus || t.frame == 0):
		return noLength("its blocks hold several frames each")
	case laced && len(b) > n+3:
		t.block = t.frame * (int64(b[n+3]) + 1)
	case t.opus:
		samples := opusSamples(b[n+3:])
		t.packets += samples
		t.block = samples * 1e9 / 48000
	}
	return nil
}

// duration returns the duration of the longest track.
func (r *recording) duration() (time.Duration, error) {
	var most time.Duration
	for _, t := range r.tracks {
		if t.blocks == 0 {
			continue
		}
		if t.block == 0 { // Vorbis: not longer than a frame
			t.block = t.step
		}
		length := t.last + t.block - t.first
		if t.opus { // the packets are exact, times are rounded; but only times show gaps
			if packets := t.packets * 1e9 / 48000; length-packets < t.block && packets-length < t.block {
				length = packets
			}
		}
		if t.delay > longest*1e9 || t.discard > longest*1e9 || -t.discard > t.block {
			return 0, errCutOff
		}
		most = max(most, time.Duration(length-t.discard-t.delay))
	}
	if r.length*float64(r.scale) > float64(most+time.Second) {
		return 0, errCutOff
	}
	return most, nil
}
