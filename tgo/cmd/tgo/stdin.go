package main

import (
	"context"
	"io"
)

// input is stdin, which a signal ends: somebody may never type anything.
type input struct {
	ctx context.Context
	in  io.Reader
}

// Read reads into memory of its own, since it may still be at it when nobody waits any more.
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

// checkStdin makes sure that stdin is there to be read and not the key.
func checkStdin(s streams, keyFile string) error {
	switch {
	case keyFile == "-":
		return usageError("stdin is the key already: give the message in another way")
	case s.in == nil:
		return usageError("there is no stdin to read from")
	}
	return nil
}

// readLine reads a line, and nothing of the next one, which may answer another question.
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
