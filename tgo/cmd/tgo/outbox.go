package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // the time zones of --window, where the machine has none

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type outboxCommand struct {
	Migrate outboxMigrate `cmd:"" help:"Make the tables, or bring them up to date."`
	Add     outboxAdd     `cmd:"" help:"Add a message."`
	Work    outboxWork    `cmd:"" help:"Send messages until Ctrl-C."`
	Status  outboxStatus  `cmd:"" help:"Count the messages, and show pauses and workers."`
	List    outboxList    `cmd:"" help:"List messages, and what became of them."`
	Unknown outboxUnknown `cmd:"" help:"List the messages that may have arrived."`
	Resolve outboxResolve `cmd:"" help:"Say what became of unknown messages."`
	Pause   outboxPause   `cmd:"" help:"Stop sending, on all machines."`
	Resume  outboxResume  `cmd:"" help:"Go on sending after a pause."`
	Cancel  outboxCancel  `cmd:"" help:"Cancel messages that wait."`
	Purge   outboxPurge   `cmd:"" help:"Delete texts and phones of messages that ended."`
}

// Help is shown by tgo outbox --help.
func (outboxCommand) Help() string {
	return `Examples:

  tgo outbox add text --to +201010000000 --key order-4821-shipped "Your order 4821 has shipped"
  tgo outbox work --rate 10 --window bulk=09:00-21:00@Africa/Cairo
  tgo outbox status

A message that was added survives a crash, and is sent once. Where nobody knows whether it arrived, it is set aside as unknown, and
nothing is repeated: tgo outbox unknown lists these messages, and tgo outbox resolve ends the doubt.

` + databaseHelp + "\n\n" + exitCodes
}

// outboxFlags is what all commands but work have in common.
type outboxFlags struct {
	queueFlags
	JSON bool `help:"Write JSON." name:"json"`
}

