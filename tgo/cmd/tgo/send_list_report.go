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

// A report is the list with what became of its rows in more columns, so that it can be the next list. It is a text file or, by its name,
// an Excel file.

// reportColumns are those that a report has besides the list's own.
var reportColumns = []string{"tgo_outcome", "tgo_message_id", "tgo_reason", "tgo_campaign"}

// reportOf is the report's name where none is given.
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

// openReport opens a report that is to be replaced, or returns nil where there is none.
func openReport(name string) (*sheet.List, error) {
	if info, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil, nil
	}
	source, err := sheet.Open(name, sheet.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s is there already, and is not a report of tgo: name another one by --report (%w)", name, err)
	}
	_, err1 := source.Column(reportColumns[0])
	_, err2 := source.Column(reportColumns[3])
	if err1 != nil || err2 != nil {
		_ = source.Close() // it was only read from
		return nil, fmt.Errorf("%s is there already, and is not a report of tgo: name another one by --report", name)
	}
	return source, nil
}

// compareReport refuses to send where a report says more than the database: that is then another one, an older copy, or a new one. The report
// beside the list counts also where another one is named, and so does the list, which may be a report.
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

// lost counts the rows that a report calls sent, or unknown, and whose messages the database does not know, of those that are meant. It looks
// for each of them, since rows come and go: the database may know as many others. A message is known by the id that the API gave it or, where
// it has none, by its recipient.
func (l *recipients) lost(report *sheet.List, campaign *campaign, meant func(number int, queue string) bool) (int, error) {
	if _, err := report.Column(reportColumns[0]); err != nil {
		return 0, nil //nolint:nilerr // it is no report, but a list
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
		if errors.As(err, &unreadable) { // in a list it was excluded
			continue
		}
		if err != nil {
			return 0, err
		}
		if !saysSent(outcome(row)) || !meant(row.Number, in(row)) {
			continue
		}
		known := len(receipts) > 0 // is all that can be said where the column of the phones has another name by now
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

// saysSent reports the outcome of a row that was sent, or may have been.
func saysSent(outcome string) bool {
	return outcome == rowSent.String() || outcome == rowUnknown.String()
}
