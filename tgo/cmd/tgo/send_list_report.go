package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/recipient"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/sheet"
)

// reportColumns are added to the columns of the list. A report is the list with the outcome of each row, so it can be
// the next list. It is an Excel file or a text file, by the extension of its name.
var reportColumns = []string{"tgo_outcome", "tgo_message_id", "tgo_reason", "tgo_campaign"}

// reportOf returns the default name of a report.
func reportOf(list, campaign string, isExcel bool) string {
	ext := ".csv"
	if isExcel {
		ext = ".xlsx"
	}
	if campaign != "" {
		list += "." + strings.NewReplacer("/", "-", `\`, "-").Replace(campaign)
	}
	return list + ".report" + ext
}

// writeReport writes the report of a campaign.
func (c *campaign) writeReport(name string, source *sheet.List) error {
	own := slices.DeleteFunc(slices.Clone(source.Columns), isReportColumn)
	return writeList(name, func(write func([]string) error) error {
		if err := write(append(own, reportColumns...)); err != nil {
			return err
		}
		i := 0
		for row, err := range readable(source) {
			if err != nil {
				return err
			}
			if i >= c.rows.len {
				return errListChanged
			}
			line := make([]string, 0, len(row.Cells)+len(reportColumns))
			for j, cell := range row.Cells {
				if !isReportColumn(source.Columns[j]) {
					line = append(line, cell)
				}
			}
			r, id := c.rows.at(i), ""
			if r.state == rowSent && r.receipt != 0 {
				id = strconv.FormatInt(r.receipt, 10)
			}
			if err := write(append(line, r.state.String(), id, c.reasons[i], c.queue)); err != nil {
				return err
			}
			i++
		}
		return nil
	})
}

func isReportColumn(name string) bool { return slices.Contains(reportColumns, name) }

// openReport opens a report that will be replaced; it returns nil if there is none.
func openReport(name string) (*sheet.List, error) {
	if info, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil, nil
	}
	source, err := sheet.Open(name, sheet.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s exists and is not a report of tgo: name another file with --report (%w)", name, err)
	}
	_, err1 := source.Column(reportColumns[0])
	_, err2 := source.Column(reportColumns[3])
	if err1 != nil || err2 != nil {
		_ = source.Close() // it was only read from
		return nil, fmt.Errorf("%s exists and is not a report of tgo: name another file with --report", name)
	}
	return source, nil
}

// compareReport refuses to send if a report has sent rows that the database does not have: the database is then a
// different one, an older copy, or new. The report beside the list counts even if another one is named, and so does the
// list, which may be a report.
func (c *sendList) compareReport(l *recipients, campaign *campaign, b openBox) error {
	beside := reportOf(c.CSV, c.Campaign, isWorkbook(l.source))
	if c.CSV == "-" {
		beside = reportOf(campaign.queue, "", false)
	}
	if c.Report == "" {
		c.Report = beside
	}
	where := b.where
	if where == "" {
		where = "which is missing"
	}
	for _, name := range slices.Compact([]string{c.Report, beside}) {
		n, err := lostInReport(name, l, campaign)
		if err != nil && name == c.Report { // no one claimed that the other file is a report
			return withCode(exitUsage, err)
		}
		if n > 0 && !c.IgnoreReport {
			return usageError(fmt.Sprintf("%s says that %d rows were sent or may have been, and the database (%s) does not have them: was it deleted, or is it "+
				"another one or an older copy? Give the right one with --database. To send to these rows again (they may then get the message twice), give --ignore-report", name, n, where))
		}
	}
	n, err := l.lost(l.source, campaign, func(number int, queue string) bool {
		// Without --campaign the campaign has the name of the list, which differs from that of the report.
		return (c.Campaign == "" || queue == campaign.queue) && !l.excluded.has(number)
	})
	switch {
	case err != nil:
		return withCode(exitValidation, fmt.Errorf("%s: %w", c.name(), err))
	case n > 0 && !c.IgnoreReport:
		return usageError(fmt.Sprintf("%s is a report: it says that %d of its rows were sent or may have been, and the database (%s) does not have them. "+
			"To continue that campaign, send the list of the report. To send to these rows too, give another --campaign; "+
			"to leave them out, delete them, or name them with --exclude", c.name(), n, where))
	}
	return nil
}

// lostInReport counts the rows of a report file that were sent and that the database does not have.
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

// lost counts the rows that a report calls sent or unknown and whose messages the database does not have, among those
// that meant selects. It looks up each row, since a count is not enough: the database may have as many other rows. A
// message is found by the id that the API gave it or, without an id, by its recipient.
func (l *recipients) lost(report *sheet.List, campaign *campaign, meant func(number int, queue string) bool) (int, error) {
	if _, err := report.Column(reportColumns[0]); err != nil {
		return 0, nil //nolint:nilerr // it is a list, not a report
	}
	cellOf := func(name string) func(sheet.Row) string {
		i, err := report.Column(name)
		if err != nil {
			return func(sheet.Row) string { return "" }
		}
		return func(row sheet.Row) string { return row.Cells[i] }
	}
	phone, outcome, message, in := cellOf(l.flags.To), cellOf(reportColumns[0]), cellOf(reportColumns[1]), cellOf(reportColumns[3])
	receipts := campaign.receipts()
	n := 0
	for row, err := range report.Rows() {
		var unreadable *sheet.RowError
		if errors.As(err, &unreadable) { // it was excluded from the list
			continue
		}
		if err != nil {
			return 0, err
		}
		if !saysSent(outcome(row)) || !meant(row.Number, in(row)) {
			continue
		}
		known := len(receipts) > 0 // the best guess if the column of the phones was renamed
		if id, err := strconv.ParseInt(message(row), 10, 64); err == nil {
			_, known = slices.BinarySearch(receipts, id)
		} else if to, _, err := recipient.Read(phone(row), l.flags.Country); err == nil {
			known = campaign.tried(digestOf(string(to)))
		}
		if !known {
			n++
		}
	}
	return n, nil
}

// saysSent reports whether an outcome means that the row was sent, or may have been.
func saysSent(outcome string) bool {
	return outcome == rowSent.String() || outcome == rowUnknown.String()
}
