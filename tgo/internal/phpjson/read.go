package phpjson

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

func pointed(pointer any) reflect.Value { return reflect.ValueOf(pointer).Elem() }

// read reads one value. The Path of the error is relative to this value.
func read(raw []byte, v reflect.Value) *Error {
	if v.Kind() == reflect.Pointer {
		return readPointer(raw, v)
	}
	switch into := v.Addr().Interface().(type) {
	case *time.Time:
		return readTime(raw, into)
	case json.Unmarshaler:
		if into.UnmarshalJSON(raw) != nil {
			return wrong(raw, v.Type().String())
		}
		return nil
	}
	if raw[0] == 'n' { // null
		switch v.Kind() {
		case reflect.Slice, reflect.Map, reflect.Interface:
			v.SetZero()
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Struct:
		return readStruct(raw, v)
	case reflect.Slice:
		return readSlice(raw, v)
	case reflect.Map:
		return readMap(raw, v)
	case reflect.String:
		switch {
		case raw[0] == '"':
			v.SetString(text(raw))
		case isNumber(raw):
			v.SetString(string(raw))
		default:
			return wrong(raw, "text")
		}
		return nil
	case reflect.Bool:
		switch string(bytes.Trim(raw, `"`)) {
		case "true", "1":
			v.SetBool(true)
		case "false", "0":
			v.SetBool(false)
		default:
			return wrong(raw, "boolean")
		}
		return nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := integer(raw)
		if !ok || v.OverflowInt(n) {
			return wrong(raw, strconv.Itoa(v.Type().Bits())+"-bit integer")
		}
		v.SetInt(n)
		return nil
	}
	if json.Unmarshal(raw, v.Addr().Interface()) != nil {
		return wrong(raw, v.Type().String())
	}
	return nil
}

func wrong(raw []byte, want string) *Error {
	return &Error{Value: string(raw[:min(len(raw), maxValue)]), Want: want}
}

// readPointer leaves the pointer unchanged if nothing of the value can be read.
func readPointer(raw []byte, v reflect.Value) *Error {
	if raw[0] == 'n' || isNoTime(raw) && v.Type() == reflect.TypeFor[*time.Time]() {
		v.SetZero()
		return nil
	}
	target := v
	if v.IsNil() {
		target = reflect.New(v.Type().Elem())
	}
	err := read(raw, target.Elem())
	if err == nil || err.Path != "" {
		v.Set(target)
	}
	return err
}

func readStruct(raw []byte, v reflect.Value) (first *Error) {
	if isEmptyList(raw) {
		return nil
	}
	if raw[0] != '{' {
		return wrong(raw, "object")
	}
	fields, ok := fieldsOf(v.Type())
	if !ok {
		return wrong(raw, v.Type().String()+", which embeds a pointer")
	}
	for key, part := range parts(raw) {
		if f := find(fields, key); f != nil {
			if err := read(part, v.FieldByIndex(f.index)); err != nil {
				err.Path = "." + f.name + err.Path
				first = cmp.Or(first, err)
			}
		}
	}
	return first
}

// readSlice reads into the existing elements, as encoding/json does if a name comes twice.
func readSlice(raw []byte, v reflect.Value) (first *Error) {
	list, ok := elements(raw)
	if !ok {
		return wrong(raw, "list")
	}
	if len(list) == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		return nil
	}
	v.Grow(max(0, len(list)-v.Len()))
	v.SetLen(len(list))
	for i, part := range list {
		if err := read(part, v.Index(i)); err != nil {
			err.Path = "[" + strconv.Itoa(i) + "]" + err.Path
			first = cmp.Or(first, err)
		}
	}
	return first
}

func readMap(raw []byte, v reflect.Value) (first *Error) {
	if v.Type().Key().Kind() != reflect.String || raw[0] != '{' && !isEmptyList(raw) {
		return wrong(raw, "object")
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for key, part := range parts(raw) {
		element := reflect.New(v.Type().Elem()).Elem()
		name := text(key)
		if err := read(part, element); err != nil {
			err.Path = ".*" + err.Path // the name may be of any length
			first = cmp.Or(first, err)
		}
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), element)
	}
	return first
}

func isEmptyList(raw []byte) bool { return raw[0] == '[' && afterSpace(raw[1:])[0] == ']' }

func isNumber(raw []byte) bool { return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' }

// text returns the value of a JSON string.
func text(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1])
	}
	var said string
	_ = json.Unmarshal(raw, &said) // it is a valid string
	return said
}

// integer reads an integer, a float without a fraction, or a quoted integer.
func integer(raw []byte) (n int64, ok bool) {
	if n, err := strconv.ParseInt(string(bytes.Trim(raw, `"`)), 10, 64); err == nil {
		return n, true
	}
	const exact = 1 << 53 // above it, a float does not represent a single integer
	f, err := strconv.ParseFloat(string(raw), 64)
	return int64(f), err == nil && isNumber(raw) && f == math.Trunc(f) && math.Abs(f) <= exact
}

// zones are the forms of a time zone: RFC 3339's, PHP's +0200, PostgreSQL's +02, the word UTC, and none. Some have a space before them.
var zones = []string{"Z07:00", "Z0700", "Z07", " UTC", " Z07:00", " Z0700", ""}

// isNoTime reports whether a text is one of those that PHP and MySQL write for no time.
func isNoTime(raw []byte) bool {
	return string(raw) == `""` || bytes.HasPrefix(raw, []byte(`"0000-00-00`))
}

// readTime reads the times of JSON and of databases. A time without a zone is in UTC (assumed).
func readTime(raw []byte, t *time.Time) *Error {
	var read time.Time
	switch {
	case string(raw) == "null":
		return nil
	case isNoTime(raw):
		*t = read
		return nil
	case read.UnmarshalJSON(raw) == nil: // as encoding/json does
		*t = read
		return nil
	case raw[0] == '"':
		if read, ok := parseTime(text(raw), zones...); ok {
			*t = read
			return nil
		}
	}
	return wrong(raw, "time")
}

// parseTime reads a time with one of these zones.
func parseTime(said string, zones ...string) (time.Time, bool) {
	for _, day := range []string{"2006-01-02T", "2006-01-02 "} {
		for _, zone := range zones {
			if read, err := time.Parse(day+"15:04:05"+zone, said); err == nil {
				return read, true
			}
		}
	}
	return time.Time{}, false
}

// field is a field of a struct, or one of a struct embedded in it.
type field struct {
	name  string
	index []int
}

var known sync.Map // of []field by reflect.Type

// fieldsOf collects the fields of a struct. It refuses a struct that embeds a pointer, whose fields may not exist.
func fieldsOf(t reflect.Type) (fields []field, ok bool) {
	if fields, ok := known.Load(t); ok {
		return fields.([]field), true
	}
	for _, f := range reflect.VisibleFields(t) {
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Pointer {
			return nil, false
		}
		if f.Anonymous && name == "" || !f.IsExported() || tag == "-" {
			continue
		}
		fields = append(fields, field{cmp.Or(name, f.Name), f.Index})
	}
	known.Store(t, fields)
	return fields, true
}

// find returns the field with a quoted name. If there is none, the case is ignored.
func find(fields []field, key []byte) *field {
	for i := range fields {
		if string(key[1:len(key)-1]) == fields[i].name {
			return &fields[i]
		}
	}
	for i := range fields {
		if isName(key, fields[i].name) {
			return &fields[i]
		}
	}
	return nil
}
