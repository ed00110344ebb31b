package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type outboxAdd struct {
	Text     addText     `cmd:"" help:"Add a text."`
	Image    addImage    `cmd:"" help:"Add a picture."`
	Voice    addVoice    `cmd:"" help:"Add a voice note."`
	Document addDocument `cmd:"" help:"Add a file of any kind."`
}

// Help is shown by tgo outbox add --help.
func (outboxAdd) Help() string {
	return `Examples:

  tgo outbox add text --to +201010000000 --key order-4821-shipped "Your order 4821 has shipped"
  tgo outbox add text --to +201010000000 --priority bulk --at "2027-01-10 09:00" "Our new shop is open"
  tgo outbox add document --to +201010000000 invoice.pdf --caption "Your invoice"

Nothing is sent here: tgo outbox work does that, on this machine or another.

` + seeOutbox + exitCodes
}

// adding has the flags for all kinds of messages.
type adding struct {
	outboxFlags
	profileFlags
	From     string `help:"Sender number: its phone or its id (or TGO_FROM)." placeholder:"SENDER"`
	To       string `help:"Recipient's phone, with country code." required:"" placeholder:"PHONE"`
	Key      string `help:"Name of the event that causes the message, such as order-4821-shipped. Of several messages with the same name only the first is sent. It is kept permanently." placeholder:"NAME"`
	At       string `help:"When to send: a time (2027-01-10T08:00:00Z) or a duration from now (2h)." placeholder:"TIME"`
	Priority string `help:"How urgent it is: code, normal or bulk." enum:"code,normal,bulk" default:"normal"`
}

var priorities = map[string]outbox.Priority{"code": outbox.Code, "normal": outbox.Normal, "bulk": outbox.Bulk}

// added is the JSON of a message that was added.
type added struct {
	ID        int64 `json:"id"`
	Duplicate bool  `json:"duplicate"`
}

// add adds a message.
func (c *adding) add(ctx context.Context, s streams, m outbox.Message) error {
	if keyLike.MatchString(c.Key) {
		return usageError("--key looks like an API key: give it a name for the message, such as order-4821-shipped")
	}
	var err error
	if m.To, err = tgo.ParsePhone(c.To); err != nil {
		return withCode(exitValidation, fmt.Errorf("--to: %w", err))
	}
	if m.At, err = parseTime(c.At, 1); err != nil {
		return usageError("--at: " + err.Error())
	}
	from := c.From
	if from == "" {
		p, _, _, err := c.findProfile(s)
		if err != nil {
			return err
		}
		from = c.pick(s, "TGO_FROM", p.From)
	}
	if m.From, m.FromNumber, err = parseSender(from); err != nil {
		return err
	}
	m.Key, m.Priority = c.Key, priorities[c.Priority]
	return c.call(ctx, s, func(b openBox) error {
		is, err := b.Add(ctx, m)
		switch {
		case err != nil:
			return err
		case is.Duplicate:
			return c.say(s, added(is), "message %d has this key already; nothing was added", is.ID)
		}
		return c.say(s, added(is), "message %d added", is.ID)
	})
}

type addText struct {
	adding
	textInput
}

// Help is shown by tgo outbox add text --help.
func (addText) Help() string {
	return `Examples:

  tgo outbox add text --to +201010000000 --key order-4821-shipped "Your order 4821 has shipped"
  tgo outbox add text --to +201010000000 --priority code "Your code is 123456"

` + seeOutbox + exitCodes
}

// Run adds a text.
func (c *addText) Run(ctx context.Context, s streams) error {
	text, err := c.read(s, "")
	if err != nil {
		return err
	}
	return c.add(ctx, s, outbox.Message{Text: text})
}

// addMedia has the flags for messages with a file.
type addMedia struct {
	adding
	fileInput
}

const addMediaHelp = `The database stores the path and a checksum of the file, not its content. Until the message is sent, leave the file unchanged, in a place
where the workers can read it. For stdin (-), the content is stored, up to 1 MiB; give --name then.

`

// addFile adds a message with a file.
func (c *addMedia) addFile(ctx context.Context, s streams, kind string, length voiceLength) error {
	path, done, err := c.path(s, "")
	if err != nil {
		return err
	}
	defer done()
	m := &outbox.Media{Type: kind, Name: c.Name, ContentType: c.ContentType}
	if kind == tgo.TypeVoice {
		if m.Duration, err = length.of(path); err != nil {
			return err
		}
	}
	if c.File == "-" {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return fileError(err)
		case info.Size() > outbox.MaxData:
			return withCode(exitValidation, fmt.Errorf("stdin is larger than %s: give a file", bytesText(outbox.MaxData)))
		}
		m.Data, err = os.ReadFile(path) //nolint:gosec // it is a copy of stdin
		if err != nil {
			return withCode(exitNotSent, err)
		}
	} else if m.Ref, err = filepath.Abs(path); err != nil {
		return withCode(exitNotSent, err)
	}
	return c.add(ctx, s, outbox.Message{Text: c.Caption, Media: m})
}

type addImage struct{ addMedia }

// Help is shown by tgo outbox add image --help.
func (addImage) Help() string {
	return "Example:\n\n  tgo outbox add image --to +201010000000 parcel.png --caption \"Your parcel\"\n\n" + addMediaHelp + seeOutbox + exitCodes
}

// Run adds a picture.
func (c *addImage) Run(ctx context.Context, s streams) error {
	return c.addFile(ctx, s, tgo.TypeImage, voiceLength{})
}

type addDocument struct{ addMedia }

// Help is shown by tgo outbox add document --help.
func (addDocument) Help() string {
	return "Example:\n\n  tgo outbox add document --to +201010000000 invoice.pdf --caption \"Your invoice\"\n\n" + addMediaHelp + seeOutbox + exitCodes
}

// Run adds a file.
func (c *addDocument) Run(ctx context.Context, s streams) error {
	return c.addFile(ctx, s, tgo.TypeDocument, voiceLength{})
}

type addVoice struct {
	addMedia
	voiceLength
}

// Help is shown by tgo outbox add voice --help.
func (addVoice) Help() string {
	return "Example:\n\n  tgo outbox add voice --to +201010000000 hello.ogg\n\n" + addMediaHelp + seeOutbox + exitCodes
}

// Run adds a voice note.
func (c *addVoice) Run(ctx context.Context, s streams) error {
	return c.addFile(ctx, s, tgo.TypeVoice, c.voiceLength)
}
