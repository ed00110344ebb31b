package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// book is a workbook by hand. Sheets are the rows of "First", "Hidden" and "Last", as XML.
func book(t testing.TB, parts map[string]string) string {
	t.Helper()
	const (
		main      = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
		relations = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
		kind      = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
		types     = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
	)
	all := map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + types + `sheet.main+xml"/></Types>`,
		"_rels/.rels": `<Relationships ` + relations + `><Relationship Id="r" Type="` + kind + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook ` + main + ` xmlns:r="` + kind + `"><sheets><sheet name="Hidden" sheetId="1" state="hidden" r:id="r2"/>` +
			`<sheet name="First" sheetId="2" r:id="r1"/><sheet name="Last" sheetId="3" r:id="r3"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships ` + relations + `>` +
			`<Relationship Id="r1" Type="` + kind + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r2" Type="` + kind + `/worksheet" Target="/xl/worksheets/sheet2.xml"/>` +
			`<Relationship Id="r3" Type="` + kind + `/worksheet" Target="worksheets/sheet3.xml"/>` +
			`<Relationship Id="r4" Type="` + kind + `/sharedStrings" Target="sharedStrings.xml"/>` +
			`<Relationship Id="r5" Type="` + kind + `/styles" Target="styles.xml"/></Relationships>`,
		"xl/styles.xml": `<styleSheet ` + main + `><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts>` +
			`<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml": `<sst ` + main + ` count="3" uniqueCount="3"><si><t>to</t></si><si><t>name</t></si>` +
			`<si><r><t>Ali </t></r><r><rPr><b/></rPr><t>Omar</t></r></si></sst>`,
		"xl/worksheets/sheet1.xml": header + row(2, "1", "a"),
		"xl/worksheets/sheet2.xml": header + row(2, "2", "hidden"),
		"xl/worksheets/sheet3.xml": header + row(2, "3", "last"),
	}
	maps.Copy(all, parts)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		content := all[name]
		if strings.HasPrefix(name, "xl/worksheets/") && !strings.HasPrefix(content, "<?xml") {
			content = `<worksheet ` + main + `><sheetData>` + content + `</sheetData></worksheet>`
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const header = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`

// row is a row of a number and a text.
func row(number int, a, b string) string {
	return fmt.Sprintf(`<row r="%d"><c r="A%d"><v>%s</v></c><c r="B%d" t="inlineStr"><is><t>%s</t></is></c></row>`, number, number, a, number, b)
}

// TestWorkbook reads what Excel and others put into cells.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	b := func(number int, cell string) string {
		return fmt.Sprintf(`<row r="%d"><c r="A%d"><v>1</v></c>%s</row>`, number, number, cell)
	}
	date1904 := `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<workbookPr date1904="1"/><sheets><sheet name="First" sheetId="2" r:id="r1"/></sheets></workbook>`
	for _, c := range []struct {
		name    string
		rows    string
		parts   map[string]string
		options Options
		kind    string
		want    []string
	}{
		{name: "the first visible sheet", rows: row(2, "1", "a"), want: []string{"2: 1|a"}},
		{name: "a sheet by its name", options: Options{Sheet: " last"}, kind: `Excel sheet "Last"`, want: []string{"2: 3|last"}},
		{name: "a hidden sheet by its name", options: Options{Sheet: "Hidden"}, kind: `Excel sheet "Hidden"`, want: []string{"2: 2|hidden"}},
		{name: "rich text", rows: b(2, `<c r="B2" t="s"><v>2</v></c>`), want: []string{"2: 1|Ali Omar"}},
		{name: "rich text in the cell", rows: b(2, `<c r="B2" t="inlineStr"><is><r><t>Ali</t></r><r><t xml:space="preserve"> Omar</t></r></is></c>`),
			want: []string{"2: 1|Ali Omar"}},
		{name: "the value of a formula", rows: b(2, `<c r="B2" t="str"><f>C2&amp;D2</f><v>Ali Omar</v></c>`) + b(3, `<c r="B3"><f>1+1</f><v>2</v></c>`),
			want: []string{"2: 1|Ali Omar", "3: 1|2"}},
		{name: "a formula that was never calculated", rows: b(2, `<c r="B2"><f>1+1</f></c>`), want: []string{"2: 1|"}},
		{name: "true and false", rows: b(2, `<c r="B2" t="b"><v>1</v></c>`) + b(3, `<c r="B3" t="b"><v>0</v></c>`), want: []string{"2: 1|TRUE", "3: 1|FALSE"}},
		{name: "an error", rows: b(2, `<c r="B2" t="e"><f>NA()</f><v>#N/A</v></c>`) + row(3, "2", "b"),
			want: []string{"2: error: cell B2 has the error #N/A: correct its formula, or clear the cell", "3: 2|b"}},
		{name: "a date", rows: b(2, `<c r="B2" s="1"><v>45000</v></c>`), want: []string{"2: 1|15/03/2023"}},
		{name: "a date since 1904", rows: b(2, `<c r="B2" s="1"><v>43538</v></c>`), parts: map[string]string{"xl/workbook.xml": date1904}, want: []string{"2: 1|15/03/2023"}},
		{name: "blank rows and cells", rows: `<row r="2"/>` + row(4, "1", "a") + `<row r="6"><c r="A6" s="1"/><c r="B6"/></row>` + b(9, ""),
			want: []string{"4: 1|a", "9: 1|"}},
		{name: "hidden rows are read, and said", rows: row(2, "1", "a") + strings.ReplaceAll(row(3, "2", "b")+row(4, "3", "c"), "<row", `<row hidden="1"`) +
			`<row r="5" hidden="1"/>`, kind: `Excel sheet "First", including 2 hidden rows`, want: []string{"2: 1|a", "3: 2|b", "4: 3|c"}},
		{name: "rows and cells without references", rows: `<row><c><v>1</v></c><c t="inlineStr"><is><t>a</t></is></c></row>`, want: []string{"2: 1|a"}},
		{name: "values beyond the columns", rows: b(2, `<c r="B2"><v>2</v></c><c r="H2" t="inlineStr"><is><t>a note</t></is></c>`), want: []string{"2: 1|2"}},
		{name: "a number with an exponent in the file", rows: row(2, "2.01001234567E+11", "a"), want: []string{"2: 201001234567|a"}},
		{name: "a text that looks like a number", rows: b(2, `<c r="B2" t="inlineStr"><is><t>2.01001E+11</t></is></c>`), want: []string{"2: 1|2.01001E+11"}},
		{name: "a number that was written with too few digits", rows: row(2, "2.01001e+11", "a"), want: []string{"2: 2.01001e+11|a"}},
		{name: "text with leading zeros", rows: b(2, `<c r="B2" t="inlineStr"><is><t>01001234567</t></is></c>`), want: []string{"2: 1|01001234567"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parts := map[string]string{"xl/worksheets/sheet1.xml": header + c.rows}
			maps.Copy(parts, c.parts)
			l, err := Open(write(t, book(t, parts)), c.options)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close() //nolint:errcheck // it was only read from
			for range 2 {
				rows, err := read(l)
				if err != nil || !slices.Equal(rows, c.want) {
					t.Errorf("got %q, %v, want %q", rows, err, c.want)
				}
			}
			if want := c.kind; l.Kind != want && (want != "" || l.Kind != `Excel sheet "First"`) {
				t.Errorf("it is %q, want %q", l.Kind, want)
			}
			if !slices.Equal(l.Columns, []string{"to", "name"}) || l.Guessed != "" {
				t.Errorf("the columns are %q, guessed %q", l.Columns, l.Guessed)
			}
		})
	}
}

