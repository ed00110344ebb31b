package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

// steering clears a screen, turns the direction and begins a sequence in one character, as a server or a file may try.
const steering = "a\x1b[2Jb\u202ec\u009bd"

// Nothing that a server or a file says steers the terminal, on stdout or on stderr, whatever the command.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(steering)
	if err != nil {
		t.Fatal(err)
	}
	says := func(body string) string { return strings.ReplaceAll(body, "X", string(quoted)) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body := `{"data":{"can_receive":false,"exists":true,"reason_code":X,"user":{"name":X},"organization":{"name":X},
			"api_key":{"name":X,"scopes":[X]},"subscription":{"status":X}}}`
		switch {
		case r.Method == http.MethodPost:
			body = `{"message":X,"errors":{X:[X]}}`
			w.WriteHeader(http.StatusUnprocessableEntity)
		case strings.HasSuffix(r.URL.Path, "/sender-numbers"):
			body = `{"data":[{"id":1,"phone":X,"status":"active","verification_status":"active"},{"id":2,"phone":X,"status":X}]}`
		case strings.HasSuffix(r.URL.Path, "/messages"):
			body = `{"data":[{"id":1,"message_type":X,"status":X,"content":X}]}`
		}
		_, _ = io.WriteString(w, says(body))
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "to,"+steering+"\n+201000000001,"+steering+"\n")
	for name, args := range map[string][]string{
		"a refusal":          {"send", "text", "--to", "+201000000001", "Hello"},
		"a refusal as JSON":  {"send", "text", "--to", "+201000000001", "Hello", "--json"},
		"a check":            {"send", "text", "--to", "+201000000001", "Hello", "--check"},
		"a dry run":          {"send", "text", "--to", "+201000000001", steering, "--dry-run"},
		"a dry run as JSON":  {"send", "text", "--to", "+201000000001", steering, "--dry-run", "--json"},
		"a key":              {"keys", "create", "--name", "b", "--scope", "*"},
		"me":                 {"me"},
		"me as JSON":         {"me", "--json"},
		"doctor":             {"doctor"},
		"the log":            {"log"},
		"the log as JSON":    {"log", "--json"},
		"the senders":        {"senders"},
		"the demo":           {"demo"},
		"a row's file":       {"send", "--csv", file, "--image", "{" + steering + "}.png"},
		"a name of a column": {"send", "--csv", file, "--text", "{name}"},
		"refused rows":       {"send", "--csv", file, "--yes", "--text", "Hello"},
		"a wrong argument":   {"log", steering},
	} {
		r := command(t, env, args...)
		if strings.ContainsAny(r.out+r.err, "\x1b\u202e\u009b") || !strings.Contains(r.out+r.err, "[2Jb") {
			t.Errorf("%s: %q, %q", name, r.out, r.err)
		}
	}
	// A program gets the very text all the same.
	r := command(t, env, "log", "--json").want(t, exitOK)
	if e := decode[map[string]any](t, r.out); e["content"] != steering {
		t.Errorf("%q", e)
	}
}

// aBar is a bar on a terminal of so many columns, and what it writes there.
func aBar(columns *int) (*bar, *buffer) {
	var out buffer
	return newBar(streams{terminal: true, bar: &out, width: func() int { return *columns }, getenv: func(string) string { return "" }}), &out
}

// onScreen is what a terminal of so many columns shows of an output, which moves by \r and \n only.
func onScreen(t *testing.T, columns int, output string) string {
	t.Helper()
	lines := [][]string{nil}
	at := 0
	for g := displaywidth.StringGraphemes(output); g.Next(); {
		line := &lines[len(lines)-1]
		switch g.Value() {
		case "\r":
			at = 0
			continue
		case "\n":
			lines = append(lines, nil)
			at = 0
			continue
		}
		*line = append(*line, make([]string, max(0, at+g.Width()-len(*line)))...)
		(*line)[at] = g.Value()
		for i := 1; i < g.Width(); i++ {
			(*line)[at+i] = ""
		}
		if at += g.Width(); at >= columns {
			t.Errorf("%q fills a line of %d columns", *line, columns)
		}
	}
	var shown strings.Builder
	for i, line := range lines {
		lines[i] = []string{strings.TrimRight(strings.Join(line, ""), " ")}
		shown.WriteString(lines[i][0] + "\n")
	}
	return strings.TrimSuffix(shown.String(), "\n")
}

const (
	marked = "مُحَمَّد" // four letters, and marks on them
	wide   = "日本"       // two columns each
	family = "👨‍👩‍👧‍👦"  // four people and what joins them
)

// The bar is as wide as the terminal and never wider: a line that it breaks would leave a piece of itself at each drawing.
func TestBarFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		columns int
		text    string
		want    string
	}{
		{80, "333333/1000000 sent, 333333 rejected, 333334 unknown, 10/s, 9h left, and more than there is room for",
			" 33% 333333/1000000 sent, 333333 rejected, 333334 unknown, 10/s, 9h left, and m"},
		{80, "3/9 sent", "[####################...........................................]  33% 3/9 sent"},
		{0, "3/9 sent", "[####################...........................................]  33% 3/9 sent"}, // it does not say how wide it is
		{40, "3/9 sent", "[#######................]  33% 3/9 sent"},
		{27, "3/9 sent", "[###.......]  33% 3/9 sent"},
		{26, "3/9 sent", " 33% 3/9 sent"},
		{10, "3/9 sent", " 33% 3/9 "},
		{4, "3/9 sent", " 33"},
		{1, "3/9 sent", ""},
		{8, marked, " 33% مُحَ"},
		{9, wide, " 33% 日"},
		{8, wide, " 33% 日"},
		{7, wide, " 33% "},
		{8, family + "!", " 33% " + family},
		{7, family + "!", " 33% "},
		{30, steering, "[###........]  33% a [2Jb c d"},
	} {
		b, out := aBar(&c.columns)
		b.draw(1, 3, c.text)
		if got := strings.TrimPrefix(out.String(), "\r"); got != c.want {
			t.Errorf("%d columns: %q, want %q", c.columns, got, c.want)
		}
	}
}

