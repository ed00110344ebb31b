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
	AllowEmpty      bool          `help:"Allow placeholders whose cell is empty."`
	AllowOutside    bool          `help:"Allow cells to name files outside the folder that the option names."`
	AllowDuplicates bool          `help:"Allow a phone in more than one row."`
	Campaign        string        `help:"Name of the campaign; by default that of the list. Under another name everyone in the list gets the message again." placeholder:"NAME"`
	Concurrency     int           `help:"How many messages to send at the same time." default:"4"`
	Rate            float64       `help:"How many messages to start in a second; 0 means no limit." default:"10"`
	MaxUnknown      int           `help:"Stop after this many unknown outcomes in a row." default:"5"`
	MaxRejected     int           `help:"Stop after this many messages in a row were rejected for the same reason." default:"20"`
	MaxOutage       time.Duration `help:"Stop after this long without a connection." default:"10m"`
	Resend          []string      `help:"Send these rows again: row numbers (7,12-15), 'rejected' for all rejected rows, or a report for its rejected rows. An unknown row must be named by its number." placeholder:"ROWS"`
	SendChanged     bool          `help:"Also send to those who got a different message of this campaign."`
	Report          string        `help:"Write the outcome of each row to this file, .csv or .xlsx; by default the list's name with .report." placeholder:"FILE"`
	IgnoreReport    bool          `help:"Send even if a report has rows that were sent and that the database does not have."`
	Check           bool          `help:"Before each message, ask whether the recipient can receive it."`
	Yes             bool          `help:"Do not ask before the first message."`
	Status          bool          `help:"Show the outcome of the rows, and those to correct; send nothing."`
	DryRun          bool          `help:"Check the whole list, show the first request, and send nothing."`
	Grace           time.Duration `help:"How long to wait after Ctrl-C for messages that are being sent." default:"30s" hidden:""`

	phone  tgo.Phone // the phone of the sender number, or
	number tgo.NumberID
	wrong  *checker // has the rows that must be corrected, for --status; nil if there are none
}

// Help is shown by tgo send csv --help.
func (sendList) Help() string {
	return `Examples:

  tgo send --csv recipients.csv --text "Dear {name}, your order {order} is ready" --dry-run
  tgo send --csv customers.xlsx --country EG --to phone --text "Dear {name}, your order {order} is ready"
  tgo send --csv customers.xlsx --country EG --to phone --text "Dear {name}, your order {order} is ready" --status
  tgo send --csv recipients.csv --document "invoices/{order}.pdf" --caption "Your invoice, {name}" --yes

Every row is validated before the first message is sent. The outbox beside the list (recipients.outbox.db here, or --database) keeps a
record of each message, from before it is sent to its outcome: if a run was stopped or crashed, run the same command again to continue.
No one gets a message twice.

A row is identified by its phone and its message, so the list may change between runs: rows that were sent are not sent again, new rows
are sent, and a row whose recipient got a different message is reported and not sent, unless --send-changed is given. To send a list to everyone
again, for example next month, give another --campaign.

A row is sent, rejected (the server refused it), not sent (with the reason; the next run tries again) or unknown: the message may have
arrived. An unknown row is never sent again automatically. Check the recipient's phone or tgo log. If the row must be sent again, give
--resend ROW once, and then run the command without it to continue. Rows are counted as a spreadsheet does: the names of the columns are
row 1.

Other machines can help with a campaign in PostgreSQL: run tgo outbox work --queue NAME there, with the name that --status shows.

` + exitCodes
}

// message returns the type of the message, with the templates of its text or caption and of its file.
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
		err = usageError("--caption is not for a text: put it into --text")
	case kind == tgo.TypeText:
		return kind, file, "", nil
	}
	return kind, c.Caption, file, err
}

func (c *sendList) validate() error {
	if c.File != "" && c.CSV != "" && c.File != c.CSV {
		return usageError("two lists are given: name one")
	}
	if c.CSV == "" {
		c.CSV = c.File
	}
	switch {
	case c.CSV == "":
		return usageError("there is nothing to send: give text, image, voice or document, or a list with --csv")
	case c.CSV == "-" && c.Campaign == "":
		return usageError("a list from stdin needs a name for the next run: give --campaign")
	case c.CSV == "-" && c.KeyFile == "-":
		return usageError("stdin already holds the key: name a file with --csv")
	case c.Concurrency < 1 || c.Concurrency > 64:
		return usageError("--concurrency must be 1 to 64")
	case c.Rate != 0 && !(c.Rate >= 0.001): // also rejects NaN
		return usageError("--rate must be 0, or 0.001 or more")
	case c.MaxUnknown < 1:
		return usageError("--max-unknown must be 1 or more")
	case c.MaxRejected < 1:
		return usageError("--max-rejected must be 1 or more")
	case c.MaxOutage <= 0:
		return usageError("--max-outage must be more than 0")
	case c.Report != "" && sameFile(c.CSV, c.Report):
		return usageError("--report is the list itself: name another file")
	}
	return nil
}

// looks reports that nothing will be sent. Such a run takes no lock, so it can watch another one.
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
	// The database and the report are beside the list that a link points to.
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
		if !campaign.givenUp { // otherwise workers use the database until the process ends
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

// path returns the path of the list. Stdin is copied to a temporary file, since the list is read several times.
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

// open opens the list, and parses the message's templates.
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

// databaseOf returns the database beside a list. It has the list's name without the extension, so the list may be saved
// in another format.
func databaseOf(list string) string {
	return strings.TrimSuffix(list, filepath.Ext(list)) + ".outbox.db"
}

// openBox opens the campaign's queue. If nothing will be sent, it does not create a database.
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

// send sends the rows that must be sent.
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
		campaign.changed = func(i int, r *listRow) { _ = writeJSON(s.out, eventOf(campaign, i, r)) } // no one is left to report it to
	}
	run := &listRun{c: c, list: l, campaign: campaign, box: b, client: client, from: from, s: s, bar: newBar(s), report: c.Report, rate: c.Rate}
	run.run(ctx)
	run.bar.end()
	return c.summarize(s, l, campaign, run.stopped)
}

// ready marks rows as to be sent that an earlier run found wrong before an attempt and that are correct now, and with
// --send-changed those whose text has changed.
func (c *sendList) ready(campaign *campaign) {
	campaign.ready(rowNotSent)
	if c.SendChanged {
		campaign.ready(rowChanged)
	}
}

// prepare updates the outbox for the list: it cancels waiting messages that the list no longer has, releases the rows to
// resend, and ends a pause.
func (c *sendList) prepare(ctx context.Context, campaign *campaign, b openBox, resend []int) error {
	for _, id := range campaign.leftover {
		if err := b.Cancel(ctx, id, leftoverReason); err != nil {
			return fmt.Errorf("message %d is waiting, and is not in the list: %w", id, err)
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
