package phpjson_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
)

// base is embedded, as the client's types embed generated types.
type base struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// all has a field of each kind that can be read.
type all struct {
	base
	Name   string            `json:"name"` // hides that of base
	Small  int8              `json:"small"`
	Count  *int              `json:"count"`
	Yes    bool              `json:"yes"`
	At     time.Time         `json:"at"`
	Maybe  *time.Time        `json:"maybe"`
	Words  []string          `json:"words"`
	Parts  []base            `json:"parts"`
	One    base              `json:"one"`
	Other  *base             `json:"other"`
	Texts  map[string]string `json:"texts"`
	Raw    json.RawMessage   `json:"raw"`
	Any    any               `json:"any"`
	Ratio  float64           `json:"ratio"`
	Bare   int
	Hidden int `json:"-"`
	hidden int //nolint:unused // it must stay unchanged
}

func read(text string, into any) error {
	value, err := phpjson.Parse([]byte(text))
	if err != nil {
		return err
	}
	return value.Read(into)
}

func TestForms(t *testing.T) {
	noon := time.Date(2025, 1, 10, 12, 0, 0, 0, time.UTC)
	three := 3
	for text, want := range map[string]all{
		`{"id": 7}`:                                {base: base{ID: 7}},
		`{"id": "7"}`:                              {base: base{ID: 7}},
		`{"id": 7.0, "small": 1e2}`:                {base: base{ID: 7}, Small: 100},
		`{"id": 9223372036854775807}`:              {base: base{ID: 1<<63 - 1}},
		`{"id": "-9223372036854775808"}`:           {base: base{ID: -1 << 63}},
		`{"ID": 7, "NAME": "x"}`:                   {base: base{ID: 7}, Name: "x"},
		`{"i\u0064": 7}`:                           {base: base{ID: 7}},
		`{"id": null, "count": null, "yes": null}`: {},
		`{"count": "3"}`:                           {Count: &three},
		`{"name": "x"}`:                            {Name: "x"},
		`{"name": 201010000000}`:                   {Name: "201010000000"},
		`{"name": -1.50}`:                          {Name: "-1.50"},
		`{"name": "\ud83d\ude00\/"}`:               {Name: "\U0001f600/"},
		`{"yes": true}`:                            {Yes: true},
		`{"yes": 1}`:                               {Yes: true},
		`{"yes": "1"}`:                             {Yes: true},
		`{"yes": "true"}`:                          {Yes: true},
		`{"yes": 0}`:                               {},
		`{"yes": "0"}`:                             {},
		`{"yes": "false"}`:                         {},
		`{"at": "2025-01-10T12:00:00Z"}`:           {At: noon},
		`{"at": "2025-01-10T12:00:00.000000Z"}`:    {At: noon},
		`{"at": "2025-01-10T14:00:00+02:00"}`:      {At: noon},
		`{"at": "2025-01-10T14:00:00+0200"}`:       {At: noon},
		`{"at": "2025-01-10 14:00:00+02"}`:         {At: noon},
		`{"at": "2025-01-10 12:00:00"}`:            {At: noon},
		`{"at": "2025-01-10T12:00:00"}`:            {At: noon},
		`{"at": "2025-01-10 12:00:00.000"}`:        {At: noon},
		`{"at": "2025-01-10 12:00:00 UTC"}`:        {At: noon},
		`{"at": "2025-01-10T12:00:00 UTC"}`:        {At: noon},
		`{"at": "", "maybe": ""}`:                  {},
		`{"at": null, "maybe": null}`:              {},
		`{"at": "2025-01-10 14:00:00 +0200", "maybe": "2025-01-10 14:00:00 +02:00"}`: {At: noon, Maybe: &noon},
		`{"at": "0000-00-00 00:00:00", "maybe": "0000-00-00"}`:                       {},
		`{"maybe": "2025-01-10 12:00:00"}`:                                           {Maybe: &noon},
		`{"words": ["a", 1]}`:                                                        {Words: []string{"a", "1"}},
		`{"words": {"10": "c", "2": "b", "0": "a"}}`:                                 {Words: []string{"a", "b", "c"}},
		`{"words": {}}`:                                {Words: []string{}},
		`{"words": []}`:                                {Words: []string{}},
		`{"words": null}`:                              {},
		`{"parts": {"1": {"id": "2"}}}`:                {Parts: []base{{ID: 2}}},
		`{"one": [], "other": [ ], "texts": []}`:       {Other: &base{}, Texts: map[string]string{}},
		`{"one": {"id": 2, "x": {"id": [1]}}}`:         {One: base{ID: 2}},
		`{"other": {"id": 2}, "texts": {"a": 1}}`:      {Other: &base{ID: 2}, Texts: map[string]string{"a": "1"}},
		`{"raw": {"a": [1, "x"]}, "any": [1]}`:         {Raw: json.RawMessage(`{"a": [1, "x"]}`), Any: []any{1.0}},
		`{"ratio": 0.5, "Bare": 1}`:                    {Ratio: 0.5, Bare: 1},
		`{"Hidden": 1, "hidden": 1, "-": 1, "x": "}"}`: {},
		"\t{ \"id\" :\n7 , \"name\":\"x\" }\r\n":       {base: base{ID: 7}, Name: "x"},
		`{"name": "a\"]}", "id": 7}`:                   {base: base{ID: 7}, Name: `a"]}`},
		`[]`:                                           {},
		`null`:                                         {},
	} {
		var got all
		if err := read(text, &got); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !got.At.Equal(want.At) || (got.Maybe == nil) != (want.Maybe == nil) || got.Maybe != nil && !got.Maybe.Equal(*want.Maybe) {
			t.Errorf("%s: %v, %v", text, got.At, got.Maybe)
		}
		got.At, got.Maybe, want.At, want.Maybe = time.Time{}, nil, time.Time{}, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, want\n%+v", text, got, want)
		}
	}
}

