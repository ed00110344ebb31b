package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/recipient"
)

// confirm shows what will be sent, and asks for confirmation.
func (c *sendList) confirm(s streams, l *recipients, campaign *campaign, resend []int) error {
	n := campaign.counts[rowNew] + campaign.counts[rowWaiting] + len(resend)
	if n == 0 || c.Yes {
		return nil
	}
	if !s.interactive {
		return usageError(fmt.Sprintf("%s would be sent, and there is no terminal to ask for confirmation: give --yes", count(n, "message")))
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

// examples is how many messages are shown before the question.
const examples = 3

// toSend yields the first rows to send, including those to resend, whose indices are sorted.
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

// show shows the first request that would be sent.
func (c *sendList) show(ctx context.Context, s streams, set settings, l *recipients, campaign *campaign) error {
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
	fmt.Fprintf(s.err, "tgo: %s; there is nothing to send: %d were sent before\n", campaign.inOrder(), campaign.counts[rowSent])
	return nil
}

// inOrder says how many rows have no problem.
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
