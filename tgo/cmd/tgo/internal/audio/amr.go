package audio

import (
	"bytes"
	"time"
)

// Bytes of a frame of AMR by its type, with its head; 0 if no frame has the type. The last one is a frame without sound.
var (
	amrNarrow = [16]int64{13, 14, 16, 18, 20, 21, 27, 32, 6, 7, 6, 6, 0, 0, 0, 1}
	amrWide   = [16]int64{18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1}
)

// amrDuration counts the frames. Each lasts 20 ms.
func amrDuration(s *stream) (time.Duration, error) {
	head, err := s.upTo(9)
	if err != nil {
		return 0, err
	}
	sizes, magic := &amrNarrow, int64(6)
	switch {
	case bytes.Equal(head, []byte("#!AMR-WB\n")):
		sizes, magic = &amrWide, 9
	case !bytes.HasPrefix(head, []byte("#!AMR\n")):
		return 0, noLength("it is AMR with several channels")
	}
	if err := s.skip(magic); err != nil {
		return 0, err
	}
	var total time.Duration
	for s.left() > 0 {
		b, err := s.peek(1)
		if err != nil {
			return 0, err
		}
		size := sizes[b[0]>>3&15]
		if b[0]&0x83 != 0 || size == 0 {
			return 0, errCutOff
		}
		if err := s.skip(size); err != nil {
			return 0, err
		}
		total += 20 * time.Millisecond
	}
	return total, nil
}
