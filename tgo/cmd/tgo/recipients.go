package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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

// listFlags say which list it is, and how to read it.
type listFlags struct {
	CSV       string `help:"The list: CSV, tab-separated text or .xlsx, or - for CSV from stdin. Its first row names the columns." name:"csv" placeholder:"FILE" group:"List"`
	To        string `help:"Column with the recipients' phones." default:"to" placeholder:"COLUMN" group:"List"`
	Country   string `help:"Country of phones without a country code, such as EG." placeholder:"CODE" group:"List"`
	Sheet     string `help:"Sheet of an .xlsx file; by default the first." placeholder:"NAME" group:"List"`
	Encoding  string `help:"Encoding of a text file: utf-8, utf-16le, utf-16be or windows-1256; by default it is recognized." enum:",utf-8,utf-16le,utf-16be,windows-1256" default:"" placeholder:"NAME" group:"List"`
	Delimiter string `help:"What separates the columns of a text file; by default it is recognized." placeholder:"CHARACTER" group:"List"`
	Exclude   rowSet `help:"Leave out these rows, such as 7,12-15." placeholder:"ROWS" group:"List"`
}

// rowSet is a set of row numbers, written 7,12-15.
type rowSet [][2]int

// UnmarshalText reads row numbers and ranges of them.
func (s *rowSet) UnmarshalText(text []byte) error {
	for part := range strings.SplitSeq(string(text), ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || first < 1 || last < first {
			return fmt.Errorf("%q must be rows such as 7,12-15", part)
		}
		*s = append(*s, [2]int{first, last})
	}
	return nil
}

func (s rowSet) has(number int) bool {
	return slices.ContainsFunc(s, func(r [2]int) bool { return r[0] <= number && number <= r[1] })
}

