package main

import (
	"bytes"
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

// block is a piece of README.md: a table with phones, or a session at a terminal, of one or more commands.
var block = regexp.MustCompile("(?m)^(?:\\| Name .*\n(?:\\|.*\n)+|```console\n(?:.*\n)*?```\n)")

// The sessions in README.md are run against a fake with the seed that it shows, in a folder with the files that they name: the
// customers.xlsx of its tables, and those of the demo.
func TestReadme(t *testing.T) {
	file, err := filepath.Abs("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seed := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(readme)
	if seed == nil {
		t.Fatal("README.md shows no seed")
	}
	parsed, err := tgotest.ReadSeed(bytes.NewReader(seed[1]))
	if err != nil {
		t.Fatal(err)
	}
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Seed = parsed })
	env := with(envOf(fake), "XDG_CONFIG_HOME", t.TempDir(), "XDG_DATA_HOME", t.TempDir())
	demo, err := filepath.Abs("demo")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for asset, name := range map[string]string{"picture.png": "parcel.png", "voice.ogg": "hello.ogg", "invoice.pdf": "invoice.pdf"} {
		content, err := os.ReadFile(filepath.Join(demo, asset))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, name, string(content))
	}
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
		return session(t, env, text)
	})
	if ran < 15 {
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

// varying is what differs from run to run, and what README.md shows of it. A queue's name ends with a digest of the tenant's
// address.
var varying = []struct {
	pattern *regexp.Regexp
	shown   string
}{
	{regexp.MustCompile(`customers-[0-9a-f]{8}`), "customers-4f1e9a0c"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:41234"},
	{regexp.MustCompile(`tgo_[A-Z0-9]{26}`), "tgo_EXAMPLEONLYEXAMPLEONLYONLY"},
	{regexp.MustCompile(`tgo_[A-Z0-9]{4}\.\.\.`), "tgo_EXAM..."},
	{regexp.MustCompile(`boundary=[0-9a-f]+`), "boundary=..."},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "2026-01-10T08:00:00Z"},
}

// session types what a block types, and returns what the terminal shows then.
func session(t *testing.T, env map[string]string, text string) string {
	t.Helper()
	shown := "```console\n"
	for _, command := range strings.Split("\n"+text, "\n$ tgo ")[1:] {
		line, printed, _ := strings.Cut(command, "\n")
		var types string
		for _, answer := range regexp.MustCompile(`(?m)\[y/N\] (.*)$`).FindAllStringSubmatch(printed, -1) {
			types += answer[1] + "\n"
		}
		var screen buffer
		run(soon(t), shellWords(line), streams{
			in: strings.NewReader(types), out: &screen, err: &screen, getenv: func(name string) string { return env[name] }, interactive: true,
		})
		shown += "$ tgo " + line + "\n" + strings.Replace(screen.String(), "[y/N] ", "[y/N] "+types, 1)
	}
	for _, v := range varying {
		shown = v.pattern.ReplaceAllString(shown, v.shown)
	}
	return shown + "```\n"
}

// shellWords cuts a line as a shell does, as far as README.md needs it.
func shellWords(line string) []string {
	var found []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		found = append(found, m[1]+m[2])
	}
	return found
}
