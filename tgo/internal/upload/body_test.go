package upload

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"math"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var fields = [][2]string{{"to_phone", "+201010000000"}, {"content", "a\r\nb"}}

// content is a Source with the reader that open returns and the given size.
func content(size int64, open func() io.Reader) Source {
	return Source{
		Name: "a.bin",
		Open: func() (io.ReadCloser, int64, error) { return io.NopCloser(open()), size, nil },
	}
}

func bytesSource(b []byte) Source {
	return content(int64(len(b)), func() io.Reader { return bytes.NewReader(b) })
}

// pattern is binary content in which each byte differs from its neighbours.
func pattern(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i) ^ byte(i>>8)
	}
	return b
}

func newBody(tb testing.TB, source Source) *Body {
	tb.Helper()
	b, err := New("document", fields, source)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// read returns the content of the next Open of a body.
func read(tb testing.TB, b *Body) ([]byte, error) {
	tb.Helper()
	r, err := b.Open()
	if err != nil {
		tb.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if closeErr := r.Close(); closeErr != nil {
		tb.Error(closeErr)
	}
	return got, err
}

type form struct {
	fields            [][2]string
	name, contentType string
	content           []byte
}

// parse reads a body as a server does.
func parse(tb testing.TB, b *Body, body []byte) form {
	tb.Helper()
	mediaType, params, err := mime.ParseMediaType(b.ContentType())
	if err != nil || mediaType != "multipart/form-data" {
		tb.Fatalf("the body's type is %q: %v", b.ContentType(), err)
	}
	var f form
	for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return f
		}
		if err != nil {
			tb.Fatal(err)
		}
		value, err := io.ReadAll(part)
		if err != nil {
			tb.Fatal(err)
		}
		if part.FormName() == "media" {
			f.name, f.contentType, f.content = part.FileName(), part.Header.Get("Content-Type"), value
		} else {
			f.fields = append(f.fields, [2]string{part.FormName(), string(value)})
		}
	}
}

// The form is always the same, no matter how the reader returns its content, how the body is read, and how often it is opened.
func TestBody(t *testing.T) {
	readers := map[string]func(io.Reader) io.Reader{
		"whole":         func(r io.Reader) io.Reader { return r },
		"bytes":         iotest.OneByteReader,
		"halves":        iotest.HalfReader,
		"end with data": iotest.DataErrReader,
		"empty reads":   func(r io.Reader) io.Reader { return &sparse{r: r, empty: maxEmptyReads - 1} },
	}
	for _, size := range []int{1, sniffLength - 1, sniffLength, sniffLength + 1, 100_001} {
		want := pattern(size)
		for how, reader := range readers {
			for _, contentType := range []string{"", "application/x-own"} {
				source := content(int64(size), func() io.Reader { return reader(bytes.NewReader(want)) })
				source.ContentType = contentType
				b := newBody(t, source)
				for range 3 {
					body, err := read(t, b)
					if err != nil || int64(len(body)) != b.Length() {
						t.Fatalf("%d bytes, %s: %d bytes of %d: %v", size, how, len(body), b.Length(), err)
					}
					f := parse(t, b, body)
					if !bytes.Equal(f.content, want) || !slices.Equal(f.fields, fields) || f.name != "a.bin" {
						t.Errorf("%d bytes, %s: %d bytes arrived, with the name %q and the fields %q", size, how, len(f.content), f.name, f.fields)
					}
					if contentType != "" && f.contentType != contentType {
						t.Errorf("the given content type arrived as %q", f.contentType)
					}
				}
			}
		}
	}
	b := newBody(t, bytesSource(pattern(3*sniffLength)))
	body, err := read(t, b)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(r, body); err != nil {
		t.Error(err)
	}
}

// sparse returns some empty reads before each byte.
type sparse struct {
	r           io.Reader
	empty, made int
}

