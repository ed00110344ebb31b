package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo"
)

// ---- lookup

type lookupCommand struct {
	connection
	From  string `help:"Sender number: its phone or its id (or TGO_FROM)." placeholder:"SENDER"`
	Phone string `arg:"" optional:"" help:"The phone to ask about, with country code."`
	listFlags
	Rate   float64 `help:"How many phones of a list to ask about in a second." default:"10"`
	Report string  `help:"Write a list with the answers to this file, .csv or .xlsx; by default the list's name with .lookup.report." placeholder:"FILE"`
}

// Help is shown by tgo lookup --help.
func (lookupCommand) Help() string {
	return `Example:

  tgo lookup +201010000000 && tgo send text --to +201010000000 "Hello"
  tgo lookup --csv customers.xlsx --country EG --to phone

The exit code is 8 where a phone cannot receive.

` + exitCodes
}

// Run asks whether a phone can receive.
func (c *lookupCommand) Run(ctx context.Context, s streams) error {
	client, set, err := c.connect(s)
	if err != nil {
		return err
	}
	if c.From != "" {
		set.from = c.From
	}
	from, err := sender(client, set.from)
	if err != nil {
		return err
	}
	switch {
	case (c.Phone == "") == (c.CSV == ""):
		return usageError("give a phone, or a list by --csv")
	case !(c.Rate >= 0.001): // which NaN is not either
		return usageError("--rate must be 0.001 or more")
	case c.CSV == "-":
		return usageError("--csv - is only for tgo send: name a file")
	case c.CSV != "":
		return c.lookupList(ctx, s, from)
	}
	phone, err := tgo.ParsePhone(c.Phone)
	if err != nil {
		return withCode(exitValidation, err)
	}
	contact, err := from.Lookup(ctx, phone)
	if err != nil {
		return reading(err)
	}
	verdict := "can receive"
	if !contact.CanReceive {
		verdict = "cannot receive: " + printable(contact.ReasonCode)
		if !contact.Exists {
			verdict += " (nobody on TGO Connect has this phone)"
		}
	}
	if c.JSON {
		err = writeJSON(s.out, contact)
	} else {
		_, err = fmt.Fprintf(s.out, "%s  %s\n", phone, verdict)
	}
	if err == nil && !contact.CanReceive {
		return withCode(exitNo, errShown)
	}
	return err
}

// ---- log

type logCommand struct {
	connection
	Limit    int           `help:"How many messages to show; 0 is all." default:"20"`
	Page     int           `help:"Page of the log to begin at." default:"1"`
	Type     []string      `help:"Only these types: text, image, voice, document." enum:"text,image,voice,document" placeholder:"TYPE"`
	Status   string        `help:"Only this status." placeholder:"STATUS"`
	Sender   int64         `help:"Only from the sender number with this id." placeholder:"ID"`
	Contains string        `help:"Only where the text or caption holds this." placeholder:"TEXT"`
	Since    string        `help:"Only since then: a time (2025-01-10T08:00:00Z) or so long ago (2h)." placeholder:"TIME"`
	Until    string        `help:"Only before then." placeholder:"TIME"`
	Follow   bool          `help:"Go on showing messages as they are sent; Ctrl-C ends it." short:"f"`
	Interval time.Duration `help:"How often --follow asks." default:"5s"`
}

// Help is shown by tgo log --help.
func (logCommand) Help() string {
	return `Examples:

  tgo log --type voice --since 24h
  tgo log --limit 0 --json > messages.jsonl
  tgo log --follow --contains 4821

The newest come first; with --follow the newest come last. Where the server lists the oldest first, --follow reads the whole
log each time. --json writes an object to each line. The log does not say to
whom a message went. --follow goes on when the server is in trouble for a while or the connection is lost, and ends when it is refused.

` + exitCodes
}

// logFilter says which entries to show.
type logFilter struct {
	c            *logCommand
	since, until time.Time
}

