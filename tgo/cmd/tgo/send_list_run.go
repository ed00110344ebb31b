package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// listRun sends the rows of a campaign that must be sent: it adds them to the outbox, a few more than can be sent at
// once, and runs the workers until each row has its outcome.
type listRun struct {
	c        *sendList
	list     *recipients
	campaign *campaign
	box      openBox
	client   *tgo.Client
	from     *tgo.Sender
	s        streams
	bar      *bar
	report   string

	begun     time.Time
	rate      float64
	full      float64      // the rate before the first 429; 0 until then
	rateSince time.Time    // when the rate was changed
	slow      atomic.Bool  // the API asked to slow down
	connected time.Time    // when a request last reached the tenant
	lost      atomic.Int64 // requests since then that did not reach it
	lostBy    atomic.Value // the error of the last of these, a string
	told      time.Time    // when progress was last printed as a line
	written   time.Time    // when the report was last written
	writing   time.Duration
	stopped   error // why no more rows are begun
}

// How many messages are added to the outbox at once, and how many wait there at most, so few are left over when a
// run is stopped. Files are read when they are added.
const (
	textBatch = 500
	fileBatch = 20 // also if phones are looked up
	waitAhead = 4  // batches
)

// How often the state is read, how often progress is printed as a line if there is no bar, how often the report is
// written, and the share of the time (1/20) that writing it may take.
const (
	runTick     = 200 * time.Millisecond
	lineEvery   = time.Minute
	reportEvery = 5 * time.Second
	reportShare = 20
)

// errListChanged reports that the list is no longer the one that was checked.
var errListChanged = errors.New("the list has changed while it was being sent: run the same command again to continue with the new list")

// run sends until every row has its outcome, an error concerns all rows, or the context ends. Then it waits for messages
// that are being sent, until the user gives up on them.
func (b *listRun) run(ctx context.Context) {
	next, stop := b.feed()
	defer stop()
	b.begun, b.connected = time.Now(), time.Now()
	b.told, b.written = b.begun, b.begun
	for b.stopped == nil {
		if b.stopped = next(ctx); b.stopped != nil || len(b.campaign.outstanding) == 0 {
			return
		}
		work, end := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() {
			ended <- b.box.Work(work, b.client, outbox.Workers{
				Concurrency: b.c.Concurrency, Rate: b.rate, PauseUnknown: b.c.MaxUnknown, PauseRejected: b.c.MaxRejected, OnEnd: b.onEnd,
			})
		}()
		done := b.watch(ctx, next, ended)
		end()
		if !b.finish(ctx, ended) || done {
			return
		}
		b.changeRate(ctx)
	}
}

// watch follows the sending. It returns false if the workers must be restarted at another rate.
func (b *listRun) watch(ctx context.Context, next func(context.Context) error, ended chan error) (done bool) {
	ticker := time.NewTicker(runTick)
	defer ticker.Stop()
	for {
		if b.stopped = b.look(ctx); b.stopped != nil {
			return true
		}
		if len(b.campaign.outstanding) < b.batch()*waitAhead/2 {
			if b.stopped = next(ctx); b.stopped != nil {
				return true
			}
		}
		if len(b.campaign.outstanding) == 0 {
			return true
		}
		if b.slow.Load() || b.mayHurry() {
			return false
		}
		select {
		case <-ctx.Done():
			b.stopped = context.Canceled
			return true
		case err := <-ended:
			ended <- err
			return true
		case <-ticker.C:
		}
	}
}

// look reads the state, shows it, and returns the reason if the run must stop.
func (b *listRun) look(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if err := b.campaign.refresh(ctx, b.box); err != nil {
		return boxError(err)
	}
	pause, err := b.box.Paused(ctx)
	if err != nil {
		return boxError(err)
	}
	b.show(pause.HeldUntil)
	if now := time.Now(); now.Sub(b.written) > max(reportEvery, reportShare*b.writing) {
		b.writeReport()
	}
	if !pause.PausedAt.IsZero() {
		code := exitRejected
		if strings.Contains(pause.Reason, tgo.ErrTenant.Error()) {
			code = exitUnreachable
		}
		return withCode(code, errors.New(plain(pause.Reason)))
	}
	lost := b.lost.Load()
	if lost == 0 { // also while the API asks to wait, which is not an outage
		b.connected = time.Now()
	} else {
		without := time.Since(b.connected)
		if without > b.c.MaxOutage || b.campaign.now == 0 && lost >= maxLostAtFirst {
			return withCode(exitUnreachable, fmt.Errorf("no connection to the tenant for %s: %s", roundDuration(without), b.lostBy.Load()))
		}
	}
	return nil
}

// maxLostAtFirst is after how many failed connections in a row a run stops that has sent nothing: a wrong address is
// then more likely than a temporary failure of the network.
const maxLostAtFirst = 5

