package audio

import (
	"encoding/binary"
	"time"
)

// flacInfo is what STREAMINFO says. The samples are 0 if the encoder did not know them.
type flacInfo struct{ rate, samples uint64 }

func parseFLACInfo(b []byte) flacInfo {
	packed := binary.BigEndian.Uint64(b[10:])
	return flacInfo{rate: packed >> 44, samples: packed & (1<<36 - 1)}
}

const flacInfoSize = 34

// flacDuration adds up the frames. If the header has a total, both must be equal.
func flacDuration(s *stream) (time.Duration, error) {
	head, err := s.next(4 + 4 + flacInfoSize)
	if err != nil {
		return 0, err
	}
	if head[4]&0x7F != 0 {
		return 0, errCutOff
	}
	info := parseFLACInfo(head[8:])
	for last := head[4]&0x80 != 0; !last; {
		b, err := s.next(4)
		if err != nil {
			return 0, err
		}
		last = b[0]&0x80 != 0
		if err := s.skip(int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3])); err != nil {
			return 0, err
		}
	}
	var samples uint64
	for s.left() > 0 {
		head, err := s.upTo(maxFLACHead)
		if err != nil {
			return 0, err
		}
		n, ok := flacSamples(head)
		if !ok {
			return 0, errCutOff
		}
		samples += n
		if err := skipFLACFrame(s); err != nil {
			return 0, err
		}
	}
	if info.samples != 0 && samples != info.samples {
		return 0, errCutOff
	}
	return timeOf(samples, info.rate), nil
}

const maxFLACHead = 16

// flacSamples reads the head of a frame: how many samples it has.
func flacSamples(b []byte) (uint64, bool) {
	if len(b) < 6 || b[0] != 0xFF || b[1]&0xFE != 0xF8 || b[3]&1 != 0 {
		return 0, false
	}
	size, rate := b[2]>>4, b[2]&15
	at := 5 // behind the first byte of its number, whose leading ones count the bytes that follow
	for mask := byte(0x40); b[4]&0x80 != 0 && b[4]&mask != 0; mask >>= 1 {
		at++
	}
	var extra int
	switch rate {
	case 12:
		extra = 1
	case 13, 14:
		extra = 2
	case 15:
		return 0, false
	}
	var n uint64
	sizeAt := at
	switch {
	case size == 0:
		return 0, false
	case size == 1:
		n = 192
	case size <= 5:
		n = 576 << (size - 2)
	case size == 6:
		at++
	case size == 7:
		at += 2
	default:
		n = 256 << (size - 8)
	}
	at += extra
	if at >= len(b) || crc8(b[:at]) != b[at] {
		return 0, false
	}
	switch size {
	case 6:
		n = uint64(b[sizeAt]) + 1
	case 7:
		n = uint64(binary.BigEndian.Uint16(b[sizeAt:])) + 1
	}
	return n, true
}

// skipFLACFrame moves to the end of a frame: where its checksum is correct, and the next frame or the end of the file
// follows. FLAC does not record the length of a frame.
func skipFLACFrame(s *stream) error {
	var crc uint16
	for s.left() > 0 {
		b, err := s.upTo(window)
		if err != nil {
			return err
		}
		n := len(b)
		if int64(n) < s.left() {
			n -= maxFLACHead // so the next head is complete
		}
		for i, c := range b[:n] {
			if crc = crc<<8 ^ crc16Table[byte(crc>>8)^c]; crc != 0 {
				continue
			}
			if _, ok := flacSamples(b[i+1:]); ok || i+1 == len(b) {
				return s.skip(int64(i + 1))
			}
		}
		if err := s.skip(int64(n)); err != nil {
			return err
		}
	}
	return errCutOff
}

func crc8(b []byte) byte {
	var crc byte
	for _, c := range b {
		crc ^= c
		for range 8 {
			carry := crc >> 7
			crc = crc<<1 ^ carry*0x07
		}
	}
	return crc
}

// crc16Table is that of the polynomial 0x8005, high bits first. Go's hash/crc32 has no such form.
var crc16Table = func() (table [256]uint16) {
	for i := range table {
		crc := uint16(i) << 8
		for range 8 {
			carry := crc >> 15
			crc = crc<<1 ^ carry*0x8005
		}
		table[i] = crc
	}
	return table
}()
