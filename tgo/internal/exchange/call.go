package exchange

import (
	"io"
	"net/http"
)

// Call is what a caller wants done.
type Call struct {
	// Operation and Name are its names for the log: the contract's operationId, and the name that errors use.
	Operation, Name string
	// Request is the request, as generated. It is not changed. A GET is a read, everything else a write.
	Request *http.Request
	// JSON is its content where that is in memory, and File where it is not. Only a write has content.
	JSON []byte
	File File
}

// File is content that streams from elsewhere.
type File interface {
	// Length is its exact length in bytes.
	Length() int64
	// Open returns it, from its beginning. The engine closes what it returns, and calls Open once an attempt.
	Open() (io.ReadCloser, error)
	// Once reports that it cannot be opened again. Then the request is not repeated.
	Once() bool
}

// read reports that the call changes nothing.
func (c *Call) read() bool { return c.Request.Method == http.MethodGet }
