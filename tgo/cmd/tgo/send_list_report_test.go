package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A report can be the next list. Rows of it that were sent are not sent again, unless the user asks for it.
func TestSendListReportAsList(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactUnreachable)
	sendCSV(t, fake, file, "--text", hello).want(t, exitRejected, "2 sent", "1 rejected")
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactReachable)
	report := file + ".report.csv"
	const says = "it says that 2 of its rows were sent or may have been, and the database"
	sendCSV(t, fake, report, "--text", hello).want(t, exitUsage, says, "--campaign", "--exclude")
	sendCSV(t, fake, report, "--text", hello, "--campaign", "recipients").want(t, exitUsage, says)
	wantMessages(t, fake, 2)
	// With its database it continues the campaign of the list.
	sendCSV(t, fake, report, "--text", hello, "--campaign", "recipients", "--database", "sqlite:"+databaseOf(file), "--resend", "rejected").
		want(t, exitOK, "3 sent (2 before, 1 now)")
	wantMessages(t, fake, 3)
	// Rows that were sent before can be excluded, or sent under another name.
	sendCSV(t, fake, report, "--text", hello, "--exclude", "2,4", "--dry-run").want(t, exitOK, "row 3, the first of 1 message to send; no problem in 1 row (2 excluded); 0 were sent before\n")
	sendCSV(t, fake, report, "--text", "Bye", "--campaign", "December").want(t, exitOK, "3 sent (0 before, 3 now)")
	wantMessages(t, fake, 6)
}

// If the report cannot be written, the outcome of the rows is shown anyway.
func TestSendListWithoutAReport(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	nowhere := filepath.Join(t.TempDir(), "missing", "report.csv")
	for _, args := range [][]string{nil, {"--json"}} {
		r := sendCSV(t, fake, writeRows(t, 2), append(args, "--text", hello, "--report", nowhere)...).want(t, exitFailed)
		if strings.Contains(r.out, nowhere) || !strings.Contains(r.err, "the report could not be written") || !strings.Contains(r.out, "2") {
			t.Errorf("stdout %q, stderr %q", r.out, r.err)
		}
	}
}

// The report of an Excel file is an Excel file.
func TestSendListExcel(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := filepath.Join(t.TempDir(), "customers.xlsx")
	book := excelize.NewFile()
	for cell, value := range map[string]any{"A1": "Name", "B1": "Phone", "A2": "Mona", "B2": int64(201010000000), "A3": "Omar", "B3": "01010000001"} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(file); err != nil {
		t.Fatal(err)
	}
	args := []string{"--country", "EG", "--to", "phone", "--text", "Dear {name}"}
	r := sendCSV(t, fake, file, "--text", "x").want(t, exitValidation, `no column "to"`, "name the column of the phones with --to")
	if strings.Contains(r.err, "--delimiter") {
		t.Errorf("an Excel file has no delimiter: %q", r.err)
	}
	sendCSV(t, fake, file, args...).want(t, exitOK, "2 sent", "Report: "+file+".report.xlsx", "2 phones got the country code of EG", `"01010000001" is +201010000001`)
	fake.ExpectMessage(t, tgotest.To("+201010000000"), tgotest.Containing("Dear Mona"))
	fake.ExpectMessage(t, tgotest.To("+201010000001"), tgotest.Containing("Dear Omar"))
	report, err := excelize.OpenFile(file + ".report.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	defer report.Close() //nolint:errcheck // it was only read from
	rows, err := report.GetRows("Sheet1")
	if err != nil || len(rows) != 3 || strings.Join(rows[2][:3], ",") != "Omar,01010000001,sent" {
		t.Errorf("%v, %v", rows, err)
	}
	sendCSV(t, fake, file, args...).want(t, exitOK, "2 sent (2 before, 0 now)")
	// The report is a list, too.
	sendCSV(t, fake, file+".report.xlsx", append(args, "--campaign", "customers", "--database", "sqlite:"+databaseOf(file))...).
		want(t, exitOK, "2 sent (2 before, 0 now)")
}

// If writing a report fails, neither a part of it nor the temporary file of a big sheet is left.
func TestReportBrokenOff(t *testing.T) {
	temp, dir := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp) // of Windows
	unpacked := 0
	err := writeList(filepath.Join(dir, "report.xlsx"), func(write func([]string) error) error {
		cell := strings.Repeat("x", 32_000)
		for range 600 { // more than is kept in memory
			if err := write([]string{cell}); err != nil {
				return err
			}
		}
		entries, err := os.ReadDir(temp)
		unpacked = len(entries)
		return errors.Join(err, errInterrupted)
	})
	if !errors.Is(err, errInterrupted) || unpacked == 0 {
		t.Errorf("%v; %d temporary files", err, unpacked)
	}
	for _, folder := range []string{temp, dir} {
		if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
			t.Errorf("%v, %v: something is left over", entries, err)
		}
	}
}

// A file that is named by mistake is not changed.
func TestSendListSparesOtherFiles(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 1)
	dir := filepath.Dir(file)
	recipients, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	byAnotherName := dir + "/../" + filepath.Base(dir) + "/" + filepath.Base(file)
	linked := filepath.Join(dir, "linked.csv")
	if err := os.Link(file, linked); err != nil {
		t.Fatal(err)
	}
	letter := writeFile(t, filepath.Join(dir, "letter.txt"), "Dear Mona")
	table := writeFile(t, filepath.Join(dir, "table.csv"), "a,b\n1,2")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"the report is the list":      {[]string{"--report", byAnotherName}, "is the list itself"},
		"the report is a link to it":  {[]string{"--report", linked}, "is the list itself"},
		"the report is a letter":      {[]string{"--report", letter}, "is not a report"},
		"the report is a table":       {[]string{"--report", table}, "is not a report"},
		"the database is the list":    {[]string{"--database", "sqlite:" + byAnotherName}, ""},
		"the database is a letter":    {[]string{"--database", "sqlite:" + letter}, ""},
		"the database is no database": {[]string{"--database", "mysql://x"}, "must be sqlite:FILE"},
	} {
		sendCSV(t, fake, file, append([]string{"--text", hello}, c.args...)...).want(t, exitUsage, c.says)
		for f, want := range map[string]string{file: string(recipients), letter: "Dear Mona", table: "a,b\n1,2"} {
			if got, err := os.ReadFile(f); err != nil || string(got) != want {
				t.Errorf("%s: %s is %q, %v", name, f, got, err)
			}
		}
	}
	fake.ExpectNoMessage(t)
}

// The report beside the list is compared even if another one is named.
func TestSendListWithAnotherReport(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	elsewhere := t.TempDir()
	other := []string{"--database", "sqlite:" + filepath.Join(elsewhere, "other.db"), "--report", filepath.Join(elsewhere, "other.csv")}
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent")
	sendCSV(t, fake, file, append(other, "--text", hello)...).want(t, exitUsage, "recipients.csv.report.csv says that 3 rows were sent")
	wantMessages(t, fake, 3)
	// A file of that name that is not a report is ignored then.
	writeFile(t, file+".report.csv", "a,b\n1,2\n")
	sendCSV(t, fake, file, append(other, "--text", "Bye")...).want(t, exitOK, "3 sent (0 before, 3 now)")
}
