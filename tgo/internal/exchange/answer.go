package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

const (
	// MaxSuccess is the most that is read of a 2xx answer, in bytes.
	MaxSuccess = 1 << 20
	// MaxOther is the most that is read of any other answer, in bytes.
	MaxOther = 64 << 10
)

var errTooLarge = fmt.Errorf("it is larger than %d bytes", MaxSuccess)

// Answer is what the server said, read to its end or to the limit.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// Err says why Body is not whole.
	Err error
}

// read reads an answer. After a status below 200, which switches protocols, the connection itself stands in the place of the
// body, and nothing may ever come from there.
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
			a.Body, a.Err = bytes.Clone(a.Body[:firstPiece]), errTooLarge // the beginning is enough to show
		}
	default:
		a.Body, a.Err = readUpTo(resp, MaxOther)
		a.Body = a.Body[:min(len(a.Body), MaxOther)]
	}
	return a
}

// firstPiece is what is read at first of an answer that does not tell its length.
const firstPiece = 4 << 10

// readUpTo reads the body, and one byte more than the limit at most.
func readUpTo(resp *http.Response, limit int64) ([]byte, error) {
	size := int64(firstPiece)
	if resp.ContentLength >= 0 {
		size = resp.ContentLength + 1 // one more to see the end
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
		case len(body) == cap(body): // an endless answer costs little more than the limit
			body = append(make([]byte, 0, min(32*int64(cap(body)), limit+1)), body...)
		}
	}
}