func (s *sparse) Read(p []byte) (int, error) {
	if s.made < s.empty {
		s.made++
		return 0, nil
	}
	s.made = 0
	return s.r.Read(p[:min(len(p), 1000)])
}

var errBoom = errors.New("boom")

// For a file that cannot be sent, no body is built. The file is closed, and the error has the cause.
func TestNewRefuses(t *testing.T) {
	failing := func() io.Reader { return iotest.ErrReader(errBoom) }
	refusing := Source{Open: func() (io.ReadCloser, int64, error) { return nil, 0, errBoom }}
	typed := func(contentType string) Source {
		source := bytesSource([]byte("hello"))
		source.ContentType = contentType
		return source
	}
	reader := func(r io.Reader, size int64) Source { return content(size, func() io.Reader { return r }) }
	cases := []struct {
		name, kind string
		source     Source
		rule       string
		cause      error
	}{
		{"open fails", "document", refusing,
			"cannot be opened: boom", errBoom},
		{"empty", "document", bytesSource(nil), "must not be empty: its size is 0 bytes", nil},
		{"negative size", "document", content(-1, failing), "must not be empty: its size is -1 bytes", nil},
		{"too large", "document", content(math.MaxInt64-100, func() io.Reader { return zeros{} }),
			"is too large: its size is 9223372036854775707 bytes", nil},
		{"fails at once", "document", content(3, failing), "cannot be read: boom", errBoom},
		{"fails while it is inspected", "document", reader(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(errBoom)), 4),
			"cannot be read: boom", errBoom},
		{"ends while it is inspected", "document", reader(strings.NewReader("abc"), 100),
			"cannot be read: it ends after 3 of 100 bytes", nil},
		{"gives nothing", "document", reader(stuck{}, 3),
			"cannot be read: multiple Read calls return no data or error", io.ErrNoProgress},
		{"gives nothing more", "document", reader(io.MultiReader(strings.NewReader("abc"), stuck{}), 4),
			"cannot be read: " + io.ErrNoProgress.Error(), io.ErrNoProgress},
		{"counts too many", "document", reader(miscounting(1), 9),
			"cannot be read: its reader returned 4097 bytes for a read of 4096", nil},
		{"counts below 0", "document", reader(miscounting(-sniffLength-1), 9),
			"cannot be read: its reader returned -1 bytes for a read of 4096", nil},
		{"type without a slash", "image", typed("image"), "has a content type that is not of the form type/subtype", nil},
		{"type with half a parameter", "image", typed("text/plain; charset"),
			"has a content type that is not of the form type/subtype", nil},
		{"type with a line break", "image", typed("text/plain\r\nX-Evil: 1"),
			"has a content type that is not of the form type/subtype", nil},
		{"type with a line break inside quotes", "image", typed("text/plain; a=\"b\r\nc\""), "has a content type", nil},
		{"type with a control character", "image", typed("text/plain; a=\"b\x01c\""),
			"has a content type with a character that no header can carry", nil},
		{"type that is not ASCII", "image", typed("text/plain; a=\"ف\""),
			"has a content type with a character that no header can carry", nil},
		{"type that is long", "image", typed("text/plain; a=" + strings.Repeat("b", 242)),
			"has a content type of more than 255 bytes", nil},
		{"no image", "image", bytesSource([]byte("hello")),
			"is text/plain; charset=utf-8, not an image; send it as a document, or give its content type", nil},
		{"no sound", "voice", bytesSource([]byte("hello")),
			"is text/plain; charset=utf-8, not audio; send it as a document, or give its content type", nil},
	}
	for _, c := range cases {
		source, opened := counted(c.source)
		b, err := New(c.kind, fields, source)
		var problem *Problem
		if b != nil || !errors.As(err, &problem) || !strings.HasPrefix(problem.Rule, c.rule) || err.Error() != "media "+problem.Rule {
			t.Errorf("%s: got %v, want %q", c.name, err, c.rule)
			continue
		}
		if c.cause != nil && !errors.Is(err, c.cause) {
			t.Errorf("%s: %v does not wrap its cause", c.name, err)
		}
		if open := opened(); open != 0 {
			t.Errorf("%s: %d files are open", c.name, open)
		}
	}
}

