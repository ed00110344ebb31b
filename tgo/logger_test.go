package tgo_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Each request has a log line that says what happened, without the key, phones and texts.
func TestLogger(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	fake := tgotest.New(t)
	client, err := fake.ClientWith(fake.Key, tgo.WithLogger(logger), tgo.WithRetryLimits(2, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	sender := client.FromPhone(fake.SenderPhone)
	const secret = "the eagle lands at dawn"
	for _, f := range []tgotest.Fault{{Delay: time.Nanosecond}, {Kind: tgotest.FaultStatus, Status: 422}, {Kind: tgotest.FaultCut}, {Kind: tgotest.FaultHTML}} {
		if _, err := fake.Inject(f); err != nil {
			t.Fatal(err)
		}
		for _, s := range sends {
			_, _ = s.send(t.Context(), sender, fake.RecipientPhone, secret)
		}
		_, _ = sender.Lookup(t.Context(), fake.RecipientPhone)
		fake.ClearFaults()
	}
	var lines, retried int
	for line := range strings.Lines(out.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		lines++
		if fields["operation"] == nil || fields["call"] == nil || fields["took"] == nil || (fields["status"] == nil) == (fields["error"] == nil) {
			t.Errorf("the line has too few fields: %s", line)
		}
		if fields["attempt"] == float64(2) {
			retried++
		}
		wantLevel := "WARN"
		if fields["status"] == float64(201) || fields["status"] == float64(200) {
			wantLevel = "DEBUG"
		}
		if fields["level"] != wantLevel {
			t.Errorf("the level is not %s: %s", wantLevel, line)
		}
	}
	if lines != 4*5+2 || retried != 2 { // the lookups that were cut and got a 502 are repeated
		t.Errorf("%d lines, %d of them second attempts:\n%s", lines, retried, out.String())
	}
	for _, leak := range []string{fake.Key.Reveal(), "eagle", string(fake.RecipientPhone)[1:], string(fake.SenderPhone)[1:]} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is in the log", leak)
		}
	}
}

// The error of a transport may contain anything.
func TestLoggerMasksWhatTransportsSay(t *testing.T) {
	var out bytes.Buffer
	client := clientOf(t, "https://acme.tgo-eg.com", tgo.WithLogger(slog.New(slog.NewTextHandler(&out, nil))), tgo.WithReadRetries(),
		tgo.WithHTTPClient(&http.Client{Transport: urlEchoing{}}))
	_, _ = client.FromPhone(testSender).Lookup(t.Context(), testRecipient)
	if text := out.String(); text == "" || shows(text) || strings.Contains(text, testRecipient[1:]) || strings.Contains(text, testSender[1:]) {
		t.Errorf("%s", text)
	}
}

type urlEchoing struct{}

func (urlEchoing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, &echoError{r.URL.String() + " " + testRecipient + " " + r.Header.Get("X-Api-Key")}
}
