//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile keeps other processes from locking the file. The lock ends with the process, however that ends.
func lockFile(f *os.File) (unlock func(), err error) {
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, errors.New("another run is using it")
	case err != nil:
		return nil, fmt.Errorf("it cannot be locked: %w", err)
	}
	return func() { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }, nil
}

// syncDir makes sure that a new file is in its directory.
func syncDir(name string) error {
	d, err := os.Open(name) //nolint:gosec // the directory of a file that the user names
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