// call opens the outbox for one call.
func (c *outboxFlags) call(ctx context.Context, s streams, do func(openBox) error) error {
	b, err := c.open(ctx, s, slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	defer b.close()
	return boxError(do(b))
}

// say writes one value as JSON where that is asked for, and otherwise a line.
func (c *outboxFlags) say(s streams, value any, format string, args ...any) error {
	if c.JSON {
		return writeJSON(s.out, value)
	}
	_, err := fmt.Fprintf(s.out, format+"\n", args...)
	return err
}

// each calls for each of the messages, and tells of those for which it is no time. Another error ends it.
func (c *outboxFlags) each(ids []int64, do func(id int64) error) error {
	var wrong []error
	for _, id := range ids {
		err := do(id)
		if err != nil {
			err = boxError(fmt.Errorf("message %d: %w", id, err))
			wrong = append(wrong, err)
		}
		if code := codeOf(err); code != exitOK && code != exitValidation {
			break
		}
	}
	switch len(wrong) {
	case 0:
		return nil
	case 1:
		return wrong[0]
	}
	return withCode(codeOf(wrong[len(wrong)-1]), errors.Join(wrong...))
}

// ---- migrate

type outboxMigrate struct{ outboxFlags }

// Help is shown by tgo outbox migrate --help.
func (outboxMigrate) Help() string {
	return `Example:

  tgo outbox migrate --database postgres://shop@db.example/shop

It may be run at any time and as often as one likes, also while workers send.

` + databaseHelp
}

// Run makes the tables.
func (c *outboxMigrate) Run(ctx context.Context, s streams) error {
	return c.call(ctx, s, func(b openBox) error {
		if err := b.Migrate(ctx); err != nil {
			return err
		}
		return c.say(s, map[string]any{"database": b.where, "migrated": true}, "%s is up to date", printable(b.where))
	})
}

// ---- add

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

// adding is what the messages to add have in common.
type adding struct {
	outboxFlags
	profileFlags
	From     string `help:"Sender number: its phone or its id (or TGO_FROM)." placeholder:"SENDER"`
	To       string `help:"Recipient's phone, with country code." required:"" placeholder:"PHONE"`
	Key      string `help:"Name of what gives rise to the message, such as order-4821-shipped: of two messages with one name, one is sent. It is kept for good." placeholder:"NAME"`
	At       string `help:"When to send: a time (2027-01-10T08:00:00Z) or so long from now (2h)." placeholder:"TIME"`
	Priority string `help:"How urgent it is: code, normal or bulk." enum:"code,normal,bulk" default:"normal"`
}

var priorities = map[string]outbox.Priority{"code": outbox.Code, "normal": outbox.Normal, "bulk": outbox.Bulk}

// added is a message that was added, as --json shows it.
type added struct {
	ID        int64 `json:"id"`
	Duplicate bool  `json:"duplicate"`
}

// add adds a message.
func (c *adding) add(ctx context.Context, s streams, m outbox.Message) error {
	if keyLike.MatchString(c.Key) {
		return usageError("--key names the message, and is no place for an API key")
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
			return c.say(s, added(is), "message %d was there before, with this key", is.ID)
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

// addMedia is what the messages with a file have in common.
type addMedia struct {
	adding
	fileInput
}

const addMediaHelp = `The database keeps the path and a checksum of the file, not its content: leave the file where it is, on a disk that the workers
have too, and unchanged, until it is sent. Of stdin (-) it keeps the content, up to 1 MiB; give --name then.

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

// ---- work

type outboxWork struct {
	connection
	queueFlags
	Concurrency int           `help:"How many messages this process sends at once." default:"16"`
	Rate        float64       `help:"How many messages all workers together may begin in a second; 0 is no limit." default:"10"`
	SenderRate  float64       `help:"The same for each sender number." default:"0"`
	Window      []string      `help:"Send a priority only in these hours, such as bulk=09:00-21:00@Africa/Cairo; without @ZONE in this machine's time zone. May be repeated." sep:"none" placeholder:"PRIORITY=HH:MM-HH:MM@ZONE"`
	Retention   time.Duration `help:"How long texts and phones of messages that ended are kept." default:"24h"`
	Verbose     bool          `help:"Log each attempt that ended, without text and phone; otherwise only what needs a look."`
}

// Help is shown by tgo outbox work --help.
func (outboxWork) Help() string {
	return `Examples:

  tgo outbox work
  tgo outbox work --database-file database.url --concurrency 32 --rate 20 --window bulk=09:00-21:00@Africa/Cairo

Any number of machines may work on one PostgreSQL database, with the same --rate, --sender-rate and --window each. Ctrl-C or
SIGTERM ends it when what is under way has ended. Where every message would fail (a wrong key, an unverified sender, many unknown
outcomes in a row), it pauses the queue on all machines: tgo outbox status says why, and tgo outbox resume ends that. Logs go to stderr, as JSON with --json.

` + configHelp + "\n\n" + seeOutbox + exitCodes
}

// workers are the settings of the flags.
func (c *outboxWork) workers() (outbox.Workers, error) {
	windows, err := parseWindows(c.Window)
	switch {
	case err != nil:
	case c.Concurrency < 1:
		err = usageError("--concurrency must be 1 or more")
	case c.Rate < 0 || c.SenderRate < 0:
		err = usageError("a rate must not be negative")
	case c.Retention <= 0:
		err = usageError("--retention must be more than 0")
	}
	return outbox.Workers{
		Concurrency: c.Concurrency, Rate: c.Rate, SenderRate: c.SenderRate, Windows: windows, Retention: c.Retention,
	}, err
}

// Run sends until the context ends.
func (c *outboxWork) Run(ctx context.Context, s streams) error {
	workers, err := c.workers()
	if err != nil {
		return err
	}
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	logger := c.logger(s)
	if c.Verbose { // the outbox itself logs other outcomes
		workers.OnEnd = func(ctx context.Context, r outbox.Record) {
			if r.State == outbox.Sent {
				logger.LogAttrs(ctx, slog.LevelInfo, "tgo outbox: sent", slog.Int64("id", r.ID), slog.Int("attempt", r.Attempts),
					slog.Int64("receipt", r.Receipt.ID))
			}
		}
	}
	b, err := c.open(ctx, s, logger)
	if err != nil {
		return err
	}
	defer b.close()
	fmt.Fprintf(s.err, "tgo: sending what is in queue %s of %s; Ctrl-C stops it\n", b.Queue(), b.where)
	return boxError(b.Work(ctx, client, workers))
}

// logger writes to stderr.
func (c *outboxWork) logger(s streams) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelWarn}
	if c.Verbose {
		options.Level = slog.LevelInfo
	}
	if c.JSON {
		return slog.New(slog.NewJSONHandler(s.err, options))
	}
	return slog.New(slog.NewTextHandler(s.err, options))
}

// parseWindows reads windows such as normal=09:00-21:00@Africa/Cairo.
func parseWindows(texts []string) (map[outbox.Priority]outbox.Window, error) {
	windows := map[outbox.Priority]outbox.Window{}
	for _, text := range texts {
		wrong := func(why string) error { return usageError(fmt.Sprintf("--window %s: %s", text, why)) }
		name, hours, _ := strings.Cut(text, "=")
		hours, zone, zoned := strings.Cut(hours, "@")
		from, until, _ := strings.Cut(hours, "-")
		priority, known := priorities[name]
		w := outbox.Window{Location: time.Local}
		var errFrom, errUntil, errZone error
		w.From, errFrom = timeOfDay(from)
		w.Until, errUntil = timeOfDay(until)
		if zoned {
			w.Location, errZone = time.LoadLocation(zone)
		}
		_, twice := windows[priority]
		switch {
		case !known, errFrom != nil, errUntil != nil, zoned && zone == "":
			return nil, wrong("it should look like normal=09:00-21:00@Africa/Cairo, with code, normal or bulk")
		case errZone != nil:
			return nil, wrong(errZone.Error())
		case w.From == w.Until:
			return nil, wrong("it is empty")
		case twice:
			return nil, wrong("there is a window for this priority already")
		}
		windows[priority] = w
	}
	return windows, nil
}

func timeOfDay(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err
}

// ---- status

type outboxStatus struct{ outboxFlags }

// Help is shown by tgo outbox status --help.
func (outboxStatus) Help() string {
	return `Examples:

  tgo outbox status
  tgo outbox status --json | jq .messages.waiting

The exit code is 8 where the queue is paused or a message is unknown: somebody has to look. Workers that crashed are listed until
what they had under way is set aside.

` + seeOutbox + exitCodes
}

var states = []outbox.State{outbox.Waiting, outbox.Sending, outbox.Sent, outbox.Rejected, outbox.Unknown, outbox.Cancelled}

// shownStatus is a status as --json shows it.
type shownStatus struct {
	Queue       string                 `json:"queue"`
	Messages    map[outbox.State]int64 `json:"messages"`
	PausedAt    *time.Time             `json:"paused_at"`
	PauseReason string                 `json:"pause_reason,omitempty"`
	HeldUntil   *time.Time             `json:"held_until"`
	Workers     []shownWorker          `json:"workers"`
}

type shownWorker struct {
	ID         string    `json:"id"`
	Host       string    `json:"host"`
	PID        int       `json:"pid"`
	Since      time.Time `json:"since"`
	LeaseUntil time.Time `json:"lease_until"`
	Sending    int64     `json:"sending"`
}

// known is a time, or nil where it is the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Run shows how the queue is.
func (c *outboxStatus) Run(ctx context.Context, s streams) error {
	return c.call(ctx, s, func(b openBox) error {
		is, err := b.Status(ctx)
		if err != nil {
			return err
		}
		shown := shownStatus{Queue: b.Queue(), Messages: map[outbox.State]int64{}, PausedAt: known(is.PausedAt),
			PauseReason: is.PauseReason, HeldUntil: known(is.HeldUntil), Workers: []shownWorker{}}
		for _, state := range states {
			shown.Messages[state] = is.Messages[state]
		}
		for _, w := range is.Workers {
			shown.Workers = append(shown.Workers, shownWorker{w.ID, w.Host, w.PID, w.Since.UTC(), w.LeaseUntil.UTC(), w.Sending})
		}
		if c.JSON {
			err = writeJSON(s.out, shown)
		} else {
			err = shown.write(s)
		}
		if err == nil && (shown.PausedAt != nil || shown.Messages[outbox.Unknown] > 0) {
			return withCode(exitNo, errShown)
		}
		return err
	})
}

func (is shownStatus) write(s streams) error {
	table := newTable(s.out)
	fmt.Fprintln(table, "STATE\tMESSAGES")
	for _, state := range states {
		fmt.Fprintf(table, "%s\t%d\n", state, is.Messages[state])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if is.PausedAt != nil {
		fmt.Fprintf(s.out, "\nPaused since %s: %s\nWhen that is settled: tgo outbox resume\n", localTime(is.PausedAt), printable(plain(is.PauseReason)))
	}
	if is.HeldUntil != nil {
		fmt.Fprintf(s.out, "\nHeld until %s, as the API asked\n", localTime(is.HeldUntil))
	}
	if is.Messages[outbox.Unknown] > 0 {
		fmt.Fprintln(s.out, "\nSome messages may have arrived: tgo outbox unknown lists them")
	}
	if len(is.Workers) == 0 {
		_, err := fmt.Fprintln(s.out, "\nNobody sends: run tgo outbox work")
		return err
	}
	fmt.Fprintln(s.out)
	fmt.Fprintln(table, "HOST\tPID\tSINCE\tALIVE UNTIL\tSENDING")
	for _, w := range is.Workers {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%d\n", printable(w.Host), w.PID, localTime(&w.Since), localTime(&w.LeaseUntil), w.Sending)
	}
	return table.Flush()
}

// ---- list, unknown

type outboxList struct {
	outboxFlags
	State string `help:"Only those in a state: waiting, sending, sent, rejected, unknown or cancelled." enum:",waiting,sending,sent,rejected,unknown,cancelled" default:"" placeholder:"STATE"`
}

// Help is shown by tgo outbox list --help.
func (outboxList) Help() string {
	return `Examples:

  tgo outbox list --state rejected
  tgo outbox list --json

It shows what is known of each message, the oldest first. Phones and texts are gone from what was purged. --json writes an object to
each line, with the whole text.

` + seeOutbox + exitCodes
}

// Run lists messages.
func (c *outboxList) Run(ctx context.Context, s streams) error {
	return c.call(ctx, s, func(b openBox) error {
		count, err := c.list(ctx, s, b, outbox.State(c.State))
		if err == nil && count == 0 && !c.JSON {
			_, err = fmt.Fprintln(s.out, "There is no such message")
		}
		return err
	})
}

type outboxUnknown struct{ outboxFlags }

// Help is shown by tgo outbox unknown --help.
func (outboxUnknown) Help() string {
	return `Example:

  tgo outbox unknown

An attempt of these messages began, and nobody knows how it ended. Look at the recipient's phone or at tgo log, and then say what
became of each with tgo outbox resolve. --json writes an object to each line, with the whole text.

` + seeOutbox + exitCodes
}

// Run lists the unknown messages.
func (c *outboxUnknown) Run(ctx context.Context, s streams) error {
	return c.call(ctx, s, func(b openBox) error {
		count, err := c.list(ctx, s, b, outbox.Unknown)
		switch {
		case err != nil || c.JSON:
		case count == 0:
			_, err = fmt.Fprintln(s.out, "No message is unknown")
		default:
			_, err = fmt.Fprintln(s.out, "\nFind out whether each arrived, then: tgo outbox resolve ID --sent | --again | --cancel")
		}
		return err
	})
}

// shownRecord is a message as --json shows it.
type shownRecord struct {
	ID        int64        `json:"id"`
	Key       string       `json:"key,omitempty"`
	State     outbox.State `json:"state"`
	From      string       `json:"from,omitempty"`
	To        tgo.Phone    `json:"to,omitempty"`
	AddedAt   time.Time    `json:"added_at,omitzero"`
	BegunAt   time.Time    `json:"begun_at,omitzero"`
	EndedAt   time.Time    `json:"ended_at,omitzero"`
	Attempts  int          `json:"attempts"`
	Code      string       `json:"code,omitempty"`
	Reason    string       `json:"reason,omitempty"`
	ReceiptID int64        `json:"receipt_id,omitempty"`
	Type      string       `json:"type,omitempty"`
	Text      string       `json:"text,omitempty"`
}

// list writes the messages in a state, in all states where it is empty, and counts them.
func (c *outboxFlags) list(ctx context.Context, s streams, b openBox, state outbox.State) (count int, err error) {
	table := newTable(s.out)
	query := outbox.Query{State: state}
	for {
		records, err := b.List(ctx, query)
		if err != nil {
			return count, errors.Join(table.Flush(), err)
		}
		if len(records) == 0 {
			return count, table.Flush()
		}
		for _, r := range records {
			shown := shownOf(r)
			if c.JSON {
				err = writeJSON(s.out, shown)
			} else {
				if count == 0 {
					fmt.Fprintln(table, "ID\tSTATE\tKEY\tTO\tBEGUN\tTYPE\tTEXT\tREASON")
				}
				begun := "-"
				if !r.BegunAt.IsZero() {
					begun = localTime(&r.BegunAt)
				}
				_, err = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, printable(string(r.State)), printable(r.Key),
					printable(string(shown.To)), begun, printable(shown.Type), printable(firstWords(shown.Text)), printable(plain(r.Reason)))
			}
			if err != nil {
				return count, err
			}
			count++
		}
		query.After = records[len(records)-1].ID
	}
}

func shownOf(r outbox.Record) shownRecord {
	shown := shownRecord{
		ID: r.ID, Key: r.Key, State: r.State, AddedAt: r.AddedAt, BegunAt: r.BegunAt, EndedAt: r.EndedAt,
		Attempts: r.Attempts, Code: r.Code, Reason: r.Reason, ReceiptID: r.Receipt.ID,
	}
	if m := r.Message; m != nil {
		shown.From, shown.To, shown.Type, shown.Text = string(m.From), m.To, tgo.TypeText, m.Text
		if m.From == "" {
			shown.From = fmt.Sprint(m.FromNumber)
		}
		if m.Media != nil {
			shown.Type = m.Media.Type
		}
	}
	return shown
}

// ---- resolve, cancel

type outboxResolve struct {
	outboxFlags
	ID     []int64 `arg:"" help:"Ids of the messages, as tgo outbox unknown shows them."`
	Sent   bool    `help:"They arrived." xor:"how"`
	Again  bool    `help:"They did not arrive, and are to be sent." xor:"how"`
	Cancel bool    `help:"They are not to be sent, whether or not they arrived." xor:"how"`
}

// Help is shown by tgo outbox resolve --help.
func (outboxResolve) Help() string {
	return `Examples:

  tgo outbox resolve 17 --sent
  tgo outbox resolve 18 19 --again

Look at the recipient's phone or at tgo log first: of a message that arrived, --again sends a second one.

` + seeOutbox + exitCodes
}

// Run ends the doubt about messages.
func (c *outboxResolve) Run(ctx context.Context, s streams) error {
	resolution, state := outbox.WasSent, outbox.Sent
	switch {
	case !c.Sent && !c.Again && !c.Cancel:
		return usageError("what became of them? Give --sent, --again or --cancel")
	case c.Again:
		resolution, state = outbox.SendAgain, outbox.Waiting
	case c.Cancel:
		resolution, state = outbox.GiveUp, outbox.Cancelled
	}
	return c.call(ctx, s, func(b openBox) error {
		return c.each(c.ID, func(id int64) error {
			if err := b.Resolve(ctx, id, resolution); err != nil {
				return err
			}
			return c.say(s, changed{id, state}, "message %d is %s", id, state)
		})
	})
}

// changed is a message whose state a person changed, as --json shows it.
type changed struct {
	ID    int64        `json:"id"`
	State outbox.State `json:"state"`
}

type outboxCancel struct {
	outboxFlags
	ID []int64 `arg:"" help:"Ids of the messages, as tgo outbox add shows them."`
}

// Help is shown by tgo outbox cancel --help.
func (outboxCancel) Help() string {
	return "Example:\n\n  tgo outbox cancel 20 21\n\nA message that is being sent or has ended cannot be cancelled.\n\n" + seeOutbox + exitCodes
}

// Run cancels messages.
func (c *outboxCancel) Run(ctx context.Context, s streams) error {
	return c.call(ctx, s, func(b openBox) error {
		return c.each(c.ID, func(id int64) error {
			if err := b.Cancel(ctx, id, "tgo outbox cancel"); err != nil {
				return err
			}
			return c.say(s, changed{id, outbox.Cancelled}, "message %d is %s", id, outbox.Cancelled)
		})
	})
}

// ---- pause, resume

type outboxPause struct {
	outboxFlags
	Reason string `arg:"" optional:"" help:"Why. tgo outbox status shows it." default:"tgo outbox pause"`
}

// Help is shown by tgo outbox pause --help.
func (outboxPause) Help() string {
	return "Example:\n\n  tgo outbox pause \"wrong prices in the newsletter\"\n\nWhat is under way ends. Messages can still be added.\n\n" + seeOutbox + exitCodes
}

// Run stops sending.
func (c *outboxPause) Run(ctx context.Context, s streams) error {
	return c.call(ctx, s, func(b openBox) error {
		if err := b.Pause(ctx, c.Reason); err != nil {
			return err
		}
		return c.say(s, map[string]any{"queue": b.Queue(), "paused": true}, "queue %s is paused; tgo outbox resume goes on", printable(b.Queue()))
	})
}

type outboxResume struct{ outboxFlags }

// Help is shown by tgo outbox resume --help.
func (outboxResume) Help() string {
	return "Example:\n\n  tgo outbox resume\n\n" + seeOutbox + exitCodes
}

// Run goes on sending.
func (c *outboxResume) Run(ctx context.Context, s streams) error {
	return c.call(ctx, s, func(b openBox) error {
		if err := b.Resume(ctx); err != nil {
			return err
		}
		return c.say(s, map[string]any{"queue": b.Queue(), "paused": false}, "queue %s is not paused", printable(b.Queue()))
	})
}

// ---- purge

type outboxPurge struct {
	outboxFlags
	OlderThan time.Duration `help:"Only of messages that ended so long ago." default:"24h"`
}

// Help is shown by tgo outbox purge --help.
func (outboxPurge) Help() string {
	return `Example:

  tgo outbox purge --older-than 720h

What became of each message stays known, and so do the keys. Unknown messages are kept whole until they are resolved. Workers purge
by themselves, after their --retention.

` + seeOutbox + exitCodes
}

// Run deletes texts and phones.
func (c *outboxPurge) Run(ctx context.Context, s streams) error {
	if c.OlderThan < 0 {
		return usageError("--older-than must not be negative")
	}
	return c.call(ctx, s, func(b openBox) error {
		n, err := b.Purge(ctx, time.Now().Add(-c.OlderThan))
		if err != nil {
			return err
		}
		return c.say(s, map[string]any{"purged": n}, "messages purged: %d", n)
	})
}
