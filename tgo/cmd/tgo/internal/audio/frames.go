package audio

import (
	"bytes"
	"encoding/binary"
)

// skipTags skips the tags that begin here: ID3v2, ID3v1 and APEv2.
func skipTags(s *stream) error {
	for {
		b, err := s.upTo(32)
		if err != nil {
			return err
		}
		var length int64
		switch {
		case len(b) >= 10 && string(b[:3]) == "ID3" && b[3] >= 2 && b[3] <= 4:
			length = 10 + (int64(b[6]&0x7F)<<21 | int64(b[7]&0x7F)<<14 | int64(b[8]&0x7F)<<7 | int64(b[9]&0x7F))
			if b[5]&0x10 != 0 { // it repeats its head at its end
				length += 10
			}
		case bytes.HasPrefix(b, []byte("TAG")) && s.at > 0:
			length = 128
		case len(b) == 32 && string(b[:8]) == "APETAGEX":
			length = 32
			if binary.LittleEndian.Uint32(b[20:])&(1<<29) != 0 { // its head, and not its foot
				length += int64(binary.LittleEndian.Uint32(b[12:]))
			}
		default:
			return nil
		}
		if err := s.skip(length); err != nil {
			return err
		}
	}
}

// maxPadding is the greatest number of zeros between tags and frames.
const maxPadding = 64 << 10

// skipPadding skips zeros.
func skipPadding(s *stream) error {
	b, err := s.upTo(maxPadding)
	if err != nil {
		return err
	}
	return s.skip(int64(len(b) - len(bytes.TrimLeft(b, "\x00"))))
}

// walkFrames calls one with the beginning of each frame of a stream that consists of frames, tags and padding. one
// returns the length of the frame.
func walkFrames(s *stream, one func(head []byte) (int64, error)) error {
	for {
		if err := skipPadding(s); err != nil {
			return err
		}
		if err := skipTags(s); err != nil || s.left() == 0 {
			return err
		}
		head, err := s.upTo(256)
		if err != nil {
			return err
		}
		length, err := one(head)
		if err != nil {
			return err
		}
		if err := s.skip(length); err != nil {
			return err
		}
	}
}
