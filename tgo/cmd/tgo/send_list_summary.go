package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// rowEvent is a row whose state has changed, as --json shows it.
type rowEvent struct {
	Event     string `json:"event"` // row
	Row       int32  `json:"row"`
	State     string `json:"state"` // waiting, sending, or the outcome as in a report
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
	SentBefore int    `json:"sent_before"` // how many of them by earlier runs
	Rejected   int    `json:"rejected"`
	Unknown    int    `json:"unknown"`
	NotSent    int    `json:"not_sent"`
	Excluded   int    `json:"excluded"`
	ToCorrect  int    `json:"to_correct,omitempty"` // rows that --status found wrong
	Stopped    string `json:"stopped,omitempty"`
	ExitCode   int    `json:"exit_code"`
	Campaign   string `json:"campaign"`
	Queue      string `json:"queue"`
	Report     string `json:"report,omitempty"` // empty if it could not be written
}

// summarize prints the outcome of the rows. If this run has sent, it also writes the report.
func (c *sendList) summarize(s streams, l *recipients, campaign *campaign, stopped error) error {
	n := campaign.counts
	end := endEvent{
		Event: "end", Rows: campaign.rows.len, Sent: n[rowSent], SentBefore: n[rowSent] - campaign.now, Rejected: n[rowRejected],
		Unknown: campaign.mayHaveArrived(), NotSent: campaign.notSent(), Excluded: n[rowExcluded], Campaign: campaign.name, Queue: campaign.queue,
	}
	if c.wrong != nil {
		end.ToCorrect = c.wrong.rowsToCorrect()
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
	case c.wrong != nil:
		end.ExitCode = exitValidation
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
		err = c.summarizeJSON(s, campaign, end)
	} else {
		err = c.summarizeText(s, l, campaign, end)
	}
	if err != nil {
		fmt.Fprintf(s.err, "tgo: the outcome of the rows could not be written: %v\n", err)
		end.ExitCode = max(end.ExitCode, exitFailed)
	}
	if end.ExitCode == exitOK {
		return nil
	}
	return withCode(end.ExitCode, errShown)
}

func (c *sendList) summarizeJSON(s streams, campaign *campaign, end endEvent) error {
	if c.Status {
		for i := range campaign.rows.len {
			if err := writeJSON(s.out, eventOf(campaign, i, campaign.rows.at(i))); err != nil {
				return err
			}
		}
	}
	return writeJSON(s.out, end)
}

func (c *sendList) summarizeText(s streams, l *recipients, campaign *campaign, end endEvent) error {
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
		again := "Run the same command again to continue.\n"
		if len(c.Resend) > 0 {
			again = "Run the same command again, without --resend, to continue.\n"
		}
		out.WriteString(again)
	}
	if c.wrong != nil {
		fmt.Fprintf(&out, "To correct, before anything more can be sent:\n%s\n", c.wrong.text())
	}
	to := l.phonesOf(campaign)
	for _, section := range []struct {
		heading string
		states  []rowState
	}{
		{"Rejected (--resend rejected sends these again):", []rowState{rowRejected}},
		{"Not sent:", []rowState{rowNotSent, rowNoFile, rowChanged, rowCancelled}},
		{"Unknown: these may have arrived (check before --resend ROW):", []rowState{rowUnknown, rowSending}},
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

// phonesOf reads the phones of the rows that the summary shows.
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

// troubled are the states that need attention.
var troubled = []rowState{rowRejected, rowNotSent, rowNoFile, rowChanged, rowCancelled, rowUnknown, rowSending}
