//go:build !386 && !arm

package outbox

import (
	"errors"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// An invalid configuration is refused before anything is done.
func TestBadWorkers(t *testing.T) {
	t.Parallel()
	for field, w := range map[string]Workers{
		"Concurrency":   {Concurrency: -1},
		"Rate":          {Rate: -1},
		"SenderRate":    {SenderRate: 1e9},
		"PauseUnknown":  {PauseUnknown: -2},
		"PauseRejected": {PauseRejected: -2},
		"Lease":         {Lease: time.Millisecond},
		"Retention":     {Retention: time.Second},
		"Windows":       {Windows: map[Priority]Window{Normal: {From: 25 * time.Hour}}},
	} {
		_, err := w.withDefaults()
		var input *tgo.InputError
		if !errors.As(err, &input) || input.Fields[0].Field != "Workers."+field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := (Workers{}).withDefaults(); err != nil {
		t.Error(err)
	}
}
