package exchange

import (
	"io"
	"net/http"
)

// Call is a request that a caller wants to make.
type Call struct {
	// Operation and Name are its names in the log: the contract's operationId, and the name that errors use.
	Operation, Name string
	// Request is the request, as generated. It is not changed. A GET is a read; all other methods are writes.
	Request *http.Request
	// JSON is the content if it is in memory, and File if it is not. Only a write has content.
	JSON []byte
	File File
}

// File is content that is streamed.
type File interface {
	// Length is its exact length in bytes.
	Length() int64
	// Open returns the content from its start. The engine calls it once per attempt, and closes what it returns.
	Open() (io.ReadCloser, error)
	// Once is whether it cannot be opened again. Then the request is not repeated.
	Once() bool
}

// read reports that the call changes nothing.
func (c *Call) read() bool { return c.Request.Method == http.MethodGet }
