//go:build !unix

package postgrestest

import (
	"errors"
	"os"
	"syscall"
)

// findPrograms has found nothing here.
func ownFolder(string) (*syscall.SysProcAttr, error) { return nil, errors.ErrUnsupported }

func killTree(*os.Process) {}
