package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ask puts a question to the person at the terminal.
func ask(s streams, question string) error {
	fmt.Fprintf(s.err, "%s [y/N] ", question)
	answer, err := readLine(s.in)
	if err != nil {
		fmt.Fprintln(s.err) // what follows begins a line
	}
	switch {
	case errors.Is(err, errInterrupted):
		return err
	case err != nil && !errors.Is(err, io.EOF):
		return withCode(exitNotSent, err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return withCode(exitNotSent, errors.New("nothing was sent"))
}
