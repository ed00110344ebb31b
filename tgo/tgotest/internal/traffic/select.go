package traffic

import "slices"

// Kinds are the kinds of requests that a selection can be narrowed to. The inbox has a button for each.
var Kinds = []string{"accepted", "failed", "doubled", "unread"}

// Selection chooses requests by a search and by a kind.
type Selection struct {
	log     *Log
	search  search
	kind    string
	doubled map[int64]bool
}

// Select returns a selection. Any search is valid; an empty kind means all.
func (l *Log) Select(search, kind string) *Selection {
	return &Selection{l, parseSearch(search), kind, l.doubledIDs()}
}

func (s *Selection) found(r *Record) found {
	f := found{Record: r}
	if r.message != nil {
		f.doubled = s.doubled[r.message.ID]
		if len(s.search) > 0 {
			f.sender = s.log.workspace.SenderName(r.message.SenderNumberID)
		}
	}
	return f
}

// After returns the chosen requests with a higher id, the oldest first.
func (s *Selection) After(id int64) []*Record {
	return slices.DeleteFunc(s.log.After(id), func(r *Record) bool {
		f := s.found(r)
		return !s.search.matches(f) || s.kind != "" && !f.is(s.kind)
	})
}

// Listed is a part of the chosen requests, the newest first.
type Listed struct {
	Total    Counts    `json:"total"` // of all requests
	Found    Counts    `json:"found"` // of those that the search finds
	Requests []Summary `json:"requests"`
	More     bool      `json:"more"`
}

// Counts count requests by kind.
type Counts struct {
	All      int `json:"all"`
	Accepted int `json:"accepted"`
	Failed   int `json:"failed"`
	Doubled  int `json:"doubled"`
	Unread   int `json:"unread"`
}

func (c *Counts) add(r found) {
	for _, kind := range [...]struct {
		n  *int
		is bool
	}{{&c.All, true}, {&c.Accepted, r.is("accepted")}, {&c.Failed, r.is("failed")}, {&c.Doubled, r.is("doubled")}, {&c.Unread, r.is("unread")}} {
		if kind.is {
			*kind.n++
		}
	}
}

// List returns up to limit of the chosen requests with an id below before.
func (s *Selection) List(before, limit int64) Listed {
	list := Listed{Requests: []Summary{}}
	for _, one := range slices.Backward(s.log.After(0)) {
		f := s.found(one)
		list.Total.add(f)
		if !s.search.matches(f) {
			continue
		}
		list.Found.add(f)
		if s.kind != "" && !f.is(s.kind) || one.id >= before {
			continue
		}
		if int64(len(list.Requests)) == limit {
			list.More = true
			continue
		}
		list.Requests = append(list.Requests, s.log.Summary(one))
	}
	return list
}
