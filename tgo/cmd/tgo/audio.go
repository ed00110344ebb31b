package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// The lengths of voice notes. The Go libraries that read all four containers are under the GPL or wrap TagLib; of one each
// there are enough, but none for Opus in Ogg, the usual voice note. A length needs a small part of each: so these are our
// own.

var (
	errNotAudio  = errors.New("it is neither Ogg (Opus, Vorbis), WAV, MP3 nor M4A")
	errNoLength  = errors.New("its length cannot be read")
	errCutOff    = fmt.Errorf("%w: the file is cut off or damaged", errNoLength)
	errNoSamples = fmt.Errorf("%w: it holds no sound", errNoLength)
)

// audioDuration reads how long a recording is.
func audioDuration(r io.ReadSeeker) (time.Duration, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	var head [12]byte
	n, err := readAt(r, 0, head[:])
	if err != nil && n == 0 {
		return 0, errNotAudio
	}
	var d time.Duration
	switch {
	case bytes.HasPrefix(head[:], []byte("OggS")):
		d, err = oggDuration(r, size)
	case bytes.HasPrefix(head[:], []byte("RIFF")) && string(head[8:12]) == "WAVE":
		d, err = wavDuration(r, size)
	case string(head[4:8]) == "ftyp":
		d, err = mp4Duration(r, size)
	case bytes.HasPrefix(head[:], []byte("ID3")), head[0] == 0xFF && head[1]&0xE0 == 0xE0:
		d, err = mp3Duration(r, size)
	default:
		return 0, errNotAudio
	}
	if err == nil && d <= 0 {
		err = errNoSamples
	}
	return d, err
}

// readAt fills p from an offset, and returns how much there was.
func readAt(r io.ReadSeeker, at int64, p []byte) (int, error) {
	if _, err := r.Seek(at, io.SeekStart); err != nil {
		return 0, err
	}
	return io.ReadFull(r, p)
}

// samples is a number of samples as a time. The division comes first, so that a damaged number overflows nothing.
func samples(n, rate uint64) time.Duration {
	if rate == 0 || n/rate > 1e6 {
		return 0
	}
	return time.Duration(n/rate)*time.Second + time.Duration(n%rate*uint64(time.Second)/rate) //nolint:gosec // both are small
}

// oggDuration takes the position of the last page of the first stream, in samples of the codec.
func oggDuration(r io.ReadSeeker, size int64) (time.Duration, error) {
	var first [27 + 255 + 19]byte
	n, _ := readAt(r, 0, first[:])
	const pageHeader = 27
	if n < pageHeader+1 {
		return 0, errCutOff
	}
	packet := pageHeader + int(first[26])
	if n < packet+19 {
		return 0, errCutOff
	}
	var rate, skip uint64
	switch p := first[packet:]; {
	case bytes.HasPrefix(p, []byte("OpusHead")):
		rate, skip = 48000, uint64(binary.LittleEndian.Uint16(p[10:]))
	case bytes.HasPrefix(p, []byte("\x01vorbis")):
		rate = uint64(binary.LittleEndian.Uint32(p[12:]))
	default:
		return 0, fmt.Errorf("%w: the sound in it is neither Opus nor Vorbis", errNoLength)
	}
	serial := [4]byte(first[14:18])
	// A page is at most 65,307 bytes, so the last one begins within them.
	tail := make([]byte, min(size, 2*65307))
	if _, err := readAt(r, size-int64(len(tail)), tail); err != nil {
		return 0, errCutOff
	}
	const noPacketEnds = ^uint64(0)
	for i := bytes.LastIndex(tail, []byte("OggS")); i >= 0; i = bytes.LastIndex(tail[:i], []byte("OggS")) {
		if i+pageHeader > len(tail) || [4]byte(tail[i+14:i+18]) != serial {
			continue
		}
		position := binary.LittleEndian.Uint64(tail[i+6:])
		if position == noPacketEnds {
			continue
		}
		if position < skip {
			return 0, errNoSamples
		}
		return samples(position-skip, rate), nil
	}
	return 0, errCutOff
}

// wavDuration divides the size of the data by the bytes in a second.
func wavDuration(r io.ReadSeeker, size int64) (time.Duration, error) {
	var perSecond uint64
	at := int64(12)
	for range 10_000 { // a file of zeros has a chunk at each eight bytes
		if at+8 > size {
			break
		}
		var chunk [8]byte
		if _, err := readAt(r, at, chunk[:]); err != nil {
			return 0, errCutOff
		}
		length := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			var format [16]byte
			if _, err := readAt(r, at+8, format[:]); err != nil {
				return 0, errCutOff
			}
			perSecond = uint64(binary.LittleEndian.Uint32(format[8:]))
		case "data":
			// Who writes to a pipe does not know the length and writes the greatest one.
			return samples(uint64(min(length, size-at-8)), perSecond), nil //nolint:gosec // neither is negative
		}
		at += 8 + length + length&1
	}
	return 0, errCutOff
}

