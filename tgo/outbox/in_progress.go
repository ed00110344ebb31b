package outbox

import (
	"maps"
	"slices"
	"sync"
)

// jobs counts, by id, the jobs that River has handed to this process.
type jobs struct {
	mu  sync.Mutex
	ids map[int64]int
}

func (j *jobs) add(id int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ids == nil {
		j.ids = map[int64]int{}
	}
	j.ids[id]++
}

func (j *jobs) remove(id int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ids[id]--; j.ids[id] == 0 {
		delete(j.ids, id)
	}
}

func (j *jobs) list() []int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Collect(maps.Keys(j.ids))
}

// attempts are the attempts of this process that are in progress, by token.
type attempts struct {
	mu     sync.Mutex
	last   int64
	tokens map[int64]struct{}
}

// add returns a new token. It is called before the attempt begins.
func (a *attempts) add() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokens == nil {
		a.tokens = map[int64]struct{}{}
	}
	a.last++
	a.tokens[a.last] = struct{}{}
	return a.last
}

// remove removes an attempt whose outcome was recorded, or that did not begin.
func (a *attempts) remove(token int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tokens, token)
}

// list returns the tokens, and the last one that add returned.
func (a *attempts) list() (tokens []int64, last int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.tokens)), a.last
}
