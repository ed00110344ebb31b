package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// maxSeen is how many entries follow remembers. It is much more than come in between two requests.
const maxSeen = 10_000

// pageEnd is a limiter that rejects the request for the next page when enough was read. So look reads the current page
// to its end, however the server names its pages.
type pageEnd struct{ enough atomic.Bool }

// Wait is called before each request.
func (p *pageEnd) Wait(context.Context) error {
	if p.enough.Load() {
		return errPageEnd
	}
	return nil
}

var errPageEnd = errors.New("enough was read")

// follower finds new entries of the log.
type follower struct {
	client *tgo.Client
	pages  *pageEnd // limits the client
	filter logFilter
	limit  int
	known  []string // entries seen so far, those of the last look first
	seen   map[string]bool
}

// look reads the log and returns the new entries, oldest first. It reads to the end of the first page with a known
// entry, since the entry of a slow message may appear behind one with a greater id. If the ids rise, the newest entries
// are on the last page, so it reads all pages.
func (f *follower) look(ctx context.Context, first bool) ([]tgo.LogEntry, error) {
	var fresh []tgo.LogEntry
	var ids []string
	var last int64
	var rises, falls int // between neighbors; the more frequent one is the order
	again := false
	f.pages.enough.Store(false)
	for e, err := range f.client.Messages(ctx, tgo.MessageQuery{}) {
		if errors.Is(err, errPageEnd) {
			break
		}
		if err != nil {
			return nil, err
		}
		id := strconv.FormatInt(e.ID, 10)
		switch {
		case e.ID < 1: // it could not be read
			id = string(e.Raw)
		case last > 0 && e.ID > last:
			rises++
		case last > 0 && e.ID < last:
			falls++
		}
		last = max(e.ID, 0)
		ids = append(ids, id)
		if f.seen[id] {
			again = true
		} else if f.filter.shows(e) {
			fresh = append(fresh, e)
		}
		full := (f.limit > 0 && len(fresh) >= f.limit) || len(ids) >= maxSeen
		f.pages.enough.Store(rises <= falls && (again || first && full))
	}
	if rises <= falls {
		slices.Reverse(fresh)
	}
	if first && f.limit > 0 {
		fresh = fresh[max(0, len(fresh)-f.limit):]
	}
	f.remember(ids)
	return fresh, nil
}

// remember keeps all entries of the last look, and as many earlier ones as fit.
func (f *follower) remember(ids []string) {
	room := max(maxSeen, len(ids))
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		seen[id] = true
	}
	for _, id := range f.known {
		if len(ids) == room {
			break
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	f.known, f.seen = ids, seen
}

// follow shows the last entries, oldest first, and then new ones as they appear.
func (c *logCommand) follow(ctx context.Context, s streams, filter logFilter) error {
	pages := new(pageEnd)
	client, _, err := c.connect(s, tgo.WithLimiter(pages))
	if err != nil {
		return err
	}
	show := func(e tgo.LogEntry) error { return writeJSON(s.out, shown(e)) }
	if !c.JSON {
		show = func(e tgo.LogEntry) error {
			cells := logCells(e)
			for i, column := range logColumns {
				cells[i] = fmt.Sprintf("%*s", column.width, cells[i])
			}
			_, err := fmt.Fprintln(s.out, strings.Join(cells, "  "))
			return err
		}
	}
	f := &follower{client: client, pages: pages, filter: filter, limit: c.Limit}
	trouble := false
	for first := true; ; {
		fresh, err := f.look(ctx, first)
		first = first && err != nil
		for _, e := range fresh {
			if err := show(e); err != nil {
				return withCode(exitFailed, err)
			}
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !passes(err, first):
			return reading(err)
		case err != nil && !trouble:
			fmt.Fprintf(s.err, "tgo: %s; trying again until it works\n", inWordsOf(err))
		case err == nil && trouble:
			fmt.Fprintln(s.err, "tgo: the log can be read again")
		}
		trouble = err != nil
		timer := time.NewTimer(pause(err, c.Interval))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// passes reports an error that may be temporary. If the server was never reached, the address may be wrong.
func passes(err error, first bool) bool {
	switch code := readCode(err); {
	case errors.Is(err, tgo.ErrRateLimited):
		return true
	case code == exitUnreachable:
		return !first && !errors.Is(err, tgo.ErrTenant) && !fromProxy(err)
	case errors.Is(err, tgo.ErrUnreadable):
		return !first
	default:
		return code == exitFailed
	}
}

// pause returns how long follow waits after a look that ended with err: at least the interval, or as long as the server
// asks.
func pause(err error, interval time.Duration) time.Duration {
	var refused *tgo.APIError
	if errors.As(err, &refused) {
		return max(interval, refused.RetryAfter)
	}
	return interval
}
