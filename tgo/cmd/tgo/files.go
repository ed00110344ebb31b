package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"
)

// writeList replaces a file with rows, in the format of its extension.
func writeList(name string, rows func(write func(cells []string) error) error) error {
	return writeAside(name, func(out io.Writer) error {
		if strings.EqualFold(filepath.Ext(name), ".xlsx") {
			return writeExcel(out, rows)
		}
		// Excel reads the file as UTF-8 only with a byte order mark.
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

// writeAside replaces a file as a whole, so no one reads a part of it. A link, a pipe or a device is not replaced
// but written to.
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

// replaceFile replaces a file as a whole with one that only its owner can read.
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

// sameFile reports whether two names refer to one file, even if it does not exist yet.
func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB)
	}
	a, errA = filepath.Abs(a)
	b, errB = filepath.Abs(b)
	return errA == nil && errB == nil && a == b
}

// writePrivate replaces a file with one that only its owner can read.
func writePrivate(name string, content []byte) error {
	return replaceFile(name, func(out io.Writer) error {
		_, err := out.Write(content)
		return err
	})
}
