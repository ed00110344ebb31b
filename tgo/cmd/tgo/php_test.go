package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// answering is the environment for a server that gives these answers, by path.
func answering(t *testing.T, answers map[string]string) map[string]string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answers[strings.TrimPrefix(r.URL.Path, "/api/v1")])
	}))
	t.Cleanup(server.Close)
	return map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}
}

const oddLog = `{"data": {"0": {"id": "3", "content": "three", "sent_at": "soon"}, "4": {"content": "two"}, "5": 7, "6": {"id": 1, "content": "one"}}}`

// Entries that cannot be read whole are shown, with what is wrong.
func TestLogOfOddEntries(t *testing.T) {
	t.Parallel()
	env := answering(t, map[string]string{"/messages": oddLog})
	r := command(t, env, "log").want(t, exitOK,
		`three (the answer cannot be read: data[0].sent_at: "soon" is no time)`, `two (the answer cannot be read: data[1] has no "id")`, "data[2]: 7 is no object", "one\n")
	if lines := strings.Count(r.out, "\n"); lines != 5 {
		t.Errorf("%d lines:\n%s", lines, r.out)
	}
	lines := strings.Split(strings.TrimSpace(command(t, env, "log", "--json").want(t, exitOK).out), "\n")
	want := []string{`"error":"the answer cannot be read: data[0].sent_at`, `"raw":{"content":"two"}`, `"raw":7`, `"content":"one"`}
	for i, line := range lines {
		if !strings.Contains(strings.ReplaceAll(line, " ", ""), strings.ReplaceAll(want[i], " ", "")) || strings.Contains(line, `"raw"`) != (i < 3) {
			t.Errorf("%s", line)
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines", len(lines))
	}
}

// Entries without ids do not hide one another from --follow.
func TestLogFollowOfOddEntries(t *testing.T) {
	t.Parallel()
	var looks atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		log := oddLog
		if looks.Add(1) > 1 {
			log = strings.Replace(log, `{"0":`, `{"-1": {"content": "four"}, "0":`, 1)
		}
		_, _ = io.WriteString(w, log)
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}
	ctx, stop := context.WithCancel(soon(t))
	r, w := io.Pipe()
	go func() {
		run(ctx, []string{"log", "--follow", "--interval", "100ms", "--json"}, streams{out: w, err: io.Discard, getenv: func(name string) string { return env[name] }})
		_ = w.Close()
	}()
	d := json.NewDecoder(r)
	for _, want := range []string{"one", "", "two", "three", "four"} {
		var e struct{ Content string }
		if err := d.Decode(&e); err != nil || e.Content != want {
			t.Fatalf("%q came, %v; want %q", e.Content, err, want)
		}
	}
	stop()
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
}

// --follow shows what comes in behind an entry that was seen, what comes last where the oldest come first, and nothing twice.
func TestLogFollowInAnyOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit string
		size  int
		looks [][]int // the ids in the log
		want  []int64
	}{
		"late":                   {"20", 10, [][]int{{102, 100}, {102, 101, 100}, {103, 102, 101, 100}}, []int64{100, 102, 101, 103}},
		"the limit in a page":    {"2", 10, [][]int{{4, 3, 2, 1}, {5, 4, 3, 2, 1}}, []int64{3, 4, 5}},
		"pages":                  {"2", 3, [][]int{{5, 4, 3, 2, 1}, {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}}, []int64{4, 5, 6, 7, 8, 9, 10, 11}},
		"oldest first":           {"20", 10, [][]int{{1, 2, 3}, {1, 2, 3, 4}}, []int64{1, 2, 3, 4}},
		"oldest first, in pages": {"2", 3, [][]int{{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 4, 5, 6, 7, 8}}, []int64{4, 5, 6, 7, 8}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var look atomic.Int64
			look.Store(-1)
			settled := make(chan struct{}) // when all looks are over, and one more
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				page, _ := strconv.Atoi(r.URL.Query().Get("page"))
				page = max(page, 1)
				if page == 1 && int(look.Add(1)) == len(c.looks)+1 {
					close(settled)
				}
				ids := c.looks[min(int(look.Load()), len(c.looks)-1)]
				var data []string
				for _, id := range ids[min((page-1)*c.size, len(ids)):min(page*c.size, len(ids))] {
					data = append(data, fmt.Sprintf(`{"id":%d}`, id))
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(w, `{"data":[%s],"meta":{"current_page":%d,"last_page":%d}}`, strings.Join(data, ","), page, (len(ids)+c.size-1)/c.size)
			}))
			t.Cleanup(server.Close)
			env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}
			ctx, stop := context.WithCancel(soon(t))
			r, w := io.Pipe()
			go func() {
				run(ctx, []string{"log", "--follow", "--interval", "100ms", "--json", "--limit", c.limit},
					streams{out: w, err: io.Discard, getenv: func(name string) string { return env[name] }})
				_ = w.Close()
			}()
			d := json.NewDecoder(r)
			for _, want := range c.want {
				var e struct{ ID int64 }
				if err := d.Decode(&e); err != nil || e.ID != want {
					t.Fatalf("%d came, %v; want %d", e.ID, err, want)
				}
			}
			select {
			case <-settled:
			case <-ctx.Done():
				t.Fatal("it shows more, or does not ask again")
			}
			stop()
			if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
				t.Errorf("%q, %v", rest, err)
			}
		})
	}
}

