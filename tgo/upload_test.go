package tgo_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Every way to give a file brings the same bytes to the server, whatever their number.
func TestFilesArriveAsTheyAre(t *testing.T) {
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
			"ReaderFile": tgo.ReaderFile("a.bin", oneByteReader{bytes.NewReader(content)}, int64(size)),
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

// oneByteReader gives a byte at a time.
type oneByteReader struct{ r io.Reader }

func (o oneByteReader) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 1)]) }

// What is wrong with a file is told before anything is sent, and the cause is not lost.
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
		{"empty file", tgo.FilePath(write("empty", 0o600, "")), "something in it", nil},
		{"missing in FS", tgo.FSFile(fstest.MapFS{}, "nowhere"), "cannot be opened", fs.ErrNotExist},
		{"directory in FS", tgo.FSFile(fstest.MapFS{"a/b": {}}, "a"), "not a regular file", nil},
		{"bad name in FS", tgo.FSFile(os.DirFS(dir), "../x"), "cannot be opened", fs.ErrInvalid},
		{"nil FS", tgo.FSFile(nil, "x"), "fs.FS is nil", nil},
		{"no bytes", tgo.BytesFile("a", nil), "something in it", nil},
		{"nil reader", tgo.ReaderFile("a", nil, 3), "reader is nil", nil},
		{"negative size", tgo.ReaderFile("a", strings.NewReader("abc"), -1), "something in it", nil},
		{"nil open", tgo.OpenFile("a", 1, nil), "open function is nil", nil},
		{"open fails", tgo.OpenFile("a", 1, func() (io.ReadCloser, error) { return nil, boom }), "boom", boom},
		{"open returns nothing", tgo.OpenFile("a", 1, func() (io.ReadCloser, error) { return nil, nil }), "returned nothing", nil},
		{"reader fails at once", tgo.ReaderFile("a", failingReader{boom}, 3), "boom", boom},
		{"ends while it is looked at", tgo.ReaderFile("a", strings.NewReader("abc"), 100), "ends after 3 of 100", nil},
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

// A file that turns out other than it said, once sending has begun, is never taken for whole by anyone.
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
				t.Errorf("the client says %v", d)
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
	fake := tgotest.New(t)
	client, err := fake.ClientWith(fake.Key, tgo.WithTimeout(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	go func() { _, _ = w.Write(make([]byte, 5000)) }() // more than is looked at beforehand
	_, err = client.FromPhone(fake.SenderPhone).SendDocument(t.Context(), fake.RecipientPhone,
		tgo.Document{File: tgo.ReaderFile("a.bin", r, 1<<20)})
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
		t.Errorf("%v", err)
	}
	fake.ExpectNoMessage(t)
}

// A reader that hangs at once hangs nobody either: nothing was sent then.
func TestReaderThatGivesNothing(t *testing.T) {
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

// countedReads counts the reads, the one under way included.
type countedReads struct {
	zeros
	begun atomic.Int64
}

func (c *countedReads) Read(p []byte) (int, error) {
	c.begun.Add(1)
	defer c.begun.Add(1)
	return c.zeros.Read(p)
}

// When the call returns the file is the caller's again, also where the server answers before it has read all.
func TestFileIsNotReadAfterTheCall(t *testing.T) {
	ended := make(chan struct{})
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		_ = http.NewResponseController(w).EnableFullDuplex()
		const body = `{"message": "No."}`
		w.Header().Set("Content-Length", strconv.Itoa(len(body))) // it is whole before the request is
		answer(w, http.StatusUnprocessableEntity, body)
		_ = http.NewResponseController(w).Flush()
		_, _ = io.Copy(io.Discard, r.Body)
	})
	const size = 1 << 40 // it is not read to its end
	reads := &countedReads{}
	_, err := client.FromNumber(1).SendDocument(t.Context(), testRecipient, tgo.Document{File: tgo.ReaderFile("a.bin", reads, size)})
	during := reads.begun.Load()
	if tgo.DeliveryOf(err) != tgo.DeliveryRejected {
		t.Fatal(err)
	}
	<-ended // then nobody reads any more
	if after := reads.begun.Load(); after != during {
		t.Errorf("read on after the call returned: %d times", (after-during+1)/2)
	}
}

// detached is a transport that ignores the end of a request, like a circuit breaker with its own time-out.
type detached struct {
	http.RoundTripper

	ended chan error
}

func (d detached) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := d.RoundTripper.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
	d.ended <- err
	return resp, err
}