// A terminal that changes its size is asked at each drawing.
func TestBarFollowsTheTerminal(t *testing.T) {
	t.Parallel()
	columns := 30
	b, out := aBar(&columns)
	b.draw(1, 1, "done")
	columns = 60
	b.draw(1, 1, "done")
	columns = 20
	b.draw(1, 1, "done")
	b.draw(1, 1, wide)
	drawn := strings.Split(out.String(), "\r")[1:]
	want := []string{
		"[#################] 100% done", "[" + strings.Repeat("#", 47) + "] 100% done",
		"100% done" + strings.Repeat(" ", 10), "100% 日本",
	}
	if !slices.Equal(drawn, want) {
		t.Errorf("%q, want %q", drawn, want)
	}
}

// What is said while a bar is drawn stands above it, whole; the bar leaves a line of its own, with its last state.
func TestSayAboveTheBar(t *testing.T) {
	t.Parallel()
	columns := 40
	b, out := aBar(&columns)
	b.say(out, "before")
	b.draw(1, 4, "a text that is longer than the next one")
	b.say(out, "row %d", 7)
	b.draw(2, 4, "too soon to be drawn")
	b.say(out, "row %d", 8)
	b.draw(3, 4, "late")
	b.end()
	b.end()
	b.draw(4, 4, "after the end")
	b.say(out, "after")
	if got, want := onScreen(t, columns, out.String()), `before
row 7
row 8
[####################.......]  75% late
after
`; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	b, out = aBar(&columns)
	b.end()
	if out.String() != "" {
		t.Errorf("a bar that was not drawn left %q", out.String())
	}
}

// Where nobody watches, and on a terminal that cannot go back, there is no bar; what is said is said.
func TestNoBar(t *testing.T) {
	t.Parallel()
	var out buffer
	for _, s := range []streams{
		{bar: &out, getenv: func(string) string { return "" }},
		{bar: &out, terminal: true, getenv: func(name string) string { return map[string]string{"TERM": "dumb"}[name] }},
	} {
		b := newBar(s)
		if b != nil {
			t.Errorf("a bar for %+v", s)
		}
		b.draw(1, 1, "done")
		b.end()
		b.say(&out, "row %d", 7)
	}
	if out.String() != "row 7\nrow 7\n" {
		t.Errorf("%q", out.String())
	}
}

// A program that writes nowhere watches nothing, though /dev/null is a device of characters as a terminal is.
func TestNullIsNoTerminal(t *testing.T) {
	t.Parallel()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	if width := terminalWidth(null); isTerminal(null) || width != 0 {
		t.Errorf("%s is a terminal of %d columns", os.DevNull, width)
	}
}

// Columns line up by what a terminal shows, and Arabic text does not take the number beside it along.
func TestTable(t *testing.T) {
	t.Parallel()
	var out buffer
	table := newTable(&out)
	fmt.Fprintln(table, "NAME\tPHONE\tNOTE")
	for _, name := range []string{"Acme", marked, wide, family, "❤️🇪🇬", "e\u0301", ""} {
		fmt.Fprintf(table, "%s\t+20\t%s\n", name, "note")
	}
	fmt.Fprintln(table, "short")
	want := `NAME  PHONE  NOTE
Acme  +20    note
مُحَمَّد` + leftToRightMark + `  +20    note
日本  +20    note
👨‍👩‍👧‍👦    +20    note
❤️🇪🇬  +20    note
` + "e\u0301" + `     +20    note
      +20    note
short
`
	if err := table.Flush(); err != nil || out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
	// The next table has widths of its own.
	fmt.Fprintln(table, "a\tb")
	if err := table.Flush(); err != nil || out.String() != want+"a  b\n" {
		t.Errorf("%s", out.String())
	}
}

func TestFirstWords(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	for text, want := range map[string]string{
		"":                             "",
		" two\n\twords ":               "two words",
		"a\x1b[2Jb":                    "a [2Jb",
		x(43):                          x(43),
		x(44):                          x(40) + "...",
		strings.Repeat(wide, 11):       strings.Repeat(wide, 10) + "...",
		x(39) + family + "more words":  x(39) + "...",
		x(38) + family + "more words":  x(38) + family + "...",
		strings.Repeat("مُ", 50):       strings.Repeat("مُ", 40) + "...",
		strings.Repeat(family, 21):     strings.Repeat(family, 21),
		strings.Repeat(family, 22):     strings.Repeat(family, 20) + "...",
		x(40) + "e\u0301" + "x" + "xx": x(40) + "...",
	} {
		if got := firstWords(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What the library and the system say becomes words for operators.
func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"tgo: send image: media cannot be opened: open cards/7.png: no such file or directory": "there is no file cards/7.png",
		"configuration: open /etc/tgo.yaml: permission denied":                                 "configuration: /etc/tgo.yaml: permission denied",
		"stat list.csv: no such file or directory":                                             "list.csv: no such file or directory",
		"the worker died while it was sent":                                                    "the run ended while it was being sent",
		"send text: h:9: dial tcp 1.2.3.4:9: connect: connection refused":                      "send text: h:9: connection refused",
		"send text: acme.tgo-eg.com: dial tcp 1.2.3.4:443: connect: connection refused":        "send text: acme.tgo-eg.com: connection refused by 1.2.3.4:443",
		"interrupted: context canceled":                                                        "interrupted",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
