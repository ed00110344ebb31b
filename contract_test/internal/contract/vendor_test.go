package contract

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestVendorReasons: a reason explains the differences that it names, and no other.
func TestVendorReasons(t *testing.T) {
	t.Parallel()
	found := []Difference{
		{"GET /me response 403: present", "yes", "no"},
		{"GET /usage response 403: present", "yes", "no"},
		{"POST /messages request application/json duration: maximum", "300", "120"},
	}
	const duration = "POST /messages request application/json duration: maximum"
	for name, c := range map[string]struct {
		table []Explanation
		want  []string
	}{
		"all explained": {[]Explanation{{"GET {/me,/usage} response 403: present", "yes", "no", "a"}, {duration, "300", "120", "b"}}, nil},
		"without a reason": {[]Explanation{{"GET {/me,/usage} response 403: present", "yes", "no", "a"}}, []string{
			"new: " + duration + ": ours 300, the vendor's 120",
		}},
		"another value": {[]Explanation{{"GET {/me,/usage} response 403: present", "yes", "no", "a"}, {duration, "300", "200", "b"}}, []string{
			"new: " + duration + ": ours 300, the vendor's 120",
			"no longer so: " + duration + ": ours 300, the vendor's 200 (b)",
		}},
		"one more": {[]Explanation{{"GET /me response 403: present\n" + duration, "yes", "no", "a"}, {duration, "300", "120", "b"}}, []string{
			"new: GET /usage response 403: present: ours yes, the vendor's no",
			"no longer so: " + duration + ": ours yes, the vendor's no (a)",
		}},
		"one less": {[]Explanation{{"GET {/me,/messages,/usage} response 403: present", "yes", "no", "a"}, {duration, "300", "120", "b"}}, []string{
			"no longer so: GET /messages response 403: present: ours yes, the vendor's no (a)",
		}},
		"another of as many": {[]Explanation{{"GET {/me,/messages} response 403: present", "yes", "no", "a"}, {duration, "300", "120", "b"}}, []string{
			"new: GET /usage response 403: present: ours yes, the vendor's no",
			"no longer so: GET /messages response 403: present: ours yes, the vendor's no (a)",
		}},
		"what is gone with all that is in it": {[]Explanation{
			{"GET /me response 403 application/json{: closed, errors: type, errors[].id: format}", "yes", "no", "a"},
			{"GET {/usage response 403: present,/me response 4030: present}", "yes", "no", "a"},
			{duration, "300", "120", "b"},
		}, []string{
			"new: GET /me response 403: present: ours yes, the vendor's no",
			"no longer so: GET /me response 4030: present: ours yes, the vendor's no (a)",
		}},
		"what is of another type with all that is in it": {[]Explanation{
			{"GET {/me,/usage} response 403: present", "yes", "no", "a"},
			{duration, "300", "120", "b"},
			{"GET /me a{.b: format,: required}", "yes", "no", "c"},
		}, []string{
			"new: GET /me a: type: ours object, the vendor's string",
			"no longer so: GET /me a: required: ours yes, the vendor's no (c)",
		}},
	} {
		differences := found
		if strings.HasPrefix(name, "what is of another type") {
			differences = append(slices.Clone(found), Difference{"GET /me a: type", "object", "string"})
		}
		r := VendorReport{table: c.table}
		r.explain(differences)
		if got := r.Failures(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestVendorKeys(t *testing.T) {
	t.Parallel()
	e := Explanation{"{DELETE /a/{},GET /b} response 200 x{,.y}[]: required\n\tGET /c errors{}: type", "yes", "no", "a reason"}
	want := []Difference{
		{"DELETE /a/{} response 200 x[]: required", "yes", "no"},
		{"DELETE /a/{} response 200 x.y[]: required", "yes", "no"},
		{"GET /b response 200 x[]: required", "yes", "no"},
		{"GET /b response 200 x.y[]: required", "yes", "no"},
		{"GET /c errors{}: type", "yes", "no"},
	}
	if got := e.Differences(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestVendorDocumentsThatAreNone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, c := range map[string]struct{ text, says string }{
		"page.html":     {"\n<!DOCTYPE html><title>Not found</title>", "is not an OpenAPI document but HTML or XML"},
		"notfound.txt":  {"404: Not Found", `is not an OpenAPI document but something that begins with "404: Not Found"`},
		"notes.yaml":    {"openapi is a standard", `something that begins with "openapi is a standard"`},
		"other.json":    {`{"message":"Not found"}`, "something that begins with \"{\\\"message"},
		"list.yaml":     {"- openapi", "something that begins with \"- openapi\""},
		"long.txt":      {strings.Repeat("é", 1000), "begins with \"" + strings.Repeat("é", 40) + "\":"},
		"swagger.yaml":  {"swagger: '2.0'\npaths: {}", "is not an OpenAPI document but a Swagger 2.0 document"},
		"swagger.json":  {`{"swagger":"2.0","info":{"title":"a"}}`, "is not an OpenAPI document but a Swagger 2.0 document"},
		"postman.json":  {`{"info":{"_postman_id":"1","name":"a"},"item":[]}`, "is not an OpenAPI document but a Postman collection"},
		"postman2.json": {`{"info":{"schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}}`, "but a Postman collection"},
		"empty.yaml":    {"", "is not an OpenAPI document but an empty file"},
		"blank.yaml":    {"\ufeff \n", "is not an OpenAPI document but an empty file"},
		"broken.yaml":   {"openapi: 3.0.3\npaths: [", "cannot be read as an OpenAPI document"},
		"future.yaml":   {"openapi: 4.0.0\npaths: {}", "is OpenAPI 4.0.0, and only OpenAPI 3 is supported"},
		"pathless.yaml": {"openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {}", "has no paths"},
		"external.yaml": {"openapi: 3.0.3\npaths:\n  /a:\n    $ref: 'http://127.0.0.1:1/secret.yaml'", "disallowed external reference"},
	} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadVendor(file); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v, want one that says %q", name, err, c.says)
		}
	}
	for _, name := range []string{"no-such-file.yaml", filepath.Join(folder, "no-such-file.yaml")} {
		if _, err := LoadVendor(name); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "relative name") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
