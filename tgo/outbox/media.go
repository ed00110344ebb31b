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

// Opener opens the content that a [Media] names by its Ref, and tells its size in bytes. It is called when the message is added, for
// its checksum, and before each attempt. An error that is fs.ErrNotExist rejects the message; after any other it is tried again later.
type Opener func(ctx context.Context, ref string) (content io.ReadCloser, size int64, err error)

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

// Media is what a message carries besides text. Its content is either Data or named by Ref.
type Media struct {
	// Type is tgo.TypeImage, tgo.TypeVoice or tgo.TypeDocument.
	Type string
	// Ref names the content to the Opener of the Config: a path, or a key of an object store.
	Ref string
	// Data is the content itself, at most MaxData bytes. It is stored in the database with the message.
	Data []byte
	// Name is the file's name for the recipient. With Ref it defaults to the last part of Ref.
	Name string
	// ContentType is detected from the content where it is not given.
	ContentType string
	// Duration is the length of a voice note, from 1 ms to 300 s.
	Duration time.Duration
}

// MaxData is the most bytes that Media.Data may have: 1 MiB.
const MaxData = 1 << 20

// name is the file's name for the recipient.
func (m *Media) name() string {
	if m.Name != "" {
		return m.Name
	}
	return path.Base(strings.ReplaceAll(m.Ref, `\`, "/"))
}

// file is the content of media, as the client wants it. Where it is named, it is opened once for its size.
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
		return nil, 0, fmt.Errorf("%w: it has no Opener; give Config.Open, such as OpenPath", errWorker)
	}
	content, size, err := open(ctx, ref)
	if err == nil && content == nil {
		err = errors.New("the Opener returned nothing")
	}
	return content, size, err
}

// errChanged is a file that is not the one that was added.
var errChanged = errors.New("the file has changed since the message was added")

// unchanged reads media that are named, and compares them with what was noted when the message was added.
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
