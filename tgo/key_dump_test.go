package tgo_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// A dump that follows pointers into unexported fields, such as testify's for a failed comparison, does not show a key.
func TestKeyIsNotDumped(t *testing.T) {
	key := tgo.NewKey(testKey)
	type holder struct {
		Key    tgo.Key
		hidden tgo.Key
		behind *tgo.Key
	}
	for name, v := range map[string]any{
		"a key":                        key,
		"a pointer to a key":           &key,
		"an exported field":            holder{Key: key},
		"an unexported field":          holder{hidden: key},
		"a pointer in a struct":        &holder{behind: &key},
		"a slice":                      []tgo.Key{key},
		"a map":                        map[string]tgo.Key{"a": key},
		"the keys of a map":            map[tgo.Key]bool{key: true},
		"a map of structs":             map[string]holder{"a": {hidden: key}},
		"what CreateAPIKey returns":    tgo.CreatedAPIKey{Key: key},
		"an interface in an interface": []any{[1]any{holder{behind: &key}}},
	} {
		if where := findText(v, testKey); where != "" {
			t.Errorf("a dump of %s shows the key at %s", name, where)
		}
	}
}

// Copies of a key are equal. Two keys of the same text are not equal, because a comparison must not reveal the text.
func TestKeyIsComparable(t *testing.T) {
	key := tgo.NewKey(testKey)
	if other := key; other != key || !reflect.DeepEqual(other, key) {
		t.Error("a copy is another key")
	}
	if key == tgo.NewKey(testKey) || key == (tgo.Key{}) {
		t.Error("another key is equal")
	}
	var none tgo.Key
	if none != (tgo.Key{}) {
		t.Error("zero keys differ")
	}
}

// findText finds a text everywhere that reflection can see it. Otherwise a test that uses it would prove nothing.
func TestFindText(t *testing.T) {
	const text = "the eagle lands"
	type holder struct {
		hidden any
		next   *holder
	}
	cycle := &holder{hidden: 1}
	cycle.next = cycle
	var raw [20]byte
	copy(raw[2:], text)
	whole := "so " + text + " at dawn"
	for _, c := range []struct {
		v     any
		where string
	}{
		{whole, "v"},
		{&whole, "v"},
		{[]byte(whole), "v"},
		{raw, "v"},
		{holder{hidden: whole}, "v.hidden"},
		{&holder{next: &holder{hidden: raw}}, "v.next.hidden"},
		{[]any{cycle, holder{hidden: []string{"", whole}}}, "v[1].hidden[1]"},
		{map[string]any{"a": &holder{hidden: map[int][]byte{1: []byte(whole)}}}, "v[...].hidden[...]"},
		{holder{hidden: map[any]int{holder{hidden: whole}: 1}}, "v.hidden[key].hidden"},
		{[]any{nil, cycle, (*holder)(nil), func() string { return whole }, "the eagle", map[string]*holder{"": nil}}, ""},
	} {
		if got := findText(c.v, text); got != c.where {
			t.Errorf("found at %q of %T, and not at %q", got, c.v, c.where)
		}
	}
}

// findText returns where in v a text is, or "". It finds the text in everything that reflection can reach: exported or not, behind
// pointers and interfaces, in maps, slices and arrays, and as bytes. It calls no methods.
func findText(v any, text string) string {
	return (&textFinder{text: text, seen: map[visit]bool{}}).find(reflect.ValueOf(v), "v")
}

type textFinder struct {
	text string
	seen map[visit]bool
}

// visit is a place in memory that the finder has visited.
type visit struct {
	of     reflect.Type
	at     uintptr
	length int
}

func (f *textFinder) find(v reflect.Value, path string) string {
	var here visit
	switch v.Kind() {
	case reflect.Pointer, reflect.Map:
		here = visit{of: v.Type(), at: v.Pointer()}
	case reflect.Slice:
		here = visit{of: v.Type(), at: v.Pointer(), length: v.Len()}
	}
	if here.at != 0 {
		if f.seen[here] {
			return ""
		}
		f.seen[here] = true
	}
	switch v.Kind() {
	case reflect.String:
		if strings.Contains(v.String(), f.text) {
			return path
		}
	case reflect.Pointer, reflect.Interface:
		return f.find(v.Elem(), path)
	case reflect.Struct:
		for i := range v.NumField() {
			if where := f.find(v.Field(i), path+"."+v.Type().Field(i).Name); where != "" {
				return where
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if where := f.find(entries.Key(), path+"[key]"); where != "" {
				return where
			}
			if where := f.find(entries.Value(), path+"[...]"); where != "" {
				return where
			}
		}
	case reflect.Slice, reflect.Array:
		var raw []byte
		for i := range v.Len() {
			if v.Type().Elem().Kind() == reflect.Uint8 {
				raw = append(raw, byte(v.Index(i).Uint()))
			} else if where := f.find(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); where != "" {
				return where
			}
		}
		if strings.Contains(string(raw), f.text) {
			return path
		}
	}
	return ""
}

// A client that has sent the key in a header does not show it: connections store what they have written.
func TestKeyIsInNoDumpOfAClient(t *testing.T) {
	for _, transport := range []http.RoundTripper{nil, &http.Transport{}} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 201, sent(1)) },
			tgo.WithHTTPClient(&http.Client{Transport: transport}))
		for range 2 {
			for _, v := range []any{client, *client, client.FromNumber(1), *client.FromNumber(1)} {
				if where := findText(v, testKey); where != "" {
					t.Errorf("a dump of %T shows the key at %s", v, where)
				}
			}
			if _, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello"); err != nil {
				t.Fatal(err)
			}
		}
		client.CloseIdleConnections()
	}
}