// A message that was given up while a transport still had it was not sent, and cannot be sent any more.
func TestTransportThatGoesOn(t *testing.T) {
	for _, s := range sends {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			dial, ended := make(chan struct{}), make(chan error, 2)
			transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				<-dial
				return (&net.Dialer{}).DialContext(ctx, network, addr)
			}}
			client, err := fake.ClientWith(fake.Key, tgo.WithTimeout(50*time.Millisecond), tgo.WithRetryLimits(2, time.Millisecond),
				tgo.WithHTTPClient(&http.Client{Transport: detached{transport, ended}}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.send(t.Context(), client.FromPhone(fake.SenderPhone), fake.RecipientPhone, "hello")
			close(dial) // now both requests continue
			if tgo.DeliveryOf(err) != tgo.DeliveryNotSent {
				t.Errorf("%v", err)
			}
			for range 2 {
				if err := <-ended; err == nil {
					t.Error("a request that was given up was answered")
				}
			}
			fake.ExpectNoMessage(t)
		})
	}
}

// breaker is a circuit breaker: it gives up by itself while the request that it passed on lives.
type breaker struct {
	http.RoundTripper

	patience time.Duration
	requests *sync.WaitGroup // those that are still alive
}

func (b breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	done := make(chan error, 1)
	b.requests.Go(func() {
		resp, err := b.RoundTripper.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
		if err == nil {
			_ = resp.Body.Close()
		}
		done <- err
	})
	select {
	case err := <-done:
		return nil, fmt.Errorf("breaker: %w", err)
	case <-time.After(b.patience):
		return nil, errors.New("breaker: open")
	}
}

// However often a circuit breaker gives up, the message arrives at most once; and if it arrives, it is not called unsent.
func TestCircuitBreaker(t *testing.T) {
	for _, s := range sends {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			var requests sync.WaitGroup
			transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				<-time.After(20 * time.Millisecond) // about as long as the breaker waits
				return (&net.Dialer{}).DialContext(ctx, network, addr)
			}}
			client, err := fake.ClientWith(fake.Key, tgo.WithRetryLimits(3, time.Millisecond),
				tgo.WithHTTPClient(&http.Client{Transport: breaker{transport, 20 * time.Millisecond, &requests}}))
			if err != nil {
				t.Fatal(err)
			}
			for i := range 10 {
				text := fmt.Sprint("hello ", i)
				_, err := s.send(t.Context(), client.FromPhone(fake.SenderPhone), fake.RecipientPhone, text)
				requests.Wait()
				arrived := 0
				for _, m := range fake.Messages() {
					if m.Content == text {
						arrived++
					}
				}
				if arrived > 1 || (arrived == 1 && tgo.DeliveryOf(err) == tgo.DeliveryNotSent) {
					t.Errorf("arrived %d times: %v", arrived, err)
				}
			}
		})
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
			_, _ = fake.Sender.SendImage(t.Context(), to, tgo.Image{File: file}) // a text is refused, a picture is sent
			for range opened {
				<-closed
			}
			if to != fake.RecipientPhone && opened > 0 {
				t.Error("the file was opened for a message that cannot be sent")
			}
		}
	}
}

// A file that was looked at for a message that then is not sent is closed too.
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

func TestVoiceDuration(t *testing.T) {
	fake := tgotest.New(t)
	file := tgo.FilePath("cmd/tgo/demo/voice.ogg")
	for given, want := range map[time.Duration]time.Duration{
		time.Millisecond:        time.Second,
		time.Second:             time.Second,
		1001 * time.Millisecond: 2 * time.Second,
		300 * time.Second:       300 * time.Second,
	} {
		if _, err := fake.Sender.SendVoice(t.Context(), fake.RecipientPhone, tgo.Voice{File: file, Duration: given}); err != nil {
			t.Fatal(err)
		}
		if m := fake.ExpectMessage(t); m.Duration != want {
			t.Errorf("%v arrived as %v", given, m.Duration)
		}
	}
	for _, bad := range []time.Duration{0, -1, 12, time.Millisecond - 1, 300*time.Second + 1, 1<<63 - 1, -1 << 63} {
		_, err := fake.Sender.SendVoice(t.Context(), fake.RecipientPhone, tgo.Voice{File: file, Duration: bad})
		var inputError *tgo.InputError
		if !errors.As(err, &inputError) || inputError.Fields[0].Field != "duration" {
			t.Errorf("%v: %v", bad, err)
		}
	}
	fake.ExpectNoMessage(t)
}

