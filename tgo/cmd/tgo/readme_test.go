package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

var updateReadme = flag.Bool("readme.update", false, "write what the commands of README.md print into it")

// block is a piece of README.md: a table with phones, or a session at a terminal.
var block = regexp.MustCompile("(?m)^(?:\\| Name .*\n(?:\\|.*\n)+|```console\n(?:.*\n)*?```\n)")

// The sessions in README.md are run, in a folder with the customers.xlsx that its tables show.
func TestReadme(t *testing.T) {
	fake := tgotest.New(t)
	file, err := filepath.Abs("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	ran := 0
	got := block.ReplaceAllStringFunc(string(readme), func(text string) string {
		if strings.HasPrefix(text, "|") {
			if !strings.Contains(text, "tgo_outcome") {
				writeBook(t, "customers.xlsx", cells(text))
				return text
			}
			return reportTable(t, "customers.xlsx.report.xlsx")
		}
		ran++
		return session(t, fake, text)
	})
	if ran < 5 {
		t.Errorf("only %d sessions were found", ran)
	}
	if *updateReadme {
		writeFile(t, file, got)
		return
	}
	if got != string(readme) {
		t.Errorf("README.md is not what happens; go test ./tgo/cmd/tgo -run '^TestReadme$' -readme.update corrects it:\n%s", got)
	}
}

// cells are those of a table in Markdown.
func cells(table string) [][]string {
	var rows [][]string
	for i, line := range strings.Split(strings.TrimSpace(table), "\n") {
		if i == 1 { // the line under the heading
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		rows = append(rows, row)
	}
	return rows
}

// writeBook writes an Excel file.
func writeBook(t *testing.T, name string, rows [][]string) {
	t.Helper()
	book := excelize.NewFile()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(name); err != nil {
		t.Fatal(err)
	}
}

// reportTable is the list's part of a report, with the outcomes.
func reportTable(t *testing.T, name string) string {
	t.Helper()
	book, err := excelize.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // it was only read from
	rows, err := book.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for i, row := range rows {
		table.WriteString("| " + strings.Join(row[:4], " | ") + " |\n")
		if i == 0 {
			table.WriteString(strings.Repeat("|---", 4) + "|\n")
		}
	}
	return table.String()
}

// varying is what differs from run to run: a queue's name ends with a digest of the tenant's address.
var varying = regexp.MustCompile(`customers-[0-9a-f]{8}`)

// session types what a block types, and returns what the terminal shows then.
func session(t *testing.T, fake *tgotest.Server, text string) string {
	t.Helper()
	var line, types string
	for _, l := range strings.Split(text, "\n") {
		if command, ok := strings.CutPrefix(l, "$ tgo "); ok {
			line = command
		} else if _, answer, ok := strings.Cut(l, "[y/N] "); ok {
			types += answer + "\n"
		}
	}
	env := envOf(fake)
	var screen buffer
	run(soon(t), shellWords(line), streams{
		in: strings.NewReader(types), out: &screen, err: &screen, getenv: func(name string) string { return env[name] }, interactive: true,
	})
	shown := strings.Replace(screen.String(), "[y/N] ", "[y/N] "+types, 1)
	return "```console\n$ tgo " + line + "\n" + varying.ReplaceAllString(shown, "customers-4f1e9a0c") + "```\n"
}

// shellWords cuts a line as a shell does, as far as README.md needs it.
func shellWords(line string) []string {
	var found []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		found = append(found, m[1]+m[2])
	}
	return found
}
