package sheet

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLibreOffice reads what LibreOffice makes of testdata/people.fods. Without TGO_REQUIRE_RUNTIMES, which CI sets, it is skipped.
func TestLibreOffice(t *testing.T) {
	t.Parallel()
	if os.Getenv("TGO_REQUIRE_RUNTIMES") == "" {
		t.Skip("TGO_REQUIRE_RUNTIMES is not set")
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Fatal("soffice is missing, and TGO_REQUIRE_RUNTIMES is set: install libreoffice-calc-nogui")
	}
	dir := t.TempDir()
	const (
		ali     = `2: +201001234567|أحمد; "Ali", 1|05/11/2026`
		lines   = "4: 201001234567|a\nb|"
		formula = "7: error: cell B7 has the error #N/A: correct its formula, or clear the cell"
	)
	exact := []string{ali, lines, "5: 201001234567|منى|", "6: 201001234567|2|", formula}
	asShown := []string{ali, lines, "5: 201,001,234,567|منى|", "6: 2.01E+11|2|", formula} // what a spreadsheet loses in a CSV file
	for _, c := range []struct {
		filter, kind string // the numbers: separator, quote, encoding, first row
		want         []string
		guessed      string
		err          string
	}{
		{filter: "xlsx", kind: `Excel sheet "Recipients"`, want: exact},
		{filter: "csv:Text - txt - csv (StarCalc):44,34,76,1", kind: "CSV, UTF-8, separated by commas", want: asShown},
		{filter: "csv:Text - txt - csv (StarCalc):59,34,38,1", kind: "CSV, Windows-1256 (guessed), separated by semicolons", want: asShown, guessed: "windows-1256"},
		{filter: "csv:Text - txt - csv (StarCalc):9,34,65535,1", kind: "CSV, UTF-16 LE, separated by tabs", want: asShown},
		{filter: "xls", err: "this is a workbook of an old kind (.xls)"},
		{filter: "ods", err: "this is an OpenDocument file (.ods)"},
		{filter: "html", err: "this is a web page or XML"},
	} {
		t.Run(c.filter, func(t *testing.T) { // one at a time: they share a profile
			out := t.TempDir()
			extension, _, _ := strings.Cut(c.filter, ":")
			cmd := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+filepath.ToSlash(filepath.Join(dir, "profile")),
				"--headless", "--convert-to", c.filter, "--outdir", out, filepath.Join("testdata", "people.fods"))
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			l, err := Open(filepath.Join(out, "people."+extension), Options{})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close() //nolint:errcheck // it was only read from
			rows, err := read(l)
			if err != nil || !slices.Equal(rows, c.want) {
				t.Errorf("got  %q, %v\nwant %q", rows, err, c.want)
			}
			if l.Kind != c.kind || l.Guessed != c.guessed || !slices.Equal(l.Columns, []string{"رقم", "الاسم", "day"}) {
				t.Errorf("it is %q, guessed %q, with the columns %q", l.Kind, l.Guessed, l.Columns)
			}
		})
	}
}
