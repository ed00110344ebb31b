//go:build !unix

package postgrestest

import (
	"errors"
	"os"
	"syscall"
)

// findPrograms finds nothing on this system.
func ownFolder(string) (*syscall.SysProcAttr, error) { return nil, errors.ErrUnsupported }

func killTree(*os.Process) {}
