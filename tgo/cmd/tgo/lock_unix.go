//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// lockFile keeps other processes from locking the file. The lock ends with the process, however that ends.
func lockFile(f *os.File) (unlock func(), err error) {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, err
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
