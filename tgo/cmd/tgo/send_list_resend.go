package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/sheet"
)

// resend finds the rows of --resend. If one of them cannot be resent, it returns an error and no rows.
func (c *sendList) resend(l *recipients, campaign *campaign) ([]int, error) {
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
		return "not known yet: the previous run ended while it was being sent. Run the command without --resend first, and check"
	case rowNew, rowWaiting, rowNotSent, rowNoFile:
		return "still to be sent"
	}
	return state.String()
}

// rejectedIn selects the rows that a report calls rejected and that still are.
func (c *sendList) rejectedIn(report string, l *recipients, campaign *campaign, chosen map[int]bool) error {
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
