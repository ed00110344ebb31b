package tgo_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A file of each constructor arrives with the same bytes, for all sizes.
func TestFilesArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 511, 512, 513, 32 << 10, 1<<20 + 7} {
		content := bytes.Repeat([]byte("0123456789abcde\n"), size/16+1)[:size]
		name := filepath.Join(t.TempDir(), "a.bin")
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		files := map[string]tgo.File{
			"FilePath":   tgo.FilePath(name),
			"FSFile":     tgo.FSFile(os.DirFS(filepath.Dir(name)), "a.bin"),
			"BytesFile":  tgo.BytesFile("a.bin", content),
			"ReaderFile": tgo.ReaderFile("a.bin", fewBytesReader{bytes.NewReader(content), 1 + size>>16}, int64(size)),
			"OpenFile": tgo.OpenFile("a.bin", int64(size), func() (io.ReadCloser, error) {
				return io.NopCloser(bytes.NewReader(content)), nil
			}),
		}
		sum := sha256.Sum256(content)
		for how, file := range files {
			fake := tgotest.New(t)
			if _, err := fake.Sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: file, Caption: "0"}); err != nil {
				t.Fatalf("%s of %d bytes: %v", how, size, err)
			}
			m := fake.ExpectMessage(t)
			if m.Media.SHA256 != hex.EncodeToString(sum[:]) || m.Media.Size != int64(size) || m.Media.Name != "a.bin" || m.Content != "0" {
				t.Errorf("%s of %d bytes arrived as %+v", how, size, m.Media)
			}
			if how == "ReaderFile" {
				continue
			}
			if _, err := fake.Sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: file}); err != nil {
				t.Errorf("%s cannot be sent again: %v", how, err)
			}
		}
	}
}

// fewBytesReader returns at most n bytes at a time. net/http writes to the connection once for each read.
type fewBytesReader struct {
	r io.Reader
	n int
}

func (f fewBytesReader) Read(p []byte) (int, error) { return f.r.Read(p[:min(len(p), f.n)]) }

// A problem with a file is found before anything is sent, and the error wraps its cause.
func TestFilesThatCannotBeSent(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, mode os.FileMode, content string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return name
	}
	boom := errors.New("boom")
	cases := []struct {
		name  string
		file  tgo.File
		says  string
		cause error
	}{
		{"none", tgo.File{}, "missing", nil},
		{"missing path", tgo.FilePath(filepath.Join(dir, "nowhere")), "cannot be opened", fs.ErrNotExist},
		{"directory", tgo.FilePath(dir), "not a regular file", nil},
		{"empty path", tgo.FilePath(""), "cannot be opened", fs.ErrNotExist},
		{"device", tgo.FilePath(os.DevNull), "not a regular file", nil},
		{"empty file", tgo.FilePath(write("empty", 0o600, "")), "must not be empty", nil},
		{"missing in FS", tgo.FSFile(fstest.MapFS{}, "nowhere"), "cannot be opened", fs.ErrNotExist},
		{"directory in FS", tgo.FSFile(fstest.MapFS{"a/b": {}}, "a"), "not a regular file", nil},
		{"bad name in FS", tgo.FSFile(os.DirFS(dir), "../x"), "cannot be opened", fs.ErrInvalid},
		{"nil FS", tgo.FSFile(nil, "x"), "fs.FS is nil", nil},
		{"no bytes", tgo.BytesFile("a", nil), "must not be empty", nil},
		{"nil reader", tgo.ReaderFile("a", nil, 3), "reader is nil", nil},
		{"negative size", tgo.ReaderFile("a", strings.NewReader("abc"), -1), "must not be empty", nil},
		{"nil open", tgo.OpenFile("a", 1, nil), "open function is nil", nil},
		{"open fails", tgo.OpenFile("a", 1, func() (io.ReadCloser, error) { return nil, boom }), "boom", boom},
		{"open returns nothing", tgo.OpenFile("a", 1, func() (io.ReadCloser, error) { return nil, nil }), "returned nothing", nil},
		{"reader fails at once", tgo.ReaderFile("a", failingReader{boom}, 3), "boom", boom},
		{"ends while it is inspected", tgo.ReaderFile("a", strings.NewReader("abc"), 100), "ends after 3 of 100", nil},
		{"content type without a slash", tgo.BytesFile("a", []byte("x")).WithContentType("image"), "content type", nil},
		{"content type with a line break", tgo.BytesFile("a", []byte("x")).WithContentType("text/plain\r\nX-Evil: 1"), "content type", nil},
		{"content type with a line break in a parameter", tgo.BytesFile("a", []byte("x")).WithContentType("text/plain; a=\"b\r\nc\""), "content type", nil},
	}
	fake := tgotest.New(t)
	for _, c := range cases {
		_, err := fake.Sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: c.file})
		var inputError *tgo.InputError
		if !errors.As(err, &inputError) || inputError.Fields[0].Field != "media" || tgo.DeliveryOf(err) != tgo.DeliveryNotSent {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !strings.Contains(err.Error(), c.says) || (c.cause != nil && !errors.Is(err, c.cause)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	fake.ExpectNoMessage(t)
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// If a file turns out to have another size while it is sent, or fails, neither the client nor the server treats it as complete.
func TestFilesThatChangeMidway(t *testing.T) {
	boom := errors.New("boom")
	const size = 200 << 10
	body := bytes.Repeat([]byte("x"), size)
	cases := []struct {
		name string
		file tgo.File
		says string
	}{
		{"shrinks", tgo.ReaderFile("a", bytes.NewReader(body), size+1), "ended 1 bytes before"},
		{"grows", tgo.ReaderFile("a", bytes.NewReader(body), size-1), "longer than its size"},
		{"fails midway", tgo.ReaderFile("a", io.MultiReader(bytes.NewReader(body), failingReader{boom}), 2*size), "boom"},
		{"fails at its end", tgo.ReaderFile("a", io.MultiReader(bytes.NewReader(body), failingReader{boom}), size), "boom"},
		{"gives nothing for ever", tgo.ReaderFile("a", io.MultiReader(bytes.NewReader(body), stuckReader{}), size), io.ErrNoProgress.Error()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fake := tgotest.New(t)
			_, err := fake.Sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: c.file})
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			if d := tgo.DeliveryOf(err); d != tgo.DeliveryUnknown {
				t.Errorf("the verdict is %v, want unknown", d)
			}
			fake.ExpectNoMessage(t)
		})
	}
}

