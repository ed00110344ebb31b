package tgo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/tgo-business/tgo-go/tgo/internal/upload"
)

// File is media to upload. [FilePath], [FSFile], [BytesFile], [ReaderFile] and [OpenFile] return one. Nothing is opened before the
// message is sent. WithName and WithContentType set the name that the recipient sees and the content type. A File may be sent any
// number of times, except one of ReaderFile.
type File struct {
	source      func() (content io.ReadCloser, size int64, err error)
	once        bool // source can be called only once
	name        string
	contentType string
}

// FilePath returns the file at a path of the operating system. It must be a regular file.
func FilePath(filename string) File {
	return File{
		name: filepath.Base(filename),
		source: func() (io.ReadCloser, int64, error) {
			// Opening a named pipe would wait until another process opens it for writing.
			if info, err := os.Stat(filename); err == nil && !info.Mode().IsRegular() {
				return nil, 0, notRegular(info)
			}
			return withSize(os.Open(filename)) //nolint:gosec // reading the file that the caller names is the purpose
		},
	}
}

// FSFile returns a file of a file system, such as an embed.FS. It must be a regular file.
func FSFile(fsys fs.FS, name string) File {
	return File{
		name: path.Base(name),
		source: func() (io.ReadCloser, int64, error) {
			if fsys == nil {
				return nil, 0, errors.New("the fs.FS is nil")
			}
			// As above. For an fs.FS that cannot check this without opening the file, withSize checks it.
			var info fs.FileInfo
			var err error
			switch fsys := fsys.(type) {
			case fs.StatFS:
				info, err = fsys.Stat(name)
			case fs.ReadLinkFS:
				info, err = fsys.Lstat(name)
			}
			if err == nil && info != nil && !info.Mode().IsRegular() && info.Mode().Type() != fs.ModeSymlink {
				return nil, 0, notRegular(info)
			}
			return withSize(fsys.Open(name))
		},
	}
}

// open opens the file and builds the body of a message around it. The error is an *upload.Problem.
func (f File) open(messageType string, fields [][2]string) (*upload.Body, error) {
	if f.source == nil {
		return nil, &upload.Problem{Rule: "is missing: make a File with FilePath, FSFile, BytesFile, ReaderFile or OpenFile"}
	}
	return upload.New(messageType, fields, upload.Source{Open: f.source, Name: f.name, ContentType: f.contentType})
}

func withSize(f fs.File, err error) (io.ReadCloser, int64, error) {
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(info)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func notRegular(info fs.FileInfo) error { return fmt.Errorf("%s is not a regular file", info.Name()) }

// BytesFile returns content in memory as a file. The content must not be changed before the message has been sent.
func BytesFile(name string, content []byte) File {
	return File{
		name: name,
		source: func() (io.ReadCloser, int64, error) {
			return io.NopCloser(bytes.NewReader(content)), int64(len(content)), nil
		},
	}
}

// ReaderFile returns the content of a reader as a file. The content must be exactly size bytes, because the request states its
// length before the content. The reader is not closed. The File can be sent only once, so a send of it is never repeated.
func ReaderFile(name string, r io.Reader, size int64) File {
	used := new(atomic.Bool)
	return File{
		name: name,
		once: true,
		source: func() (io.ReadCloser, int64, error) {
			switch {
			case r == nil:
				return nil, 0, errors.New("the reader is nil")
			case used.Swap(true):
				return nil, 0, errors.New("the reader has been read already; use OpenFile to send the content more than once")
			}
			return io.NopCloser(r), size, nil
		},
	}
}

// OpenFile returns the content that open returns, as a file. open is called for each attempt to send it, and must each time return
// the whole content, of exactly size bytes. The result of open is closed after use.
func OpenFile(name string, size int64, open func() (io.ReadCloser, error)) File {
	return File{
		name: name,
		source: func() (io.ReadCloser, int64, error) {
			if open == nil {
				return nil, 0, errors.New("the open function is nil")
			}
			content, err := open()
			if err == nil && content == nil {
				err = errors.New("the open function returned nothing")
			}
			return content, size, err
		},
	}
}

// WithName returns the file with another name. Every name, also one that was not set here, is sent without path and control
// characters and with at most 255 bytes.
func (f File) WithName(name string) File {
	f.name = name
	return f
}

// WithContentType returns the file with a content type, such as "image/heic". The type is then not detected, and not compared with
// the content.
func (f File) WithContentType(contentType string) File {
	f.contentType = strings.Trim(contentType, " ")
	return f
}
