package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tgo-business/tgo-go/tgo"
)

type csvCommand struct {
	connection
	File            string        `arg:"" optional:"" help:"The CSV file; the same as --csv."`
	CSV             string        `help:"The CSV file. Its first row names the columns." name:"csv" placeholder:"FILE"`
	From            string        `help:"Sender number: its phone or its id (or TGO_FROM)." placeholder:"SENDER"`
	To              string        `help:"Column with the recipients' phones." default:"to" placeholder:"COLUMN"`
	Text            string        `help:"Send this text. {column} stands for the value in the row, {{ and }} for braces." placeholder:"TEXT"`
	Image           string        `help:"Send this picture, such as cards/{id}.png." placeholder:"FILE"`
	Voice           string        `help:"Send this voice note; its length is read from the file." placeholder:"FILE"`
	Document        string        `help:"Send this file." placeholder:"FILE"`
	Caption         string        `help:"Caption of a picture, voice note or file." placeholder:"TEXT"`
	Delimiter       string        `help:"What separates the columns." default:","`
	AllowEmpty      bool          `help:"Let placeholders stand for nothing."`
	AllowDuplicates bool          `help:"Let a phone be in more than one row."`
	Concurrency     int           `help:"How many messages may be on their way at once." default:"4"`
	Rate            float64       `help:"How many messages may begin in a second; 0 is no limit." default:"10"`
	MaxUnknown      int           `help:"Stop after so many unknown outcomes in a row." default:"5"`
	Journal         string        `help:"The journal of the run; by default the CSV file's name with .journal." placeholder:"FILE"`
	Report          string        `help:"Write what became of each row to this CSV file; by default the CSV file's name with .report.csv." placeholder:"FILE"`
	Resend          []int         `help:"Send this row again, though its outcome is unknown or it was rejected. May be repeated." placeholder:"ROW"`
	DryRun          bool          `help:"Check the whole file, show the first request, and send nothing."`
	Grace           time.Duration `help:"How long messages on their way may take to end after Ctrl-C." default:"30s" hidden:""`
}

// Help is shown by tgo send csv --help.
func (csvCommand) Help() string {
	return `Examples:

  tgo send --csv recipients.csv --text "Dear {name}, your order {order} is ready" --dry-run
  tgo send --csv recipients.csv --text "Dear {name}, your order {order} is ready" --rate 5
  tgo send --csv recipients.csv --document "invoices/{order}.pdf" --caption "Your invoice, {name}"

Every row is checked before the first message is sent. A journal beside the file says, safely on disk before and after each
message, what became of it: run the same command again to go on where a run was stopped, or crashed. Nobody gets a message
twice.

A row is sent, rejected (by the server, for what is in it), not sent (it will be, when the command is run again) or unknown:
the message may have arrived. An unknown row is never sent again by itself. Look at the recipient's phone or at tgo log, and
then say --resend ROW if it has to be, once: to go on after that, run the command without it. Rows are counted as a
spreadsheet does: the names of the columns are row 1.

` + exitCodes
}

// row is a message to send.
type row struct {
	number int // as a spreadsheet counts
	to     tgo.Phone
	text   string // or the caption
	file   string
}

// batch is a CSV file that has been read and found good.
type batch struct {
	kind        string
	rows        []row
	fingerprint string // of the file and of the message
	durations   map[string]time.Duration
}

// mail sends the message of a row.
func (b *batch) mail(ctx context.Context, from *tgo.Sender, r row) (tgo.Receipt, error) {
	switch b.kind {
	case tgo.TypeImage:
		return from.SendImage(ctx, r.to, tgo.Image{File: tgo.FilePath(r.file), Caption: r.text})
	case tgo.TypeVoice:
		return from.SendVoice(ctx, r.to, tgo.Voice{File: tgo.FilePath(r.file), Duration: b.durations[r.file], Caption: r.text})
	case tgo.TypeDocument:
		return from.SendDocument(ctx, r.to, tgo.Document{File: tgo.FilePath(r.file), Caption: r.text})
	}
	return from.SendText(ctx, r.to, r.text)
}

