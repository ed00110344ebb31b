package audio

import (
	"encoding/binary"
	"math"
	"time"
)

// cafPackets is a packet table.
type cafPackets struct{ frames, size uint64 }

// cafDuration counts the packets of a constant size, or uses the packet table, if all data are present.
func cafDuration(s *stream) (time.Duration, error) {
	if err := s.skip(8); err != nil {
		return 0, err
	}
	var rate float64
	var packetSize, packetFrames uint64
	var table *cafPackets
	data := int64(-1)
	for s.left() > 0 {
		b, err := s.next(12)
		if err != nil {
			return 0, err
		}
		name, size := string(b[:4]), int64(binary.BigEndian.Uint64(b[4:])) //nolint:gosec // skip refuses a negative one
		if name == "data" && size == -1 {                                  // to the end
			size = s.left()
		}
		end := s.at + size
		if size < 0 || size > s.left() {
			return 0, errCutOff
		}
		switch name {
		case "desc":
			b, err := s.peek(32)
			if err != nil {
				return 0, err
			}
			rate = math.Float64frombits(binary.BigEndian.Uint64(b))
			packetSize, packetFrames = uint64(binary.BigEndian.Uint32(b[16:])), uint64(binary.BigEndian.Uint32(b[20:]))
		case "data":
			data = size - 4 // behind the number of edits
		case "pakt":
			if table, err = parseCAFPackets(s, end, packetSize == 0, packetFrames == 0); err != nil {
				return 0, err
			}
		}
		if err := s.skip(end - s.at); err != nil {
			return 0, err
		}
	}
	if data < 0 || !(rate >= 1 && rate <= 1e9) {
		return 0, errCutOff
	}
	var frames uint64
	switch {
	case table != nil:
		if frames = table.frames; table.size > uint64(data) {
			return 0, errCutOff
		}
	case packetSize != 0 && packetFrames != 0:
		frames = uint64(data) / packetSize * packetFrames
	default:
		return 0, noLength("CAF without a packet table")
	}
	// Rates have parts of a hertz at most: no one records at such a rate.
	return timeOf(frames, uint64(math.Round(rate))), nil
}

// parseCAFPackets reads a packet table and adds up the sizes in it.
func parseCAFPackets(s *stream, end int64, hasSizes, hasFrames bool) (*cafPackets, error) {
	b, err := s.next(24)
	if err != nil {
		return nil, err
	}
	t := &cafPackets{frames: binary.BigEndian.Uint64(b[8:])}
	packets := binary.BigEndian.Uint64(b)
	if !hasSizes && !hasFrames {
		return t, nil
	}
	numbers := uint64(1)
	if hasSizes && hasFrames {
		numbers = 2
	}
	var number uint64 // seven bits in a byte
	for read := uint64(0); read/numbers < packets; {
		if s.at >= end {
			return nil, errCutOff
		}
		b, err := s.next(1)
		if err != nil {
			return nil, err
		}
		number = number<<7 | uint64(b[0]&0x7F)
		if number > 1<<32 {
			return nil, errCutOff
		}
		if b[0]&0x80 != 0 {
			continue
		}
		if hasSizes && read%numbers == 0 {
			t.size += number
		}
		read++
		number = 0
	}
	return t, nil
}
