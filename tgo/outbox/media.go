package outbox

import (
	"context"
	"fmt"
	"io"
	"os"
)

// OpenPath is the Opener of files: a Ref is a path. It must be a regular file. Give absolute paths where the program that adds and the
// one that sends have different working directories.
func OpenPath(_ context.Context, ref string) (io.ReadCloser, int64, error) {
	info, err := os.Stat(ref)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait
		return nil, 0, fmt.Errorf("%s is not a regular file", ref)
	}
	file, err := os.Open(ref) //nolint:gosec // reading the file that the caller names is the purpose
	if err != nil {
		return nil, 0, err
	}
	return file, info.Size(), nil
}
