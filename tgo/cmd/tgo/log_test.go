package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// fill sends n texts, every third of which contains "parcel".
func fill(t testing.TB, fake *tgotest.Server, n int) {
	t.Helper()
	for i := 1; i <= n; i++ {
		text := fmt.Sprintf("message %d", i)
		if i%3 == 0 {
			text += " parcel"
		}
		if _, err := fake.Sender.SendText(soon(t), fake.RecipientPhone, text); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 10, 8, 0, 0, 0, time.UTC)
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.PageSize = 4
		c.Now = func() time.Time {
			clock = clock.Add(time.Minute)
			return clock
		}
	})
	fill(t, fake, 10)
	env := envOf(fake)
	ids := func(args ...string) string {
		t.Helper()
		r := command(t, env, append([]string{"log", "--json"}, args...)...).want(t, exitOK)
		var found []string
		for line := range strings.Lines(r.out) {
			found = append(found, fmt.Sprint(decode[tgo.LogEntry](t, line).ID))
		}
		return strings.Join(found, " ")
	}
	sentAt := fake.Messages()[6].SentAt.Format(time.RFC3339) // of message 7
	for args, want := range map[string]string{
		"":                            "10 9 8 7 6 5 4 3 2 1",
		"--limit 3":                   "10 9 8",
		"--limit 0 --contains parcel": "9 6 3",
		"--page 3":                    "2 1",
		"--since " + sentAt:           "10 9 8 7",
		"--until " + sentAt:           "6 5 4 3 2 1",
		"--type voice":                "",
		"--type voice,text --limit 1": "10",
		"--status sent --limit 1":     "10",
		"--status failed":             "",
		"--sender 1 --limit 1":        "10",
		"--sender 2":                  "",
	} {
		if got := ids(strings.Fields(args)...); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
	command(t, env, "log", "--limit", "1").want(t, exitOK, "ID", "SENT AT", "10  2026-01-10T", "text", "sent", "message 10")
	for _, args := range []string{"--since yesterday", "--limit -1", "--page 0", "--type fax", "--follow --interval 1ms"} {
		command(t, env, append([]string{"log"}, strings.Fields(args)...)...).want(t, exitUsage)
	}
}

// The text of a message cannot move the cursor of a terminal.
func TestLogOfHostileTexts(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	if _, err := fake.Sender.SendText(soon(t), fake.RecipientPhone, "a\x1b[2Jb\u202ec\u009bd"); err != nil {
		t.Fatal(err)
	}
	r := command(t, envOf(fake), "log").want(t, exitOK)
	if strings.ContainsAny(r.out, "\x1b\u202e\u009b") {
		t.Errorf("%q", r.out)
	}
}

// Entries that cannot be read completely are shown, with the error.
func TestLogOfOddEntries(t *testing.T) {
	t.Parallel()
	env := answering(t, map[string]string{"/messages": oddLog})
	r := command(t, env, "log").want(t, exitOK,
		`three (the response cannot be read: data[0].sent_at: "soon" is not a time)`, `two (the response cannot be read: data[1] has no "id")`, "data[2]: 7 is not an object", "one\n")
	if lines := strings.Count(r.out, "\n"); lines != 5 {
		t.Errorf("%d lines:\n%s", lines, r.out)
	}
	lines := strings.Split(strings.TrimSpace(command(t, env, "log", "--json").want(t, exitOK).out), "\n")
	want := []string{`"error":"the response cannot be read: data[0].sent_at`, `"raw":{"content":"two"}`, `"raw":7`, `"content":"one"`}
	for i, line := range lines {
		if !strings.Contains(strings.ReplaceAll(line, " ", ""), strings.ReplaceAll(want[i], " ", "")) || strings.Contains(line, `"raw"`) != (i < 3) {
			t.Errorf("%s", line)
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines", len(lines))
	}
}

// An entry out of order or without a time does not hide later ones from --since, and a long log is not read completely.
func TestLogSince(t *testing.T) {
	t.Parallel()
	entry := func(id int, at string) string { return fmt.Sprintf(`{"id":%d,"sent_at":%q}`, id, at) }
	for times, want := range map[string]string{
		"08:09 07:00 08:07":       "3 1",
		"08:09 - 08:07 07:59":     "4 3 2", // what does not say when it was sent is shown
		"07:00 07:30 08:00 08:07": "2 1",
	} {
		all := strings.Fields(times)
		var data []string
		for i, at := range all {
			sent := "2026-01-10T" + at + ":00Z"
			if at == "-" {
				sent = "0001-01-01T00:00:00Z"
			}
			data = append(data, entry(len(all)-i, sent))
		}
		env := answering(t, map[string]string{"/messages": `{"data":[` + strings.Join(data, ",") + `]}`})
		var ids []string
		for line := range strings.Lines(command(t, env, "log", "--json", "--since", "2026-01-10T08:00:00Z").want(t, exitOK).out) {
			ids = append(ids, fmt.Sprint(decode[struct{ ID int }](t, line).ID))
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("of %s it shows %s, want %s", times, got, want)
		}
	}

	const size, pages = 50, 20 // an entry a minute, of which those of the first page are asked for
	newest := time.Date(2026, 1, 10, 8, 0, 0, 0, time.UTC)
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		page = max(page, 1)
		var data []string
		for i := (page - 1) * size; i < page*size; i++ {
			data = append(data, entry(size*pages-i, newest.Add(-time.Duration(i)*time.Minute).Format(time.RFC3339)))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data":[%s],"meta":{"current_page":%d,"last_page":%d}}`, strings.Join(data, ","), page, pages)
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}
	since := newest.Add(-(size - 1) * time.Minute).Format(time.RFC3339)
	r := command(t, env, "log", "--json", "--limit", "0", "--since", since).want(t, exitOK)
	if n := strings.Count(r.out, "\n"); n != size || asked.Load() != 1+maxOld/size {
		t.Errorf("it shows %d entries of %d pages, want %d of %d", n, asked.Load(), size, 1+maxOld/size)
	}

	var data []string // the oldest first
	for i := range 2 * maxOld {
		data = append(data, entry(i+1, newest.Add(time.Duration(i)*time.Minute).Format(time.RFC3339)))
	}
	env = answering(t, map[string]string{"/messages": `{"data":[` + strings.Join(data, ",") + `]}`})
	r = command(t, env, "log", "--json", "--since", newest.Add((2*maxOld-1)*time.Minute).Format(time.RFC3339)).want(t, exitOK)
	if n := strings.Count(r.out, "\n"); n != 1 {
		t.Errorf("it shows %d entries of a log with the oldest first, want the last", n)
	}
}

const oddLog = `{"data": {"0": {"id": "3", "content": "three", "sent_at": "soon"}, "4": {"content": "two"}, "5": 7, "6": {"id": 1, "content": "one"}}}`