// onEnd is called at the end of each attempt, from any goroutine.
func (b *listRun) onEnd(_ context.Context, r outbox.Record) {
	switch {
	case r.State == outbox.Waiting && r.Code == "429":
		b.slow.Store(true)
		b.lost.Store(0)
	case r.State == outbox.Waiting && r.Code == "network":
		b.lostBy.Store(strings.TrimSuffix(r.Reason, " (not sent)"))
		b.lost.Add(1)
	default:
		b.lost.Store(0)
	}
}

// finish waits for messages that are being sent, and reports whether they ended.
func (b *listRun) finish(ctx context.Context, ended chan error) bool {
	var again <-chan struct{}
	var patience <-chan time.Time
	interrupted := ctx.Done()
	for {
		select {
		case err := <-ended:
			if err != nil && b.stopped == nil {
				b.stopped = boxError(err)
			}
			if err := b.campaign.refresh(context.WithoutCancel(ctx), b.box); err != nil && b.stopped == nil {
				b.stopped = boxError(err)
			}
			return true
		case <-interrupted:
			interrupted = nil
			if b.stopped == nil {
				b.stopped = context.Canceled
			}
			if b.s.again != nil {
				again = b.s.again()
			}
			patience = time.After(b.c.Grace)
			if err := b.campaign.refresh(context.WithoutCancel(ctx), b.box); err == nil && b.campaign.counts[rowSending] > 0 {
				b.say("Stopping: waiting for %s, up to %s. Press Ctrl-C again to give up (the outcome will be unknown).",
					count(b.campaign.counts[rowSending], "message"), roundDuration(b.c.Grace))
			}
		case <-again:
			again = nil
			if err := b.campaign.refresh(context.WithoutCancel(ctx), b.box); err == nil && b.campaign.counts[rowSending] == 0 {
				continue // only the workers have to end
			}
			b.say("Gave up on %s: the outcome is unknown.", count(b.campaign.counts[rowSending], "message"))
			b.campaign.givenUp = true
			return false
		case <-patience:
			b.say("Gave up on %s after %s: the outcome is unknown.", count(b.campaign.counts[rowSending], "message"), roundDuration(b.c.Grace))
			b.campaign.givenUp = true
			return false
		}
	}
}

// changeRate halves the rate after a 429, and doubles it again after some time without one.
func (b *listRun) changeRate(ctx context.Context) {
	if b.stopped != nil {
		return
	}
	b.rateSince = time.Now()
	if !b.slow.Swap(false) {
		b.rate = math.Min(2*b.rate, b.full)
		b.say("The API has not asked to slow down for %s: continuing with %.3g messages a second.", roundDuration(hurryAfter), b.rate)
		return
	}
	if b.rate == 0 { // there was no limit so far
		b.rate = max(b.speed(), 1)
	}
	if b.full == 0 {
		b.full = b.rate
	}
	b.rate = math.Max(b.rate/2, lowestRate)
	wait := ""
	if pause, err := b.box.Paused(ctx); err == nil && !pause.HeldUntil.IsZero() {
		wait = "waiting until " + pause.HeldUntil.Local().Format(time.TimeOnly) + ", then "
	}
	b.say("The API asks to slow down (429): %s%.3g messages a second.", wait, b.rate)
}

// mayHurry reports that a slowed run has had no 429 for long enough to speed up.
func (b *listRun) mayHurry() bool {
	return b.full > b.rate && time.Since(b.rateSince) > hurryAfter
}

// lowestRate is the rate below which no 429 brings a run. hurryAfter is how long a run keeps a lowered rate.
const (
	lowestRate = 0.1
	hurryAfter = 5 * time.Minute
)

// speed is how many messages per second this run has sent.
func (b *listRun) speed() float64 {
	return float64(b.campaign.now) / max(time.Since(b.begun).Seconds(), 0.001)
}

// batch is how many messages are added at once.
func (b *listRun) batch() int {
	if b.list.file != nil || b.c.Check {
		return fileBatch
	}
	return textBatch
}