// Real beginnings of real files, with names that help or mislead.
func TestContentTypes(t *testing.T) {
	const (
		opusPage  = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead\x01\x01"
		theora    = "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x2a\x80theora\x03\x02"
		zip       = "PK\x03\x04\x14\x00\x06\x00"
		ole       = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
		isom      = "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00"
		m4a       = "\x00\x00\x00\x20ftypM4A \x00\x00\x02\x00"
		threegp   = "\x00\x00\x00\x14ftyp3gp4\x00\x00\x02\x00"
		heic      = "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"
		webm      = "\x1A\x45\xDF\xA3\x01\x00\x00\x00"
		wav       = "RIFF\x24\x08\x00\x00WAVEfmt "
		mp3       = "\xFF\xFB\x90\x64\x00\x00"
		aac       = "\xFF\xF1\x50\x80\x00\x1F"
		truncated = "OggS\x00\x02"
	)
	cases := []struct{ message, name, content, want string }{
		{"voice", "note.ogg", opusPage, "audio/ogg"},
		{"voice", "note.opus", opusPage, "audio/ogg"},
		{"voice", "note", opusPage, "audio/ogg"},
		{"voice", "note.mp3", opusPage, "audio/ogg"},
		{"document", "note.ogg", opusPage, "audio/ogg"},
		{"voice", "note.ogg", truncated, "audio/ogg"},
		{"document", "film.ogv", theora, "application/ogg"},
		{"voice", "note.m4a", m4a, "audio/mp4"},
		{"voice", "note.mp4", isom, "audio/mp4"},
		{"document", "film.mp4", isom, "video/mp4"},
		{"voice", "note.3gp", threegp, "audio/3gpp"},
		{"voice", "note.webm", webm, "audio/webm"},
		{"voice", "note.wav", wav, "audio/wav"},
		{"voice", "note.mp3", mp3, "audio/mpeg"},
		{"voice", "note.mp3", "ID3\x03\x00\x00", "audio/mpeg"},
		{"voice", "note.aac", aac, "audio/aac"},
		{"voice", "note.amr", "#!AMR\n", "audio/amr"},
		{"voice", "note.flac", "fLaC\x00\x00", "audio/flac"},
		{"image", "a.png", "\x89PNG\x0D\x0A\x1A\x0A", "image/png"},
		{"image", "a.jpg", "\xFF\xD8\xFF\xE0", "image/jpeg"},
		{"image", "a.webp", "RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"},
		{"image", "a.heic", heic, "image/heic"},
		{"image", "a.svg", "<?xml version=\"1.0\"?><svg/>", "image/svg+xml"},
		{"document", "a.pdf", "%PDF-1.7", "application/pdf"},
		{"document", "a.docx", zip, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"document", "A.XLSX", zip, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"document", "a.zip", zip, "application/zip"},
		{"document", "a.doc", ole, "application/msword"},
		{"document", "a.csv", "a,b\n1,2\n", "text/csv; charset=utf-8"},
		{"document", "a.txt", "hello", "text/plain; charset=utf-8"},
		{"document", "a.docx", "%PDF-1.7", "application/pdf"},
		{"document", "a.csv", "\x00\x01\x02", "application/octet-stream"},
		{"document", "page.html", "<html>", "text/html; charset=utf-8"},
	}
	fake := tgotest.New(t)
	for _, c := range cases {
		file := tgo.BytesFile(c.name, []byte(c.content))
		if err := sendAs(t, fake, c.message, file); err != nil {
			t.Errorf("%s %q: %v", c.message, c.name, err)
			continue
		}
		if m := fake.ExpectMessage(t); m.Media.ContentType != c.want {
			t.Errorf("%s %q of %q is sent as %s, not %s", c.message, c.name, c.content, m.Media.ContentType, c.want)
		}
	}
	for _, c := range []struct{ message, name, content string }{
		{"image", "a.png", "%PDF-1.7"},
		{"image", "a.png", "<html>"},
		{"image", "a.ogg", opusPage},
		{"voice", "a.ogg", "\x89PNG\x0D\x0A\x1A\x0A"},
		{"voice", "a.ogg", theora},
		{"voice", "a.ogg", "hello"},
	} {
		err := sendAs(t, fake, c.message, tgo.BytesFile(c.name, []byte(c.content)))
		if !errors.Is(err, tgo.ErrValidation) || !strings.Contains(err.Error(), "media is") {
			t.Errorf("%s of %q: %v", c.message, c.content, err)
		}
		// Whoever names the type is not contradicted.
		if err := sendAs(t, fake, c.message, tgo.BytesFile(c.name, []byte(c.content)).WithContentType("x-my/own")); err != nil {
			t.Error(err)
		}
		if m := fake.ExpectMessage(t); m.Media.ContentType != "x-my/own" {
			t.Errorf("the type given arrived as %s", m.Media.ContentType)
		}
	}
	if err := sendAs(t, fake, "image", tgo.BytesFile("a.raw", []byte{0, 1, 2, 3})); err != nil {
		t.Errorf("a type that cannot be told is refused: %v", err)
	}
}

