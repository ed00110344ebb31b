package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"

	"github.com/tgo-business/tgo-go/tgo"
)

// byteOrderMark begins a text file that was saved by a Windows editor.
const byteOrderMark = "\ufeff"

// maxKeyFile is much more than a key needs.
const maxKeyFile = 4 << 10

// readKey reads the key from a file or from stdin.
func (set *settings) readKey(s streams, file string) error {
	in := s.in
	set.keySource = "stdin"
	if file != "-" {
		set.keySource = file
		f, err := os.Open(file) //nolint:gosec // reading the file that the user names is the purpose
		if err != nil {
			return usageError("key file: " + masked(err))
		}
		defer f.Close() //nolint:errcheck // it was only read from
		if info, err := f.Stat(); err == nil && runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			fmt.Fprintf(s.err, "tgo: others on this machine can read the key in %s; chmod 600 it\n", file)
		}
		in = f
	}
	if in == nil {
		in = strings.NewReader("")
	}
	b, err := io.ReadAll(io.LimitReader(in, maxKeyFile))
	switch {
	case errors.Is(err, errInterrupted):
		return err
	case err != nil:
		return withCode(exitUsage, fmt.Errorf("key file: %w", err))
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(b), byteOrderMark))
	if strings.ContainsRune(text, 0) {
		return usageError("key file: " + set.keySource + " is not UTF-8 text: save it as UTF-8")
	}
	if text == "" {
		return usageError("key file: " + set.keySource + " has no key")
	}
	set.key = tgo.NewKey(text)
	return nil
}

// readSecret reads a line from a terminal without showing it.
func readSecret(ctx context.Context, f *os.File) (string, error) {
	state, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", withCode(exitUsage, err)
	}
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(int(f.Fd()))
		read <- line{text, err}
	}()
	select {
	case l := <-read:
		if errors.Is(l.err, io.EOF) {
			l.err = nil
		}
		return string(l.text), l.err
	case <-ctx.Done(): // make the terminal show again what is typed
		return "", errors.Join(errInterrupted, term.Restore(int(f.Fd()), state))
	}
}
