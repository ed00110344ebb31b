package outbox

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/tgo-business/tgo-go/tgo"
)

// Workers configures how a process sends. The zero value is valid.
type Workers struct {
	// Concurrency is the number of messages that this process sends at the same time; 16 by default.
	Concurrency int
	// Rate limits how many messages a second all workers of the queue together may begin; 0 means no limit. Give all workers the same rate.
	Rate float64
	// SenderRate is such a limit for the messages of each sender number.
	SenderRate float64
	// Windows are the hours in which messages of a priority may begin. Messages of a priority without a window may begin at any time.
	Windows map[Priority]Window
	// PauseUnknown is how many messages in a row may end as unknown before the queue is paused; 5 by default, -1 for never.
	PauseUnknown int
	// PauseRejected is how many messages in a row may be rejected for the same reason before the queue is paused; 20 by default, -1 for never.
	PauseRejected int
	// Lease is how long a worker counts as alive without renewing its lease; one minute by default. After that, the messages that it was
	// sending are set aside as unknown.
	Lease time.Duration
	// Retention is how long River keeps ended jobs, which hold texts and phones; 24 hours by default. The records are kept. Retention is
	// for Work; a river.Client of your own has its own retention settings.
	Retention time.Duration
	// OnEnd is called, for metrics, after this process recorded an outcome: that of an attempt (which may be that the message waits for another
	// one, Waiting), or that the message was found invalid before an attempt. It is not called for what Resolve, Cancel or another process does,
	// such as setting aside the messages of a dead worker. It must not block.
	OnEnd func(ctx context.Context, record Record)
}

// withDefaults validates the configuration and fills in the defaults.
func (c Workers) withDefaults() (Workers, error) {
	c.Concurrency = cmp.Or(c.Concurrency, 16)
	c.PauseUnknown = cmp.Or(c.PauseUnknown, 5)
	c.PauseRejected = cmp.Or(c.PauseRejected, 20)
	c.Lease = cmp.Or(c.Lease, time.Minute)
	c.Retention = cmp.Or(c.Retention, 24*time.Hour)
	wrong := func(field, rule string) (Workers, error) {
		return c, &tgo.InputError{Op: "work", Fields: []tgo.FieldError{{Field: "Workers." + field, Rule: rule}}}
	}
	fits := func(rate float64) bool { return rate == 0 || rate >= 1e-4 && rate <= 1e6 }
	switch {
	case c.Concurrency < 1 || c.Concurrency > river.QueueNumWorkersMax:
		return wrong("Concurrency", fmt.Sprintf("must be 1 to %d", river.QueueNumWorkersMax))
	case !fits(c.Rate):
		return wrong("Rate", "must be 0.0001 to 1000000 messages a second, or 0 for no limit")
	case !fits(c.SenderRate):
		return wrong("SenderRate", "must be 0.0001 to 1000000 messages a second, or 0 for no limit")
	case c.PauseUnknown < -1:
		return wrong("PauseUnknown", "must be 1 or more, or -1 for never")
	case c.PauseRejected < -1:
		return wrong("PauseRejected", "must be 1 or more, or -1 for never")
	case c.Lease < time.Second || c.Lease > 2*time.Minute:
		return wrong("Lease", "must be 1 s to 2 min")
	case c.Retention < time.Minute:
		return wrong("Retention", "must be 1 min or more")
	}
	for priority, window := range c.Windows {
		if priority < Code || priority > Bulk {
			return wrong("Windows", "must be for Code, Normal or Bulk")
		}
		if window.From < 0 || window.Until < 0 || window.From > 24*time.Hour || window.Until > 24*time.Hour || window.From == window.Until {
			return wrong("Windows", "must have two different times from 0 to 24 h")
		}
	}
	return c, nil
}
