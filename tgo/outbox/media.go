package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Opener opens the content that a [Media] names by its Ref, and returns its size in bytes. It is called when the message is added, to
// compute a checksum, and before each attempt. An error that is fs.ErrNotExist rejects the message; after any other error the message is
// tried again later.
type Opener func(ctx context.Context, ref string) (content io.ReadCloser, size int64, err error)

// OpenPath is an Opener for files: Ref is the path of a regular file. Use absolute paths if the program that adds messages and the one
// that sends them have different working directories.
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

// Media is the part of a message that is not text. Its content is either Data or named by Ref.
type Media struct {
	// Type is tgo.TypeImage, tgo.TypeVoice or tgo.TypeDocument.
	Type string
	// Ref names the content to the Opener of the Config: a path, or a key of an object store.
	Ref string
	// Data is the content itself, at most MaxData bytes. It is stored in the database with the message.
	Data []byte
	// Name is the file's name for the recipient. With Ref it defaults to the last part of Ref.
	Name string
	// ContentType is detected from the content if it is empty.
	ContentType string
	// Duration is the length of a voice note, from 1 ms to 300 s.
	Duration time.Duration
}

// MaxData is the maximum length of Media.Data: 1 MiB.
const MaxData = 1 << 20

// name is the file's name for the recipient.
func (m *Media) name() string {
	if m.Name != "" {
		return m.Name
	}
	return path.Base(strings.ReplaceAll(m.Ref, `\`, "/"))
}

// file returns the content of media for the client. Content that is named by Ref is opened once, to read its size.
func file(ctx context.Context, m *Media, open Opener) (tgo.File, error) {
	if m == nil {
		return tgo.File{}, nil
	}
	file := tgo.BytesFile(m.name(), m.Data)
	if m.Ref != "" {
		content, size, err := openMedia(ctx, m.Ref, open)
		if err != nil {
			return tgo.File{}, err
		}
		if err := content.Close(); err != nil {
			return tgo.File{}, err
		}
		file = tgo.OpenFile(m.name(), size, func() (io.ReadCloser, error) {
			content, now, err := openMedia(ctx, m.Ref, open)
			if err == nil && now != size {
				err = errors.Join(errChanged, content.Close())
			}
			return content, err
		})
	}
	if m.ContentType != "" {
		file = file.WithContentType(m.ContentType)
	}
	return file, nil
}

func openMedia(ctx context.Context, ref string, open Opener) (io.ReadCloser, int64, error) {
	if open == nil {
		return nil, 0, fmt.Errorf("%w: it has no Opener; set Config.Open, for example to OpenPath", errWorker)
	}
	content, size, err := open(ctx, ref)
	if err == nil && content == nil {
		err = errors.New("the Opener returned neither content nor an error")
	}
	return content, size, err
}

// errChanged means that a file differs from the one that was added.
var errChanged = errors.New("the file has changed since the message was added")

// unchanged reads media that are named by Ref, and compares size and checksum with those recorded when the message was added.
func unchanged(ctx context.Context, m *Media, was content, open Opener) error {
	if m == nil || m.Ref == "" {
		return nil
	}
	file, size, err := openMedia(ctx, m.Ref, open)
	if err != nil {
		return err
	}
	defer file.Close()
	if was.Size != 0 && size != was.Size {
		return errChanged
	}
	if was.SHA256 == "" {
		return nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != was.SHA256 {
		return errChanged
	}
	return nil
}
