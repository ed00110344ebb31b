package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	maxUnpacked = 2 << 30   // all parts together; a sheet of 1,048,576 rows and ten columns is about 800 MB
	maxOther    = 128 << 20 // the parts other than sheets and texts, such as pictures, which are read into memory
	maxTexts    = 8 << 20   // different texts; each takes 40 bytes of memory
)

var errDamaged = errors.New("the workbook is damaged: open it in the spreadsheet program and save it again")

// inspection is what is known about a sheet before its rows are read.
type inspection struct {
	hidden int // rows with a value that are hidden
}

// archive has the parts of a workbook by name.
type archive map[string]*zip.File

// openArchive rejects a workbook that would take too much memory or disk space.
func openArchive(r io.ReaderAt, size int64) (archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	parts := archive{}
	var total, other uint64
	for _, f := range z.File {
		name := strings.ToLower(strings.ReplaceAll(f.Name, "\\", "/"))
		parts[name] = f
		total += min(f.UncompressedSize64, maxUnpacked+1)
		if !strings.HasPrefix(name, "xl/worksheets/sheet") && name != "xl/sharedstrings.xml" {
			other += min(f.UncompressedSize64, maxUnpacked+1)
		}
	}
	if total > maxUnpacked || other > maxOther {
		return nil, fmt.Errorf("the workbook is too big when it is unpacked (%d MiB): save the sheet alone, as .xlsx without pictures, "+
			"or as CSV UTF-8", total>>20)
	}
	return parts, nil
}

// decode reads a small part.
func (a archive) decode(name string, v any) error {
	part, ok := a[strings.ToLower(name)]
	if !ok {
		return errDamaged
	}
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if err := xml.NewDecoder(r).Decode(v); err != nil {
		return fmt.Errorf("%w (%s: %w)", errDamaged, name, err)
	}
	return nil
}

// sheetPart is the part that holds a sheet.
func (a archive) sheetPart(sheet string) (string, error) {
	var book struct {
		Sheets []struct {
			Name string     `xml:"name,attr"`
			All  []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		Relations []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := errors.Join(a.decode("xl/workbook.xml", &book), a.decode("xl/_rels/workbook.xml.rels", &relations)); err != nil {
		return "", err
	}
	for _, s := range book.Sheets {
		for _, attr := range s.All {
			for _, r := range relations.Relations {
				if s.Name == sheet && attr.Name.Local == "id" && attr.Value == r.ID {
					target := strings.ReplaceAll(r.Target, "\\", "/")
					if !strings.HasPrefix(target, "/") {
						target = "xl/" + target
					}
					return strings.TrimPrefix(path.Clean(target), "/"), nil
				}
			}
		}
	}
	return "", errDamaged
}

// inspect reads a sheet once, and refuses what excelize would misread without a word: XML that ends early or is not well-formed
// (the rows after it would be missing), rows and cells that are not in their order (they would be merged, or stand in the wrong
// columns), and texts that are not there (the cells would be blank).
func (a archive) inspect(sheet string) (found inspection, err error) {
	name, err := a.sheetPart(sheet)
	if err != nil {
		return found, err
	}
	texts := 0
	if _, ok := a["xl/sharedstrings.xml"]; ok {
		err = a.elements("xl/sharedstrings.xml", func(start *xml.StartElement, _ []byte, _ bool) error {
			if start != nil && start.Name.Local == "si" {
				if texts++; texts > maxTexts {
					return fmt.Errorf("the workbook has more than %d different texts: save the sheet as CSV UTF-8", maxTexts)
				}
			}
			return nil
		})
		if err != nil {
			return found, err
		}
	}
	row, column := 0, 0
	kind, in := "", "" // of the cell; the element
	hidden, counted := false, false
	err = a.elements(name, func(start *xml.StartElement, text []byte, end bool) error {
		switch {
		case end:
			in = ""
		case start == nil:
			if in != "v" && in != "t" {
				return nil
			}
			if hidden && !counted {
				counted = true
				found.hidden++
			}
			if in == "v" && kind == "s" {
				if i, err := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || i < 0 || i >= texts {
					return fmt.Errorf("%w (row %d refers to a text that is missing)", errDamaged, row)
				}
			}
		default:
			in = start.Name.Local
			switch in {
			case "row":
				number := attribute(start, "r")
				hidden, counted = attribute(start, "hidden") == "1" || attribute(start, "hidden") == "true", false
				before := row
				row, column = row+1, 0
				if number != "" {
					if row, _ = strconv.Atoi(number); row <= before || row > excelize.TotalRows {
						return fmt.Errorf("%w (row %s comes after row %d)", errDamaged, number, before)
					}
				}
			case "c":
				kind = attribute(start, "t")
				before := column
				column++
				if reference := attribute(start, "r"); reference != "" {
					c, r, err := excelize.CellNameToCoordinates(reference)
					if err != nil || r != row || c <= before {
						return fmt.Errorf("%w (cell %s is not in its place in row %d)", errDamaged, reference, row)
					}
					column = c
				}
			}
		}
		return nil
	})
	return found, err
}

func attribute(e *xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// elements calls f with the start of each element of a part, with each text, and with each end.
func (a archive) elements(name string, f func(start *xml.StartElement, text []byte, end bool) error) error {
	part, ok := a[strings.ToLower(name)]
	if !ok {
		return errDamaged
	}
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(r)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w (%s: %w)", errDamaged, name, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = f(&t, nil, false)
		case xml.CharData:
			err = f(nil, t, false)
		case xml.EndElement:
			err = f(nil, nil, true)
		}
		if err != nil {
			return err
		}
	}
}
