package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

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

// isWorkbook reports an Excel file.
func isWorkbook(source *sheet.List) bool { return strings.HasPrefix(source.Kind, "Excel") }

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

// readable yields the rows that can be read, and what ends them early. The others were excluded.
func readable(source *sheet.List) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		for row, err := range source.Rows() {
			var unreadable *sheet.RowError
			if !errors.As(err, &unreadable) && !yield(row, err) {
				return
			}
		}
	}
}

func isReportColumn(name string) bool { return slices.Contains(reportColumns, name) }

// writeList replaces a file by rows, in the format that the name's extension says.
func writeList(name string, rows func(write func(cells []string) error) error) error {
	return writeAside(name, func(out io.Writer) error {
		if strings.EqualFold(filepath.Ext(name), ".xlsx") {
			return writeExcel(out, rows)
		}
		// The mark at the beginning makes Excel read UTF-8.
		if _, err := io.WriteString(out, byteOrderMark); err != nil {
			return err
		}
		w := csv.NewWriter(out)
		err := rows(w.Write)
		w.Flush()
		return errors.Join(err, w.Error())
	})
}

func writeExcel(out io.Writer, rows func(write func(cells []string) error) error) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }() // which removes its temporary files
	stream, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	number := 0
	err = rows(func(cells []string) error {
		number++
		row := make([]any, len(cells))
		for i, cell := range cells {
			row[i] = cell // as text, whatever it looks like
		}
		return stream.SetRow(fmt.Sprintf("A%d", number), row)
	})
	if err != nil {
		return err
	}
	return errors.Join(stream.Flush(), book.Write(out))
}

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

// writeAside replaces a file as a whole, so that nobody reads half of it. A link, a pipe or a device stays what it is, and
// is written to.
func writeAside(name string, write func(io.Writer) error) error {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the user names it
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	return replaceFile(name, write)
}

// replaceFile replaces a file as a whole by one that only its owner can read.
func replaceFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".tgo-*") // which has the mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it has another name by then, or is of no use
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