// message is the type to send, with the templates of the text or caption and of the file.
func (c *csvCommand) message() (kind, text, file string, err error) {
	given := 0
	for _, m := range [][2]string{{tgo.TypeText, c.Text}, {tgo.TypeImage, c.Image}, {tgo.TypeVoice, c.Voice}, {tgo.TypeDocument, c.Document}} {
		if m[1] != "" {
			given++
			kind, file = m[0], m[1]
		}
	}
	switch {
	case given != 1:
		err = usageError("give one of --text, --image, --voice and --document")
	case kind == tgo.TypeText && c.Caption != "":
		err = usageError("a text has no --caption")
	case kind == tgo.TypeText:
		return kind, file, "", nil
	}
	return kind, c.Caption, file, err
}

func (c *csvCommand) validate() error {
	if c.File != "" && c.CSV != "" && c.File != c.CSV {
		return usageError("name one CSV file")
	}
	if c.CSV == "" {
		c.CSV = c.File
	}
	switch {
	case c.CSV == "":
		return usageError("what is to be sent? Say text, image, voice or document, or name a CSV file by --csv")
	case c.Concurrency < 1 || c.Concurrency > 64:
		return usageError("--concurrency must be 1 to 64")
	case c.Rate != 0 && !(c.Rate >= 0.001): // which NaN is not either
		return usageError("--rate must be 0, or 0.001 or more")
	case c.MaxUnknown < 1:
		return usageError("--max-unknown must be 1 or more")
	case utf8.RuneCountInString(c.Delimiter) != 1:
		return usageError("--delimiter must be one character")
	}
	if c.Journal == "" {
		c.Journal = c.CSV + ".journal"
	}
	if c.Report == "" {
		c.Report = c.CSV + ".report.csv"
	}
	for _, two := range [][2]string{{c.CSV, c.Journal}, {c.CSV, c.Report}, {c.Journal, c.Report}} {
		if sameFile(two[0], two[1]) {
			return usageError(fmt.Sprintf("the CSV file, --journal and --report must be three files; %s and %s are one",
				two[0], two[1]))
		}
	}
	return nil
}

// sameFile reports two names of one file, whether it is there yet or not.
func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB)
	}
	a, errA = filepath.Abs(a)
	b, errB = filepath.Abs(b)
	return errA == nil && errB == nil && a == b
}

// maxProblems is how many problems of a file are shown.
const maxProblems = 20

// read reads and checks the whole file.
func (c *csvCommand) read(ctx context.Context, set settings) (*batch, error) {
	kind, text, file, err := c.message()
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(c.CSV)
	if err != nil {
		return nil, withCode(exitUsage, err)
	}
	hash := sha256.New()
	for _, part := range []string{string(content), kind, text, file, c.To, c.Delimiter} {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	b := &batch{kind: kind, fingerprint: hex.EncodeToString(hash.Sum(nil)), durations: map[string]time.Duration{}}
	table := strings.TrimPrefix(string(content), "\ufeff")
	reader := csv.NewReader(strings.NewReader(table))
	reader.Comma, _ = utf8.DecodeRuneInString(c.Delimiter)
	number := 0
	next := func() ([]string, error) {
		number++
		for rest := table[reader.InputOffset():]; ; number++ { // the reader skips empty lines, and a spreadsheet counts them
			var empty bool
			if rest, empty = strings.CutPrefix(strings.TrimPrefix(rest, "\r"), "\n"); !empty {
				return reader.Read()
			}
		}
	}
	header, err := next()
	if errors.Is(err, io.EOF) {
		err = errors.New("the file is empty")
	}
	if err != nil {
		return nil, withCode(exitValidation, fmt.Errorf("%s: row %d: %w", c.CSV, number, err))
	}
	columns := map[string]int{}
	for i, name := range header {
		name = strings.TrimSpace(name)
		if _, again := columns[name]; again {
			return nil, withCode(exitValidation, fmt.Errorf("%s: the column %q is there twice", c.CSV, name))
		}
		columns[name] = i
	}
	if _, ok := columns[c.To]; !ok {
		return nil, withCode(exitValidation, fmt.Errorf(
			"%s has no column %q with the phones; name another by --to, or what separates the columns by --delimiter", c.CSV, c.To))
	}
	templates := make([]template, 2)
	for i, source := range []string{text, file} {
		if templates[i], err = parseTemplate(source, columns); err != nil {
			return nil, withCode(exitValidation, err)
		}
	}
	checks := checker{c: c, batch: b, seen: map[tgo.Phone]int{}, files: map[string]error{}}
	if checks.sender, err = checks.offline(set); err != nil {
		return nil, err
	}
	for {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		record, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			checks.problem(number, err.Error())
			if !errors.Is(err, csv.ErrFieldCount) {
				break // the rest cannot be told apart
			}
			continue
		}
		checks.row(ctx, number, record[columns[c.To]], record, templates)
	}
	if checks.count == 0 && len(b.rows) == 0 {
		return nil, withCode(exitValidation, fmt.Errorf("%s has no rows", c.CSV))
	}
	return b, checks.result()
}