// stuckReader returns nothing and no error.
type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

// A reader that hangs does not hang the call.
func TestReaderThatHangs(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	client, err := fake.ClientWith(fake.Key, tgo.WithTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	go func() { _, _ = w.Write(make([]byte, 5000)) }() // more than is read to detect the type
	_, err = client.FromPhone(fake.SenderPhone).SendDocument(t.Context(), fake.RecipientPhone,
		tgo.Document{File: tgo.ReaderFile("a.bin", r, 1<<20)})
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
		t.Errorf("%v", err)
	}
	fake.ExpectNoMessage(t)
}

// A reader that hangs from the beginning does not hang the call either, and nothing was sent.
func TestReaderThatGivesNothing(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := fake.Sender.SendDocument(ctx, fake.RecipientPhone, tgo.Document{File: tgo.ReaderFile("a.bin", r, 1<<20)})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, tgo.ErrValidation) || tgo.DeliveryOf(err) != tgo.DeliveryNotSent {
		t.Errorf("%v", err)
	}
	client, err := fake.ClientWith(fake.Key, tgo.WithTimeout(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.FromPhone(fake.SenderPhone).SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: tgo.ReaderFile("a.bin", r, 1<<20)})
	if !errors.Is(err, context.DeadlineExceeded) || tgo.DeliveryOf(err) != tgo.DeliveryNotSent {
		t.Errorf("%v", err)
	}
	fake.ExpectNoMessage(t)
}

// countedReads counts the beginnings and the ends of reads.
type countedReads struct {
	zeros
	begun atomic.Int64
}

func (c *countedReads) Read(p []byte) (int, error) {
	c.begun.Add(1)
	defer c.begun.Add(1)
	return c.zeros.Read(p)
}

// After the call has returned, the file is not read, also if the server responded before it had read everything.
func TestFileIsNotReadAfterTheCall(t *testing.T) {
	ended := make(chan struct{})
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		_ = http.NewResponseController(w).EnableFullDuplex()
		const body = `{"message": "No."}`
		w.Header().Set("Content-Length", strconv.Itoa(len(body))) // the response is complete before the request is
		answer(w, http.StatusUnprocessableEntity, body)
		_ = http.NewResponseController(w).Flush()
		_, _ = io.Copy(io.Discard, r.Body)
	})
	const size = 1 << 40 // so that it is not read to its end
	reads := &countedReads{}
	_, err := client.FromNumber(1).SendDocument(t.Context(), testRecipient, tgo.Document{File: tgo.ReaderFile("a.bin", reads, size)})
	during := reads.begun.Load()
	if tgo.DeliveryOf(err) != tgo.DeliveryRejected {
		t.Fatal(err)
	}
	<-ended // after this, nothing reads the file
	if after := reads.begun.Load(); after != during {
		t.Errorf("the file was read %d times after the call returned", (after-during+1)/2)
	}
}

func TestFilesAreClosed(t *testing.T) {
	fake := tgotest.New(t)
	for _, to := range []tgo.Phone{fake.RecipientPhone, "+2010"} {
		for _, content := range []string{"hello", "\x89PNG\r\n\x1a\n"} {
			opened, closed := 0, make(chan struct{}, 8)
			file := tgo.OpenFile("a", int64(len(content)), func() (io.ReadCloser, error) {
				opened++
				return closeReader{strings.NewReader(content), closed}, nil
			})
			_, _ = fake.Sender.SendImage(t.Context(), to, tgo.Image{File: file}) // the text is refused, and the picture is sent
			for range opened {
				<-closed
			}
			if to != fake.RecipientPhone && opened > 0 {
				t.Error("the file was opened for a message that cannot be sent")
			}
		}
	}
}

// A file is also closed if the message is not sent after its type was detected.
func TestFilesAreClosedWhenHeldBack(t *testing.T) {
	fake := tgotest.New(t)
	client, err := fake.ClientWith(fake.Key, tgo.WithLimiter(refusingLimiter{}))
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{}, 1)
	file := tgo.OpenFile("a", 5, func() (io.ReadCloser, error) { return closeReader{strings.NewReader("hello"), closed}, nil })
	_, err = client.FromPhone(fake.SenderPhone).SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: file})
	if tgo.DeliveryOf(err) != tgo.DeliveryNotSent {
		t.Error(err)
	}
	select {
	case <-closed:
	default:
		t.Error("the file is still open")
	}
}

type closeReader struct {
	io.Reader
	closed chan struct{}
}

func (c closeReader) Close() error { c.closed <- struct{}{}; return nil }
