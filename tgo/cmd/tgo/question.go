package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ask asks the user a question, and returns an error unless the answer is yes.
func ask(s streams, question string) error {
	fmt.Fprintf(s.err, "%s [y/N] ", question)
	answer, err := readLine(s.in)
	if err != nil {
		fmt.Fprintln(s.err) // the next text begins on a new line
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