func sendAs(t *testing.T, fake *tgotest.Server, message string, file tgo.File) error {
	t.Helper()
	var err error
	switch message {
	case "image":
		_, err = fake.Sender.SendImage(t.Context(), fake.RecipientPhone, tgo.Image{File: file})
	case "voice":
		_, err = fake.Sender.SendVoice(t.Context(), fake.RecipientPhone, tgo.Voice{File: file, Duration: time.Second})
	default:
		_, err = fake.Sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: file})
	}
	return err
}

func TestFileNames(t *testing.T) {
	long := strings.Repeat("a", 4096) + ".pdf"
	longArabic := strings.Repeat("ف", 2048) + ".pdf"
	names := map[string]string{
		"invoice.pdf":         "invoice.pdf",
		"فاتورة رقم ٤٨٢١.pdf": "فاتورة رقم ٤٨٢١.pdf",
		"👩‍👧 party.pdf":       "👩‍👧 party.pdf",
		`say "hi".pdf`:        "say 'hi'.pdf",
		"../../etc/passwd":    "passwd",
		`C:\Users\me\x.pdf`:   "x.pdf",
		"a\r\nX-Evil: 1.pdf":  "aX-Evil: 1.pdf",
		"a\x00b.pdf":          "ab.pdf",
		"a\u202efdp.exe":      "afdp.exe",
		"a\u2066b\u2069.pdf":  "ab.pdf",
		"a\xffb.pdf":          "ab.pdf",
		"  .hidden ":          "hidden",
		"..":                  "file.pdf",
		"":                    "file.pdf",
		"/":                   "file.pdf",
		"\u00a0 \u2003":       "file.pdf",
		strings.Repeat("a", 254) + " " + strings.Repeat("b", 100): strings.Repeat("a", 254),
		long:                             strings.Repeat("a", 251) + ".pdf",
		longArabic:                       strings.Repeat("ف", 125) + ".pdf",
		strings.Repeat("x", 4096):        strings.Repeat("x", 255),
		"a." + strings.Repeat("x", 4096): "a." + strings.Repeat("x", 253),
	}
	fake := tgotest.New(t)
	for given, want := range names {
		file := tgo.BytesFile("other", []byte("%PDF-1.7")).WithName(given)
		if err := sendAs(t, fake, "document", file); err != nil {
			t.Errorf("%.40q: %v", given, err)
			continue
		}
		if m := fake.ExpectMessage(t); m.Media.Name != want {
			t.Errorf("%.40q arrived as %q, not %q", given, m.Media.Name, want)
		}
	}
}

// FuzzFileName: whatever a file is called, the message arrives whole, under a name that deceives nobody.
func FuzzFileName(f *testing.F) {
	for _, s := range []string{"a.pdf", "\"", "\r\n", "\x00", "../x", "\u202e", "فاتورة.pdf", strings.Repeat("é", 300), "a\\b", "%22", "a;b=c"} {
		f.Add(s)
	}
	fake := tgotest.New(f, func(c *tgotest.Config) { c.MaxMessages = 10 }) // one for all: a fake for each would use up the ports
	f.Fuzz(func(t *testing.T, name string) {
		if err := sendAs(t, fake, "document", tgo.BytesFile(name, []byte("%PDF-1.7"))); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		m := fake.ExpectMessage(t)
		got := m.Media.Name
		if got == "" || len(got) > 255 || strings.ContainsAny(got, "\r\n\x00\"/\\\u202e\u2066") || m.Media.Size != 8 || m.Content != "" {
			t.Errorf("%q arrived as %q: %+v", name, got, m)
		}
	})
}

// A megabyte more of a file costs no memory more.
func TestUploadMemory(t *testing.T) {
	fake := tgotest.New(t)
	cost := func(size int64) uint64 {
		file := tgo.OpenFile("a.bin", size, func() (io.ReadCloser, error) {
			return io.NopCloser(io.LimitReader(zeros{}, size)), nil
		})
		return allocated(func() {
			if err := sendAs(t, fake, "document", file); err != nil {
				t.Fatal(err)
			}
		})
	}
	cost(1 << 20) // connections, buffers and tables are made once
	small, large := cost(1<<20), cost(256<<20)
	if large > small+(1<<20) {
		t.Errorf("1 MiB allocates %d bytes, 256 MiB %d", small, large)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestManyUploadsAtOnce(t *testing.T) {
	fake := tgotest.New(t)
	const n = 64
	errs := make(chan error, n)
	file := tgo.FilePath("cmd/tgo/demo/picture.png")
	for i := range n {
		go func() {
			_, err := fake.Sender.SendImage(context.Background(), fake.RecipientPhone, tgo.Image{File: file, Caption: fmt.Sprint(i)})
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	sums := map[string]int{}
	for _, m := range fake.Messages() {
		sums[m.Media.SHA256]++
	}
	if len(sums) != 1 || len(fake.Messages()) != n {
		t.Errorf("%d messages, sums %v", len(fake.Messages()), sums)
	}
}
