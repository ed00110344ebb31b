// Package phpjson reads JSON as PHP servers write it. A PHP program may write the same field once as a number and once as a string, true
// as 1 or "1", an empty object as [], a list with gaps as an object, and times as its database has them. For any of these,
// encoding/json refuses the whole response. What encoding/json can read, this package reads to the same value, for the types that it is
// used with: structs, slices, maps with string keys, strings, numbers, booleans, times, and types that implement json.Unmarshaler. It
// refuses a struct that embeds a pointer. It leaves a field that it cannot read unchanged and continues; the error names the first such
// field.
package phpjson

import (
	"bytes"
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Value is a value in a JSON text. The zero Value is a value that does not exist.
type Value struct {
	raw     []byte
	path    string // the path in errors, of the value or of the list that it is an element of; empty for the whole text
	element int    // if it is an element, its position, counted from 1; a path for each element would cost more than the list
}

// Parse checks a JSON text. The Value is a part of text, not a copy.
func Parse(text []byte) (Value, error) {
	if !json.Valid(text) {
		return Value{}, json.Unmarshal(text, new(json.RawMessage))
	}
	return Value{raw: bytes.TrimSpace(text)}, nil
}

// Raw returns the JSON of the value; nil if it does not exist.
func (v Value) Raw() json.RawMessage { return v.raw }

// Path returns the path of the value in errors, as in data[3]. It is empty for the whole text.
func (v Value) Path() string {
	if v.element == 0 {
		return v.path
	}
	return v.path + "[" + strconv.Itoa(v.element-1) + "]"
}

// Exists reports whether the value exists.
func (v Value) Exists() bool { return v.raw != nil }

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return len(v.raw) > 0 && v.raw[0] == '{' }

// Has reports whether the value is an object with a property of this name, even if it is null.
func (v Value) Has(name string) bool { return v.member(name).Exists() }

// Member returns the property of this name. It does not exist if it is null, or if the value is not an object. Like encoding/json, Member
// ignores case, and returns the last one if there are several.
func (v Value) Member(name string) Value {
	if member := v.member(name); string(member.raw) != "null" {
		return member
	}
	return Value{}
}

func (v Value) member(name string) (found Value) {
	if !v.IsObject() {
		return Value{}
	}
	for key, raw := range parts(v.raw) {
		if isName(key, name) {
			found = v.property(name, raw)
		}
	}
	return found
}

func (v Value) property(name string, raw []byte) Value {
	return Value{raw: raw, path: strings.TrimPrefix(v.Path()+"."+name, ".")}
}

// Members returns the properties of these names, each like Member, in one pass.
func (v Value) Members(names ...string) []Value {
	found := make([]Value, len(names))
	if !v.IsObject() {
		return found
	}
	for key, raw := range parts(v.raw) {
		for i, name := range names {
			if isName(key, name) {
				found[i] = Value{}
				if string(raw) != "null" {
					found[i] = v.property(name, raw)
				}
			}
		}
	}
	return found
}

// IsFalse reports whether a PHP program means false by the value: if it does not exist or is null, false, 0, "", "0", an empty list or
// object, or the string "false".
func (v Value) IsFalse() bool {
	if len(v.raw) == 0 {
		return true
	}
	switch v.raw[0] {
	case 'n', 'f':
		return true
	case '[', '{':
		return afterSpace(v.raw[1:])[0] == v.raw[0]+2 // ']' or '}'
	case '"':
		said := text(v.raw)
		return said == "" || said == "0" || strings.EqualFold(said, "false")
	}
	number, err := strconv.ParseFloat(string(v.raw), 64)
	return err == nil && number == 0
}

// IsZoneless reports whether the value is a time without a zone.
func (v Value) IsZoneless() bool {
	if len(v.raw) == 0 || v.raw[0] != '"' {
		return false
	}
	_, ok := parseTime(text(v.raw), "")
	return ok
}

