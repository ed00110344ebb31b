package upload

import (
	"errors"
	"fmt"
	"io"
)

type readCloser struct {
	io.Reader
	io.Closer
}

// exactReader reads a file of exactly size bytes. If the file is shorter or longer, it ends with an error.
type exactReader struct {
	content    io.Reader
	size, left int64
	err        error // the error at the end, once it is known
}

func (r *exactReader) Read(p []byte) (int, error) {
	if r.err != nil || len(p) == 0 {
		return 0, r.err
	}
	if r.left == 0 {
		// A file that has grown must not be cut off. The byte that p may get here is not returned.
		n, err := r.content.Read(p[:1])
		switch {
		case n > 0:
			r.err = fmt.Errorf("media is longer than its size of %d bytes", r.size)
		case errors.Is(err, io.EOF):
			r.err = io.EOF
		default:
			r.err = fmt.Errorf("media cannot be read: %w", err)
		}
		return 0, r.err
	}
	n, err := r.content.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		r.err = fmt.Errorf("media cannot be read: %w", err)
	case r.left > 0:
		r.err = fmt.Errorf("media ended %d bytes before its size of %d", r.left, r.size)
	default:
		r.err = io.EOF
	}
	return n, r.err
}

// maxEmptyReads is how many empty reads package bufio allows.
const maxEmptyReads = 100

// checkedReader reads from the caller's reader. It never returns an empty read without an error, or an impossible count.
type checkedReader struct{ r io.Reader }

func (c checkedReader) Read(p []byte) (int, error) {
	for range maxEmptyReads {
		n, err := c.r.Read(p)
		if n < 0 || n > len(p) {
			return 0, fmt.Errorf("its reader returned %d bytes for a read of %d", n, len(p))
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
