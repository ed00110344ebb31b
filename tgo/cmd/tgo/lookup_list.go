package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/recipient"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/sheet"
)

// lookupColumns are added to the columns of the list.
var lookupColumns = []string{"tgo_can_receive", "tgo_reason"}

// rowVerdict is the result for a row, as --json shows it.
type rowVerdict struct {
	Row        int       `json:"row"`
	Phone      tgo.Phone `json:"phone,omitempty"` // empty if the cell has no phone
	CanReceive bool      `json:"can_receive"`
	Reason     string    `json:"reason,omitempty"`
}

// lookupList asks about each phone of a list, and writes the list with the results.
func (c *lookupCommand) lookupList(ctx context.Context, s streams, from *tgo.Sender) error {
	source, err := c.open(s, c.CSV)
	if err != nil {
		return err
	}
	defer source.Close() //nolint:errcheck // it was only read from
	l := recipients{flags: &c.listFlags, source: source}
	if err := l.parse("", ""); err != nil {
		return err
	}
	if err := checkExclude(&c.listFlags, source); err != nil {
		return err
	}
	report := c.Report
	if report == "" {
		report = reportOf(c.CSV, "lookup", isWorkbook(source))
	}
	if sameFile(report, c.CSV) {
		return usageError("--report is the list itself: name another file")
	}
	can, cannot, unreadable := 0, 0, 0
	bar := newBar(s)
	err = writeList(report, func(write func([]string) error) error {
		if err := write(append(slices.Clone(source.Columns), lookupColumns...)); err != nil {
			return err
		}
		ticker := time.NewTicker(max(1, time.Duration(float64(time.Second)/c.Rate)))
		defer ticker.Stop()
		for row, err := range source.Rows() {
			var broken *sheet.RowError
			switch {
			case errors.As(err, &broken) && c.Exclude.has(broken.Number):
				continue
			case err != nil:
				return withCode(exitValidation, fmt.Errorf("%s: %w", c.name(), err))
			case c.Exclude.has(row.Number):
				continue
			}
			verdict, err := c.verdict(ctx, from, row.Number, row.Cells[l.to], ticker.C)
			if err != nil {
				return err
			}
			answer := "no"
			switch {
			case verdict.CanReceive:
				can, answer = can+1, "yes"
			case verdict.Phone == "":
				unreadable++
			default:
				cannot++
			}
			if err := write(append(slices.Clone(row.Cells), answer, verdict.Reason)); err != nil {
				return err
			}
			if c.JSON {
				if err := writeJSON(s.out, verdict); err != nil {
					return err
				}
			}
			bar.draw(0, 1, fmt.Sprintf("%d can receive, %d cannot", can, cannot))
		}
		return nil
	})
	bar.end()
	if err != nil {
		return err
	}
	if !c.JSON {
		also := ""
		if unreadable > 0 {
			also = fmt.Sprintf(", %d without a phone that can be read (the report says why)", unreadable)
		}
		_, err = fmt.Fprintf(s.out, "%s: %d can receive, %d cannot%s\nReport: %s\n", count(can+cannot+unreadable, "row"), can, cannot, also, report)
	}
	if err == nil && cannot+unreadable > 0 {
		return withCode(exitNo, errShown)
	}
	return err
}

// verdict waits for its turn and asks about the phone in a cell.
func (c *lookupCommand) verdict(ctx context.Context, from *tgo.Sender, row int, cell string, turn <-chan time.Time) (rowVerdict, error) {
	verdict := rowVerdict{Row: row}
	phone, _, err := recipient.Read(cell, c.Country)
	if err != nil {
		verdict.Reason = err.Error()
		return verdict, nil
	}
	verdict.Phone = phone
	select {
	case <-turn:
	case <-ctx.Done():
		return verdict, errInterrupted
	}
	contact, err := from.Lookup(ctx, phone)
	if err != nil {
		return verdict, reading(fmt.Errorf("row %d: %w", row, err))
	}
	verdict.CanReceive = contact.CanReceive
	if !contact.CanReceive {
		verdict.Reason = contact.ReasonCode
	}
	return verdict, nil
}

// checkExclude returns an error if --exclude names rows that the list does not have.
func checkExclude(flags *listFlags, source *sheet.List) error {
	if len(flags.Exclude) == 0 {
		return nil
	}
	first, last := 0, 0
	for row, err := range source.Rows() {
		var broken *sheet.RowError
		switch {
		case errors.As(err, &broken):
			row.Number = broken.Number
		case err != nil:
			return withCode(exitValidation, fmt.Errorf("%s: %w", flags.name(), err))
		}
		last = row.Number
		first = cmp.Or(first, last)
	}
	return flags.Exclude.within("--exclude", first, last)
}
