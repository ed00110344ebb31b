package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

func TestLogFollow(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{false, true} {
		fake := tgotest.New(t)
		fill(t, fake, 3)
		ctx, stop := context.WithCancel(soon(t))
		r, w := io.Pipe()
		env := envOf(fake)
		args := []string{"log", "--follow", "--limit", "2", "--interval", "100ms"}
		if asJSON {
			args = append(args, "--json")
		}
		code := make(chan int, 1)
		go func() {
			code <- run(ctx, args, streams{out: w, err: io.Discard, getenv: func(name string) string { return env[name] }})
			_ = w.Close()
		}()
		lines := make(chan string)
		go func() {
			defer close(lines)
			d := json.NewDecoder(r)
			if asJSON {
				for {
					var e tgo.LogEntry
					if d.Decode(&e) != nil {
						return
					}
					lines <- e.Content
				}
			}
			b := make([]byte, 1<<10)
			for {
				n, err := r.Read(b)
				if err != nil {
					return
				}
				lines <- strings.TrimSpace(string(b[:n]))
			}
		}()
		expect := func(text string) {
			t.Helper()
			select {
			case line := <-lines:
				if !strings.HasSuffix(line, text) {
					t.Errorf("%q, want %q", line, text)
				}
			case <-ctx.Done():
				t.Fatalf("%q did not come", text)
			}
		}
		expect("message 2")
		expect("message 3 parcel")
		// A failed request does not end it, nor does the rate limit, after which the client asks three times.
		for text, status := range map[string]int{"one more": 500, "and another": 429} {
			if _, err := fake.Inject(tgotest.Fault{Operation: "listMessages", Kind: tgotest.FaultStatus, Status: status, Times: 3}); err != nil {
				t.Fatal(err)
			}
			if _, err := fake.Sender.SendText(ctx, fake.RecipientPhone, text); err != nil {
				t.Fatal(err)
			}
			expect(text)
		}
		stop()
		for range lines { // it ends
		}
		if c := <-code; c != exitOK {
			t.Errorf("exit code %d", c)
		}
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	const interval = 5 * time.Second
	for want, err := range map[time.Duration]error{
		interval:    errors.New("no answer"),
		time.Minute: fmt.Errorf("read: %w", &tgo.APIError{Status: 429, RetryAfter: time.Minute}),
	} {
		if got := pause(err, interval); got != want {
			t.Errorf("%v after %v, want %v", got, err, want)
		}
	}
	for _, after := range []time.Duration{0, time.Second} {
		if got := pause(&tgo.APIError{Status: 429, RetryAfter: after}, interval); got != interval {
			t.Errorf("%v when the server asks for %v", got, after)
		}
	}
	if got := pause(nil, interval); got != interval {
		t.Errorf("%v after a look that went well", got)
	}
}

// A long log is read once, and then only its new entries, even if the filter shows none of them.
func TestLogFollowOfALongLog(t *testing.T) {
	t.Parallel()
	var entries atomic.Int64
	entries.Store(maxSeen + 500)
	asked := make(chan int, 1)
	ctx, stop := context.WithCancel(soon(t))
	const size = 1000
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		page = max(page, 1)
		select {
		case asked <- page:
		case <-ctx.Done():
		}
		total := int(entries.Load())
		var data []string
		for id := total - (page-1)*size; id > max(0, total-page*size); id-- {
			data = append(data, fmt.Sprintf(`{"id":%d}`, id))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data":[%s],"meta":{"current_page":%d,"last_page":%d}}`, strings.Join(data, ","), page, (total+size-1)/size)
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}
	code := make(chan int, 1)
	go func() {
		args := []string{"log", "--follow", "--contains", "no such text", "--interval", "100ms"}
		code <- run(ctx, args, streams{out: io.Discard, err: io.Discard, getenv: func(name string) string { return env[name] }})
	}()
	next := func() int {
		select {
		case page := <-asked:
			return page
		case <-ctx.Done():
			t.Fatal("it does not ask")
			return 0
		}
	}
	last := next()
	for page := next(); page > last; page = next() {
		last = page
	}
	if last < maxSeen/size {
		t.Errorf("the first look ended with page %d", last)
	}
	for range 4 {
		entries.Add(1)
		for range 2 {
			if page := next(); page != 1 {
				t.Fatalf("it reads page %d again", page)
			}
		}
	}
	stop()
	if c := <-code; c != exitOK {
		t.Errorf("exit code %d", c)
	}
}

// --limit 0 shows all entries, with --follow as well.
func TestLogFollowOfAll(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	fill(t, fake, 3)
	ctx, stop := context.WithCancel(soon(t))
	r, w := io.Pipe()
	env := envOf(fake)
	go func() {
		args := []string{"log", "--follow", "--limit", "0", "--interval", "1h", "--json"}
		run(ctx, args, streams{out: w, err: io.Discard, getenv: func(name string) string { return env[name] }})
		_ = w.Close()
	}()
	d := json.NewDecoder(r)
	for id := int64(1); id <= 3; id++ {
		var e tgo.LogEntry
		if err := d.Decode(&e); err != nil || e.ID != id {
			t.Fatalf("%d came, %v; want %d", e.ID, err, id)
		}
	}
	stop()
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
}

// Entries without ids do not hide each other from --follow.
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

// --follow shows entries that appear behind a known one, entries that come last if the oldest come first, and no
// entry twice.
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

// Server errors and lost connections do not end --follow, and are reported once. A refusal ends it.
func TestFollowOutlivesTrouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trouble tgotest.Fault
		says    string
	}{
		"503":               {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 503, Times: 9}, "503"},
		"a lost connection": {tgotest.Fault{Kind: tgotest.FaultCut, Times: 9}, "connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			c.trouble.Operation = "listMessages"
			if _, err := fake.Inject(c.trouble); err != nil { // from the first look on; each asks three times
				t.Fatal(err)
			}
			env := envOf(fake)
			lines := make(chan string)
			ctx := soon(t)
			var errs buffer
			code := make(chan int, 1)
			r, w := io.Pipe()
			go func() {
				code <- run(ctx, []string{"log", "--follow", "--interval", "100ms"}, streams{out: w, err: &errs, getenv: func(name string) string { return env[name] }})
				_ = w.Close()
			}()
			go func() {
				b := make([]byte, 1<<10)
				for {
					n, err := r.Read(b)
					if err != nil {
						close(lines)
						return
					}
					lines <- string(b[:n])
				}
			}()
			fill(t, fake, 1)
			select {
			case line := <-lines:
				mustContain(t, line, "message 1")
			case <-ctx.Done():
				t.Fatalf("nothing came: %s", errs.String())
			}
			fake.RevokeKey(fake.Key)
			for range lines { // until it ends
			}
			if got := <-code; got != exitRejected {
				t.Errorf("exit code %d", got)
			}
			mustContain(t, errs.String(), c.says, "trying again", "can be read again", "401")
			if n := strings.Count(errs.String(), "trying again"); n != 1 {
				t.Errorf("it says so %d times: %s", n, errs.String())
			}
		})
	}
}
