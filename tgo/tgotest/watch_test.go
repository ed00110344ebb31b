package tgotest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A request that a reset overtakes belongs to what was before: its message has the id of another one now.
func TestResetDuringARequest(t *testing.T) {
	s := New(t, func(c *Config) { c.Inbox = true })
	serve := func(ctx context.Context, method, path, body string) {
		r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
		r.Host = "localhost"
		r.Header = http.Header{"X-Api-Key": {s.Key.Reveal()}, "Content-Type": {"application/json"}}
		s.http.Handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	const body = `{"sender_phone":"` + defaultSender + `","to_phone":"` + defaultRecipient + `","type":"text","content":"`
	if _, err := s.Inject(Fault{Stored: true, Delay: time.Hour, Times: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		serve(ctx, http.MethodPost, basePath+"/messages", body+`old"}`)
	}()
	s.ExpectMessage(t)
	serve(t.Context(), http.MethodPost, adminPath+"/reset", "{}")
	serve(t.Context(), http.MethodPost, basePath+"/messages", body+`new"}`)
	cancel()
	<-done
	all := s.watcher.after(0)
	if len(all) != 1 || all[0].message.Content != "new" {
		for _, r := range all {
			t.Errorf("request %d with the message %+v", r.id, r.message)
		}
	}
	if id := s.watcher.requestOf(1); id != all[0].id {
		t.Errorf("message 1 is of request %d", id)
	}
}

// Of a refused form everything counts that is kept, in every form in which it is.
func TestSizeOfARefusedForm(t *testing.T) {
	s := New(t, func(c *Config) { c.Inbox = true })
	text := strings.Repeat("\x01", 500_000) // longer wherever it is shown
	body := "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\n" + text + "\r\n--b--\r\n"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, basePath+"/messages", strings.NewReader(body))
	r.Host = "localhost"
	r.Header = http.Header{"X-Api-Key": {s.Key.Reveal()}, "Content-Type": {"multipart/form-data; boundary=b"}}
	s.http.Handler.ServeHTTP(httptest.NewRecorder(), r)
	one := s.watcher.find(1)
	if kept := len(one.form.fields["content"]) + len(one.sent.text) + len(one.body); kept < 1_000_000 || one.size < kept {
		t.Errorf("%d bytes count of %d", one.size, kept)
	}
}
