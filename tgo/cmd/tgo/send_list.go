package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type sendList struct {
	connection
	databaseFlags
	listFlags
	File            string        `arg:"" optional:"" help:"The list; the same as --csv."`
	From            string        `help:"Sender number: its phone or its id (or TGO_FROM)." placeholder:"SENDER"`
	Text            string        `help:"Send this text. {column} stands for the value in the row, {{ and }} for braces." placeholder:"TEXT"`
	Image           string        `help:"Send this picture, such as cards/{id}.png." placeholder:"FILE"`
	Voice           string        `help:"Send this voice note; its length is read from the file." placeholder:"FILE"`
	Document        string        `help:"Send this file." placeholder:"FILE"`
	Caption         string        `help:"Caption of a picture, voice note or file." placeholder:"TEXT"`
	AllowEmpty      bool          `help:"Let placeholders stand for nothing."`
	AllowOutside    bool          `help:"Let cells name files outside the folder that the option names."`
	AllowDuplicates bool          `help:"Let a phone be in more than one row."`
	Campaign        string        `help:"Name of this sending; by default the list's. Under another name everyone in the list gets the message, again." placeholder:"NAME"`
	Concurrency     int           `help:"How many messages may be under way at once." default:"4"`
	Rate            float64       `help:"How many messages may begin in a second; 0 is no limit." default:"10"`
	MaxUnknown      int           `help:"Stop after so many unknown outcomes in a row." default:"5"`
	MaxRejected     int           `help:"Stop after so many messages in a row that were refused for the same reason." default:"20"`
	MaxOutage       time.Duration `help:"Stop after so long without a connection." default:"10m"`
	Resend          []string      `help:"Send these rows again: their numbers (7,12-15), 'rejected' for all that were, or a report whose rejected rows are meant. An unknown row must be named by its number." placeholder:"ROWS"`
	SendChanged     bool          `help:"Send also to those who got a message of this campaign that read otherwise."`
	Report          string        `help:"Write what became of each row to this file, .csv or .xlsx; by default the list's name with .report." placeholder:"FILE"`
	IgnoreReport    bool          `help:"Send although a report says that rows were sent of which the database knows nothing."`
	Check           bool          `help:"Before each message, ask whether the recipient can receive it."`
	Yes             bool          `help:"Do not ask before the first message."`
	Status          bool          `help:"Show what has become of the rows, and send nothing."`
	DryRun          bool          `help:"Check the whole list, show the first request, and send nothing."`
	Grace           time.Duration `help:"How long messages under way may take to end after Ctrl-C." default:"30s" hidden:""`

	phone  tgo.Phone // of the sender number, or
	number tgo.NumberID
	wrong  *checker // with the rows that must be corrected, which --status shows; nil without any
}

// Help is shown by tgo send csv --help.
func (sendList) Help() string {
	return `Examples:

  tgo send --csv recipients.csv --text "Dear {name}, your order {order} is ready" --dry-run
  tgo send --csv customers.xlsx --country EG --to phone --text "Dear {name}, your order {order} is ready"
  tgo send --csv customers.xlsx --country EG --to phone --text "Dear {name}, your order {order} is ready" --status
  tgo send --csv recipients.csv --document "invoices/{order}.pdf" --caption "Your invoice, {name}" --yes

Every row is checked before the first message is sent. The outbox beside the list (recipients.outbox.db here, or --database) records before
and after each message what became of it: run the same command again to go on where a run was stopped, or crashed. Nobody gets a
message twice.

A row is known by its phone and its message, so the list may change in between: rows that were sent stay sent, new rows are sent, and a row whose
recipient got a message that read otherwise is named and not sent, except with --send-changed. To send a list to everyone once more, for example next
month, give another --campaign.

A row is sent, rejected (the server refused it), not sent (the reason says why; the next run tries again) or unknown: the message may have
arrived. An unknown row is never sent again by itself. Look at the recipient's phone or at tgo log, and then say --resend ROW if it has to be, once:
to go on after that, run the command without it. Rows are counted as a spreadsheet does: the names of the columns are row 1.

Other machines help with a campaign in PostgreSQL by tgo outbox work --queue NAME, with the name that --status shows.

` + exitCodes
}

