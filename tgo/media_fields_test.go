package tgo

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/gen"
)

// Each field of a media message in the contract is sent if it is set, except those that the part with the file contains.
func TestMediaFieldsAreAll(t *testing.T) {
	var m gen.MessageForm
	v := reflect.ValueOf(&m).Elem()
	want := map[string]bool{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		switch field := v.Field(i); {
		case name == "media", name == "file_name", name == "file_type", name == "file_size": // in the part with the file
			continue
		case field.CanInt():
			field.SetInt(7)
		case field.Kind() == reflect.String:
			field.SetString("x")
		default:
			t.Fatalf("%s: this test cannot set a %s", name, field.Type())
		}
		want[name] = true
	}
	for _, f := range mediaFields(m) {
		delete(want, f[0])
	}
	if len(want) > 0 {
		t.Errorf("not written: %v", want)
	}
}