// The error names what cannot be read, and the rest is read.
func TestErrors(t *testing.T) {
	long := strings.Repeat("é", 5000)
	for text, want := range map[string]string{
		`{"id": "seven", ID}`:               `id: "seven" is not a 64-bit integer`,
		`{"id": 7.5, ID}`:                   `id: 7.5 is not a 64-bit integer`,
		`{"id": "7.0", ID}`:                 `id: "7.0" is not a 64-bit integer`,
		`{"id": "", ID}`:                    `id: "" is not a 64-bit integer`,
		`{"id": true, ID}`:                  `id: true is not a 64-bit integer`,
		`{"id": 1e99, ID}`:                  `id: 1e99 is not a 64-bit integer`,
		`{"id": 99999999999999999999, ID}`:  `id: 99999999999999999999 is not a 64-bit integer`,
		`{"small": 128, ID}`:                `small: 128 is not an 8-bit integer`,
		`{"small": "NaN", ID}`:              `small: "NaN" is not an 8-bit integer`,
		`{"name": true, ID}`:                `name: true is not a text`,
		`{"name": ["a"], ID}`:               `name: ["a"] is not a text`,
		`{"yes": 2, ID}`:                    `yes: 2 is not a boolean`,
		`{"yes": [], ID}`:                   `yes: [] is not a boolean`,
		`{"at": "soon", ID}`:                `at: "soon" is not a time`,
		`{"at": 1736510400, ID}`:            `at: 1736510400 is not a time`,
		`{"at": "2025-13-10 12:00:00", ID}`: `at: "2025-13-10 12:00:00" is not a time`,
		`{"maybe": "soon", ID}`:             `maybe: "soon" is not a time`,
		`{"words": "a", ID}`:                `words: "a" is not a list`,
		`{"words": {"a": "b"}, ID}`:         `words: {"a": "b"} is not a list`,
		`{"words": ["a", {}], ID}`:          `words[1]: {} is not a text`,
		`{"parts": [{}, {"name": []}], ID}`: `parts[1].name: [] is not a text`,
		`{"one": [1], ID}`:                  `one: [1] is not an object`,
		`{"other": 1, ID}`:                  `other: 1 is not an object`,
		`{"other": {"id": "x"}, ID}`:        `other.id: "x" is not a 64-bit integer`,
		`{"texts": {"a": []}, ID}`:          `texts.*: [] is not a text`,
		`{"texts": [1], ID}`:                `texts: [1] is not an object`,
		`{"ratio": "x", ID}`:                `ratio: "x" is not a float64`,
		`{"yes": 2, "small": 999, ID}`:      `yes: 2 is not a boolean`, // the first
		`{"yes": "` + long + `", ID}`:       `yes: "` + strings.Repeat("é", 39) + `... is not a boolean`,
		`{"yes": [1,` + "\n\n" + `2], ID}`:  `yes: [1, 2] is not a boolean`,
		"{\"yes\": \"\xff\", ID}":           `yes: "?" is not a boolean`,
	} {
		var got all
		err := read(strings.Replace(text, "ID}", `"Bare": 7}`, 1), &got)
		var wrong *phpjson.Error
		if !errors.As(err, &wrong) || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
		if got.Bare != 7 || got.Small != 0 || got.Name != "" || got.ID != 0 || !got.At.IsZero() || got.Maybe != nil || got.Yes {
			t.Errorf("%s: %+v", text, got)
		}
	}
	for _, text := range []string{"", "{", `{"id": 7} 8`, "{'id': 7}", strings.Repeat("[", 20_000), `{"id": 07}`} {
		if err := read(text, new(all)); err == nil {
			t.Errorf("Parse accepts %q, which is not JSON", text)
		}
	}
	var n int
	if err := read(`"x"`, &n); err == nil || !strings.HasPrefix(err.Error(), `"x" is not a `) {
		t.Error(err)
	}
}

