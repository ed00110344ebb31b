package audio

import (
	"encoding/binary"
	"time"
)

// The marks of Sony Wave64. The names of its chunks are four letters and the same twelve bytes.
const (
	w64RIFF = "riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00"
	w64Tail = "\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A"
)

// wav is what the chunks before the data say.
type wav struct {
	s        *stream
	wide     bool  // Wave64
	riff     int64 // how long the file should be, without its first 8 bytes
	ds64     int64 // the size of the data, of RF64
	format   wavFormat
	fact     uint64 // the number of samples, or 0
	fullFact bool   // ds64 had it, and the fact chunk is too narrow
}

// wavFormat is the format chunk.
type wavFormat struct {
	tag, channels, align, bits, perBlock uint64 // perBlock are samples, of codecs that compress
	rate                                 uint64
}

// wavDuration counts the blocks of the data.
func wavDuration(s *stream) (time.Duration, error) {
	w := wav{s: s}
	head, err := s.next(12)
	if err != nil {
		return 0, err
	}
	if w.wide = string(head[:4]) == w64RIFF[:4]; w.wide {
		if head, err = s.next(28); err != nil || string(head[12:]) != "wave"+w64Tail {
			return 0, errCutOff
		}
	} else {
		w.riff = int64(binary.LittleEndian.Uint32(head[4:]))
	}
	for {
		name, size, err := w.chunk()
		if err != nil {
			return 0, err
		}
		if name == "data" {
			return w.data(size)
		}
		b, err := s.upTo(int(max(0, min(size, 64))))
		if err != nil {
			return 0, err
		}
		switch {
		case name == "ds64" && len(b) >= 24:
			w.ds64, w.fact = int64(binary.LittleEndian.Uint64(b[8:])), binary.LittleEndian.Uint64(b[16:]) //nolint:gosec // data refuses
			w.fullFact = w.fact != 0
		case name == "fmt " && len(b) >= 16:
			w.format = parseWAVFormat(b)
		case name == "fact" && len(b) >= 4 && !w.fullFact:
			w.fact = uint64(binary.LittleEndian.Uint32(b))
			if w.wide && len(b) >= 8 {
				w.fact = binary.LittleEndian.Uint64(b)
			}
		}
		padding := size & 1
		if w.wide {
			padding = -size & 7
		}
		if err := s.skip(size); err != nil {
			return 0, err
		}
		if err := s.skip(min(padding, s.left())); err != nil {
			return 0, err
		}
	}
}

// chunk reads the head of a chunk.
func (w *wav) chunk() (name string, size int64, err error) {
	if !w.wide {
		b, err := w.s.next(8)
		if err != nil {
			return "", 0, err
		}
		return string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:])), nil
	}
	b, err := w.s.next(24)
	if err != nil {
		return "", 0, err
	}
	if string(b[4:16]) == w64Tail {
		name = string(b[:4])
	}
	size = int64(binary.LittleEndian.Uint64(b[16:])) //nolint:gosec // a negative one is refused below or by skip
	if size == 0 {
		return name, 0, nil
	}
	return name, size - 24, nil
}

func parseWAVFormat(b []byte) wavFormat {
	at := func(i int) uint64 { return uint64(binary.LittleEndian.Uint16(b[i:])) }
	f := wavFormat{tag: at(0), channels: at(2), rate: uint64(binary.LittleEndian.Uint32(b[4:])), align: at(12), bits: at(14)}
	if len(b) >= 20 {
		f.perBlock = at(18)
	}
	if f.tag == 0xFFFE && len(b) >= 26 { // the tag proper begins a GUID
		f.tag = at(24)
	}
	return f
}

// data counts what the data chunk holds.
func (w *wav) data(size int64) (time.Duration, error) {
	left := w.s.left()
	switch {
	case size == 0xFFFFFFFF && w.ds64 > 0:
		size = w.ds64
	case size == 0 && w.riff == w.s.size-8:
		return 0, errNoSound
	case size == 0, size >= 0x7FFF0000 && size > left: // written into a pipe, by a program that could not know
		size = left
	}
	if size < 0 || size > left {
		return 0, errCutOff
	}
	f, bytes := w.format, uint64(size)
	if f.channels == 0 || f.align == 0 {
		return 0, errCutOff
	}
	blocks, rest := bytes/f.align, bytes%f.align
	var n uint64
	switch f.tag {
	case 1, 3, 6, 7: // PCM, floating point, A-law and µ-law: a block is a sample of each channel
		if f.align != f.channels*((f.bits+7)/8) {
			return 0, errCutOff
		}
		return timeOf(blocks, f.rate), nil
	case 2, 0x11: // Microsoft's ADPCM and that of IMA: a block begins with some samples as they are, and has two in a byte
		head, first := 7*f.channels, uint64(2)
		if f.tag == 0x11 {
			head, first = 4*f.channels, 1
		}
		in := func(block uint64) uint64 {
			if block < head {
				return 0
			}
			return first + (block-head)*2/f.channels
		}
		if f.bits != 4 || f.perBlock == 0 || f.perBlock > in(f.align) {
			return 0, noLength("its ADPCM has an unusual form")
		}
		n = blocks*f.perBlock + min(in(rest), f.perBlock)
	case 0x31: // GSM 6.10
		if f.align != 65 || f.perBlock != 320 {
			return 0, noLength("its GSM has an unusual form")
		}
		n = blocks * f.perBlock
	case 0x50, 0x55: // MPEG audio
		w.s.size = w.s.at + size
		return mpegDuration(w.s)
	default:
		return 0, noLength("WAV with the codec 0x%04X is not read", f.tag)
	}
	// The last block may be filled up: the fact chunk says so. It holds nothing useful if it was written into a pipe.
	if w.fact > 0 && w.fact < n && n-w.fact < f.perBlock {
		n = w.fact
	}
	return timeOf(n, f.rate), nil
}
