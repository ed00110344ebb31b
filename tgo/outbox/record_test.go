//go:build !386 && !arm

package outbox

import (
	"reflect"
	"regexp"
	"slices"
	"testing"
)

// The columns of a record are written in columns, in briefColumns and in stored. A column that is added to one of them must be in all, except
// that briefColumns leaves out the columns of the job.
func TestColumnsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	var fields []string
	for field := range reflect.TypeFor[stored]().Fields() {
		fields = append(fields, field.Tag.Get("json"))
	}
	slices.Sort(fields)
	keys := func(selected string) []string {
		var names []string
		for _, pair := range regexp.MustCompile(`[(\s]'(\w+)', (?:coalesce|[mj{])`).FindAllStringSubmatch(selected, -1) {
			names = append(names, pair[1])
		}
		return names
	}
	same(t, "columns", keys(columns), fields)
	brief := slices.DeleteFunc(slices.Clone(fields), func(name string) bool {
		return slices.Contains([]string{"args", "priority", "due", "created"}, name)
	})
	same(t, "briefColumns", keys(briefColumns), brief)
}
