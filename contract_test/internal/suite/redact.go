package suite

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// redactor replaces everything in a response that is not known to be harmless, and keeps its shape. An id becomes its rank, and a
// time another one in the same order, because the checks of assumptions compare them.
type redactor struct {
	ids   []string
	times []time.Time
}

// redactorFor returns a redactor that gives the same id, and the same time, in these exchanges the same replacement.
func redactorFor(all ...contract.Exchange) *redactor {
	r := &redactor{}
	for _, x := range all {
		r.collect("", x.JSON())
		if x.Operation == "revokeApiKey" {
			r.ids = append(r.ids, path.Base(x.Target))
		}
	}
	slices.SortFunc(r.ids, compareIDs)
	r.ids = slices.Compact(r.ids)
	slices.SortFunc(r.times, time.Time.Compare)
	r.times = slices.CompactFunc(r.times, time.Time.Equal)
	return r
}

func compareIDs(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

func (r *redactor) collect(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for field, inner := range v {
			r.collect(field, inner)
		}
	case []any:
		for _, inner := range v {
			r.collect(name, inner)
		}
	case json.Number:
		if isID(name) {
			r.ids = append(r.ids, v.String())
		}
	case string:
		if t, layout := TimeOf(v); layout != "" {
			r.times = append(r.times, t)
		} else if isID(name) {
			r.ids = append(r.ids, v)
		}
	}
}

func isID(name string) bool { return name == "id" || strings.HasSuffix(name, "_id") }

// whole reports whether a number is an integer.
func whole(n json.Number) bool {
	_, err := n.Int64()
	return err == nil
}

// id returns the rank of an id: a number if the id is one.
func (r *redactor) id(s string) string {
	i, _ := slices.BinarySearchFunc(r.ids, s, compareIDs)
	rank := strconv.Itoa(i + 1)
	if !whole(json.Number(s)) {
		return "id_" + rank
	}
	return rank
}

// TimeOf reads a time and returns the layout it is written in. The layout is empty if s is not a time.
func TimeOf(s string) (t time.Time, layout string) {
	for _, separator := range []string{"T", " "} {
		for _, zone := range []string{"Z07:00", "Z0700", ""} {
			layout := "2006-01-02" + separator + "15:04:05" + zone
			if t, err := time.Parse(layout, s); err == nil {
				return t, layout
			}
		}
	}
	return time.Time{}, ""
}

// target returns the target of a request with its path and the names of its parameters, but other values.
func (r *redactor) target(x contract.Exchange) string {
	u, err := url.Parse(x.Target)
	if err != nil {
		return "/"
	}
	if x.Operation == "revokeApiKey" {
		u = &url.URL{Path: path.Join(path.Dir(u.Path), r.id(path.Base(u.Path)))}
	}
	query := u.Query()
	for name := range query {
		switch value := query.Get(name); {
		case strings.Contains(name, "phone"):
			query.Set(name, "+201000000000")
		case name != "page" || len(value) > 6:
			query.Set(name, "1")
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// harmless has the values of every x-extensible-enum in the document, and the messages of its examples of errors.
var harmless = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	contract.Walk("", contract.Raw(), func(path, key string, value any) {
		list, _ := value.([]any)
		if key == "message" && strings.Contains(path, "/examples/") {
			list = []any{value}
		} else if key != "x-extensible-enum" {
			return
		}
		for _, one := range list {
			if text, ok := one.(string); ok {
				known[text] = true
			}
		}
	})
	return known
})

var (
	// wordFields have values of an x-extensible-enum, and pageFields numbers of pages and entries.
	wordFields = []string{"status", "verification_status", "message_type", "reason_code", "scopes"}
	pageFields = []string{"current_page", "last_page", "per_page", "total"}

	plainName = regexp.MustCompile(`^[a-z_]{1,30}$`)
)

func (r *redactor) json(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		object := map[string]any{}
		for _, field := range slices.Sorted(maps.Keys(v)) {
			inner := field
			if name == "errors" {
				inner = "message"
			}
			object[redactedName(field)] = r.json(inner, v[field])
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = r.json(name, v[i])
		}
		return list
	case json.Number:
		switch {
		case !whole(v):
			return json.Number("0.5")
		case isID(name):
			return json.Number(r.id(v.String()))
		case slices.Contains(pageFields, name) && len(v) <= 6:
			return v
		}
		return 1000001 // it may be a phone or a code
	case string:
		return r.text(name, v)
	}
	return v
}

// KnownWord returns a word if the document has it, and another word otherwise.
func KnownWord(s string) string {
	if harmless()[s] {
		return s
	}
	return "another_word"
}

// redactedName returns the name of a field, or another name if it may be anything: some responses have phones or people's names
// there.
func redactedName(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return "another_field"
}

func (r *redactor) text(name, s string) string {
	t, layout := TimeOf(s)
	switch {
	case s == "":
		return s
	case slices.Contains(wordFields, name):
		return KnownWord(s)
	case name == "message" && harmless()[s]:
		return s
	case layout != "":
		i, _ := slices.BinarySearchFunc(r.times, t, time.Time.Compare)
		return time.Date(2025, 1, 10, 8, 0, i, 0, time.UTC).In(t.Location()).Format(layout)
	case isID(name):
		return r.id(s)
	case strings.Contains(name, "phone"):
		return "+201000000000"
	case strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://"):
		u, err := url.Parse(s)
		if err != nil {
			return "https://tenant.example/"
		}
		page := ""
		if n, err := strconv.Atoi(u.Query().Get("page")); err == nil {
			page = "?page=" + strconv.Itoa(n)
		}
		return "https://tenant.example" + contract.BasePath + "/messages" + page
	}
	return "redacted"
}