// Elements returns the elements of a list. Every error is an *[Error].
func (v Value) Elements() ([]Value, error) {
	raws, ok := elements(v.raw)
	if !ok {
		return nil, &Error{Path: v.Path(), Value: string(v.raw[:min(len(v.raw), maxValue)]), Want: "list"}
	}
	list, path := make([]Value, len(raws)), v.Path()
	for i, raw := range raws {
		list[i] = Value{raw: raw, path: path, element: i + 1}
	}
	return list, nil
}

// Read reads the value into the variable that into points to. It does nothing if the value does not exist. Every error is an *[Error].
func (v Value) Read(into any) error {
	if v.raw == nil {
		return nil
	}
	if err := read(v.raw, pointed(into)); err != nil {
		err.Path = strings.TrimPrefix(v.Path()+err.Path, ".")
		return err
	}
	return nil
}

// Error describes a value that cannot be read.
type Error struct {
	// Path is the path of the value, as in data[3].sent_at. It is empty for the whole text.
	Path string
	// Value is its JSON, or the start of it if it is large.
	Value string
	// Want is what it should be, as a noun without an article.
	Want string
}

const maxValue = 4 << 10

// Error shows only the start of the value.
func (e *Error) Error() string {
	const most = 40
	shown, count := e.Value, 0
	for i := range shown {
		if count++; count > most {
			shown = shown[:i] + "..."
			break
		}
	}
	shown = strings.Join(strings.Fields(strings.ToValidUTF8(shown, "?")), " ")
	article := "a "
	if strings.ContainsRune("aeiou8", rune(e.Want[0])) { // "an 8-bit integer"
		article = "an "
	}
	said := shown + " is not " + article + e.Want
	if e.Path == "" {
		return said
	}
	return e.Path + ": " + said
}

// elements returns the elements of an array, or of an object whose names are all numbers, in the order of the numbers. PHP writes a list
// as such an object after an element was removed.
func elements(raw []byte) (list [][]byte, ok bool) {
	if len(raw) == 0 || raw[0] != '[' && raw[0] != '{' {
		return nil, false
	}
	if raw[0] == '[' {
		n := 0
		for range parts(raw) {
			n++
		}
		list = make([][]byte, 0, n)
	}
	type numbered struct {
		number int
		raw    []byte
	}
	var object []numbered
	for key, part := range parts(raw) {
		if key == nil {
			list = append(list, part)
			continue
		}
		number, err := strconv.Atoi(string(key[1 : len(key)-1]))
		if err != nil {
			return nil, false
		}
		object = append(object, numbered{number, part})
	}
	slices.SortStableFunc(object, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
	for _, element := range object {
		list = append(list, element.raw)
	}
	return list, true
}

// parts iterates over the elements of an array, with nil as their keys, or over the properties of an object, with the quoted names as
// their keys. The JSON must be valid.
func parts(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, part []byte) bool) {
		rest := raw[1:]
		for {
			rest = afterSpace(rest)
			if rest[0] == ']' || rest[0] == '}' {
				return
			}
			var key []byte
			if raw[0] == '{' {
				key, rest = cut(rest)
				rest = afterSpace(rest)
			}
			var part []byte
			part, rest = cut(rest)
			if !yield(key, part) {
				return
			}
		}
	}
}

// afterSpace removes white space, commas and colons from the start.
func afterSpace(text []byte) []byte {
	for i, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			return text[i:]
		}
	}
	return nil
}

// cut splits off the value at the start of a text.
func cut(text []byte) (value, rest []byte) {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
			continue
		case ']', '}':
			depth--
		default:
			if depth > 0 {
				continue
			}
			end := bytes.IndexAny(text, ",]} \t\r\n") // the end of a number, true, false or null
			if end < 0 {
				end = len(text)
			}
			return text[:end], text[end:]
		}
		if depth == 0 {
			return text[:i+1], text[i+1:]
		}
	}
	return text, nil
}

// isName reports whether a quoted key is this name, ignoring case.
func isName(key []byte, name string) bool {
	if bytes.IndexByte(key, '\\') < 0 {
		return strings.EqualFold(string(key[1:len(key)-1]), name)
	}
	return strings.EqualFold(text(key), name)
}
