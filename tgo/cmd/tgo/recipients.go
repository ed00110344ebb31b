package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/recipient"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/sheet"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// recipients is a file of recipients, with the message that each of its rows makes.
type recipients struct {
	flags  *listFlags
	source *sheet.List
	to     int // the column of the phones

	kind       string // of the messages
	text, file template
	durations  map[string]time.Duration // of voice notes
	excluded   rowSet
	// allowOutside lets cells name files outside the template's folder.
	allowOutside bool

	completed int      // phones that got a country code
	examples  []string // of these
}

// rowContent is what a row says.
type rowContent struct {
	kind     string
	to       tgo.Phone
	text     string // or the caption
	file     string
	duration time.Duration
}

// parse finds the column of the phones, and reads the templates of the text or caption and of the file.
func (l *recipients) parse(text, file string) (err error) {
	if l.to, err = l.source.Column(l.flags.To); err != nil {
		hint := "name the column of the phones by --to"
		if !isWorkbook(l.source) {
			hint += ", or what separates the columns by --delimiter"
		}
		return withCode(exitValidation, fmt.Errorf("%s (%s): %w; %s", l.flags.name(), l.source.Kind, err, hint))
	}
	l.text, err = parseTemplate(text, l.source.Column)
	if err == nil && file != "" {
		l.file, err = parseTemplate(file, l.source.Column)
	}
	if err != nil {
		return withCode(exitValidation, err)
	}
	return nil
}

// read is what a row says, or what is wrong with it. An empty cell is wrong where the message needs it, unless that is allowed.
func (l *recipients) read(cells []string, allowEmpty bool) (rowContent, []string) {
	var problems []string
	content := rowContent{kind: l.kind}
	to, completed, err := recipient.Read(cells[l.to], l.flags.Country)
	if err != nil {
		problems = append(problems, err.Error())
	}
	content.to = to
	if completed && err == nil {
		if l.completed++; len(l.examples) < 3 {
			l.examples = append(l.examples, fmt.Sprintf("%s is %s", recipient.Show(cells[l.to]), to))
		}
	}
	fill := func(t template) string {
		value, empty := t.fill(cells)
		if len(empty) > 0 && !allowEmpty {
			problems = append(problems, fmt.Sprintf("there is nothing in the column %s; --allow-empty allows it", strings.Join(empty, ", ")))
		}
		return value
	}
	content.text = fill(l.text)
	if l.file == nil {
		return content, problems
	}
	content.file = fill(l.file)
	folder := l.file.folder()
	if inside, err := filepath.Rel(folder, content.file); !l.allowOutside && (err != nil || !filepath.IsLocal(inside)) {
		problems = append(problems, fmt.Sprintf("the file %s is outside the folder %s; --allow-outside allows it", recipient.Show(content.file), folder))
	}
	content.duration = l.durations[content.file]
	return content, problems
}

// media is the row's file for the outbox.
func (c rowContent) media() (*outbox.Media, error) {
	if c.kind == tgo.TypeText {
		return nil, nil
	}
	path, err := filepath.Abs(c.file)
	return &outbox.Media{Type: c.kind, Ref: path, Duration: c.duration}, err
}

// id is what the row is, but for its occurrence.
func (c rowContent) id() rowID {
	return rowID{recipient: digestOf(string(c.to)), message: digestOf(c.kind, c.text, c.file), occurrence: 1}
}

// mail sends the message of a row.
func (c rowContent) mail(ctx context.Context, from *tgo.Sender) (tgo.Receipt, error) {
	switch c.kind {
	case tgo.TypeImage:
		return from.SendImage(ctx, c.to, tgo.Image{File: tgo.FilePath(c.file), Caption: c.text})
	case tgo.TypeVoice:
		return from.SendVoice(ctx, c.to, tgo.Voice{File: tgo.FilePath(c.file), Duration: c.duration, Caption: c.text})
	case tgo.TypeDocument:
		return from.SendDocument(ctx, c.to, tgo.Document{File: tgo.FilePath(c.file), Caption: c.text})
	}
	return from.SendText(ctx, c.to, c.text)
}
