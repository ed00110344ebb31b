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

// recipients is a list of recipients, with the message that is made from each row.
type recipients struct {
	flags  *listFlags
	source *sheet.List
	to     int // the column of the phones

	kind       string // of the messages
	text, file template
	durations  map[string]time.Duration // of voice notes
	excluded   rowSet
	// allowOutside allows cells to name files outside the template's folder.
	allowOutside bool

	completed int      // phones that got a country code
	examples  []string // of those phones
}

// rowContent is the recipient and the message of a row.
type rowContent struct {
	kind     string
	to       tgo.Phone
	text     string // or caption
	file     string
	duration time.Duration
}

// parse finds the column of the phones, and parses the templates of the text or caption and of the file.
func (l *recipients) parse(text, file string) (err error) {
	if l.to, err = l.source.Column(l.flags.To); err != nil {
		hint := "name the column of the phones with --to"
		if !isWorkbook(l.source) {
			hint += ", or what separates the columns with --delimiter"
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

// read returns the content of a row and its problems. An empty cell that the message uses is a problem, unless it is
// allowed.
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

// media returns the row's file for the outbox.
func (c rowContent) media() (*outbox.Media, error) {
	if c.kind == tgo.TypeText {
		return nil, nil
	}
	path, err := filepath.Abs(c.file)
	return &outbox.Media{Type: c.kind, Ref: path, Duration: c.duration}, err
}

// id returns the id of the row, except for its occurrence.
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