func (c *logCommand) filter() (logFilter, error) {
	f := logFilter{c: c}
	var err error
	if f.since, err = parseTime(c.Since, -1); err != nil {
		return f, usageError("--since: " + err.Error())
	}
	if f.until, err = parseTime(c.Until, -1); err != nil {
		return f, usageError("--until: " + err.Error())
	}
	switch {
	case c.Limit < 0:
		return f, usageError("--limit must not be negative")
	case c.Page < 1:
		return f, usageError("--page begins at 1")
	case c.Follow && c.Interval < 100*time.Millisecond:
		return f, usageError("--interval must be 100ms or more")
	case c.Follow && c.Page != 1:
		return f, usageError("--follow begins at the first page")
	}
	return f, nil
}

// parseTime reads a time, or a duration as so long from now: into the future where direction is 1, ago where it is -1.
func parseTime(text string, direction time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil {
		return time.Now().Add(direction * d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a time such as 2025-01-10T08:00:00Z or 2025-01-10, nor a duration such as 2h", text)
}

func (f logFilter) shows(e tgo.LogEntry) bool {
	switch {
	case len(f.c.Type) > 0 && !slices.Contains(f.c.Type, e.MessageType),
		f.c.Status != "" && e.Status != f.c.Status,
		f.c.Sender != 0 && e.SenderNumberID != f.c.Sender,
		!strings.Contains(e.Content, f.c.Contains):
		return false
	}
	at, ok := sentAt(e)
	return !ok || !at.Before(f.since) && (f.until.IsZero() || at.Before(f.until))
}

// sentAt is when a message was sent, where its entry says so. The zero time says nothing.
func sentAt(e tgo.LogEntry) (at time.Time, ok bool) {
	if e.SentAt == nil || e.SentAt.IsZero() {
		return time.Time{}, false
	}
	return *e.SentAt, true
}

// Run shows the log.
func (c *logCommand) Run(ctx context.Context, s streams) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	if c.Follow {
		return c.follow(ctx, s, filter)
	}
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	table := newTable(s.out)
	show := func(e tgo.LogEntry) error { return writeJSON(s.out, shown(e)) }
	if !c.JSON {
		fmt.Fprintln(table, "ID\tSENT AT\tFROM\tTYPE\tSTATUS\tCONTENT")
		show = func(e tgo.LogEntry) error { return writeEntry(table, e) }
	}
	err = c.read(ctx, client, filter, show)
	return errors.Join(table.Flush(), err)
}

// maxOld is how many entries in a row must be older than --since before read takes all that follow for older. Messages that took
// longer, or a server's clock that was set, may put a few newer ones behind an older one.
const maxOld = 100

// read goes through the log. It stops early after maxOld entries in a row from before --since, where the newest come first.
// Entries without a time count neither way.
func (c *logCommand) read(ctx context.Context, client *tgo.Client, filter logFilter, show func(tgo.LogEntry) error) error {
	shown := 0
	var last time.Time
	var falls, rises, old int // from entry to entry; the more frequent of falls and rises is the order
	for e, err := range client.Messages(ctx, tgo.MessageQuery{Page: c.Page}) {
		if err != nil {
			return reading(err)
		}
		if at, ok := sentAt(e); ok {
			switch {
			case last.IsZero():
			case at.Before(last):
				falls++
			case at.After(last):
				rises++
			}
			last = at
			if old++; !at.Before(filter.since) {
				old = 0
			}
			if old >= maxOld && falls > rises {
				return nil
			}
		}
		if !filter.shows(e) {
			continue
		}
		if err := show(e); err != nil {
			return err
		}
		if shown++; shown == c.Limit {
			return nil
		}
	}
	return nil
}

func writeEntry(out io.Writer, e tgo.LogEntry) error {
	_, err := fmt.Fprintf(out, "%d\t%s\t%d\t%s\t%s\t%s\n", e.ID, localTime(e.SentAt), e.SenderNumberID,
		printable(e.MessageType), printable(e.Status), contentOf(e))
	return err
}

// contentOf is how a message begins, and what of its entry could not be read.
func contentOf(e tgo.LogEntry) string {
	text := firstWords(e.Content)
	if e.Err != nil {
		text += " (" + strings.TrimPrefix(e.Err.Error(), "tgo: read message log: ") + ")"
	}
	return printable(text)
}

// shownEntry is an entry that could not be read whole, as --json shows it.
type shownEntry struct {
	tgo.LogEntry
	Error string          `json:"error"`
	Raw   json.RawMessage `json:"raw"`
}

// shown is an entry as --json shows it.
func shown(e tgo.LogEntry) any {
	if e.Err == nil {
		return e
	}
	return shownEntry{e, strings.TrimPrefix(e.Err.Error(), "tgo: read message log: "), e.Raw}
}

// maxSeen is how many entries follow remembers; far more than come in between two looks.
const maxSeen = 10_000

// pageEnd is a limiter that refuses the request for a next page where there is enough. So a look reads the page that it is at
// to its end, and no more, however the server names its pages.
type pageEnd struct{ enough atomic.Bool }

var errPageEnd = errors.New("enough was read")

// Wait is asked before each request.
func (p *pageEnd) Wait(context.Context) error {
	if p.enough.Load() {
		return errPageEnd
	}
	return nil
}

// follower shows what is new in the log.
type follower struct {
	client *tgo.Client
	pages  *pageEnd // limits the client
	filter logFilter
	limit  int
	known  []string // what was seen, the last look's first
	seen   map[string]bool
}

// look reads the log and returns what is new, oldest first. It reads to the end of the page with the first entry that was seen
// before: an entry whose message took longer may come in behind one with a greater id. Where the ids rise, the newest are on the
// last page, so it reads all pages.
func (f *follower) look(ctx context.Context, first bool) ([]tgo.LogEntry, error) {
	var fresh []tgo.LogEntry
	var ids []string
	var last int64
	var rises, falls int // from entry to entry; the more frequent one is the order
	again := false
	f.pages.enough.Store(false)
	for e, err := range f.client.Messages(ctx, tgo.MessageQuery{}) {
		if errors.Is(err, errPageEnd) {
			break
		}
		if err != nil {
			return nil, err
		}
		id := strconv.FormatInt(e.ID, 10)
		switch {
		case e.ID < 1: // it could not be read
			id = string(e.Raw)
		case last > 0 && e.ID > last:
			rises++
		case last > 0 && e.ID < last:
			falls++
		}
		last = max(e.ID, 0)
		ids = append(ids, id)
		if f.seen[id] {
			again = true
		} else if f.filter.shows(e) {
			fresh = append(fresh, e)
		}
		full := (f.limit > 0 && len(fresh) >= f.limit) || len(ids) >= maxSeen
		f.pages.enough.Store(rises <= falls && (again || first && full))
	}
	if rises <= falls {
		slices.Reverse(fresh)
	}
	if first && f.limit > 0 {
		fresh = fresh[max(0, len(fresh)-f.limit):]
	}
	f.remember(ids)
	return fresh, nil
}

// remember keeps all entries of the last look, and of those before as many as there is room for.
func (f *follower) remember(ids []string) {
	room := max(maxSeen, len(ids))
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		seen[id] = true
	}
	for _, id := range f.known {
		if len(ids) == room {
			break
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	f.known, f.seen = ids, seen
}

// follow shows the last entries, oldest first, and then what comes.
func (c *logCommand) follow(ctx context.Context, s streams, filter logFilter) error {
	pages := new(pageEnd)
	client, _, err := c.connect(s, tgo.WithLimiter(pages))
	if err != nil {
		return err
	}
	show := func(e tgo.LogEntry) error { return writeJSON(s.out, shown(e)) }
	if !c.JSON {
		show = func(e tgo.LogEntry) error {
			_, err := fmt.Fprintf(s.out, "%6d  %s  %3d  %-8s  %-6s  %s\n", e.ID, localTime(e.SentAt), e.SenderNumberID,
				printable(e.MessageType), printable(e.Status), contentOf(e))
			return err
		}
	}
	f := &follower{client: client, pages: pages, filter: filter, limit: c.Limit}
	trouble := false
	for first := true; ; {
		fresh, err := f.look(ctx, first)
		first = first && err != nil
		for _, e := range fresh {
			if err := show(e); err != nil {
				return withCode(exitFailed, err)
			}
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !passes(err, first):
			return reading(err)
		case err != nil && !trouble:
			fmt.Fprintf(s.err, "tgo: %s; trying again until that ends\n", inWordsOf(err))
		case err == nil && trouble:
			fmt.Fprintln(s.err, "tgo: the log can be read again")
		}
		trouble = err != nil
		timer := time.NewTimer(pause(err, c.Interval))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// passes reports trouble that may pass by itself. What never was reached may be a wrong address.
func passes(err error, first bool) bool {
	switch code := readCode(err); {
	case errors.Is(err, tgo.ErrRateLimited):
		return true
	case code == exitUnreachable:
		return !first && !errors.Is(err, tgo.ErrTenant) && !fromProxy(err)
	case errors.Is(err, tgo.ErrUnreadable):
		return !first
	default:
		return code == exitFailed
	}
}

// pause is how long follow waits after a look that ended with err: as long as the server asks for, but no less than the interval.
func pause(err error, interval time.Duration) time.Duration {
	var refused *tgo.APIError
	if errors.As(err, &refused) {
		return max(interval, refused.RetryAfter)
	}
	return interval
}

// ---- usage

type usageCommand struct{ connection }

// Help is shown by tgo usage --help.
func (usageCommand) Help() string {
	return "Example:\n\n  tgo usage\n\nWhat is counted is not documented; --json writes the whole answer as it came.\n\n" + exitCodes
}

// Run shows the usage.
func (c *usageCommand) Run(ctx context.Context, s streams) error {
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	usage, err := client.Usage(ctx)
	if err != nil {
		return reading(err)
	}
	empty := usage.Senders != nil && len(usage.Senders) == 0
	known := slices.ContainsFunc(usage.Senders, func(n gen.SenderNumberUsage) bool { return n != gen.SenderNumberUsage{} })
	if c.JSON || !known && !empty {
		return writeJSON(s.out, usage.Raw)
	}
	table := newTable(s.out)
	fmt.Fprintln(table, "ID\tPHONE\tSENT")
	for _, n := range usage.Senders {
		fmt.Fprintf(table, "%d\t%s\t%d\n", n.SenderNumberID, printable(n.SenderPhone), n.MessagesSent)
	}
	return table.Flush()
}

// ---- senders

type sendersCommand struct {
	List     sendersList     `cmd:"" default:"withargs" help:"List the sender numbers: which may send, why not, and what to do."`
	Register sendersRegister `cmd:"" help:"Register a phone to send from."`
}

type sendersList struct{ connection }

// Help is shown by tgo senders list --help.
func (sendersList) Help() string {
	return "Example:\n\n  tgo senders\n\nA number can send when its owner has entered the one-time code and the owner's TGO Connect account is verified.\n\n" + exitCodes
}

// shownSender is a sender number as --json shows it.
type shownSender struct {
	tgo.SenderNumber
	Ready bool   `json:"ready"`
	Why   string `json:"why,omitempty"`
	ToDo  string `json:"what_to_do,omitempty"`
}

// readiness says whether a number may send, why not, and what to do.
func readiness(n tgo.SenderNumber) shownSender {
	shown := shownSender{SenderNumber: n, Ready: true}
	err := n.Ready()
	if err == nil {
		return shown
	}
	shown.Ready = false
	// Ready says "tgo: sender number 13 cannot send: WHY; WHAT TO DO".
	_, text, _ := strings.Cut(err.Error(), " cannot send: ")
	shown.Why, shown.ToDo, _ = strings.Cut(text, "; ")
	return shown
}

// Run lists the sender numbers.
func (c *sendersList) Run(ctx context.Context, s streams) error {
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	numbers, err := client.SenderNumbers(ctx)
	if err != nil {
		return reading(err)
	}
	list := make([]shownSender, len(numbers))
	for i, n := range numbers {
		list[i] = readiness(n)
	}
	if c.JSON {
		return writeJSON(s.out, list)
	}
	table := newTable(s.out)
	fmt.Fprintln(table, "ID\tPHONE\tNAME\tREADY\tWHY NOT, AND WHAT TO DO")
	for _, n := range list {
		ready, why := "yes", "-"
		if !n.Ready {
			ready, why = "no", n.Why+"; "+n.ToDo
		}
		name := n.DisplayName
		if name == "" {
			name = "-"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", n.ID, printable(n.Phone), printable(name), ready, printable(why))
	}
	return table.Flush()
}

type sendersRegister struct {
	connection
	Phone       string `arg:"" help:"The phone, with country code."`
	DisplayName string `help:"The name to show for it." placeholder:"NAME"`
}

// Help is shown by tgo senders register --help.
func (sendersRegister) Help() string {
	return `Example:

  tgo senders register +201001187188 --display-name Acme

Its owner receives a one-time code where the phone has an account on TGO Connect, and must enter it in the dashboard; tgo senders tells when
the number can send. The key needs the scope messages.send. The API can neither verify nor remove a number: the dashboard does. Code 6
means that the number may have been registered all the same: see tgo senders before you repeat it.

` + exitCodes
}

// Run registers a sender number.
func (c *sendersRegister) Run(ctx context.Context, s streams) error {
	phone, err := tgo.ParsePhone(c.Phone)
	if err != nil {
		return withCode(exitValidation, err)
	}
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	number, err := client.RegisterSenderNumber(ctx, phone, c.DisplayName)
	switch failed := writing(err); {
	case err != nil && codeOf(failed) == exitUnknown:
		return withCode(exitUnknown, fmt.Errorf("%w; it may have been registered all the same: see tgo senders", err))
	case err != nil:
		return failed
	case c.JSON:
		return writeJSON(s.out, readiness(number))
	}
	shown := readiness(number)
	next := "it can send"
	if !shown.Ready {
		next = shown.ToDo
	}
	_, err = fmt.Fprintf(s.out, "%s is registered as sender number %d, %s: %s\n", phone, number.ID, printable(number.Status), printable(next))
	return err
}

// ---- me

type meCommand struct{ connection }

// Help is shown by tgo me --help.
func (meCommand) Help() string { return "Example:\n\n  tgo me\n\n" + exitCodes }

// Run tells whose key it is.
func (c *meCommand) Run(ctx context.Context, s streams) error {
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	me, err := client.Me(ctx)
	if err != nil {
		return reading(err)
	}
	if c.JSON {
		return writeJSON(s.out, me)
	}
	table := newTable(s.out)
	row := func(name, value string) { fmt.Fprintf(table, "%s\t%s\n", name, printable(cmp.Or(value, "-"))) }
	row("user", me.User.Name)
	organization := me.Organization.Name
	if me.Organization.Status != "" {
		organization += ", " + me.Organization.Status
	}
	row("organization", organization)
	status, rest := subscriptionOf(me)
	row("subscription", status)
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		row("  "+name, words(rest[name]))
	}
	if k := me.APIKey; k != nil {
		row("key", fmt.Sprintf("%s (%s..., id %d), %s", k.Name, k.Prefix, k.ID, k.Status))
		row("scopes", strings.Join(k.Scopes, ", "))
		row("expires", localTime(k.ExpiresAt))
	}
	return table.Flush()
}

// subscriptionOf is the status of a subscription and what else there is in it, which is not documented.
func subscriptionOf(me tgo.Me) (status string, rest map[string]json.RawMessage) {
	if words(me.Subscription) == "-" {
		return "none", nil
	}
	if json.Unmarshal(me.Subscription, &rest) != nil {
		return words(me.Subscription), nil
	}
	status = words(rest["status"])
	delete(rest, "status")
	return status, rest
}

// words are JSON in words: what is in lists and objects, one after another, and "-" for nothing.
func words(raw json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // which keeps them as they are
	var v any
	if d.Decode(&v) != nil {
		return "-"
	}
	return inWords(v)
}

func inWords(v any) string {
	var parts []string
	separator := ", "
	switch v := v.(type) {
	case nil:
	case []any:
		separator = "; "
		for _, element := range v {
			parts = append(parts, inWords(element))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+" "+inWords(v[name]))
		}
	default:
		parts = append(parts, fmt.Sprint(v))
	}
	if text := strings.Join(parts, separator); text != "" {
		return text
	}
	return "-"
}