func TestValues(t *testing.T) {
	value, err := phpjson.Parse([]byte(`{"data": {"1": "b", "0": {"id": "x"}}, "none": null, "n": 1, "Data": {"1": {"id": 3}, "0": {"id": "x"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	list, err := value.Member("data").Elements() // the last of that name
	if err != nil || len(list) != 2 || list[1].Path() != "data[1]" || string(list[1].Raw()) != `{"id": 3}` || !list[0].IsObject() {
		t.Fatalf("%v, %v", list, err)
	}
	if err := list[0].Read(new(base)); err == nil || err.Error() != `data[0].id: "x" is not a 64-bit integer` {
		t.Error(err)
	}
	if _, err := value.Member("n").Elements(); err == nil || err.Error() != "n: 1 is not a list" {
		t.Error(err)
	}
	for _, name := range []string{"none", "other"} {
		if m := value.Member(name); m.Exists() || m.Member("x").Exists() || m.IsObject() || m.Raw() != nil || m.Read(new(base)) != nil {
			t.Errorf("%s: %v", name, m)
		}
	}
	for i, member := range value.Members("n", "none", "data", "other", "N") {
		if one := value.Member([]string{"n", "none", "data", "other", "N"}[i]); !reflect.DeepEqual(member, one) {
			t.Errorf("%v is not %v", member, one)
		}
	}
	if got := list[0].Member("id").Path(); got != "data[0].id" {
		t.Error(got)
	}
	if got := list[0].Members("id")[0].Path(); got != "data[0].id" {
		t.Error(got)
	}
	if !value.Has("none") || value.Has("other") || value.Member("n").Has("x") {
		t.Error("a member that exists is not found")
	}
}

// A struct that embeds a pointer is refused, since the fields behind it may not exist.
func TestEmbeddedPointers(t *testing.T) {
	type Base struct {
		ID int64 `json:"id"`
	}
	into := struct {
		*Base
		Name string `json:"name"`
	}{}
	for range 2 {
		if err := read(`{"id": 7, "name": "x"}`, &into); err == nil || !strings.Contains(err.Error(), "which embeds a pointer") || into.Base != nil {
			t.Errorf("%+v, %v", into, err)
		}
	}
	named := struct {
		*Base `json:"base"`
	}{}
	if err := read(`{"base": {"id": 7}}`, &named); err != nil || named.ID != 7 {
		t.Error(err)
	}
}

func TestNo(t *testing.T) {
	for text, want := range map[string]bool{
		"null": true, "false": true, "0": true, "-0.0e5": true, `""`: true, `"0"`: true, `"False"`: true, `"\u0030"`: true, "[]": true, "[ ]": true, "{\n}": true,
		"true": false, "1": false, "-0.1": false, "1e999": false, `"00"`: false, `"no"`: false, `" "`: false, "[0]": false, `{"a": 0}`: false, "[[]]": false, "[{}]": false,
	} {
		value, err := phpjson.Parse([]byte(text))
		if err != nil || value.IsFalse() != want {
			t.Errorf("%s: %v, %v", text, !want, err)
		}
	}
	if !(phpjson.Value{}).IsFalse() {
		t.Error("a value that does not exist is not false")
	}
}

func TestZones(t *testing.T) {
	for text, zoneless := range map[string]bool{
		`"2025-01-10 12:00:00"`: true, `"2025-01-10T12:00:00.5"`: true, `"2025-01-10 12:00:00Z"`: false, `"2025-01-10 12:00:00 UTC"`: false,
		`"2025-01-10T12:00:00+00:00"`: false, `"soon"`: false, `""`: false, "5": false, "null": false,
	} {
		if value, err := phpjson.Parse([]byte(text)); err != nil || value.IsZoneless() != zoneless {
			t.Errorf("%s: %v, %v", text, !zoneless, err)
		}
	}
	if (phpjson.Value{}).IsZoneless() {
		t.Error("a value that does not exist is a time without a zone")
	}
}

// types are the types that the client reads.
var types = []reflect.Type{
	reflect.TypeFor[all](), reflect.TypeFor[[]all](), reflect.TypeFor[gen.Me](), reflect.TypeFor[gen.Subscription](), reflect.TypeFor[gen.APIKey](),
	reflect.TypeFor[gen.Contact](), reflect.TypeFor[[]gen.SenderNumber](), reflect.TypeFor[[]gen.MessageLogEntry](), reflect.TypeFor[gen.SentMessage](),
	reflect.TypeFor[[]gen.SenderNumberUsage](), reflect.TypeFor[gen.Error](), reflect.TypeFor[string](), reflect.TypeFor[int64](), reflect.TypeFor[bool](),
	reflect.TypeFor[time.Time](), reflect.TypeFor[map[string]json.RawMessage](),
}

// FuzzRead: what encoding/json can read is read to the same value, and all errors are short.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		`{"id": 1, "name": "x", "small": -1, "yes": true, "at": "2025-01-10T12:00:00+02:00", "maybe": "2025-01-10T12:00:00Z", "words": ["a"], "parts": [{"id": 1}]}`,
		`{"one": {"id": 1}, "other": {"name": "\u00e9"}, "texts": {"a": "b"}, "raw": [1, {}], "any": {"a": null}, "ratio": 1e3, "Bare": 1}`,
		`{"parts": [{"id": 1, "name": "x"}, {"id": 2}], "parts": [{"id": 3}], "Parts": [{}, {}, {}], "other": {"id": 1}, "other": {"name": "y"}, "id": 1, "id": null}`,
		`{"user": {"id": 1}, "api_key": {"scopes": ["*"], "expires_at": null}, "organization": {"email_verified": true}, "subscription": {"status": "active"}}`,
		`[{"id": 1, "phone": "+1", "daily_limit_override": 5, "verified_at": null}, {"id": 2}]`, `{"message": "x", "errors": {"a": ["b"]}}`,
		`[{"id": 1, "sent_at": null, "content": null}, {}]`, "null", `"x"`, "12", "true", `"2025-01-10T12:00:00Z"`, `{"words": {"0": "a"}, "yes": "1"}`,
		"{\"\xff\": 1, \"name\": \"\xff\"}", `{"ſmall": 1, "bare": 2}`, "[[[[[[", `{"a": "\ud800"}`, ` [ ] `, `{"Bare":-0}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := phpjson.Parse(text)
		if (err == nil) != json.Valid(text) {
			t.Fatalf("%q: %v", text, err)
		}
		if list, err := value.Elements(); err == nil {
			for _, element := range list {
				if !json.Valid(element.Raw()) {
					t.Errorf("%q has an element %q", text, element.Raw())
				}
			}
		}
		for _, typ := range types {
			got, want := reflect.New(typ), reflect.New(typ)
			err := value.Read(got.Interface())
			if err != nil && len([]rune(err.Error())) > 200 {
				t.Errorf("%q into %v: a long error: %v", text, typ, err)
			}
			if json.Unmarshal(text, want.Interface()) != nil {
				continue
			}
			if err != nil || !reflect.DeepEqual(got.Interface(), want.Interface()) {
				t.Errorf("%q into %v:\n%s, %v; encoding/json reads\n%s", text, typ, show(got), err, show(want))
			}
		}
	})
}

func show(v reflect.Value) string { return fmt.Sprintf("%+v", v.Elem().Interface()) }
