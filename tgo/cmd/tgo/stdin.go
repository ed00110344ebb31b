package main

import (
	"context"
	"io"
)

// input is stdin with reads that a signal ends, since a person may never type anything.
type input struct {
	ctx context.Context
	in  io.Reader
}

// Read reads into a buffer of its own, since the read may continue after no one waits for it.
func (i *input) Read(p []byte) (int, error) {
	own := make([]byte, len(p))
	var n int
	var err error
	done := make(chan struct{})
	go func() {
		n, err = i.in.Read(own)
		close(done)
	}()
	select {
	case <-done:
		return copy(p, own[:n]), err
	case <-i.ctx.Done():
		return 0, errInterrupted
	}
}

// checkStdin returns an error if stdin is missing or is the key.
func checkStdin(s streams, keyFile string) error {
	switch {
	case keyFile == "-":
		return usageError("stdin already holds the key: give the message in another way")
	case s.in == nil:
		return usageError("there is no stdin to read from")
	}
	return nil
}

// readLine reads one line and nothing of the next, which may answer another question.
func readLine(in io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := in.Read(one)
		if n == 1 && one[0] != '\n' {
			line = append(line, one[0])
			continue
		}
		if n == 1 || err != nil {
			return string(line), err
		}
	}
}
