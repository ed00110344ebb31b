//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// While a window is closed, only messages of priorities without a window are sent.
func TestWindows(t *testing.T) {
	each(t, testWindows[*sql.Tx], testWindows[pgx.Tx])
}

func testWindows[TTx any](t *testing.T, b *bed[TTx]) {
	now := time.Now().UTC()
	clock := time.Duration(now.Hour()) * time.Hour
	closed := Window{From: (clock + 3*time.Hour) % (24 * time.Hour), Until: (clock + 4*time.Hour) % (24 * time.Hour)}
	normal := b.add(b.message("normal"))
	code := b.message("code")
	code.Priority = Code
	b.work(Workers{Windows: map[Priority]Window{Normal: closed}})
	b.until(b.add(code), Sent)
	b.eventually(func() bool {
		record, err := b.Get(t.Context(), normal)
		return err == nil && record.Message.At.After(now.Add(time.Hour))
	}, func() { t.Error("the message is not postponed") })
	b.fake.ExpectMessage(t, withContent("code"))
	b.fake.ExpectNoMessage(t)
}

// Windows follow the local time of their zone, also on the days on which summer time begins and ends.
func TestWindow(t *testing.T) {
	t.Parallel()
	cairo, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Fatal(err)
	}
	day, night := Window{9 * time.Hour, 21 * time.Hour, cairo}, Window{21 * time.Hour, 6 * time.Hour, cairo}
	for _, test := range []struct {
		window Window
		now    string // in Cairo
		wait   time.Duration
	}{
		{day, "2026-01-15 08:59:59", time.Second},
		{day, "2026-01-15 09:00:00", 0},
		{day, "2026-01-15 20:59:59", 0},
		{day, "2026-01-15 21:00:00", 12 * time.Hour},
		{day, "2026-04-23 21:00:00", 11 * time.Hour}, // summer time begins at midnight
		{day, "2026-10-29 21:00:00", 13 * time.Hour}, // and ends
		{night, "2026-01-15 20:00:00", time.Hour},
		{night, "2026-01-15 23:00:00", 0},
		{night, "2026-01-15 05:59:00", 0},
		{night, "2026-01-15 06:00:00", 15 * time.Hour},
		{Window{}, "2026-01-15 06:00:00", 0},
		{Window{From: 4 * time.Hour, Until: 5 * time.Hour}, "2026-01-15 05:00:00", time.Hour}, // UTC
	} {
		now, err := time.ParseInLocation(time.DateTime, test.now, cairo)
		if err != nil {
			t.Fatal(err)
		}
		if wait := test.window.wait(now.UTC()); wait != test.wait {
			t.Errorf("%s-%s at %s: %s instead of %s", test.window.From, test.window.Until, test.now, wait, test.wait)
		}
	}
}
