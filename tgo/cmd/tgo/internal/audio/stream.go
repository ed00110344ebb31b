package audio

import (
	"bufio"
	"errors"
	"io"
)

// window is how many bytes a stream can look ahead. It fits the largest page of Ogg, 65,307 bytes.
const window = 64 << 10

// stream reads a file forward, and no byte twice.
type stream struct {
	r        io.ReadSeeker
	buf      *bufio.Reader
	at, size int64 // where the next byte is, and where the last one was
}

func newStream(r io.ReadSeeker) (*stream, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, err
	}
	// The buffer has some windows: each look ahead may move what is left of it, and must not do so at each byte.
	return &stream{r: r, buf: bufio.NewReaderSize(r, int(min(size, 4*window))), size: size}, nil
}

func (s *stream) left() int64 { return s.size - s.at }

// peek returns the next n bytes, at most a window. They are valid until the next call.
func (s *stream) peek(n int) ([]byte, error) {
	if int64(n) > s.left() {
		return nil, errCutOff
	}
	b, err := s.buf.Peek(n)
	if errors.Is(err, io.EOF) { // it has become shorter
		err = errCutOff
	}
	return b, err
}

// upTo returns the next n bytes, or what is left.
func (s *stream) upTo(n int) ([]byte, error) {
	return s.peek(int(min(int64(n), s.left())))
}

// next returns the next n bytes, and moves past them.
func (s *stream) next(n int) ([]byte, error) {
	b, err := s.peek(n)
	if err == nil {
		err = s.skip(int64(n))
	}
	return b, err
}

// skip moves n bytes ahead.
func (s *stream) skip(n int64) error {
	if n < 0 || n > s.left() {
		return errCutOff
	}
	s.at += n
	if n <= int64(s.buf.Buffered()) {
		_, err := s.buf.Discard(int(n))
		return err
	}
	_, err := s.r.Seek(s.at, io.SeekStart)
	s.buf.Reset(s.r)
	return err
}
