package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const (
	utf8Name        = "utf-8"
	utf16LEName     = "utf-16le"
	utf16BEName     = "utf-16be"
	windows1256Name = "windows-1256"
)

// encodings are the supported ones. UTF-8 needs no decoder.
var encodings = map[string]struct {
	title   string
	bom     string
	decoder encoding.Encoding
}{
	utf8Name:        {"UTF-8", "\xef\xbb\xbf", nil},
	utf16LEName:     {"UTF-16 LE", "\xff\xfe", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	utf16BEName:     {"UTF-16 BE", "\xfe\xff", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	windows1256Name: {"Windows-1256", "", charmap.Windows1256},
}

// encodingOf determines the encoding of a file, from what the user says or from the content. It reads the whole file, so
// that an invalid part is not found after half of the messages were sent.
func encodingOf(f io.ReaderAt, size int64, said string) (name string, guessed bool, err error) {
	begin := make([]byte, min(size, 4096))
	if _, err := f.ReadAt(begin, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", false, err
	}
	name = strings.ToLower(said)
	if _, known := encodings[name]; said != "" && !known {
		return "", false, fmt.Errorf("the encoding %q is not known: give utf-8, utf-16le, utf-16be or windows-1256", said)
	}
	marked := encodingOfMark(begin)
	switch {
	case name == "":
		name = encodingOfBegin(begin)
	case marked != "" && marked != name:
		return "", false, fmt.Errorf("it is not %s: it begins with the mark of %s", encodings[name].title, encodings[marked].title)
	}
	whole := func() io.Reader { return io.NewSectionReader(f, 0, size) }
	switch name {
	case utf16LEName, utf16BEName:
		return name, false, checkUTF16(whole(), name == utf16BEName)
	}
	if err := checkText(whole()); err != nil {
		return "", false, err
	}
	valid, invalid, line, err := countUTF8(whole())
	switch {
	case err != nil:
		return "", false, err
	case name == windows1256Name && invalid == 0 && valid > 2:
		return "", false, errors.New("it is not Windows-1256 but UTF-8")
	case name == windows1256Name:
		return name, false, nil
	case invalid == 0:
		return utf8Name, false, nil
	case said == "" && marked == "" && valid < invalid:
		return windows1256Name, true, nil
	}
	return "", false, fmt.Errorf("it is not valid UTF-8 (first in line %d): save it again as CSV UTF-8, or name its encoding, "+
		"such as windows-1256", line)
}

// encodingOfMark returns the encoding of the mark that a file begins with; empty if it has none.
func encodingOfMark(begin []byte) string {
	for _, name := range []string{utf8Name, utf16LEName, utf16BEName} {
		if bytes.HasPrefix(begin, []byte(encodings[name].bom)) {
			return name
		}
	}
	return ""
}

// encodingOfBegin recognizes UTF-16 by its mark, or by the position of the zero bytes of digits, separators and line
// ends.
func encodingOfBegin(begin []byte) string {
	if name := encodingOfMark(begin); name != "" {
		return name
	}
	var zeros [2]int
	for i, b := range begin {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case zeros[1] > 4*zeros[0]:
		return utf16LEName
	case zeros[0] > 4*zeros[1]:
		return utf16BEName
	}
	return utf8Name
}

// chunks calls f for each part of a stream.
func chunks(r io.Reader, f func([]byte) error) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(r, buf)
		if n > 0 {
			if err := f(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// checkText rejects zero bytes, which no text has.
func checkText(r io.Reader) error {
	return chunks(r, func(b []byte) error {
		if bytes.IndexByte(b, 0) >= 0 {
			return errors.New("this is not a text file: it has zero bytes. A list is an .xlsx or a CSV file")
		}
		return nil
	})
}

// checkUTF16 rejects half a character, which a decoder would replace.
func checkUTF16(r io.Reader, bigEndian bool) error {
	damaged := errors.New("it is not valid UTF-16: it is damaged, or has another encoding")
	low, high := 0, 1
	if bigEndian {
		low, high = 1, 0
	}
	surrogate := false // the first half was read
	err := chunks(r, func(b []byte) error {
		if len(b)%2 != 0 {
			return damaged
		}
		for i := 0; i < len(b); i += 2 {
			switch h := b[i+high]; {
			case h >= 0xdc && h <= 0xdf != surrogate:
				return damaged
			case h == 0 && b[i+low] == 0:
				return damaged
			default:
				surrogate = h >= 0xd8 && h <= 0xdb
			}
		}
		return nil
	})
	if err == nil && surrogate {
		err = damaged
	}
	return err
}

// countUTF8 counts characters of several bytes and bytes that are part of no character, and finds the line of the first
// of these.
func countUTF8(r io.Reader) (valid, invalid, line int, err error) {
	var rest []byte // of a character that continues in the next chunk
	lines := 1
	count := func(b []byte, last bool) []byte {
		for len(b) > 0 {
			if b[0] < utf8.RuneSelf {
				if b[0] == '\n' {
					lines++
				}
				b = b[1:]
				continue
			}
			r, size := utf8.DecodeRune(b)
			switch {
			case r != utf8.RuneError || size > 1:
				valid++
			case !last && !utf8.FullRune(b):
				return b
			default:
				if invalid++; invalid == 1 {
					line = lines
				}
			}
			b = b[size:]
		}
		return nil
	}
	err = chunks(r, func(b []byte) error {
		b = append(rest, b...)
		rest = bytes.Clone(count(b, false))
		return nil
	})
	count(rest, true)
	return valid, invalid, line, err
}
