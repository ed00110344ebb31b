package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/audio"
)

type sendCommand struct {
	Text     sendText     `cmd:"" help:"Send a text."`
	Image    sendImage    `cmd:"" help:"Send a picture."`
	Voice    sendVoice    `cmd:"" help:"Send a voice note."`
	Document sendDocument `cmd:"" help:"Send a file of any kind."`
	CSV      csvCommand   `cmd:"" name:"csv" default:"withargs" help:"Send a message to each row of a list, .xlsx or CSV."`
}

// Help is shown by tgo send --help.
func (sendCommand) Help() string {
	return `Examples:

  tgo send text --to +201010000000 "Your order 4821 is ready"
  tgo send image --to +201010000000 parcel.png --caption "Your parcel"
  tgo send voice --to +201010000000 hello.ogg
  tgo send --csv recipients.csv --text "Dear {name}, your order {order} is ready"

A message is never sent twice by itself: there is no idempotency key. Code 6 means that it may have arrived.

` + exitCodes + "\n\n" + configHelp
}

// sending is what the single sends have in common.
type sending struct {
	connection
	From   string `help:"Sender number: its phone or its id (or TGO_FROM)." placeholder:"SENDER"`
	To     string `help:"Recipient's phone, with country code." required:"" placeholder:"PHONE"`
	DryRun bool   `help:"Send nothing; show the request, with the key masked."`
	Check  bool   `help:"Before sending, ask whether the sender may send and the recipient can receive."`
}

type sendText struct {
	sending
	textInput
}

// textInput says where a text is.
type textInput struct {
	Text *string `arg:"" optional:"" help:"The text. Without it, or with -, it is read from stdin."` // empty is not without
	File string  `help:"Read the text from a file." placeholder:"FILE"`
}

// Help is shown by tgo send text --help.
func (sendText) Help() string {
	return `Examples:

  tgo send text --to +201010000000 "Your order 4821 is ready"
  uptime | tgo send text --to +201010000000
  tgo send text --to +201010000000 --file letter.txt --dry-run

A line break at the very end of a file or of stdin is dropped.

` + exitCodes
}

// maxText is more than anyone would want to read on a phone.
const maxText = 1 << 20

// read returns the text. The key file says whether stdin is the key.
func (c *textInput) read(s streams, keyFile string) (string, error) {
	switch {
	case c.File != "" && c.Text != nil:
		return "", usageError("give the text or --file, not both")
	case c.Text != nil && *c.Text != "-":
		return *c.Text, nil
	}
	var in io.Reader
	if c.File != "" && c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return "", fileError(err)
		}
		defer f.Close() //nolint:errcheck // it was only read from
		in = f
	} else {
		if err := checkStdin(s, keyFile); err != nil {
			return "", err
		}
		in = s.in
	}
	b, err := io.ReadAll(io.LimitReader(in, maxText+1))
	switch {
	case errors.Is(err, errInterrupted):
		return "", err
	case err != nil:
		return "", fileError(err)
	}
	if len(b) > maxText {
		return "", withCode(exitValidation, fmt.Errorf("the text is larger than %d bytes", maxText))
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), nil
}

// Run sends a text.
func (c *sendText) Run(ctx context.Context, s streams) error {
	text, err := c.read(s, c.KeyFile)
	if err != nil {
		return err
	}
	return c.send(ctx, s, func(ctx context.Context, from *tgo.Sender, to tgo.Phone) (tgo.Receipt, error) {
		return from.SendText(ctx, to, text)
	})
}

// checkStdin makes sure that stdin is there to be read and not the key.
func checkStdin(s streams, keyFile string) error {
	switch {
	case keyFile == "-":
		return usageError("stdin is the key already: give the message in another way")
	case s.in == nil:
		return usageError("there is no stdin to read from")
	}
	return nil
}

// media is what the sends of a file have in common.
type media struct {
	sending
	fileInput
}

// fileInput says where a file is, and what goes with it.
type fileInput struct {
	File        string `arg:"" help:"The file, or - for stdin."`
	Caption     string `help:"A caption." placeholder:"TEXT"`
	Name        string `help:"Name of the file as the recipient sees it." placeholder:"NAME"`
	ContentType string `help:"Its content type, where what the bytes say is not right." placeholder:"TYPE"`
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

type sendVoice struct {
	media
	voiceLength
}

// voiceLength says how long a voice note is.
type voiceLength struct {
	Duration length `help:"Its length, up to 5m: 12, 12s or 1m5s. By default it is read from the file: Ogg, WebM, MP3, AAC, M4A, MP4, 3GP, WAV, AMR, FLAC or CAF." placeholder:"DURATION"`
}

// length is a duration on the command line. A number without a unit is seconds.
type length time.Duration

// UnmarshalText reads what kong finds after --duration.
func (l *length) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		d, err = time.ParseDuration(string(text) + "s")
	}
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no length: give seconds, or something like 1m5s", text)
	}
	*l = length(d)
	return nil
}

// Help is shown by tgo send voice --help.
func (sendVoice) Help() string {
	return `Examples:

  tgo send voice --to +201010000000 hello.ogg
  tgo send voice --to +201010000000 hello.wma --duration 12

` + exitCodes
}

