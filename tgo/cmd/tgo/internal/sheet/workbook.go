package sheet

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/big"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// workbookFile is a sheet of an .xlsx file.
type workbookFile struct {
	file  *excelize.File
	sheet string
	temp  string // the folder that the workbook is unpacked to
}

// maxInMemory is how big a sheet is at most that is not unpacked to a file.
const maxInMemory = 8 << 20

func (l *List) openWorkbook(f *os.File, info os.FileInfo, o Options) (err error) {
	if o.Encoding != "" || o.Delimiter != 0 {
		return errors.New("it is an .xlsx file, which has neither an encoding nor a delimiter: only a CSV file has them")
	}
	parts, err := openArchive(f, info.Size())
	if err != nil {
		return err
	}
	w := &workbookFile{}
	if w.temp, err = os.MkdirTemp("", "tgo-xlsx-"); err != nil {
		return err
	}
	l.source = w
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	defer recovered(&err)
	w.file, err = excelize.OpenFile(f.Name(), excelize.Options{
		UnzipSizeLimit:    maxUnpacked,
		UnzipXMLSizeLimit: maxInMemory,
		TmpDir:            w.temp,
		// Excel shows a cell of the kind "short date" as the computer is set up. This form is the same for everyone.
		ShortDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		return fmt.Errorf("the workbook cannot be read: %w", err)
	}
	now, err := os.Stat(f.Name()) // excelize has opened the file by its name
	if err != nil {
		return err
	}
	if !os.SameFile(now, info) || !same(now, info) {
		return errChanged
	}
	if w.sheet, err = w.choose(o.Sheet); err != nil {
		return err
	}
	found, err := parts.inspect(w.sheet)
	if err != nil {
		return err
	}
	l.Kind = fmt.Sprintf("Excel sheet %q", w.sheet)
	switch found.hidden {
	case 0:
	case 1:
		l.Kind += ", including 1 hidden row"
	default:
		l.Kind += fmt.Sprintf(", including %d hidden rows", found.hidden)
	}
	return f.Close()
}

// choose finds a sheet by its name, or the first visible one.
func (w *workbookFile) choose(name string) (string, error) {
	var names []string
	for _, sheet := range w.file.GetSheetList() {
		if foldName(sheet) == foldName(name) {
			return sheet, nil
		}
		if visible, err := w.file.GetSheetVisible(sheet); err == nil && visible {
			if name == "" {
				return sheet, nil
			}
			names = append(names, fmt.Sprintf("%q", sheet))
		}
	}
	if name == "" {
		return "", errors.New("the workbook has no visible sheet")
	}
	return "", fmt.Errorf("the workbook has no sheet %q; it has %s", name, strings.Join(names, ", "))
}

// records yields the rows.
func (w *workbookFile) records() iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		shown, err := w.open(false)
		if err != nil {
			yield(record{}, err)
			return
		}
		defer shown.close()
		var raw *passage // if a number is shown with fewer digits than it has
		defer func() {
			if raw != nil {
				raw.close()
			}
		}()
		for {
			cells, err := shown.next()
			if err != nil {
				yield(record{}, err)
				return
			}
			if cells == nil {
				return
			}
			for i, cell := range cells {
				if !mayBeNumber(cell) {
					continue
				}
				if raw == nil {
					if raw, err = w.open(true); err != nil {
						yield(record{}, err)
						return
					}
				}
				exact, err := raw.to(shown.number)
				if err != nil {
					yield(record{}, err)
					return
				}
				if i < len(exact) {
					cells[i] = asText(cell, exact[i])
				}
			}
			if !yield(record{number: shown.number, cells: cells}, nil) {
				return
			}
		}
	}
}

// passage reads a sheet row by row.
type passage struct {
	rows   *excelize.Rows
	raw    bool
	number int
	cells  []string
}

func (w *workbookFile) open(raw bool) (p *passage, err error) {
	defer recovered(&err)
	rows, err := w.file.Rows(w.sheet)
	if err != nil {
		return nil, fmt.Errorf("the sheet %q cannot be read: %w", w.sheet, err)
	}
	return &passage{rows: rows, raw: raw}, nil
}

// recovered turns a panic of excelize into an error.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w (%v)", errDamaged, r)
	}
}

// next returns the cells of the next row; nil at the end.
func (p *passage) next() (cells []string, err error) {
	defer recovered(&err)
	if !p.rows.Next() {
		return nil, p.rows.Error()
	}
	p.number++
	cells, err = p.rows.Columns(excelize.Options{RawCellValue: p.raw})
	if cells == nil {
		cells = []string{}
	}
	return cells, err
}

// to returns the cells of a row.
func (p *passage) to(number int) (cells []string, err error) {
	defer recovered(&err)
	for p.number < number-1 {
		if !p.rows.Next() {
			return nil, errDamaged
		}
		p.number++
	}
	if p.number < number {
		p.cells, err = p.next()
	}
	return p.cells, err
}

func (p *passage) close() { _ = p.rows.Close() } // it was only read from

// Close removes the unpacked files.
func (w *workbookFile) Close() error {
	var err error
	if w.file != nil {
		err = w.file.Close()
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(w.temp))
}

var (
	exponent = regexp.MustCompile(`^[+-]?\d+(?:[.,](\d+))?[Ee]\+?(-?\d{1,3})$`)
	grouped  = regexp.MustCompile(`^\d{1,3}(?:[,.'\x{2019}\x{a0}\x{202f}\x{66c} ]\d{3})+(?:[.,]0+)?$|^\d+[.,]0+$`)
	round    = regexp.MustCompile(`^\d+000$`)
	plain    = regexp.MustCompile(`^[+-]?\d{1,30}(?:\.\d{1,30})?(?:[Ee][+-]?\d{1,2})?$`)
	zeros    = regexp.MustCompile(`[.,]0+$`)
	others   = regexp.MustCompile(`\D`)
)

// mayBeNumber reports a value that a number format may have changed, or that may have been written with too few digits.
func mayBeNumber(shown string) bool {
	if shown == "" || (shown[0] > '9' && shown[0] != '+') {
		return false
	}
	return exponent.MatchString(shown) || (len(shown) >= minPhone && (grouped.MatchString(shown) || round.MatchString(shown)))
}

// minPhone is the least number of digits that a phone has.
const minPhone = 9

// asText is a number with all its digits, where a format with an exponent hides some, and without separators, where it is as long
// as a phone. Otherwise it is as shown. A number or a text that has an exponent in the file itself, and lacks digits there, keeps
// it: no one knows them.
func asText(shown, exact string) string {
	if !plain.MatchString(exact) {
		return shown
	}
	if m := exponent.FindStringSubmatch(exact); m != nil {
		if e, err := strconv.Atoi(m[2]); err != nil || e > len(m[1]) {
			return exact
		}
	}
	number, ok := new(big.Rat).SetString(exact)
	if !ok || !number.IsInt() {
		return shown
	}
	text := number.Num().String()
	if exponent.MatchString(shown) {
		return text
	}
	for _, s := range []string{shown, zeros.ReplaceAllString(shown, "")} {
		if len(text) >= minPhone && others.ReplaceAllString(s, "") == text {
			return text
		}
	}
	return shown
}
