package audio

import (
	"bytes"
	"encoding/binary"
	"time"
)

// oggStream is a logical stream. Positions count the samples of its codec.
type oggStream struct {
	rate    uint64 // 0 if it is not sound
	skip    int64  // samples at the beginning that no one hears
	headers int    // packets before the sound

	// samplesOf returns how many samples a packet has, from its first bytes. If atMost is true, it returns only how many it can have.
	samplesOf func(head []byte) int64
	atMost    bool

	packets    int    // that have ended
	head       []byte // of the packet that has not
	open       bool   // there is one
	samples    int64  // of the packets of sound
	sequence   uint32 // of the next page
	heard      bool   // a page has given its position
	start, end int64
}

// oggPacketHead is how much of a packet its number of samples needs. The head of a frame of FLAC is the longest.
const oggPacketHead = maxFLACHead

// oggDuration reads the pages. Parallel streams last as long as the longest of them, and chained ones add up.
func oggDuration(s *stream) (time.Duration, error) {
	var total time.Duration
	var streams map[uint32]*oggStream
	beginning := false // only first pages so far
	for s.left() > 0 {
		page, err := oggPage(s)
		if err != nil {
			return 0, err
		}
		serial := binary.LittleEndian.Uint32(page[14:])
		first := page[5]&2 != 0
		if first && !beginning {
			d, err := oggLength(streams)
			if err != nil {
				return 0, err
			}
			if total += d; total > longest*time.Second {
				return 0, errCutOff
			}
			streams = map[uint32]*oggStream{}
		}
		beginning = first
		if first {
			if streams[serial] != nil {
				return 0, errCutOff
			}
			if streams[serial], err = newOggStream(page[27+int(page[26]):]); err != nil {
				return 0, err
			}
		}
		if streams[serial] == nil {
			return 0, errCutOff
		}
		if err := streams[serial].page(page); err != nil {
			return 0, err
		}
	}
	d, err := oggLength(streams)
	return total + d, err
}

// oggPage reads a page and checks its checksum.
func oggPage(s *stream) ([]byte, error) {
	const fixed = 27
	head, err := s.peek(fixed)
	if err != nil {
		return nil, err
	}
	if string(head[:5]) != "OggS\x00" {
		return nil, errCutOff
	}
	length := fixed + int(head[26])
	if head, err = s.peek(length); err != nil {
		return nil, err
	}
	for _, segment := range head[fixed:] {
		length += int(segment)
	}
	page, err := s.next(length)
	if err != nil {
		return nil, err
	}
	var crc uint32
	for i, c := range page {
		if i >= 22 && i < 26 { // the checksum itself
			c = 0
		}
		crc = crc<<8 ^ oggCRCTable[byte(crc>>24)^c]
	}
	if crc != binary.LittleEndian.Uint32(page[22:]) {
		return nil, errCutOff
	}
	return page, nil
}

// newOggStream reads the packet that begins a stream.
func newOggStream(b []byte) (*oggStream, error) {
	o := &oggStream{}
	begins := func(with string, size int) bool { return len(b) >= size && bytes.HasPrefix(b, []byte(with)) }
	switch {
	case begins("OpusHead", 19):
		o.rate, o.skip, o.headers = 48000, int64(binary.LittleEndian.Uint16(b[10:])), 2
		o.samplesOf = opusSamples
	case begins("\x01vorbis", 30):
		o.rate, o.headers = uint64(binary.LittleEndian.Uint32(b[12:])), 3
		half := int64(1) << (b[28] >> 4) / 2 // of the long blocks
		o.samplesOf, o.atMost = func([]byte) int64 { return half }, true
	case begins("\x7FFLAC", 13+4+flacInfoSize):
		o.rate, o.headers = parseFLACInfo(b[17:]).rate, 1+int(binary.BigEndian.Uint16(b[7:]))
		o.samplesOf = func(head []byte) int64 {
			n, _ := flacSamples(head)
			return int64(n) //nolint:gosec // at most 65,536
		}
	case begins("Speex   ", 80):
		field := func(at int) int64 { return int64(binary.LittleEndian.Uint32(b[at:])) }
		o.rate, o.headers = uint64(field(36)), 2+int(min(field(68), 1<<16)) //nolint:gosec // not negative
		n := min(field(56), 1<<16) * min(field(64), 1<<8)
		o.samplesOf = func([]byte) int64 { return n }
	case begins("fishead\x00", 8), begins("CMML", 4), begins("\x80kate", 5): // an index, captions
	case begins("\x80theora", 7), begins("BBCD", 4), begins("OVP80", 5), begins("\x80daala", 6):
		return nil, ErrVideo
	default:
		return nil, noLength("the sound in it is none of Opus, Vorbis, FLAC and Speex")
	}
	return o, nil
}

// page counts the packets of a page and takes its position.
func (o *oggStream) page(page []byte) error {
	sequence := binary.LittleEndian.Uint32(page[18:])
	if o.packets > 0 && sequence != o.sequence { // a page is missing
		return errCutOff
	}
	o.sequence = sequence + 1
	if continued := page[5]&1 != 0; continued != o.open {
		return errCutOff
	}
	segments, body := page[27:27+int(page[26])], page[27+int(page[26]):]
	ended := false
	for _, segment := range segments {
		if !o.open {
			o.open, o.head = true, o.head[:0]
		}
		part := body[:segment]
		body = body[segment:]
		o.head = append(o.head, part[:min(len(part), oggPacketHead-len(o.head))]...)
		if segment == 255 {
			continue
		}
		o.open = false
		o.packets++
		ended = true
		if o.rate != 0 && o.packets > o.headers {
			o.samples += o.samplesOf(o.head)
		}
	}
	position := int64(binary.LittleEndian.Uint64(page[6:])) //nolint:gosec // a negative one is refused below
	switch {
	case o.rate == 0, position == -1 && !ended, o.packets <= o.headers:
		return nil
	case position < 0, o.heard && position < o.end:
		return errCutOff
	case !o.heard:
		o.heard = true
		o.start = max(0, position-o.samples) // it need not begin at 0
		if o.start > 0 && o.atMost {
			return noLength("it is a part of a longer recording")
		}
	}
	o.end = position
	return nil
}

// oggLength returns the length of parallel streams.
func oggLength(streams map[uint32]*oggStream) (time.Duration, error) {
	var most time.Duration
	for _, o := range streams {
		if o.open { // a packet has not ended
			return 0, errCutOff
		}
		if n := o.end - o.start - o.skip; n > 0 {
			most = max(most, timeOf(uint64(n), o.rate))
		}
	}
	return most, nil
}

// oggCRCTable is that of the polynomial of package hash/crc32, but high bits first.
var oggCRCTable = func() (table [256]uint32) {
	for i := range table {
		crc := uint32(i) << 24
		for range 8 {
			carry := crc >> 31
			crc = crc<<1 ^ carry*0x04C11DB7
		}
		table[i] = crc
	}
	return table
}()
