package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// runner sends the rows of a batch that are still to be sent.
type runner struct {
	batch   *batch
	from    *tgo.Sender
	journal *journal
	c       *csvCommand
	bar     *bar

	mu      sync.Mutex
	counts  map[string]int
	unknown int   // in a row
	stopped error // why no more rows are begun
	begun   time.Time
	news    int // messages of this run
}

// run sends until every row has its end, something is wrong that is no row's fault, or the context ends. What is on its
// way then is waited for: broken off, its outcome would be unknown.
func (r *runner) run(ctx context.Context) {
	r.counts, r.begun = map[string]int{}, time.Now()
	var left []row
	for _, one := range r.batch.rows {
		switch outcome := r.journal.outcome(one.number).Outcome; outcome {
		case "", outcomeNotSent:
			left = append(left, one)
		default:
			r.counts[outcome]++
		}
	}
	next := make(chan row)
	stop, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	finishing, release := context.WithCancel(context.WithoutCancel(ctx))
	defer release()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(r.c.Grace, release) })()
	var workers sync.WaitGroup
	for range min(r.c.Concurrency, max(1, len(left))) {
		workers.Go(func() {
			for one := range next {
				if err := r.send(finishing, one); err != nil {
					cancel(err)
				}
			}
		})
	}
	pace := newPace(r.c.Rate)
	for _, one := range left {
		if !pace.wait(stop) {
			break
		}
		select {
		case next <- one:
			continue
		case <-stop.Done():
		}
		break
	}
	close(next)
	workers.Wait()
	r.stopped = context.Cause(stop)
}

// pace lets rows begin at even distances.
type pace struct {
	every time.Duration
	next  time.Time
}

func newPace(rate float64) *pace {
	if rate == 0 {
		return &pace{}
	}
	return &pace{every: time.Duration(float64(time.Second) / rate), next: time.Now()}
}

// wait reports whether a row may begin.
func (p *pace) wait(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	if p.every == 0 {
		return true
	}
	timer := time.NewTimer(time.Until(p.next))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	p.next = p.next.Add(p.every)
	if now := time.Now(); p.next.Before(now) { // time that was lost is not made up for
		p.next = now
	}
	return true
}

