package exchange

import (
	"io"
	"net/http"
)

// Call is a request to make, with its content.
type Call struct {
	// Operation and Name are for the log: the operationId of the contract, and the name that errors use.
	Operation, Name string
	// Request is the generated request. It is not changed. A GET is a read, and any other method is a write.
	Request *http.Request
	// JSON is content in memory, and File is content that is streamed. At most one of them is set, and only for a write.
	JSON []byte
	File File
}

// File is content that is streamed.
type File interface {
	// Length returns the exact length in bytes.
	Length() int64
	// Open returns the content from its beginning. The engine calls Open once for each attempt and closes the result.
	Open() (io.ReadCloser, error)
	// Once reports whether the content can be opened only once. The request is then not repeated.
	Once() bool
}

// read reports whether the call is a read, which changes nothing.
func (c *Call) read() bool { return c.Request.Method == http.MethodGet }