// message is the type to send, with the templates of the text or caption and of the file.
func (c *sendList) message() (kind, text, file string, err error) {
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

func (c *sendList) validate() error {
	if c.File != "" && c.CSV != "" && c.File != c.CSV {
		return usageError("name one list")
	}
	if c.CSV == "" {
		c.CSV = c.File
	}
	switch {
	case c.CSV == "":
		return usageError("what is to be sent? Say text, image, voice or document, or name a list by --csv")
	case c.CSV == "-" && c.Campaign == "":
		return usageError("a list from stdin needs a name, by which the next run knows it: give --campaign")
	case c.CSV == "-" && c.KeyFile == "-":
		return usageError("stdin is the key already: name a file by --csv")
	case c.Concurrency < 1 || c.Concurrency > 64:
		return usageError("--concurrency must be 1 to 64")
	case c.Rate != 0 && !(c.Rate >= 0.001): // which NaN is not either
		return usageError("--rate must be 0, or 0.001 or more")
	case c.MaxUnknown < 1:
		return usageError("--max-unknown must be 1 or more")
	case c.MaxRejected < 1:
		return usageError("--max-rejected must be 1 or more")
	case c.MaxOutage <= 0:
		return usageError("--max-outage must be more than 0")
	case c.Report != "" && sameFile(c.CSV, c.Report):
		return usageError("--report is the list itself")
	}
	return nil
}

// looks reports that nothing is to be sent. Such a run locks nothing, so that it can tell of one that is sending.
func (c *sendList) looks() bool { return c.DryRun || c.Status }

// Run sends a message to each row.
func (c *sendList) Run(ctx context.Context, s streams) error {
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
	// A link is the list that it leads to, whose database and report are beside that one.
	if info, err := os.Lstat(c.CSV); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if c.CSV, err = filepath.EvalSymlinks(c.CSV); err != nil {
			return withCode(exitUsage, err)
		}
	}
	path, done, err := c.path(s)
	if err != nil {
		return err
	}
	defer done()
	l, err := c.open(s, path)
	if err != nil {
		return err
	}
	defer l.source.Close() //nolint:errcheck // it was only read from
	name := c.Campaign
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(c.CSV), filepath.Ext(c.CSV))
	}
	campaign := newCampaign(name, queueOf(name, tenantOf(set)))
	campaign.sender = set.from
	if err := c.check(ctx, s, set, l, campaign); err != nil {
		return err
	}
	b, unlock, err := c.openBox(ctx, s, campaign)
	if err != nil {
		return err
	}
	defer func() {
		if !campaign.givenUp { // otherwise the database is in use, until the process ends
			unlock()
		}
	}()
	if b.box != nil {
		err = boxError(campaign.load(ctx, b))
	}
	if err == nil {
		err = c.compareReport(l, campaign, b)
	}
	switch {
	case err != nil:
		return err
	case c.DryRun:
		return c.show(ctx, s, set, l, campaign)
	case c.Status:
		return c.summarize(s, l, campaign, nil)
	}
	return c.send(ctx, s, set, l, campaign, b)
}

// path is where the list is. Stdin is copied to a temporary file, since the list is read more than once.
func (c *sendList) path(s streams) (path string, done func(), err error) {
	if c.CSV == "-" {
		in := fileInput{File: "-"}
		return in.path(s, c.KeyFile)
	}
	if _, err := os.Stat(c.CSV); err != nil {
		return "", nil, withCode(exitUsage, fileError(err))
	}
	if c.looks() {
		return c.CSV, func() {}, nil
	}
	done, err = lockFile(c.CSV)
	return c.CSV, done, err
}

// open opens the list, and reads the message's templates.
func (c *sendList) open(s streams, path string) (*recipients, error) {
	kind, text, file, err := c.message()
	if err != nil {
		return nil, err
	}
	source, err := c.listFlags.open(s, path)
	if err != nil {
		return nil, err
	}
	l := &recipients{flags: &c.listFlags, source: source, kind: kind, durations: map[string]time.Duration{}, excluded: c.Exclude, allowOutside: c.AllowOutside}
	if err := l.parse(text, file); err != nil {
		_ = source.Close() // it was only read from
		return nil, err
	}
	return l, nil
}

