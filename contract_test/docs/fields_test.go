package docs_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// TestFieldsAreListed compares the fields of a type with the list in its comment. go doc does not show the fields of types of
// package gen that are aliased or embedded in package tgo, so their comments list them.
func TestFieldsAreListed(t *testing.T) {
	t.Parallel()
	comments := map[string]string{}
	for _, typ := range packageDoc(t, "tgo").Types {
		comments[typ.Name] = typ.Doc
	}
	for name, typ := range map[string]reflect.Type{
		"APIKey": reflect.TypeFor[tgo.APIKey](), "Contact": reflect.TypeFor[tgo.Contact](), "LogEntry": reflect.TypeFor[tgo.LogEntry](),
		"Me": reflect.TypeFor[tgo.Me](), "Receipt": reflect.TypeFor[tgo.Receipt](), "SenderNumber": reflect.TypeFor[tgo.SenderNumber](),
		"Subscription": reflect.TypeFor[tgo.Subscription](),
	} {
		if typ.Field(0).Anonymous {
			typ = typ.Field(0).Type
		}
		var want, listed []string
		for field := range typ.Fields() {
			want = append(want, fmt.Sprintf("%s %s", field.Name, field.Type))
		}
		for _, m := range regexp.MustCompile(`(?m)^\t(\w+) +([\w.*\[\]]+)`).FindAllStringSubmatch(comments[name], -1) {
			listed = append(listed, m[1]+" "+m[2])
		}
		for i, line := range listed { // comments in package tgo name its types without a package
			listed[i] = regexp.MustCompile(`\*APIKey$`).ReplaceAllString(line, "*gen.APIKey")
		}
		slices.Sort(want)
		slices.Sort(listed)
		if !slices.Equal(want, listed) {
			t.Errorf("the comment of tgo.%s lists\n%v\nand its fields are\n%v", name, listed, want)
		}
	}
}