// checker checks rows, and gathers what is wrong.
type checker struct {
	c        *csvCommand
	batch    *batch
	sender   *tgo.Sender // of a client that sends nothing
	seen     map[tgo.Phone]int
	files    map[string]error
	problems []string
	count    int // of problems
	bad      int // rows that have one
	last     int // of these
}

// offline is a sender whose client makes its requests and sends none of them, so that the client's own rules are the ones
// that rows are held against.
func (k *checker) offline(set settings) (*tgo.Sender, error) {
	if set.keySource == "" {
		set.key, set.keySource = tgo.NewKey("tgo_no-key-was-given"), "nowhere"
	}
	client, err := k.c.client(set, tgo.WithHTTPClient(&http.Client{Transport: &recorder{}}), tgo.WithWriteRetries())
	if err != nil {
		return nil, err
	}
	return sender(client, set.from)
}

func (k *checker) problem(number int, text string) {
	if number != k.last {
		k.bad, k.last = k.bad+1, number
	}
	if k.count++; k.count <= maxProblems {
		k.problems = append(k.problems, fmt.Sprintf("row %d: %s", number, printable(text)))
	}
}

func (k *checker) row(ctx context.Context, number int, phone string, record []string, templates []template) {
	before := k.count
	to, err := tgo.ParsePhone(phone)
	if err != nil {
		k.problem(number, strings.TrimPrefix(err.Error(), "tgo: parse phone: "))
	} else if first, again := k.seen[to]; again && !k.c.AllowDuplicates {
		k.problem(number, fmt.Sprintf("the phone is in row %d already; --allow-duplicates lets it", first))
	} else {
		k.seen[to] = number
	}
	r := row{number: number, to: to}
	values := [2]string{}
	for i, t := range templates {
		var empty []string
		if values[i], empty = t.fill(record); len(empty) > 0 && !k.c.AllowEmpty {
			k.problem(number, fmt.Sprintf("there is nothing in %s; --allow-empty lets it", strings.Join(empty, ", ")))
		}
	}
	if k.count > before {
		return
	}
	r.text, r.file = values[0], values[1]
	if err := k.file(ctx, r); err != nil {
		k.problem(number, strings.TrimPrefix(err.Error(), "tgo: "))
		return
	}
	k.batch.rows = append(k.batch.rows, r)
}

// file makes the request of a row. Of rows with the same file it makes the first one only, since each reads the file.
func (k *checker) file(ctx context.Context, r row) error {
	if r.file == "" {
		return k.mail(ctx, r)
	}
	if !utf8.ValidString(r.text) {
		return errors.New("the caption is not UTF-8")
	}
	err, known := k.files[r.file]
	if known {
		return err
	}
	if k.batch.kind == tgo.TypeVoice {
		k.batch.durations[r.file], err = fileDuration(r.file)
	}
	if err == nil {
		err = k.mail(ctx, r)
	}
	k.files[r.file] = err
	return err
}

