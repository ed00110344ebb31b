package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

const (
	// MaxSuccess is how much of a 2xx answer is read at most, in bytes.
	MaxSuccess = 1 << 20
	// MaxOther is how much of any other answer is read at most, in bytes.
	MaxOther = 64 << 10
)

var errTooLarge = fmt.Errorf("it is larger than %d bytes", MaxSuccess)

// Answer is an answer of the server, read to its end or to the limit.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// Err is why Body is not complete; nil if it is.
	Err error
}

// read reads an answer. A status below 200 switches protocols: resp.Body is then the connection itself, from which nothing may ever
// come.
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
			a.Body, a.Err = bytes.Clone(a.Body[:firstPiece]), errTooLarge // the start is enough for error messages
		}
	default:
		a.Body, a.Err = readUpTo(resp, MaxOther)
		a.Body = a.Body[:min(len(a.Body), MaxOther)]
	}
	return a
}

// firstPiece is how much is read first of an answer without Content-Length.
const firstPiece = 4 << 10

// readUpTo reads the body, at most one byte more than the limit.
func readUpTo(resp *http.Response, limit int64) ([]byte, error) {
	size := int64(firstPiece)
	if resp.ContentLength >= 0 {
		size = resp.ContentLength + 1 // one more, to reach the end
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
		case len(body) == cap(body): // grow step by step, so that an endless answer takes little more than the limit
			body = append(make([]byte, 0, min(32*int64(cap(body)), limit+1)), body...)
		}
	}
}