// A type of exactly 255 bytes is sent.
func TestLongContentType(t *testing.T) {
	source := bytesSource([]byte("hello"))
	source.ContentType = "text/plain; a=" + strings.Repeat("b", 241)
	b := newBody(t, source)
	body, err := read(t, b)
	if got := parse(t, b, body).contentType; err != nil || got != source.ContentType {
		t.Errorf("%q arrived as %q: %v", source.ContentType, got, err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// miscounting claims to have read this many bytes more than fit.
type miscounting int

func (m miscounting) Read(p []byte) (int, error) { return len(p) + int(m), nil }

// counted makes a source that counts its open files. A file that is closed twice counts as -1.
func counted(source Source) (Source, func() int) {
	open := 0
	inner := source.Open
	source.Open = func() (io.ReadCloser, int64, error) {
		r, size, err := inner()
		if err != nil {
			return nil, 0, err
		}
		open++
		return readCloser{r, closer(func() error { open--; return r.Close() })}, size, nil
	}
	return source, func() int { return open }
}

type closer func() error

func (c closer) Close() error { return c() }

// If the size of a file is not the announced one, the body ends with a permanent error and without the closing boundary, so that no parser
// accepts it as complete.
func TestFileThatChanges(t *testing.T) {
	const size = 100_000
	is := bytes.NewReader
	b := pattern(size)
	stop := func(after int, then io.Reader) func() io.Reader {
		return func() io.Reader { return io.MultiReader(is(b[:after]), then) }
	}
	cases := []struct {
		name string
		size int64
		open func() io.Reader
		says string
		is   error
	}{
		{"shrinks", size + 1, func() io.Reader { return is(b) }, "media ended 1 bytes before its size of 100001", nil},
		{"shrinks, and says so with its last bytes", size + 1, func() io.Reader { return iotest.DataErrReader(is(b)) },
			"media ended 1 bytes before its size of 100001", nil},
		{"grows by a byte", size - 1, func() io.Reader { return is(b) }, "media is longer than its size of 99999 bytes", nil},
		{"grows", size / 2, func() io.Reader { return is(b) }, "media is longer than its size of 50000 bytes", nil},
		{"grows within what is inspected", 100, func() io.Reader { return is(b) },
			"media is longer than its size of 100 bytes", nil},
		{"fails midway", size, stop(size/2, iotest.ErrReader(errBoom)), "media cannot be read: boom", errBoom},
		{"fails at its end", size, stop(size, iotest.ErrReader(errBoom)), "media cannot be read: boom", errBoom},
		{"gives nothing midway", size, stop(size/2, stuck{}), "media cannot be read: multiple Read calls", io.ErrNoProgress},
		{"gives nothing at its end", size, stop(size, stuck{}), "media cannot be read: multiple Read calls", io.ErrNoProgress},
		{"miscounts midway", size, stop(size/2, miscounting(1)), "media cannot be read: its reader returned", nil},
		{"miscounts at its end", size, stop(size, miscounting(1)), "media cannot be read: its reader returned", nil},
	}
	for _, c := range cases {
		for _, read := range []func(io.Reader) io.Reader{
			func(r io.Reader) io.Reader { return r },
			iotest.OneByteReader,
		} {
			body := newBody(t, content(c.size, c.open))
			for range 2 { // as opened by New, and opened again
				r, err := body.Open()
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(read(r))
				if err == nil || !strings.HasPrefix(err.Error(), c.says) || (c.is != nil && !errors.Is(err, c.is)) {
					t.Errorf("%s: %v, not %q", c.name, err, c.says)
				}
				if n := int64(len(got)); n > body.Length()-int64(len(body.tail)) || bytes.HasSuffix(got, body.tail) {
					t.Errorf("%s: %d of %d bytes were returned, the last of them %q", c.name, n, body.Length(), got[len(got)-10:])
				}
				if n, again := r.Read(make([]byte, 10)); n != 0 || again == nil || again.Error() != err.Error() {
					t.Errorf("%s: the next read returns %d bytes and %v", c.name, n, again)
				}
			}
		}
	}
}

// A limited number of consecutive empty reads is allowed, and one more is not.
func TestEmptyReads(t *testing.T) {
	for empty, want := range map[int]error{99: nil, 100: io.ErrNoProgress} {
		r := &sparse{r: strings.NewReader("hello"), empty: empty}
		n, err := checkedReader{r}.Read(make([]byte, 10))
		if !errors.Is(err, want) || (want == nil) != (n == 5) {
			t.Errorf("after %d empty reads: %d bytes, %v", empty, n, err)
		}
	}
	if n, err := (checkedReader{stuck{}}).Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing: %d bytes, %v", n, err)
	}
}

// A reader that returns its end together with its last bytes is not called again, and a read of zero bytes does nothing.
func TestEndWithTheLastBytes(t *testing.T) {
	r := exactReader{content: &ending{"hello"}, size: 5, left: 5}
	buffer := make([]byte, 10)
	if n, err := r.Read(buffer); n != 5 || !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if n, err := r.Read(buffer); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes, %v", n, err)
	}
	r = exactReader{content: strings.NewReader("hello"), size: 5, left: 5}
	if n, err := r.Read(buffer); n != 5 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	if n, err := r.Read(nil); n != 0 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// ending returns everything together with the end, and fails afterwards.
type ending struct{ left string }

func (e *ending) Read(p []byte) (int, error) {
	if e.left == "" {
		return 0, errBoom
	}
	n := copy(p, e.left)
	e.left = ""
	return n, io.EOF
}

// New reads only what it needs to detect the type, because a pipe may have no more yet.
func TestNewReadsNoMoreThanTheSize(t *testing.T) {
	r := io.MultiReader(strings.NewReader("hel"), strings.NewReader("lo"), iotest.ErrReader(errBoom))
	if _, err := New("document", fields, content(5, func() io.Reader { return r })); err != nil {
		t.Error(err)
	}
	source := content(5, func() io.Reader { return iotest.ErrReader(errBoom) })
	source.ContentType = "text/plain"
	if _, err := New("document", fields, source); err != nil {
		t.Errorf("a file with a given type was read: %v", err)
	}
}

// A file that is opened again must have the same size.
func TestOpenAgain(t *testing.T) {
	size, err := int64(5), error(nil)
	source, open := counted(Source{Open: func() (io.ReadCloser, int64, error) {
		return io.NopCloser(strings.NewReader("hello world")), size, err
	}})
	b := newBody(t, source)
	if err := b.Close(); err != nil || open() != 0 {
		t.Fatalf("%d files are open: %v", open(), err)
	}
	size = 11
	if _, got := b.Open(); got == nil || got.Error() != "media changed its size from 5 to 11 bytes" {
		t.Error(got)
	}
	if open() != 0 {
		t.Errorf("%d files are open", open())
	}
	err = errBoom
	if _, got := b.Open(); !errors.Is(got, errBoom) || got.Error() != "media cannot be opened: boom" {
		t.Error(got)
	}
}

// Each file that is opened is closed once: by the body that Open returned, or by Close if Open was not called.
func TestFilesAreClosed(t *testing.T) {
	for _, contentType := range []string{"", "text/plain"} { // with and without detection
		source, open := counted(bytesSource([]byte("hello")))
		source.ContentType = contentType
		expect := func(when string, want int) {
			t.Helper()
			if got := open(); got != want {
				t.Errorf("%s: %d files are open, want %d", when, got, want)
			}
		}
		b := newBody(t, source)
		expect("after New", 1)
		first, err := b.Open()
		if err != nil {
			t.Fatal(err)
		}
		expect("after the first Open", 1)
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		expect("after Close", 1)
		second, err := b.Open()
		if err != nil {
			t.Fatal(err)
		}
		expect("after the second Open", 2)
		first.Close()
		expect("after the first is closed", 1)
		second.Close()
		expect("after the second is closed", 0)

		b = newBody(t, source)
		for range 2 {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
		expect("after Close of what was not opened", 0)
	}
}

// Close returns the error of closing the file.
func TestCloseFails(t *testing.T) {
	source := Source{Open: func() (io.ReadCloser, int64, error) {
		return readCloser{strings.NewReader("hello"), closer(func() error { return errBoom })}, 5, nil
	}}
	if err := newBody(t, source).Close(); !errors.Is(err, errBoom) {
		t.Error(err)
	}
	r, err := newBody(t, source).Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); !errors.Is(err, errBoom) {
		t.Error(err)
	}
}

// A larger file takes no more memory.
func TestMemory(t *testing.T) {
	const most = 40 << 10
	buffer := make([]byte, 32<<10)
	cost := func(size int64) uint64 {
		source := content(size, func() io.Reader { return io.LimitReader(zeros{}, size) })
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := newBody(t, source).Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyBuffer(discard, r, buffer); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	cost(1) // the first call makes tables
	for _, size := range []int64{1 << 10, 1 << 20, 256 << 20} {
		if got := cost(size); got > most {
			t.Errorf("%d bytes take %d bytes of memory", size, got)
		}
	}
}

// FuzzBody: the body has exactly the announced length, and a parser finds what it was made of.
func FuzzBody(f *testing.F) {
	f.Add("hello", "a\r\nb", []byte("content"), "a.txt", 3)
	f.Add("", "--\r\n", []byte("\r\n--"), "\"", 1)
	f.Add("\x00", "é", pattern(sniffLength+1), "../x", sniffLength)
	f.Fuzz(func(t *testing.T, first, second string, want []byte, name string, chunk int) {
		if len(want) == 0 || chunk <= 0 {
			t.Skip()
		}
		given := [][2]string{{"content", first}, {"type", second}}
		source := content(int64(len(want)), func() io.Reader { return &chunked{bytes.NewReader(want), chunk} })
		source.Name = name
		b, err := New("document", given, source)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			body, err := read(t, b)
			if err != nil || int64(len(body)) != b.Length() {
				t.Fatalf("%d bytes of %d: %v", len(body), b.Length(), err)
			}
			got := parse(t, b, body)
			if !slices.Equal(got.fields, given) || !bytes.Equal(got.content, want) || got.name != safeName(name, got.contentType) {
				t.Errorf("%q, %q and %q, named %q, arrived as %+v", first, second, want, name, got)
			}
		}
	})
}

type chunked struct {
	r    io.Reader
	size int
}

func (c *chunked) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.size)]) }

// discard is io.Discard without ReadFrom.
var discard = struct{ io.Writer }{io.Discard}

func BenchmarkBody(b *testing.B) {
	const size = 64 << 20
	name := filepath.Join(b.TempDir(), "a.bin")
	if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
		b.Fatal(err)
	}
	sources := map[string]Source{
		"file": {Open: func() (io.ReadCloser, int64, error) {
			f, err := os.Open(name)
			return f, size, err
		}},
		"memory": content(size, func() io.Reader { return io.LimitReader(zeros{}, size) }),
	}
	for _, from := range slices.Sorted(maps.Keys(sources)) {
		b.Run(from, func(b *testing.B) {
			buffer := make([]byte, 32<<10)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				r, err := newBody(b, sources[from]).Open()
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.CopyBuffer(discard, r, buffer); err != nil || n < size {
					b.Fatal(n, err)
				}
				r.Close()
			}
		})
	}
}