// send sends a row. Its error ends the run.
func (r *runner) send(ctx context.Context, one row) error {
	if err := r.journal.append(entry{Row: one.number, Event: eventBegin}); err != nil {
		return err // nothing was sent
	}
	receipt, err := r.batch.mail(ctx, r.from, one)
	end := entry{Row: one.number, Event: eventEnd, ID: receipt.ID}
	var fatal error
	end.Outcome, fatal = outcomeOf(err)
	if err != nil {
		end.Error = strings.TrimPrefix(err.Error(), "tgo: ")
	}
	if err := r.journal.append(end); err != nil {
		return err // the row is begun and not ended: the next run puts it aside
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[end.Outcome]++
	r.news++
	r.unknown++
	if end.Outcome != outcomeUnknown {
		r.unknown = 0
	}
	if r.unknown >= r.c.MaxUnknown {
		fatal = withCode(exitUnknown, fmt.Errorf("the outcomes of %d messages in a row are unknown, the last one: %s", r.unknown, end.Error))
	}
	r.draw()
	return fatal
}

// outcomeOf is what became of a message, with an error where the next one would fare alike, for no fault of its row.
func outcomeOf(err error) (string, error) {
	switch tgo.DeliveryOf(err) {
	case tgo.DeliveryAccepted:
		return outcomeSent, nil
	case tgo.DeliveryNotSent:
		return outcomeNotSent, withCode(writeCode(err), err)
	case tgo.DeliveryRejected:
		if meetsEveryone(err) {
			return outcomeNotSent, withCode(writeCode(err), err)
		}
		return outcomeRejected, nil
	}
	return outcomeUnknown, nil
}

// meetsEveryone reports a refusal that says nothing of the row: of the key, the address, the speed or the sender.
func meetsEveryone(err error) bool {
	for _, everyone := range []error{
		tgo.ErrUnauthenticated, tgo.ErrScope, tgo.ErrNotFound, tgo.ErrRateLimited, tgo.ErrSenderInactive, tgo.ErrSenderUnverified,
	} {
		if errors.Is(err, everyone) {
			return true
		}
	}
	var refused *tgo.APIError
	if !errors.As(err, &refused) || len(refused.Fields) == 0 {
		return false
	}
	for field := range refused.Fields {
		if field != "sender_phone" && field != "sender_number_id" {
			return false
		}
	}
	return true
}

// draw shows the counts. The caller holds the lock.
func (r *runner) draw() {
	done := 0
	for _, n := range r.counts {
		done += n
	}
	speed := float64(r.news) / max(time.Since(r.begun).Seconds(), 0.001)
	r.bar.draw(int64(done), int64(len(r.batch.rows)), fmt.Sprintf("%d/%d sent, %d rejected, %d unknown, %.0f/s",
		r.counts[outcomeSent], len(r.batch.rows), r.counts[outcomeRejected], r.counts[outcomeUnknown], speed))
}

// runReport is the report as --json shows it.
type runReport struct {
	Rows     int            `json:"rows"`
	Sent     int            `json:"sent"`
	Rejected int            `json:"rejected"`
	NotSent  int            `json:"not_sent"`
	Unknown  int            `json:"unknown"`
	Stopped  string         `json:"stopped,omitempty"`
	Journal  string         `json:"journal"`
	Report   string         `json:"report,omitempty"` // empty where it could not be written
	Aside    []rowInTrouble `json:"unknown_rows"`
	Refused  []rowInTrouble `json:"rejected_rows"`
}

type rowInTrouble struct {
	Row   int    `json:"row"`
	To    string `json:"to"`
	Error string `json:"error"`
}

// report tells what became of each row, by what the journal says.
func (r *runner) report(s streams) error {
	rep := runReport{Rows: len(r.batch.rows), Journal: r.c.Journal, Report: r.c.Report, Aside: []rowInTrouble{}, Refused: []rowInTrouble{}}
	lines := [][]string{{"row", "to", "outcome", "message_id", "error"}}
	for _, one := range r.batch.rows {
		e := r.journal.outcome(one.number)
		trouble := rowInTrouble{one.number, string(one.to), e.Error}
		id := ""
		switch e.Outcome {
		case outcomeSent:
			rep.Sent++
			id = strconv.FormatInt(e.ID, 10)
		case outcomeRejected:
			rep.Rejected++
			rep.Refused = append(rep.Refused, trouble)
		case outcomeUnknown:
			rep.Unknown++
			rep.Aside = append(rep.Aside, trouble)
		default:
			rep.NotSent++
			e.Outcome = outcomeNotSent
		}
		lines = append(lines, []string{strconv.Itoa(one.number), string(one.to), e.Outcome, id, e.Error})
	}
	err := writeAside(r.c.Report, func(out io.Writer) error { return csv.NewWriter(out).WriteAll(lines) })
	if err != nil {
		rep.Report = ""
		fmt.Fprintf(s.err, "tgo: the report could not be written: %v\n", err)
	}
	interrupted := errors.Is(r.stopped, context.Canceled)
	if r.stopped != nil {
		rep.Stopped = strings.TrimPrefix(r.stopped.Error(), "tgo: ")
		if interrupted {
			rep.Stopped = "interrupted"
		}
	}
	if r.c.JSON {
		if failed := writeJSON(s.out, rep); failed != nil {
			err = failed
			fmt.Fprintf(s.err, "tgo: what became of the rows could not be written: %v\n", err)
		}
	} else {
		rep.write(s.out, len(r.c.Resend) > 0)
	}
	switch {
	case rep.Unknown > 0:
		return withCode(exitUnknown, errShown)
	case r.stopped != nil && !interrupted:
		return withCode(codeOf(r.stopped), errShown)
	case rep.NotSent > 0:
		return withCode(exitNotSent, errShown)
	case rep.Rejected > 0:
		return withCode(exitRejected, errShown)
	case err != nil:
		return errShown
	}
	return nil
}

func (rep *runReport) write(out io.Writer, resent bool) {
	fmt.Fprintf(out, "%s: %d sent, %d rejected, %d unknown, %d not sent\n", count(rep.Rows, "row"), rep.Sent, rep.Rejected, rep.Unknown, rep.NotSent)
	if rep.Stopped != "" {
		fmt.Fprintf(out, "Stopped: %s\n", printable(rep.Stopped))
	}
	switch {
	case rep.NotSent > 0 && resent:
		fmt.Fprintln(out, "Run the same command again, without --resend, to go on.")
	case rep.NotSent > 0:
		fmt.Fprintln(out, "Run the same command again to go on.")
	}
	show := func(heading string, rows []rowInTrouble) {
		if len(rows) > 0 {
			fmt.Fprintln(out, heading)
		}
		for i, t := range rows {
			if i == maxProblems {
				fmt.Fprintf(out, "  and %d more\n", len(rows)-i)
				break
			}
			fmt.Fprintf(out, "  row %d  %s  %s\n", t.Row, t.To, printable(t.Error))
		}
	}
	show("Rejected:", rep.Refused)
	show("Put aside, since these may have arrived (look before you say --resend ROW):", rep.Aside)
	if rep.Report != "" {
		fmt.Fprintf(out, "Report: %s\n", rep.Report)
	}
	fmt.Fprintf(out, "Journal: %s\n", rep.Journal)
}