// TestFormats reads a phone and an amount that are numbers, under the formats that people give them.
func TestFormats(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // it is in memory
	set := func(cell string, value any, format string) {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err == nil {
			err = f.SetCellValue("Sheet1", cell, value)
		}
		if err == nil {
			err = f.SetCellStyle("Sheet1", cell, cell, style)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetSheetRow("Sheet1", "A1", &[]any{"phone", "amount"}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i, c := range []struct{ format, phone, amount string }{
		{"General", "201001234567", "1500.5"},
		{"0", "201001234567", "1501"},
		{"@", "201001234567", "1500.5"},
		{"#,##0", "201001234567", "1,501"},
		{"#,##0.00", "201001234567", "1,500.50"},
		{"0.00", "201001234567", "1500.50"},
		{"0.00E+00", "201001234567", "1.50E+03"},
		{"##0.0E+0", "201001234567", "1500.5"},                       // excelize does not know this one
		{`#,##0.00 "EGP"`, "201,001,234,567.00 EGP", "1,500.50 EGP"}, // not for a phone; reading it fails, then
		{"+0", "+201001234567", "+1501"},
		{"00000000000000", "00201001234567", "00000000001501"},
		{"00-000-000-0000", "20-100-123-4567", "00-000-000-1501"},
		{"#,##0,", "201,001,235", "2"}, // thousands: digits are missing, so it is as shown
	} {
		set(fmt.Sprintf("A%d", i+2), int64(201001234567), c.format)
		set(fmt.Sprintf("B%d", i+2), 1500.5, c.format)
		want = append(want, fmt.Sprintf("%d: %s|%s", i+2, c.phone, c.amount))
	}
	if got := openBook(t, f); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// openBook is the rows of a workbook.
func openBook(t *testing.T, f *excelize.File) []string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "list.xlsx")
	if err := f.SaveAs(name); err != nil {
		t.Fatal(err)
	}
	l, err := Open(name, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it was only read from
	rows, err := read(l)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestShown reads cells that a spreadsheet shows otherwise than they are stored.
func TestShown(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // it is in memory
	day := time.Date(2026, 11, 5, 18, 30, 0, 0, time.UTC)
	if err := f.SetSheetRow("Sheet1", "A1", &[]any{"value", "more"}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i, c := range []struct {
		value  any
		format int
		custom string
		want   string
	}{
		{day, 14, "", "2026-11-05"}, // Excel shows this one as the computer is set up
		{day, 22, "", "2026-11-05 18:30"},
		{day, 0, "dd/mm/yyyy", "05/11/2026"},
		{day, 0, "h:mm AM/PM", "6:30 PM"},
		{0.75, 20, "", "18:00"},
		{0.15, 9, "", "15%"},
		{1234567, 3, "", "1,234,567"},
		{1500, 0, `"EGP" #,##0.00`, "EGP 1,500.00"},
		{int64(100000000000), 0, "", "100000000000"},
	} {
		cell := fmt.Sprintf("A%d", i+2)
		s := excelize.Style{NumFmt: c.format}
		if c.custom != "" {
			s.CustomNumFmt = &c.custom
		}
		style, err := f.NewStyle(&s)
		if err == nil {
			err = f.SetCellValue("Sheet1", cell, c.value)
		}
		if err == nil {
			err = f.SetCellStyle("Sheet1", cell, cell, style)
		}
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf("%d: %s|", i+2, c.want))
	}
	// Of merged cells only the first has the value.
	if err := f.SetCellValue("Sheet1", "A20", "both"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellValue("Sheet1", "B21", "b"); err != nil {
		t.Fatal(err)
	}
	if err := f.MergeCell("Sheet1", "A20", "A21"); err != nil {
		t.Fatal(err)
	}
	want = append(want, "20: both|", "21: |b")
	if got := openBook(t, f); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestWorkbookRefused opens workbooks that are none, or that excelize would misread without a word.
func TestWorkbookRefused(t *testing.T) {
	sheet := func(rows string) map[string]string { return map[string]string{"xl/worksheets/sheet1.xml": rows} }
	archived := func(names ...string) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			if _, err := z.Create(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	good := book(t, nil)
	for _, c := range []struct {
		name, content string
		options       Options
		want          string
	}{
		{"a sheet that is not there", good, Options{Sheet: "Clients"}, `the workbook has no sheet "Clients"; it has "First", "Last"`},
		{"an encoding of a workbook", good, Options{Encoding: "utf-8"}, "which has neither an encoding nor a delimiter"},
		{"a workbook with a password", protected(t), Options{}, "this workbook is protected by a password"},
		{"an empty sheet", book(t, sheet("")), Options{}, "it has no rows: the first row must name the columns"},
		{"half a file", good[:len(good)/2], Options{}, "the file is damaged or incomplete"},
		{"a binary workbook", archived("[Content_Types].xml", "xl/workbook.bin"), Options{}, "this is a binary workbook (.xlsb)"},
		{"an .ods file", archived("mimetype", "content.xml"), Options{}, "this is an OpenDocument file (.ods)"},
		{"a Numbers file", archived("Index/Document.iwa"), Options{}, "this is a Numbers file"},
		{"a Word document", archived("[Content_Types].xml", "word/document.xml"), Options{}, "this is a Word document"},
		{"a ZIP archive", archived("list.csv"), Options{}, "this is a ZIP archive without a workbook in it"},
		{"an empty ZIP archive", archived(), Options{}, "this is a ZIP archive without a workbook in it"},
		{"XML that ends early", book(t, sheet(`<?xml version="1.0"?><worksheet><sheetData>`+header+row(2, "1", "a"))), Options{}, "the workbook is damaged"},
		{"a character that XML has not", book(t, sheet(header+row(2, "1", "a\x01")+row(3, "2", "b"))), Options{}, "the workbook is damaged"},
		{"an ampersand", book(t, sheet(header+row(2, "1", "a & b"))), Options{}, "the workbook is damaged"},
		{"rows not in their order", book(t, sheet(header+row(3, "1", "a")+row(2, "2", "b"))), Options{}, "(row 2 comes after row 3)"},
		{"a row that is there twice", book(t, sheet(header+row(2, "1", "a")+row(2, "2", "b"))), Options{}, "(row 2 comes after row 2)"},
		{"cells not in their order", book(t, sheet(header+`<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>2</v></c></row>`)), Options{}, "(cell A2 is not in its place in row 2)"},
		{"a cell of another row", book(t, sheet(header+`<row r="2"><c r="A3"><v>1</v></c></row>`)), Options{}, "(cell A3 is not in its place in row 2)"},
		{"a text that is not there", book(t, sheet(header+`<row r="2"><c r="A2" t="s"><v>3</v></c></row>`)), Options{}, "(row 2 refers to a text that is missing)"},
		{"a sheet that has no part", book(t, map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>`}), Options{}, "the workbook is damaged"},
		{"a bomb", bomb(t), Options{}, "the workbook is too big when it is unpacked (128 MiB)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			t.Setenv("TMP", temp)
			l, err := Open(write(t, c.content), c.options)
			if err == nil {
				rows, err := read(l)
				_ = l.Close()
				t.Fatalf("it was opened: %q %q %v", l.Columns, rows, err)
			}
			if !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), c.want) > 1 {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if left, err := filepath.Glob(filepath.Join(temp, "*xlsx*")); err != nil || len(left) > 0 {
				t.Errorf("it left %q, %v", left, err)
			}
		})
	}
}

// protected is a workbook that only a password opens.
func protected(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // it is in memory
	var b bytes.Buffer
	if err := f.Write(&b, excelize.Options{Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bomb is a workbook with a picture that says to be bigger than any.
func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	_, err := z.Create("xl/workbook.xml")
	if err == nil {
		_, err = z.CreateRaw(&zip.FileHeader{Name: "xl/media/image1.png", Method: zip.Deflate, UncompressedSize64: maxOther + 1})
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestBigWorkbook reads a sheet and texts that are too big for memory. What was unpacked is gone after Close.
func TestBigWorkbook(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	const rows = 4000
	var texts, cells strings.Builder
	texts.WriteString(`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>to</t></si><si><t>name</t></si>`)
	cells.WriteString(header)
	for i := range rows {
		fmt.Fprintf(&texts, "<si><t>Person %d%s</t></si>", i, strings.Repeat(" ", 2200))
		fmt.Fprintf(&cells, `<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d" t="s"><v>%d</v></c></row>%s`, i+2, i+2, 201000000000+int64(i), i+2, i+2, strings.Repeat(" ", 2200))
	}
	texts.WriteString("</sst>")
	l, err := Open(write(t, book(t, map[string]string{"xl/sharedStrings.xml": texts.String(), "xl/worksheets/sheet1.xml": cells.String()})), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		i := 0
		for r, err := range l.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			if r.Number != i+2 || r.Cells[0] != fmt.Sprint(201000000000+int64(i)) || r.Cells[1] != fmt.Sprintf("Person %d", i) {
				t.Fatalf("row %d is %v", i, r)
			}
			i++
		}
		if i != rows {
			t.Errorf("it has %d rows", i)
		}
	}
	for _, err := range l.Rows() { // and one that is not read to its end
		if err != nil {
			t.Error(err)
		}
		break
	}
	unpacked, err := filepath.Glob(filepath.Join(temp, "tgo-xlsx-*", "*"))
	if err != nil || len(unpacked) != 3 {
		t.Errorf("it was unpacked to %q, %v", unpacked, err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(temp); err != nil || slices.ContainsFunc(left, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "tgo-") }) {
		t.Errorf("it left %q, %v", left, err)
	}
}

func TestAsText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ shown, exact, want string }{
		{"2.01E+11", "201001234567", "201001234567"},
		{"2.01001234567E+17", "20100123456789012", "20100123456789012"}, // more digits than Excel keeps
		{"2.01E+11", "2.01001234567E+11", "201001234567"},
		{"2.01E+11", "201001234567.5", "2.01E+11"},
		{"2.01E+11", "2.01001E+11", "2.01001E+11"},     // the program that wrote the file has lost digits
		{"201001000000", "2.01001E+11", "2.01001E+11"}, // the same, under the format General
		{"201001000000", "201001000000", "201001000000"},
		{"1E+99", "1E+999999999", "1E+99"},
		{"2.01001E+11", "a text", "2.01001E+11"},
		{"201 001 234 567", "201001234567", "201001234567"},
		{"201.001.234.567,00", "201001234567", "201001234567"},
		{"201001234567.00", "201001234567", "201001234567"},
		{"201,001,235", "201001234567", "201,001,235"},
		{"1,234,567", "1234567", "1,234,567"},
	} {
		if got := asText(c.shown, c.exact); got != c.want {
			t.Errorf("%s of %s is %s, want %s", c.shown, c.exact, got, c.want)
		}
	}
}
