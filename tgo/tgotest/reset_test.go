package tgotest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
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
		serve(ctx, http.MethodPost, contract.BasePath+"/messages", body+`old"}`)
	}()
	s.ExpectMessage(t)
	serve(t.Context(), http.MethodPost, adminPath+"/reset", "{}")
	serve(t.Context(), http.MethodPost, contract.BasePath+"/messages", body+`new"}`)
	cancel()
	<-done
	all := s.traffic.After(0)
	if len(all) != 1 || s.traffic.Exchange(all[0]).Message.Content != "new" {
		for _, r := range all {
			e := s.traffic.Exchange(r)
			t.Errorf("request %d with the message %+v", e.ID, e.Message)
		}
	}
	if id := s.traffic.RequestOf(1); id != s.traffic.Exchange(all[0]).ID {
		t.Errorf("message 1 is of request %d", id)
	}
}