// One entry out of order, or without a time, does not hide those behind it from --since; and a long log is not read whole.
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

func TestMeOfSubscriptions(t *testing.T) {
	t.Parallel()
	for subscription, want := range map[string][]string{
		"null":                 {"subscription  none\n"},
		"[]":                   {"subscription  none\n"},
		`"trial"`:              {"subscription  trial\n"},
		`{"status": "active"}`: {"subscription  active\n"},
		`{"status": null, "plan": {"name": "Pro", "price": 1000000}, "limits": [{"name": "daily", "value": 50}, {"name": "monthly", "value": null}]}`: {
			"subscription  -\n", "  limits      name daily, value 50; name monthly, value -\n", "  plan        name Pro, price 1000000\n",
		},
	} {
		env := answering(t, map[string]string{"/me": `{"user": [], "api_key": null, "organization": {"id": "1", "name": "Acme", "status": "trialing"}, "subscription": ` + subscription + `}`})
		command(t, env, "me").want(t, exitOK, append([]string{"user          -\n", "organization  Acme, trialing\n"}, want...)...)
	}
}

// Each word of the vendor's has its advice, and an unknown one is shown.
func TestSendersOfAllWords(t *testing.T) {
	t.Parallel()
	var numbers, want []string
	for i, c := range [][3]string{
		{"active", "active", "yes"}, {"removed", "active", "it was removed"}, {"suspended", "active", "ask the vendor"}, {"asleep", "active", `"asleep"`},
		{"active", "pending_verification", "one-time code"}, {"active", "rejected", "verification was rejected"}, {"active", "verified", `"verified"`},
	} {
		numbers = append(numbers, fmt.Sprintf(`{"id": "%d", "phone": "+20100000000%d", "status": "%s", "verification_status": "%s"}`, i+1, i, c[0], c[1]))
		want = append(want, c[2])
	}
	env := answering(t, map[string]string{
		"/sender-numbers": `{"data": [` + strings.Join(numbers, ",") + `]}`,
		"/me":             `{"organization": {"id": 1, "name": "Acme"}, "api_key": {"name": "x"}, "subscription": null}`,
	})
	command(t, env, "senders").want(t, exitOK, want...)
	command(t, env, "doctor").want(t, exitOK, "ok   scopes         the server does not say", "ok   sender 1", "note sender 2", "-> it was removed", "note sender 7", `"verified"`)
}

func TestKeyInTheFlatForm(t *testing.T) {
	t.Parallel()
	env := answering(t, map[string]string{"/api-keys": `{"id": "7", "name": "audit", "scopes": {"1": "*"}, "expires_at": "", "plain_text_key": "tgo_flat-form-of-a-key"}`})
	r := command(t, env, "keys", "create", "--name", "audit", "--scope", "*")
	if r.code != exitOK || r.out != "tgo_flat-form-of-a-key\n" {
		t.Errorf("%+v", r)
	}
	mustContain(t, r.err, "created key 7 (audit) with scopes *; expires -")
}

// A usage whose entries have other fields is shown as it came.
func TestUsageOfOtherFields(t *testing.T) {
	t.Parallel()
	env := answering(t, map[string]string{"/usage": `{"data": [{"number": 3, "sent": 5}]}`})
	command(t, env, "usage").want(t, exitOK, `"sent":5`)
	env = answering(t, map[string]string{"/usage": `{"data": []}`})
	if r := command(t, env, "usage").want(t, exitOK); r.out != "ID  PHONE  SENT\n" {
		t.Errorf("without a sender number it prints %q", r.out)
	}
}