// feed returns a function that adds the next rows to the outbox.
func (b *listRun) feed() (next func(context.Context) error, stop func()) {
	type item struct {
		index   int
		content rowContent
	}
	pull, stop := pullRows(b.list.source)
	index, all := 0, false
	next = func(ctx context.Context) error {
		for !all && len(b.campaign.outstanding) < b.batch()*waitAhead && ctx.Err() == nil {
			var items []item
			for len(items) < b.batch() {
				row, err := pull()
				if errors.Is(err, errNoMoreRows) && index == b.campaign.rows.len {
					all = true
					break
				}
				if errors.Is(err, errNoMoreRows) {
					err = errListChanged
				}
				if err != nil {
					return withCode(exitValidation, err)
				}
				if index >= b.campaign.rows.len {
					return withCode(exitValidation, errListChanged)
				}
				r := b.campaign.rows.at(index)
				index++
				if r.state != rowNew {
					continue
				}
				content, _ := b.list.read(row.Cells, true)
				if id := content.id(); id.recipient != r.id.recipient || id.message != r.id.message {
					return withCode(exitValidation, errListChanged)
				}
				if reason, err := b.cannotReceive(ctx, content.to); err != nil {
					return err
				} else if reason != "" {
					b.campaign.set(index-1, rowNotSent, reason)
					continue
				}
				items = append(items, item{index - 1, content})
			}
			for len(items) > 0 {
				messages := make([]outbox.Message, len(items))
				for i, it := range items {
					r := b.campaign.rows.at(it.index)
					media, err := it.content.media()
					if err != nil {
						return err
					}
					messages[i] = outbox.Message{
						From: b.c.phone, FromNumber: b.c.number, To: it.content.to, Text: it.content.text, Media: media,
						Priority: outbox.Bulk, Key: r.id.key(r.generation+1, b.campaign.sender),
					}
				}
				added, err := b.box.AddMany(ctx, messages)
				if invalid := (*outbox.InvalidError)(nil); errors.As(err, &invalid) { // its file was removed after the check
					b.campaign.set(items[invalid.Index].index, rowNotSent, inWordsOf(invalid.Err))
					items = append(items[:invalid.Index], items[invalid.Index+1:]...)
					continue
				}
				if err != nil && ctx.Err() != nil {
					return context.Canceled
				}
				if err != nil {
					return boxError(err)
				}
				for i, it := range items {
					b.campaign.rows.at(it.index).generation++
					b.campaign.outstanding[added[i].ID] = it.index
					b.campaign.set(it.index, rowWaiting, "")
				}
				break
			}
		}
		return nil
	}
	return next, stop
}

// cannotReceive returns why a recipient cannot receive messages. It asks only if --check is given.
func (b *listRun) cannotReceive(ctx context.Context, to tgo.Phone) (reason string, err error) {
	if !b.c.Check {
		return "", nil
	}
	contact, err := b.from.Lookup(ctx, to)
	switch {
	case ctx.Err() != nil:
		return "", context.Canceled
	case err != nil:
		return "", reading(err)
	case !contact.CanReceive:
		return "the recipient cannot receive messages: " + contact.ReasonCode, nil
	}
	return "", nil
}

// show shows the progress.
func (b *listRun) show(held time.Time) {
	n := &b.campaign.counts
	failed := n[rowNotSent] + n[rowNoFile] + n[rowChanged] + n[rowCancelled] // this run does not try them
	done := n[rowSent] + n[rowRejected] + n[rowUnknown] + failed
	all := b.campaign.rows.len - n[rowExcluded]
	text := fmt.Sprintf("%d/%d sent", n[rowSent], all)
	if n[rowRejected] > 0 {
		text += fmt.Sprintf(", %d rejected", n[rowRejected])
	}
	if n[rowUnknown] > 0 {
		text += fmt.Sprintf(", %d unknown", n[rowUnknown])
	}
	if failed > 0 {
		text += fmt.Sprintf(", %d not sent", failed)
	}
	switch {
	case time.Until(held) > 0:
		text += ", waiting until " + held.Local().Format(time.TimeOnly) + " as the API asked"
	case b.lost.Load() > 0:
		text += ", no connection since " + b.connected.Local().Format(time.TimeOnly)
	default:
		if left := n[rowNew] + n[rowWaiting]; left > 0 && b.campaign.now > 0 {
			text += fmt.Sprintf(", %s left, %.3g/s", roundDuration(time.Duration(float64(left)/b.speed()*float64(time.Second))), b.speed())
		}
	}
	b.bar.draw(int64(done), int64(all), text)
	if now := time.Now(); b.bar == nil && !b.c.JSON && now.Sub(b.told) >= lineEvery {
		b.told = now
		fmt.Fprintf(b.s.err, "tgo: %s\n", text)
	}
}

// say prints a line about the run.
func (b *listRun) say(format string, args ...any) {
	b.bar.say(b.s.err, "tgo: "+format, args...)
}

// writeReport writes the report during the run. An error is reported at the end.
func (b *listRun) writeReport() {
	begun := time.Now()
	if info, err := os.Lstat(b.report); err == nil && !info.Mode().IsRegular() {
		return // a pipe gets the final report only
	}
	_ = b.campaign.writeReport(b.report, b.list.source)
	b.written, b.writing = time.Now(), time.Since(begun)
}

// quietLogger prints only errors, since the run reports everything else.
func quietLogger(s streams) *slog.Logger {
	return slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelError}))
}
