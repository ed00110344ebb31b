package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

type kind int

const (
	text kind = iota
	workbook
)

const saveAs = "open it in the spreadsheet program and save it as .xlsx or as CSV UTF-8"

// recognize determines the kind of a file from its content, not from its name. For a file that cannot be read, the error
// says what to do.
func recognize(f *os.File, size int64) (kind, error) {
	begin := make([]byte, 4096)
	n, err := f.ReadAt(begin, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return text, err
	}
	begin = begin[:n]
	starts := func(s string) bool { return bytes.HasPrefix(begin, []byte(s)) }
	switch {
	case starts("PK\x03\x04"), starts("PK\x05\x06"):
		return workbook, isWorkbook(f, size)
	case starts("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		return text, oldWorkbook(f, size)
	case starts("%PDF"):
		return text, errors.New("this is a PDF file: get the list as .xlsx or as CSV UTF-8")
	case starts("\x1f\x8b"), starts("7z\xbc\xaf"), starts("Rar!"):
		return text, errors.New("this is a compressed file: unpack it first")
	}
	words := strings.ToLower(string(bytes.Trim(begin, "\xef\xbb\xbf\xff\xfe \t\r\n")))
	words = strings.ReplaceAll(words, "\x00", "") // of UTF-16
	switch {
	case strings.HasPrefix(words, "begin:vcard"):
		return text, errors.New("this is a file of contacts (vCard): import it into a spreadsheet, and save that as .xlsx or as CSV UTF-8")
	case strings.HasPrefix(words, "<"):
		return text, errors.New("this is a web page or XML, whatever its name says: " + saveAs)
	}
	return text, nil
}

// oldWorkbook says what is in an OLE container.
func oldWorkbook(f io.ReaderAt, size int64) error {
	// The names in the container are UTF-16.
	name := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	found, err := contains(io.NewSectionReader(f, 0, size), name)
	if err != nil {
		return err
	}
	if found {
		return errors.New("this workbook is protected by a password: open it in Excel, remove the password " +
			"(File > Info > Protect Workbook > Encrypt with Password), and save it")
	}
	return errors.New("this is a workbook of an old kind (.xls): " + saveAs)
}

// contains reports whether a stream holds a text.
func contains(r io.Reader, wanted []byte) (bool, error) {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		if bytes.Contains(buf[:kept+n], wanted) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		end := kept + n
		kept = copy(buf, buf[max(0, end-len(wanted)+1):end])
	}
}

// isWorkbook rejects every ZIP archive other than an .xlsx file.
func isWorkbook(f io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(f, size)
	if err != nil {
		return fmt.Errorf("the file is damaged or incomplete (%w): download or copy it again", err)
	}
	for _, part := range archive.File {
		switch name := strings.ToLower(strings.ReplaceAll(part.Name, "\\", "/")); {
		case name == "xl/workbook.xml":
			return nil
		case name == "xl/workbook.bin":
			return errors.New("this is a binary workbook (.xlsb): " + saveAs)
		case name == "content.xml":
			return errors.New("this is an OpenDocument file (.ods): " + saveAs)
		case strings.HasPrefix(name, "index/") && strings.HasSuffix(name, ".iwa"), name == "index.zip":
			return errors.New("this is a Numbers file: export it (File > Export To) as Excel or as CSV UTF-8")
		case strings.HasPrefix(name, "word/"):
			return errors.New("this is a Word document: copy the table into a spreadsheet, and save that as .xlsx")
		}
	}
	return errors.New("this is a ZIP archive without a workbook in it: unpack it first")
}