func (k *checker) mail(ctx context.Context, r row) error {
	_, err := k.batch.mail(ctx, k.sender, r)
	var failed *tgo.SendError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

func (k *checker) result() error {
	if k.count == 0 {
		return nil
	}
	text := fmt.Sprintf("%s: nothing was sent; %d of the file's rows must be mended:\n  %s",
		k.c.CSV, k.bad, strings.Join(k.problems, "\n  "))
	if k.count > maxProblems {
		text += fmt.Sprintf("\n  and %d more", k.count-maxProblems)
	}
	return withCode(exitValidation, errors.New(text))
}

// template is a text with placeholders, cut into literals and columns.
type template []piece

type piece struct {
	literal string
	name    string
	column  int // -1 for a literal
}

// parseTemplate reads {column}; {{ and }} are braces.
func parseTemplate(source string, columns map[string]int) (template, error) {
	var t template
	literal := func(s string) { t = append(t, piece{literal: s, column: -1}) }
	for source != "" {
		i := strings.IndexAny(source, "{}")
		if i < 0 {
			literal(source)
			break
		}
		literal(source[:i])
		brace := source[i]
		source = source[i+1:]
		if strings.HasPrefix(source, string(brace)) {
			literal(string(brace))
			source = source[1:]
			continue
		}
		name, rest, closed := strings.Cut(source, "}")
		if brace == '}' || !closed || strings.Contains(name, "{") {
			return nil, errors.New("a brace stands alone in the message; write {{ or }} for a brace")
		}
		column, ok := columns[strings.TrimSpace(name)]
		if !ok {
			var all []string
			for c := range columns {
				all = append(all, c)
			}
			slices.Sort(all)
			return nil, fmt.Errorf("the file has no column {%s}; it has %s", name, strings.Join(all, ", "))
		}
		t = append(t, piece{name: name, column: column})
		source = rest
	}
	return t, nil
}

// fill puts the values of a row in, and names the columns that hold nothing.
func (t template) fill(record []string) (text string, empty []string) {
	var b strings.Builder
	for _, p := range t {
		if p.column < 0 {
			b.WriteString(p.literal)
			continue
		}
		if strings.TrimSpace(record[p.column]) == "" {
			empty = append(empty, p.name)
		}
		b.WriteString(record[p.column])
	}
	return b.String(), empty
}

// Run sends a message to each row.
func (c *csvCommand) Run(ctx context.Context, s streams) error {
	if err := c.validate(); err != nil {
		return err
	}
	set, err := c.settings(s)
	if err != nil {
		return err
	}
	if c.From != "" {
		set.from = c.From
	}
	b, err := c.read(ctx, set)
	if err != nil {
		return err
	}
	if c.DryRun {
		return c.show(ctx, s, set, b)
	}
	client, err := c.client(set, tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited))
	if err != nil {
		return err
	}
	from, err := sender(client, set.from)
	if err != nil {
		return err
	}
	j, err := openJournal(c.Journal, journalHeader{
		Version: journalVersion, Fingerprint: b.fingerprint, Rows: len(b.rows), Server: set.tenant + set.baseURL, From: set.from,
	})
	if err != nil {
		return withCode(exitUsage, err)
	}
	defer j.close()
	if err := c.release(j); err != nil {
		return err
	}
	r := &runner{batch: b, from: from, journal: j, c: c, bar: newBar(s)}
	r.run(ctx)
	r.bar.end()
	return r.report(s)
}

// release lets rows be sent again that a person has looked at: all of them or, where one cannot be, none.
func (c *csvCommand) release(j *journal) error {
	for _, number := range c.Resend {
		outcome := j.outcome(number).Outcome
		switch {
		case slices.Contains(j.aside, number):
			return usageError(fmt.Sprintf(
				"--resend %d: its outcome became unknown in the run before; look, then say --resend again", number))
		case outcome == "":
			outcome = "still to be sent"
		case outcome == outcomeUnknown, outcome == outcomeRejected:
			continue
		}
		return usageError(fmt.Sprintf("--resend %d: its outcome is neither unknown nor rejected but: %s", number, outcome))
	}
	for _, number := range c.Resend {
		if err := j.append(entry{Row: number, Event: eventReleased}); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvCommand) show(ctx context.Context, s streams, set settings, b *batch) error {
	first := b.rows[0]
	one := sending{connection: c.connection}
	err := one.show(ctx, s, set, set.from, first.to, func(ctx context.Context, from *tgo.Sender, _ tgo.Phone) (tgo.Receipt, error) {
		return b.mail(ctx, from, first)
	})
	if err == nil {
		fmt.Fprintf(s.err, "tgo: this is row %d, the first of %s; all are in order\n", first.number, count(len(b.rows), "message"))
	}
	return err
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// writeAside replaces a file as a whole, so that nobody reads half of it. A link, a pipe or a device stays what it is, and
// is written to.
func writeAside(name string, write func(io.Writer) error) error {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the user names it
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".tgo-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it has another name by then, or is of no use
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