// Run sends a voice note.
func (c *sendVoice) Run(ctx context.Context, s streams) error {
	path, done, err := c.path(s, c.KeyFile)
	if err != nil {
		return err
	}
	defer done()
	duration, err := c.of(path)
	if err != nil {
		return err
	}
	return c.sendPath(ctx, s, path, func(ctx context.Context, from *tgo.Sender, to tgo.Phone, f tgo.File) (tgo.Receipt, error) {
		return from.SendVoice(ctx, to, tgo.Voice{File: f, Duration: duration, Caption: c.Caption})
	})
}

// of is the length of the voice note in a file: the one that was given, or what the file says. Neither makes a voice note of
// a video or a picture.
func (c *voiceLength) of(path string) (time.Duration, error) {
	duration, err := fileDuration(path)
	var missing *fs.PathError
	switch {
	case errors.As(err, &missing):
		return 0, fileError(err)
	case errors.Is(err, audio.ErrVideo), errors.Is(err, audio.ErrNotAudio):
		return 0, withCode(exitValidation, err)
	case c.Duration != 0:
		return time.Duration(c.Duration), nil
	case err != nil:
		return 0, withCode(exitValidation, fmt.Errorf("how long is the voice note? Give --duration: %w", err))
	}
	return duration, nil
}

func fileDuration(path string) (time.Duration, error) {
	f, err := os.Open(path) //nolint:gosec // reading the file that the user names is the purpose
	if err != nil {
		return 0, err
	}
	defer f.Close() //nolint:errcheck // it was only read from
	return audio.Duration(f)
}

// path is where the file is. Stdin is copied to a temporary file, since the API wants to be told its size beforehand.
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

func (c *media) sendFile(ctx context.Context, s streams, send func(context.Context, *tgo.Sender, tgo.Phone, tgo.File) (tgo.Receipt, error)) error {
	path, done, err := c.path(s, c.KeyFile)
	if err != nil {
		return err
	}
	defer done()
	return c.sendPath(ctx, s, path, send)
}

// longUpload is the size from which on a progress bar is worth a look.
const longUpload = 256 << 10

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

// watched is a file that shows on a bar how much of it has been read.
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

// Read reads and draws.
func (f *watchedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.read += int64(n)
	f.bar.draw(f.read, f.size, bytesText(f.read)+" of "+bytesText(f.size))
	return n, err
}

// sent is a message that was accepted, as --json shows it.
type sent struct {
	Delivery string       `json:"delivery"`
	Message  *tgo.Receipt `json:"message,omitempty"`
}

// send connects, checks where asked to, and sends.
func (c *sending) send(ctx context.Context, s streams, send func(context.Context, *tgo.Sender, tgo.Phone) (tgo.Receipt, error)) error {
	set, err := c.settings(s)
	if err != nil {
		return err
	}
	from := c.From
	if from == "" {
		from = set.from
	}
	to, err := tgo.ParsePhone(c.To)
	if err != nil {
		return withCode(exitValidation, fmt.Errorf("--to: %w", err))
	}
	if c.DryRun {
		return c.show(ctx, s, set, from, to, send)
	}
	client, err := c.client(set)
	if err != nil {
		return err
	}
	support, err := sender(client, from)
	if err != nil {
		return err
	}
	if c.Check {
		if err := check(ctx, support, to); err != nil {
			return c.failed(s, tgo.DeliveryNotSent, err)
		}
	}
	receipt, err := send(ctx, support, to)
	switch {
	case err != nil:
		return c.failed(s, tgo.DeliveryOf(err), withCode(writeCode(err), err))
	case c.JSON:
		err = writeJSON(s.out, sent{tgo.DeliveryAccepted.String(), &receipt})
	default:
		_, err = fmt.Fprintf(s.out, "%s %d %s\n", printable(receipt.MessageType), receipt.ID, printable(receipt.Status))
	}
	if err != nil { // who takes that for a message that failed would send it again
		fmt.Fprintf(s.err, "tgo: the message was accepted, but %v\n", err)
	}
	return nil
}

// failed tells of a message that did not simply go out. The code says what became of it, whoever reads the rest.
func (c *sending) failed(s streams, delivery tgo.Delivery, err error) error {
	if delivery != tgo.DeliveryAccepted {
		return err
	}
	if c.JSON && writeJSON(s.out, failureOf(err)) == nil { // a success, though the rest of the answer could not be read
		return nil
	}
	fmt.Fprintf(s.err, "tgo: %s\n", inWordsOf(err))
	return nil
}

// check asks whether a message would go through.
func check(ctx context.Context, from *tgo.Sender, to tgo.Phone) error {
	_, err := from.Check(ctx)
	var contact tgo.Contact
	if err == nil {
		contact, err = from.Lookup(ctx, to)
	}
	code := readCode(err)
	switch {
	case err == nil && contact.CanReceive:
		return nil
	case err == nil:
		err = fmt.Errorf("the recipient cannot receive messages: %s", contact.ReasonCode)
		code = exitNotSent
	case code == exitFailed: // whatever it is, the message was not begun
		code = exitNotSent
	}
	return withCode(code, fmt.Errorf("%w (not sent)", err))
}
