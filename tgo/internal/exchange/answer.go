package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

const (
	// MaxSuccess is the limit for a 2xx response, in bytes.
	MaxSuccess = 1 << 20
	// MaxOther is the limit for any other response, in bytes.
	MaxOther = 64 << 10
)

var errTooLarge = fmt.Errorf("it is larger than %d bytes", MaxSuccess)

// Answer is the server's response, read to its end or to the limit.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// Err is the reason why Body is not complete, or nil.
	Err error
}

// read reads a response. With a status below 200, which switches protocols, the body is the connection itself, on which the server may
// never send anything.
func read(resp *http.Response) Answer {
	a := Answer{Status: resp.StatusCode, Header: resp.Header}
	switch a.Status / 100 {
	case 0, 1:
	case 2:
		if resp.ContentLength > MaxSuccess {
			a.Err = errTooLarge
			break
		}
		a.Body, a.Err = readUpTo(resp, MaxSuccess)
		if len(a.Body) > MaxSuccess {
			a.Body, a.Err = bytes.Clone(a.Body[:firstPiece]), errTooLarge // only the beginning is shown
		}
	default:
		a.Body, a.Err = readUpTo(resp, MaxOther)
		a.Body = a.Body[:min(len(a.Body), MaxOther)]
	}
	return a
}

// firstPiece is the size of the first read of a response without a Content-Length.
const firstPiece = 4 << 10

// readUpTo reads the body, at most one byte more than the limit.
func readUpTo(resp *http.Response, limit int64) ([]byte, error) {
	size := int64(firstPiece)
	if resp.ContentLength >= 0 {
		size = resp.ContentLength + 1 // one more to detect the end
	}
	body := make([]byte, 0, min(size, limit+1))
	for {
		n, err := readSome(resp.Body, body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case errors.Is(err, io.EOF): // and not io.ErrUnexpectedEOF
			return body, nil
		case err != nil || int64(len(body)) > limit:
			return body, err
		case len(body) == cap(body): // so that an endless response needs little more memory than the limit
			body = append(make([]byte, 0, min(32*int64(cap(body)), limit+1)), body...)
		}
	}
}
