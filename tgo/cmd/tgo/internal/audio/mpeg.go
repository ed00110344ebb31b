package audio

import (
	"bytes"
	"encoding/binary"
	"time"
)

// Rates of bits, in kbit/s.
var (
	mpeg1Layer2 = [15]int64{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384}
	mpeg1Layer3 = [15]int64{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
	mpeg2       = [15]int64{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
)

// mpegFrame is what the head of a frame of MPEG audio says. The length is 0 if the format is free.
type mpegFrame struct {
	length        int64
	samples, rate uint64
	info          int // where a Xing or Info header would be
}

// parseMPEG reads the head of a frame of layer II or III. Layer I is extinct, and a mark of byte order looks like it.
func parseMPEG(b []byte) (mpegFrame, bool) {
	if len(b) < 4 || b[0] != 0xFF || b[1]&0xE0 != 0xE0 {
		return mpegFrame{}, false
	}
	version, layer, bitrate, index := b[1]>>3&3, 4-b[1]>>1&3, b[2]>>4, b[2]>>2&3
	if version == 1 || (layer != 2 && layer != 3) || bitrate == 15 || index == 3 {
		return mpegFrame{}, false
	}
	f := mpegFrame{samples: 1152, rate: [3]uint64{44100, 48000, 32000}[index], info: 4 + 32}
	rates := &mpeg1Layer2
	mono := b[3]>>6 == 3
	switch {
	case version == 3 && layer == 3:
		rates = &mpeg1Layer3
		if mono {
			f.info = 4 + 17
		}
	case version != 3:
		rates = &mpeg2
		f.rate /= 2
		if version == 0 { // MPEG 2.5
			f.rate /= 2
		}
		f.info = 4 + 17
		if mono {
			f.info = 4 + 9
		}
		if layer == 3 {
			f.samples = 576
		}
	}
	if bitrate != 0 {
		f.length = int64(f.samples)/8*rates[bitrate]*1000/int64(f.rate) + int64(b[2]>>1&1) //nolint:gosec // at most 48,000
	}
	return f, true
}

func isMPEG(head []byte) bool {
	_, ok := parseMPEG(head)
	return ok
}

// mpegDuration adds up the frames of MP3. Xing, Info and VBRI headers are used as a check: a file with fewer frames is
// cut off.
func mpegDuration(s *stream) (time.Duration, error) {
	var total time.Duration
	var claimed, counted uint64 // since the last such header
	check := func() error {
		if counted < claimed {
			return errCutOff
		}
		return nil
	}
	err := walkFrames(s, func(head []byte) (int64, error) {
		f, ok := parseMPEG(head)
		switch {
		case !ok:
			return 0, errCutOff
		case f.length == 0:
			return 0, noLength("it is MP3 of the free format")
		}
		frames, silent, ok := parseInfo(f, head[:min(int64(len(head)), f.length)])
		if !ok {
			counted++
			total += timeOf(f.samples, f.rate)
			return f.length, nil
		}
		err := check()
		claimed, counted = frames, 0
		total -= timeOf(silent, f.rate)
		return f.length, err
	})
	if err == nil {
		err = check()
	}
	return total, err
}

// parseInfo reads a frame that has no sound, but says how many frames follow, and how many of their samples are there only to
// fill them: before the sound, where the decoder starts up, and after it.
func parseInfo(f mpegFrame, frame []byte) (frames, silent uint64, ok bool) {
	if len(frame) >= 54 && string(frame[36:40]) == "VBRI" {
		return uint64(binary.BigEndian.Uint32(frame[50:])), 0, true
	}
	for at := f.info; at <= f.info+2; at += 2 { // with a checksum before it or without
		if len(frame) < at+8 || (string(frame[at:at+4]) != "Xing" && string(frame[at:at+4]) != "Info") {
			continue
		}
		flags := binary.BigEndian.Uint32(frame[at+4:])
		at += 8
		if flags&1 != 0 && len(frame) >= at+4 {
			frames = uint64(binary.BigEndian.Uint32(frame[at:]))
		}
		for bit, size := range []int{4, 4, 100, 4} {
			if flags>>bit&1 != 0 {
				at += size
			}
		}
		if encoder := frame[min(at, len(frame)):]; len(encoder) >= 24 {
			for _, name := range []string{"LAME", "Lavf", "Lavc"} {
				if bytes.HasPrefix(encoder, []byte(name)) {
					silent = uint64(encoder[21])<<4 + uint64(encoder[22]>>4) + uint64(encoder[22]&15)<<8 + uint64(encoder[23])
				}
			}
		}
		return frames, silent, true
	}
	return 0, 0, false
}
