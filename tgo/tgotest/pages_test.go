package tgotest_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// page is what a browser gets.
type page struct {
	status                int
	kind, policy, content string
}

func getPage(t *testing.T, url string) page {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Content-Security-Policy"), string(content)}
}

// TestPageIsWhole asks for the inbox at each of its addresses, and for all that it names.
func TestPageIsWhole(t *testing.T) {
	t.Parallel()
	root := strings.TrimSuffix(tgotest.New(t, inbox).URL, "/api/v1")
	first := getPage(t, root+"/")
	for _, at := range []string{"/requests/1", "/messages/1.js", "/latest", "/latest?q=x", "/phone", "/phone/+201010000000"} {
		if got := getPage(t, root+at); got != first || got.status != http.StatusOK || got.kind != "text/html; charset=utf-8" {
			t.Errorf("%s is not the page: %d %s", at, got.status, got.kind)
		}
	}
	var todo []string
	for _, m := range regexp.MustCompile(`(?:href|src)="(/inbox/[^"]+)"`).FindAllStringSubmatch(first.content, -1) {
		todo = append(todo, m[1])
	}
	imports := regexp.MustCompile(`(?m)^import .* from "\.(/[^"]+)"`)
	seen := map[string]bool{}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		got := getPage(t, root+at)
		kind := "text/javascript; charset=utf-8"
		if strings.HasSuffix(at, ".css") {
			kind = "text/css; charset=utf-8"
		}
		if got.status != http.StatusOK || got.kind != kind || got.policy != first.policy {
			t.Errorf("%s: %d, %s, with the policy %q", at, got.status, got.kind, got.policy)
		}
		for _, m := range imports.FindAllStringSubmatch(got.content, -1) {
			todo = append(todo, "/inbox"+m[1])
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d files were found", len(seen))
	}
	for _, at := range []string{"/inbox/types.d.ts", "/inbox/index.html", "/inbox/"} {
		if got := getPage(t, root+at); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", at, got.status)
		}
	}
}

func TestIconCounts(t *testing.T) {
	t.Parallel()
	root := strings.TrimSuffix(tgotest.New(t, inbox).URL, "/api/v1")
	const red = "#b3261e"
	for query, want := range map[string]struct {
		text string
		red  bool
	}{
		"": {}, "?count=0": {}, "?count=x": {}, "?count=-1": {}, "?count=7": {text: "7"}, "?count=42&alert=1": {"42", true},
		"?count=100": {text: "99+"}, "?alert=1": {red: true},
	} {
		got := getPage(t, root+"/icon.svg"+query)
		var svg struct {
			XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
			Text    string   `xml:"text"`
		}
		if err := xml.Unmarshal([]byte(got.content), &svg); err != nil || got.kind != "image/svg+xml" {
			t.Errorf("%s: %v, %s", query, err, got.kind)
		}
		if svg.Text != want.text || strings.Contains(got.content, red) != want.red {
			t.Errorf("%s: %s", query, got.content)
		}
	}
}