// String writes rows as UnmarshalText reads them; of adjacent ones it makes ranges.
func (s rowSet) String() string {
	var parts []string
	for _, r := range s {
		if r[0] == r[1] {
			parts = append(parts, strconv.Itoa(r[0]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", r[0], r[1]))
		}
	}
	return strings.Join(parts, ",")
}

// add adds a number that is greater than those before.
func (s *rowSet) add(number int) {
	if n := len(*s); n > 0 && (*s)[n-1][1] == number-1 {
		(*s)[n-1][1] = number
		return
	}
	*s = append(*s, [2]int{number, number})
}

// open opens a list. path is where it is: the file, or a copy of stdin.
func (f *listFlags) open(s streams, path string) (*sheet.List, error) {
	options := sheet.Options{Encoding: f.Encoding, Sheet: f.Sheet}
	switch {
	case f.Delimiter == "\\t":
		options.Delimiter = '\t'
	case f.Delimiter != "":
		if utf8.RuneCountInString(f.Delimiter) != 1 {
			return nil, usageError("--delimiter must be one character, or \\t for a tab")
		}
		options.Delimiter, _ = utf8.DecodeRuneInString(f.Delimiter)
	}
	if f.Country != "" && !recipient.KnownCountry(f.Country) {
		return nil, usageError(fmt.Sprintf("--country %s: it must be a code of two letters, such as EG", f.Country))
	}
	source, err := sheet.Open(path, options)
	var missing *fs.PathError
	switch {
	case errors.As(err, &missing):
		return nil, withCode(exitUsage, fmt.Errorf("%s: %w", f.name(), missing.Err))
	case err != nil: // it begins with the name already, which is that of a copy for stdin
		return nil, withCode(exitValidation, fmt.Errorf("%s%s", f.name(), strings.TrimPrefix(err.Error(), path)))
	}
	if source.Guessed != "" {
		if err := f.confirmEncoding(s, source); err != nil {
			_ = source.Close() // it was only read from
			return nil, err
		}
	}
	return source, nil
}

// confirmEncoding asks whether an encoding was guessed right: whole messages would be unreadable otherwise.
func (f *listFlags) confirmEncoding(s streams, source *sheet.List) error {
	fmt.Fprintf(s.err, "tgo: %s is not UTF-8. Read as %s it begins so:\n", f.name(), source.Guessed)
	shown := 0
	for row, err := range source.Rows() {
		if shown++; err != nil || shown > 3 {
			break
		}
		fmt.Fprintf(s.err, "  %s\n", printable(strings.Join(row.Cells, "  ")))
	}
	if !s.interactive {
		return usageError("if that is right, say so by --encoding " + source.Guessed)
	}
	return ask(s, "Is that right?")
}

// name is what messages call the list.
func (f *listFlags) name() string {
	if f.CSV == "-" {
		return "stdin"
	}
	return f.CSV
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

// maxProblems is how many problems of a list are shown.
const maxProblems = 20

// checker checks rows, and gathers what is wrong.
type checker struct {
	list            *recipients
	campaign        *campaign
	sender          *tgo.Sender // of a client that sends nothing
	allowEmpty      bool
	allowDuplicates bool
	files           map[string]error
	problems        []string
	count           int    // of problems
	bad             rowSet // rows that have one
}

func (k *checker) problem(number int, text string) {
	if n := len(k.bad); n == 0 || k.bad[n-1][1] != number {
		k.bad.add(number)
	}
	if k.count++; k.count <= maxProblems {
		k.problems = append(k.problems, fmt.Sprintf("row %d: %s", number, printable(text)))
	}
}

// run checks all rows. progress is called now and then with the number of rows so far.
func (k *checker) run(ctx context.Context, progress func(rows int)) error {
	rows := 0
	for row, err := range k.list.source.Rows() {
		if ctx.Err() != nil {
			return errInterrupted
		}
		if rows++; rows%1000 == 0 {
			progress(rows)
		}
		var unreadable *sheet.RowError
		switch {
		case errors.As(err, &unreadable):
			if k.list.excluded.has(unreadable.Number) {
				continue
			}
			k.problem(unreadable.Number, unreadable.Err.Error())
		case err != nil:
			return withCode(exitValidation, fmt.Errorf("%s: %w", k.list.flags.name(), err))
		default:
			k.row(ctx, row)
		}
	}
	if rows == 0 {
		return withCode(exitValidation, fmt.Errorf("%s has no rows", k.list.flags.name()))
	}
	return k.result()
}

func (k *checker) row(ctx context.Context, row sheet.Row) {
	if k.list.excluded.has(row.Number) {
		k.campaign.add(listRow{number: int32(row.Number), state: rowExcluded}, "--exclude leaves it out") //nolint:gosec // a list has not so many rows
		return
	}
	content, problems := k.list.read(row.Cells, k.allowEmpty)
	for _, problem := range problems {
		k.problem(row.Number, problem)
	}
	if content.to == "" {
		return
	}
	r := listRow{id: content.id(), number: int32(row.Number)} //nolint:gosec // a list has not so many rows
	first, reason := 0, ""
	k.campaign.rows.of(r.id.recipient, func(_ int, other *listRow) bool {
		first = int(other.number)
		if other.id.message == r.id.message {
			r.id.occurrence = max(r.id.occurrence, other.id.occurrence+1)
		}
		return true
	})
	if first != 0 && !k.allowDuplicates {
		k.problem(row.Number, fmt.Sprintf("the phone is in row %d already; --allow-duplicates allows it", first))
	} else if len(problems) == 0 {
		switch err := k.file(ctx, content); {
		case errors.Is(err, fs.ErrNotExist):
			r.state, reason = rowNoFile, inWordsOf(err)
		case err != nil:
			k.problem(row.Number, inWordsOf(err))
		}
	}
	k.campaign.add(r, reason)
}

// file makes the request of a row. Of rows with the same file it makes the first one only, since each reads the file.
func (k *checker) file(ctx context.Context, content rowContent) error {
	if content.file == "" {
		return k.mailText(content)
	}
	if !utf8.ValidString(content.text) {
		return errors.New("the caption is not UTF-8")
	}
	err, known := k.files[content.file]
	if known {
		return err
	}
	if content.kind == tgo.TypeVoice {
		content.duration, err = fileDuration(content.file)
		k.list.durations[content.file] = content.duration
	}
	if err == nil {
		err = k.mail(ctx, content)
	}
	k.files[content.file] = err
	return err
}

func (k *checker) mail(ctx context.Context, content rowContent) error {
	_, err := content.mail(ctx, k.sender)
	var failed *tgo.SendError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// mailText checks a text. The client does so before it makes a request, so that a context which has ended keeps it from that: a row
// takes a quarter of the time.
func (k *checker) mailText(content rowContent) error {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	err := k.mail(ended, content)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (k *checker) result() error {
	if k.count == 0 {
		return nil
	}
	bad := 0
	for _, r := range k.bad {
		bad += r[1] - r[0] + 1
	}
	text := fmt.Sprintf("%s (%s): nothing was sent; %d of its rows must be corrected:\n  %s",
		k.list.flags.name(), k.list.source.Kind, bad, strings.Join(k.problems, "\n  "))
	if k.count > maxProblems {
		text += fmt.Sprintf("\n  and %d more", k.count-maxProblems)
	}
	if len(k.bad) <= maxProblems {
		text += fmt.Sprintf("\nTo send to the others without these: --exclude %s", append(slices.Clone(k.list.excluded), k.bad...))
	}
	return withCode(exitValidation, errors.New(text))
}