// mp4Duration reads the length in the header of the movie, or of the first track.
func mp4Duration(r io.ReadSeeker, size int64) (time.Duration, error) {
	moov, end, ok := findBox(r, 0, size, "moov")
	if !ok {
		return 0, errCutOff
	}
	header, _, ok := findBox(r, moov, end, "mvhd")
	if !ok {
		return 0, errCutOff
	}
	var b [32]byte
	if _, err := readAt(r, header, b[:]); err != nil {
		return 0, errCutOff
	}
	if b[0] == 1 { // version 1 has 64-bit times
		return samples(binary.BigEndian.Uint64(b[24:]), uint64(binary.BigEndian.Uint32(b[20:]))), nil
	}
	return samples(uint64(binary.BigEndian.Uint32(b[16:])), uint64(binary.BigEndian.Uint32(b[12:]))), nil
}

// findBox finds a box between two offsets and returns where its content begins and ends.
func findBox(r io.ReadSeeker, at, end int64, name string) (int64, int64, bool) {
	for range 10_000 {
		var head [16]byte
		if at+8 > end {
			return 0, 0, false
		}
		if n, _ := readAt(r, at, head[:]); n < 8 {
			return 0, 0, false
		}
		length, content := int64(binary.BigEndian.Uint32(head[:])), int64(8)
		switch length {
		case 0:
			length = end - at
		case 1:
			length, content = int64(binary.BigEndian.Uint64(head[8:])), 16 //nolint:gosec // a negative one is refused below
		}
		if length < content || length > end-at {
			return 0, 0, false
		}
		if string(head[4:8]) == name {
			return at + content, at + length, true
		}
		at += length
	}
	return 0, 0, false
}

// mp3Duration adds up the frames. There are about 38 in a second, so a voice note has some thousands at most.
func mp3Duration(r io.ReadSeeker, size int64) (time.Duration, error) {
	at := int64(0)
	var tag [10]byte
	if n, _ := readAt(r, 0, tag[:]); n == 10 && string(tag[:3]) == "ID3" {
		at = 10 + (int64(tag[6]&0x7f)<<21 | int64(tag[7]&0x7f)<<14 | int64(tag[8]&0x7f)<<7 | int64(tag[9]&0x7f))
	}
	if _, err := r.Seek(at, io.SeekStart); err != nil {
		return 0, err
	}
	data, err := io.ReadAll(io.LimitReader(r, min(size-at, 64<<20)))
	if err != nil {
		return 0, err
	}
	var total time.Duration
	frames, lost := 0, 0
	for len(data) >= 4 {
		length, n, rate := mp3Frame(data)
		if length == 0 {
			if bytes.HasPrefix(data, []byte("TAG")) || bytes.HasPrefix(data, []byte("APETAGEX")) {
				break
			}
			if lost++; lost > 64<<10 { // that much padding is no padding
				return 0, errCutOff
			}
			data = data[1:]
			continue
		}
		if frames > 0 || !isInfoFrame(data[:min(len(data), length)]) {
			total += samples(n, rate)
		}
		frames++
		data = data[min(len(data), length):]
	}
	if frames == 0 {
		return 0, errNotAudio
	}
	return total, nil
}

// isInfoFrame reports a first frame that holds no sound but what encoders say of the others.
func isInfoFrame(frame []byte) bool {
	head := frame[:min(len(frame), 64)]
	return bytes.Contains(head, []byte("Xing")) || bytes.Contains(head, []byte("Info")) || bytes.Contains(head, []byte("VBRI"))
}

var mp3Bitrates = [2][15]int{
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}, // MPEG 1, layer III
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},     // MPEG 2 and 2.5
}

// mp3Frame reads the head of a frame: its length in bytes, its samples and their rate. The length is 0 where none begins.
func mp3Frame(b []byte) (length int, n, rate uint64) {
	if b[0] != 0xFF || b[1]&0xE6 != 0xE2 { // eleven bits of sync, layer III
		return 0, 0, 0
	}
	version, bitrate, index := b[1]>>3&3, b[2]>>4, b[2]>>2&3
	if version == 1 || bitrate == 0 || bitrate == 15 || index == 3 {
		return 0, 0, 0
	}
	rate = []uint64{44100, 48000, 32000}[index]
	table, factor := 0, 144
	n = 1152
	if version != 3 {
		table, factor, n = 1, 72, 576
		rate /= 2
		if version == 0 {
			rate /= 2
		}
	}
	length = factor*mp3Bitrates[table][bitrate]*1000/int(rate) + int(b[2]>>1&1) //nolint:gosec // at most 48,000
	return length, n, rate
}