// check checks all rows.
func (c *sendList) check(ctx context.Context, s streams, set settings, l *recipients, campaign *campaign) error {
	from, _, err := offline(&c.connection, set, set.from)
	if err != nil {
		return err
	}
	if c.phone, c.number, err = parseSender(set.from); err != nil {
		return err
	}
	checks := checker{
		list: l, campaign: campaign, sender: from, allowEmpty: c.AllowEmpty, allowDuplicates: c.AllowDuplicates, files: map[string]error{},
	}
	bar := newBar(s)
	err = checks.run(ctx, func(rows int) { bar.draw(0, 1, fmt.Sprintf("%d rows checked", rows)) })
	bar.end()
	switch {
	case err != nil:
	case c.Status && checks.count > 0:
		c.wrong = &checks
	default:
		err = checks.result()
	}
	if l.completed > 0 && err == nil {
		fmt.Fprintf(s.err, "tgo: %s got the country code of %s, for example: %s\n",
			count(l.completed, "phone"), strings.ToUpper(c.Country), printable(strings.Join(l.examples, ", ")))
	}
	return err
}

// databaseOf is the database beside a list: one for a name, whatever format the list is saved in next.
func databaseOf(list string) string {
	return strings.TrimSuffix(list, filepath.Ext(list)) + ".outbox.db"
}

// openBox opens the campaign's queue. Where nothing is to be sent, it makes no database.
func (c *sendList) openBox(ctx context.Context, s streams, campaign *campaign) (b openBox, done func(), err error) {
	file := databaseOf(c.CSV)
	if c.CSV == "-" {
		file = defaultDatabase(s.getenv)
	}
	url, _, err := c.url(s, file)
	if err != nil {
		return openBox{}, nil, err
	}
	if sqlite, ok := strings.CutPrefix(url, "sqlite:"); ok && c.looks() {
		if _, err := os.Stat(sqlite); errors.Is(err, fs.ErrNotExist) {
			return openBox{}, func() {}, nil
		}
	}
	b, err = c.openQueue(ctx, s, file, campaign.queue, quietLogger(s))
	if err != nil {
		return openBox{}, nil, err
	}
	unlock := func() {}
	if !c.looks() {
		if unlock, err = b.lock(ctx, campaign.queue); err != nil {
			b.close()
			return openBox{}, nil, boxError(err)
		}
	}
	return b, func() { unlock(); b.close() }, nil
}

// send sends what is to be sent.
func (c *sendList) send(ctx context.Context, s streams, set settings, l *recipients, campaign *campaign, b openBox) error {
	client, err := c.client(set, tgo.WithWriteRetries(tgo.OnNotSent))
	if err != nil {
		return err
	}
	from, err := sender(client, set.from)
	if err != nil {
		return err
	}
	c.ready(campaign)
	resend, err := c.resend(l, campaign)
	if err != nil {
		return err
	}
	if err := c.confirm(s, l, campaign, resend); err != nil {
		return err
	}
	if err := c.prepare(ctx, campaign, b, resend); err != nil {
		return boxError(err)
	}
	if c.JSON {
		campaign.changed = func(i int, r *listRow) { _ = writeJSON(s.out, eventOf(campaign, i, r)) } // there is nobody left to tell
	}
	run := &listRun{c: c, list: l, campaign: campaign, box: b, client: client, from: from, s: s, bar: newBar(s), report: c.Report, rate: c.Rate}
	run.run(ctx)
	run.bar.end()
	return c.summarize(s, l, campaign, run.stopped)
}

// ready makes the rows ready that an earlier run found wrong before an attempt, and that are good now, and where it is asked for those that
// have changed.
func (c *sendList) ready(campaign *campaign) {
	campaign.ready(rowNotSent)
	if c.SendChanged {
		campaign.ready(rowChanged)
	}
}

// prepare brings the outbox in line with the list: what waits there and is in no row any more is cancelled, a pause ends, and what a
// person wants to be sent again is.
func (c *sendList) prepare(ctx context.Context, campaign *campaign, b openBox, resend []int) error {
	for _, id := range campaign.leftover {
		if err := b.Cancel(ctx, id, leftoverReason); err != nil {
			return fmt.Errorf("message %d waits, and is not in the list: %w", id, err)
		}
	}
	for _, i := range resend {
		if campaign.rows.at(i).state != rowUnknown {
			campaign.set(i, rowNew, "")
			continue
		}
		id := campaign.unknown[i]
		if err := b.Resolve(ctx, id, outbox.SendAgain); err != nil {
			return err
		}
		campaign.outstanding[id] = i
		campaign.set(i, rowWaiting, "")
	}
	return b.Resume(ctx)
}
