package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/recipient"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/sheet"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type csvCommand struct {
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
}

// Help is shown by tgo send csv --help.
func (csvCommand) Help() string {
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

// looks reports that nothing is to be sent. Such a run locks nothing, so that it can tell of one that is sending.
func (c *csvCommand) looks() bool { return c.DryRun || c.Status }

// path is where the list is. Stdin is copied to a temporary file, since the list is read more than once.
func (c *csvCommand) path(s streams) (path string, done func(), err error) {
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
func (c *csvCommand) open(s streams, path string) (*recipients, error) {
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

// ask puts a question to the person at the terminal.
func ask(s streams, question string) error {
	fmt.Fprintf(s.err, "%s [y/N] ", question)
	answer, err := readLine(s.in)
	if err != nil {
		fmt.Fprintln(s.err) // what follows begins a line
	}
	switch {
	case errors.Is(err, errInterrupted):
		return err
	case err != nil && !errors.Is(err, io.EOF):
		return withCode(exitNotSent, err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return withCode(exitNotSent, errors.New("nothing was sent"))
}

// readLine reads a line, and nothing of the next one, which may answer another question.
func readLine(in io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := in.Read(one)
		if n == 1 && one[0] != '\n' {
			line = append(line, one[0])
			continue
		}
		if n == 1 || err != nil {
			return string(line), err
		}
	}
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
		return c.tell(s, l, campaign, nil)
	}
	return c.send(ctx, s, set, l, campaign, b)
}

// check checks all rows.
func (c *csvCommand) check(ctx context.Context, s streams, set settings, l *recipients, campaign *campaign) error {
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
func (c *csvCommand) openBox(ctx context.Context, s streams, campaign *campaign) (b openBox, done func(), err error) {
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

// compareReport refuses to send where a report says more than the database: that is then another one, an older copy, or a new one. The report
// beside the list counts also where another one is named, and so does the list, which may be a report.
func (c *csvCommand) compareReport(l *recipients, campaign *campaign, b openBox) error {
	beside := reportOf(c.CSV, c.Campaign, isWorkbook(l.source))
	if c.CSV == "-" {
		beside = reportOf(campaign.queue, "", false)
	}
	if c.Report == "" {
		c.Report = beside
	}
	where := b.where
	if where == "" {
		where = "which is not there"
	}
	for _, name := range slices.Compact([]string{c.Report, beside}) {
		n, err := lostInReport(name, l, campaign)
		if err != nil && name == c.Report { // otherwise nobody said that it is one
			return withCode(exitUsage, err)
		}
		if n > 0 && !c.IgnoreReport {
			return usageError(fmt.Sprintf("%s says that %d rows were sent or may have been of which the database (%s) does not know: was it deleted, is it another "+
				"one, or an older copy? Give the right one by --database. To send to these rows again, which they would get twice: --ignore-report", name, n, where))
		}
	}
	n, err := l.lost(l.source, campaign, func(number int, queue string) bool {
		// Where nobody has named the sending, the list's own is meant, which has another name than the report's.
		return (c.Campaign == "" || queue == campaign.queue) && !l.excluded.has(number)
	})
	switch {
	case err != nil:
		return withCode(exitValidation, fmt.Errorf("%s: %w", c.name(), err))
	case n > 0 && !c.IgnoreReport:
		return usageError(fmt.Sprintf("%s is a report: it says that %d of its rows were sent or may have been, and the database (%s) does not know of them. "+
			"To go on with that sending, send the list that the report is of. To send to these rows too, give this sending a name of its own by --campaign; "+
			"to leave them out, delete them, or name them by --exclude", c.name(), n, where))
	}
	return nil
}

// lostInReport counts the rows of a report file that were sent, and of which the database does not know.
func lostInReport(name string, l *recipients, campaign *campaign) (int, error) {
	report, err := openReport(name)
	if err != nil || report == nil {
		return 0, err
	}
	defer report.Close() //nolint:errcheck // it was only read from
	n, err := l.lost(report, campaign, func(_ int, queue string) bool { return queue == campaign.queue })
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return n, nil
}

// send sends what is to be sent.
func (c *csvCommand) send(ctx context.Context, s streams, set settings, l *recipients, campaign *campaign, b openBox) error {
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
	run := &bulk{c: c, list: l, campaign: campaign, box: b, client: client, from: from, s: s, bar: newBar(s), report: c.Report, rate: c.Rate}
	run.run(ctx)
	run.bar.end()
	return c.tell(s, l, campaign, run.stopped)
}

// ready makes the rows ready that an earlier run found wrong before an attempt, and that are good now, and where it is asked for those that
// have changed.
func (c *csvCommand) ready(campaign *campaign) {
	campaign.ready(rowNotSent)
	if c.SendChanged {
		campaign.ready(rowChanged)
	}
}

// prepare brings the outbox in line with the list: what waits there and is in no row any more is cancelled, a pause ends, and what a
// person wants to be sent again is.
func (c *csvCommand) prepare(ctx context.Context, campaign *campaign, b openBox, resend []int) error {
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

// resend finds the rows that a person wants to be sent again: all of them or, where one cannot be, none.
func (c *csvCommand) resend(l *recipients, campaign *campaign) ([]int, error) {
	var numbers rowSet
	rejected := false
	chosen := map[int]bool{}
	for _, word := range c.Resend {
		switch {
		case word == rowRejected.String():
			rejected = true
		case word == "" || strings.ContainsAny(word[:1], "0123456789"):
			if err := numbers.UnmarshalText([]byte(word)); err != nil {
				return nil, usageError("--resend " + err.Error())
			}
		default:
			if err := c.rejectedIn(word, l, campaign, chosen); err != nil {
				return nil, err
			}
		}
	}
	found := map[int]bool{}
	for i := range campaign.rows.len {
		r := campaign.rows.at(i)
		if rejected && r.state == rowRejected {
			chosen[i] = true
		}
		if !numbers.has(int(r.number)) {
			continue
		}
		if r.state != rowRejected && r.state != rowUnknown && r.state != rowCancelled {
			return nil, usageError(fmt.Sprintf("--resend %d: its outcome is neither unknown nor rejected but: %s", r.number, stateForResend(r.state)))
		}
		found[int(r.number)], chosen[i] = true, true
	}
	for _, r := range numbers {
		if r[0] == r[1] && !found[r[0]] {
			return nil, usageError(fmt.Sprintf("--resend %d: the list has no such row", r[0]))
		}
	}
	return slices.Sorted(maps.Keys(chosen)), nil
}

func stateForResend(state rowState) string {
	switch state {
	case rowSending:
		return "not known yet: the run before ended while it was under way. Run the command without --resend first, and look"
	case rowNew, rowWaiting, rowNotSent, rowNoFile:
		return "still to be sent"
	}
	return state.String()
}

// rejectedIn chooses the rows that a report calls rejected, and that are.
func (c *csvCommand) rejectedIn(report string, l *recipients, campaign *campaign, chosen map[int]bool) error {
	source, err := sheet.Open(report, sheet.Options{})
	if err != nil {
		return withCode(exitUsage, fmt.Errorf("--resend %s: it must be rows such as 7,12-15, the word rejected, or a report: %w", report, err))
	}
	defer source.Close() //nolint:errcheck // it was only read from
	outcome, err := source.Column(reportColumns[0])
	if err != nil {
		return withCode(exitUsage, fmt.Errorf("--resend %s is not a report of tgo: %w", report, err))
	}
	other := recipients{flags: l.flags, source: source, durations: l.durations, allowOutside: l.allowOutside}
	kind, text, file, err := c.message()
	other.kind = kind
	if err == nil {
		err = other.parse(text, file)
	}
	if err != nil {
		return fmt.Errorf("--resend %s: %w", report, err)
	}
	for row, err := range source.Rows() {
		if err != nil {
			return withCode(exitUsage, fmt.Errorf("--resend %s: %w", report, err))
		}
		if row.Cells[outcome] != rowRejected.String() {
			continue
		}
		content, _ := other.read(row.Cells, true)
		if i, r := campaign.rows.find(content.id()); r != nil && r.state == rowRejected {
			chosen[i] = true
		}
	}
	return nil
}

// confirm tells what is about to happen, and asks.
func (c *csvCommand) confirm(s streams, l *recipients, campaign *campaign, resend []int) error {
	n := campaign.counts[rowNew] + campaign.counts[rowWaiting] + len(resend)
	if n == 0 || c.Yes {
		return nil
	}
	if !s.interactive {
		return usageError(fmt.Sprintf("%s would be sent. There is nobody to ask here: say --yes", count(n, "message")))
	}
	fmt.Fprintf(s.err, "%s (%s): %s, of which %d were sent before.\nTo send: %s",
		c.name(), l.source.Kind, count(campaign.rows.len, "row"), campaign.counts[rowSent], count(n, "message"))
	if c.Rate > 0 {
		fmt.Fprintf(s.err, ", %g a second, which takes about %s", c.Rate, roundDuration(time.Duration(max(1, float64(n)/c.Rate)*float64(time.Second))))
	}
	fmt.Fprintln(s.err)
	for r, content := range l.toSend(campaign, resend) {
		fmt.Fprintf(s.err, "  row %d  %s  %s\n", r.number, content.to, recipient.Show(strings.TrimSpace(content.text+" "+content.file)))
	}
	if n > examples {
		fmt.Fprintf(s.err, "  and %d more\n", n-examples)
	}
	if missing := campaign.counts[rowNoFile]; missing > 0 {
		fmt.Fprintf(s.err, "Not to send: %s whose file is missing\n", count(missing, "row"))
	}
	return ask(s, "Send?")
}

// examples is how many messages are shown before a question.
const examples = 3

// toSend are the first rows to send, with those to send again, which are sorted.
func (l *recipients) toSend(campaign *campaign, resend []int) iter.Seq2[*listRow, rowContent] {
	return func(yield func(*listRow, rowContent) bool) {
		next, stop := pullRows(l.source)
		defer stop()
		shown := 0
		for i := 0; i < campaign.rows.len && shown < examples; i++ {
			row, err := next()
			if err != nil {
				return
			}
			r := campaign.rows.at(i)
			_, again := slices.BinarySearch(resend, i)
			if r.state != rowNew && r.state != rowWaiting && !again {
				continue
			}
			shown++
			if content, _ := l.read(row.Cells, true); !yield(r, content) {
				return
			}
		}
	}
}

// show shows the first request that would be made.
func (c *csvCommand) show(ctx context.Context, s streams, set settings, l *recipients, campaign *campaign) error {
	c.ready(campaign)
	resend, err := c.resend(l, campaign)
	if err != nil {
		return err
	}
	one := sending{connection: c.connection}
	for r, content := range l.toSend(campaign, resend) {
		err := one.show(ctx, s, set, set.from, content.to, func(ctx context.Context, from *tgo.Sender, _ tgo.Phone) (tgo.Receipt, error) {
			return content.mail(ctx, from)
		})
		if err == nil {
			fmt.Fprintf(s.err, "tgo: this is row %d, the first of %s to send; %s; %d were sent before\n",
				r.number, count(campaign.counts[rowNew]+campaign.counts[rowWaiting]+len(resend), "message"), campaign.inOrder(), campaign.counts[rowSent])
		}
		return err
	}
	fmt.Fprintf(s.err, "tgo: %s; nothing is to be sent: %d were sent before\n", campaign.inOrder(), campaign.counts[rowSent])
	return nil
}

// inOrder says how many rows were found good.
func (c *campaign) inOrder() string {
	text := "no problem in " + count(c.rows.len-c.counts[rowExcluded]-c.counts[rowNoFile], "row")
	if n := c.counts[rowNoFile]; n > 0 {
		text += fmt.Sprintf(", no file for %d", n)
	}
	if n := c.counts[rowExcluded]; n > 0 {
		text += fmt.Sprintf(" (%d excluded)", n)
	}
	return text
}

// rowEvent is a row whose state has changed, as --json shows it.
type rowEvent struct {
	Event     string `json:"event"` // row
	Row       int32  `json:"row"`
	State     string `json:"state"` // waiting, sending or what a report says
	MessageID int64  `json:"message_id,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

func eventOf(campaign *campaign, i int, r *listRow) rowEvent {
	e := rowEvent{Event: "row", Row: r.number, State: r.state.String(), Reason: campaign.reasons[i], MessageID: r.receipt}
	switch r.state {
	case rowWaiting:
		e.State = string(outbox.Waiting)
	case rowSending:
		e.State = string(outbox.Sending)
	}
	return e
}

// endEvent is the end of a run, as --json shows it.
type endEvent struct {
	Event      string `json:"event"` // end
	Rows       int    `json:"rows"`
	Sent       int    `json:"sent"`
	SentBefore int    `json:"sent_before"` // of these
	Rejected   int    `json:"rejected"`
	Unknown    int    `json:"unknown"`
	NotSent    int    `json:"not_sent"`
	Excluded   int    `json:"excluded"`
	Stopped    string `json:"stopped,omitempty"`
	ExitCode   int    `json:"exit_code"`
	Campaign   string `json:"campaign"`
	Queue      string `json:"queue"`
	Report     string `json:"report,omitempty"` // empty where it could not be written
}

// tell tells what became of the rows and, where this run has sent, writes the report.
func (c *csvCommand) tell(s streams, l *recipients, campaign *campaign, stopped error) error {
	n := campaign.counts
	end := endEvent{
		Event: "end", Rows: campaign.rows.len, Sent: n[rowSent], SentBefore: n[rowSent] - campaign.now, Rejected: n[rowRejected],
		Unknown: campaign.mayHaveArrived(), NotSent: campaign.notSent(), Excluded: n[rowExcluded], Campaign: campaign.name, Queue: campaign.queue,
	}
	var err error
	if !c.Status {
		if err = campaign.writeReport(c.Report, l.source); err == nil {
			end.Report = c.Report
		} else {
			fmt.Fprintf(s.err, "tgo: the report could not be written: %v\n", err)
		}
	}
	interrupted := errors.Is(stopped, context.Canceled)
	if stopped != nil {
		end.Stopped = inWordsOf(stopped)
		if interrupted {
			end.Stopped = "interrupted"
		}
	}
	switch {
	case end.Unknown > 0:
		end.ExitCode = exitUnknown
	case stopped != nil && !interrupted:
		end.ExitCode = codeOf(stopped)
	case end.NotSent > 0:
		end.ExitCode = exitNotSent
	case end.Rejected > 0:
		end.ExitCode = exitRejected
	case err != nil:
		end.ExitCode = exitFailed
	}
	if c.JSON {
		err = c.tellJSON(s, campaign, end)
	} else {
		err = c.tellPeople(s, l, campaign, end)
	}
	if err != nil {
		fmt.Fprintf(s.err, "tgo: what became of the rows could not be written: %v\n", err)
		end.ExitCode = max(end.ExitCode, exitFailed)
	}
	if end.ExitCode == exitOK {
		return nil
	}
	return withCode(end.ExitCode, errShown)
}

func (c *csvCommand) tellJSON(s streams, campaign *campaign, end endEvent) error {
	if c.Status {
		for i := range campaign.rows.len {
			if err := writeJSON(s.out, eventOf(campaign, i, campaign.rows.at(i))); err != nil {
				return err
			}
		}
	}
	return writeJSON(s.out, end)
}

func (c *csvCommand) tellPeople(s streams, l *recipients, campaign *campaign, end endEvent) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %d sent (%d before, %d now), %d rejected, %d unknown, %d not sent",
		count(end.Rows, "row"), end.Sent, end.SentBefore, end.Sent-end.SentBefore, end.Rejected, end.Unknown, end.NotSent)
	if end.Excluded > 0 {
		fmt.Fprintf(&out, ", %d excluded", end.Excluded)
	}
	fmt.Fprintln(&out)
	if end.Stopped != "" {
		fmt.Fprintf(&out, "Stopped: %s\n", printable(end.Stopped))
	}
	if campaign.counts[rowNew]+campaign.counts[rowWaiting] > 0 && !c.Status {
		again := "Run the same command again to go on.\n"
		if len(c.Resend) > 0 {
			again = "Run the same command again, without --resend, to go on.\n"
		}
		out.WriteString(again)
	}
	to := l.phonesOf(campaign)
	for _, section := range []struct {
		heading string
		states  []rowState
	}{
		{"Rejected (--resend rejected sends these again):", []rowState{rowRejected}},
		{"Not sent:", []rowState{rowNotSent, rowNoFile, rowChanged, rowCancelled}},
		{"Unknown, since these may have arrived (look before you say --resend ROW):", []rowState{rowUnknown, rowSending}},
	} {
		shown, all := 0, 0
		for i := range campaign.rows.len {
			r := campaign.rows.at(i)
			if !slices.Contains(section.states, r.state) {
				continue
			}
			if all++; all > maxProblems {
				continue
			}
			if shown++; shown == 1 {
				fmt.Fprintln(&out, section.heading)
			}
			fmt.Fprintf(&out, "  row %d  %s  %s\n", r.number, to[i], printable(campaign.reasons[i]))
		}
		if all > shown {
			fmt.Fprintf(&out, "  and %d more\n", all-shown)
		}
	}
	if c.Status {
		fmt.Fprintf(&out, "Campaign: %s, queue %s\n", printable(campaign.name), campaign.queue)
	}
	if end.Report != "" {
		fmt.Fprintf(&out, "Report: %s\n", end.Report)
	}
	_, err := io.WriteString(s.out, out.String())
	return err
}

// phonesOf reads the phones of the rows that are told of.
func (l *recipients) phonesOf(campaign *campaign) map[int]tgo.Phone {
	to, told, left := map[int]tgo.Phone{}, [rowStates]int{}, 0
	for _, state := range troubled {
		left += min(campaign.counts[state], maxProblems)
	}
	i := -1
	for row, err := range readable(l.source) {
		if i++; err != nil || i >= campaign.rows.len || left == 0 {
			break
		}
		state := campaign.rows.at(i).state
		if !slices.Contains(troubled, state) {
			continue
		}
		if told[state]++; told[state] <= maxProblems {
			content, _ := l.read(row.Cells, true)
			to[i] = content.to
			left--
		}
	}
	return to
}

// troubled are the states that a person should look at.
var troubled = []rowState{rowRejected, rowNotSent, rowNoFile, rowChanged, rowCancelled, rowUnknown, rowSending}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
