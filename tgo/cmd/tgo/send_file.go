package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tgo-business/tgo-go/tgo"
)

// media holds the flags that the commands for a file share.
type media struct {
	sending
	fileInput
}

func (c *media) sendFile(ctx context.Context, s streams, send func(context.Context, *tgo.Sender, tgo.Phone, tgo.File) (tgo.Receipt, error)) error {
	path, done, err := c.path(s, c.KeyFile)
	if err != nil {
		return err
	}
	defer done()
	return c.sendPath(ctx, s, path, send)
}

func (c *media) sendPath(ctx context.Context, s streams, path string, send func(context.Context, *tgo.Sender, tgo.Phone, tgo.File) (tgo.Receipt, error)) error {
	info, err := os.Stat(path)
	if err != nil {
		return fileError(err)
	}
	name := c.Name
	if name == "" && c.File != "-" {
		name = filepath.Base(path)
	}
	file := tgo.FilePath(path).WithName(name)
	progress := newBar(s)
	if progress != nil && info.Size() >= longUpload && info.Mode().IsRegular() && !c.DryRun {
		file = watched(path, name, info.Size(), progress)
	}
	if c.ContentType != "" {
		file = file.WithContentType(c.ContentType)
	}
	return c.send(ctx, s, func(ctx context.Context, from *tgo.Sender, to tgo.Phone) (tgo.Receipt, error) {
		defer progress.end()
		return send(ctx, from, to, file)
	})
}

// fileInput names a file and what is sent with it.
type fileInput struct {
	File        string `arg:"" help:"The file, or - for stdin."`
	Caption     string `help:"A caption." placeholder:"TEXT"`
	Name        string `help:"Name of the file as the recipient sees it." placeholder:"NAME"`
	ContentType string `help:"Its content type, if the one detected from its first bytes is wrong." placeholder:"TYPE"`
}

// path returns the path of the file. Stdin is copied to a temporary file, since the size must be known before sending.
func (c *fileInput) path(s streams, keyFile string) (path string, done func(), err error) {
	if c.File != "-" {
		return c.File, func() {}, nil
	}
	if err := checkStdin(s, keyFile); err != nil {
		return "", nil, err
	}
	f, err := os.CreateTemp("", "tgo-send-*")
	if err != nil {
		return "", nil, withCode(exitNotSent, err)
	}
	done = func() { _ = os.Remove(f.Name()) }
	_, err = io.Copy(f, s.in)
	if err := errors.Join(err, f.Close()); err != nil {
		done()
		return "", nil, withCode(exitNotSent, fmt.Errorf("stdin: %w", err))
	}
	return f.Name(), done, nil
}

type sendImage struct{ media }

// Help is shown by tgo send image --help.
func (sendImage) Help() string {
	return `Examples:

  tgo send image --to +201010000000 parcel.png --caption "Your parcel"
  convert chart.svg png:- | tgo send image --to +201010000000 - --name chart.png

` + exitCodes
}

// Run sends a picture.
func (c *sendImage) Run(ctx context.Context, s streams) error {
	return c.sendFile(ctx, s, func(ctx context.Context, from *tgo.Sender, to tgo.Phone, f tgo.File) (tgo.Receipt, error) {
		return from.SendImage(ctx, to, tgo.Image{File: f, Caption: c.Caption})
	})
}

type sendDocument struct{ media }

// Help is shown by tgo send document --help.
func (sendDocument) Help() string {
	return `Examples:

  tgo send document --to +201010000000 invoice.pdf --caption "Your invoice"
  tar cz reports | tgo send document --to +201010000000 - --name reports.tar.gz

` + exitCodes
}

// Run sends a file.
func (c *sendDocument) Run(ctx context.Context, s streams) error {
	return c.sendFile(ctx, s, func(ctx context.Context, from *tgo.Sender, to tgo.Phone, f tgo.File) (tgo.Receipt, error) {
		return from.SendDocument(ctx, to, tgo.Document{File: f, Caption: c.Caption})
	})
}

// longUpload is the size from which a progress bar is shown.
const longUpload = 256 << 10

// watched returns a file that shows on a bar how much of it has been read.
func watched(path, name string, size int64, b *bar) tgo.File {
	return tgo.OpenFile(name, size, func() (io.ReadCloser, error) {
		f, err := os.Open(path) //nolint:gosec // reading the file that the user names is the purpose
		if err != nil {
			return nil, err
		}
		return &watchedFile{File: f, size: size, bar: b}, nil
	})
}

type watchedFile struct {
	*os.File
	read, size int64
	bar        *bar
}

// Read reads and draws the bar.
func (f *watchedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.read += int64(n)
	f.bar.draw(f.read, f.size, bytesText(f.read)+" of "+bytesText(f.size))
	return n, err
}
