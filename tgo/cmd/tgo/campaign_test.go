package main

import (
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// Keys of the outbox can be parsed.
func TestCampaignKeys(t *testing.T) {
	t.Parallel()
	id := rowID{digestOf("a"), digestOf("b"), 7}
	key := id.key(3, "+201001187188")
	if got, generation, sender, ok := parseKey(key); !ok || got != id || generation != 3 || sender != digestOf("+201001187188") {
		t.Errorf("%v %d %v %v", got, generation, sender, ok)
	}
	for _, wrong := range []string{"", "order-4821", "a.b.c.d.e", key + ".1", key[1:], strings.Replace(key, ".7.", ".70000.", 1)} {
		if _, _, _, ok := parseKey(wrong); ok {
			t.Errorf("%q is a key", wrong)
		}
	}
	long := strings.Repeat("قائمة العملاء list ", 20)
	for name, want := range map[string]string{"Spring Sale 2026": "spring-sale-2026-", "عملاء": "list-", long: "list-list-list-list-list-list-list-list-"} {
		queue := queueOf(name, "acme.tgo-eg.com")
		if !strings.HasPrefix(queue, want) || len(queue) != len(want)+8 {
			t.Errorf("%q: %q", name, queue)
		}
		if queue == queueOf(name, "other.tgo-eg.com") || queue == queueOf(name+"x", "acme.tgo-eg.com") {
			t.Errorf("%q is not the only one with %q", name, queue)
		}
	}
}

// A summary counts every state of a row, and none twice.
func TestCampaignCountsEveryState(t *testing.T) {
	t.Parallel()
	for state := range rowStates {
		c := newCampaign("list", "queue")
		c.counts[state] = 1
		if sum := c.counts[rowSent] + c.counts[rowRejected] + c.counts[rowExcluded] + c.notSent() + c.mayHaveArrived(); sum != 1 {
			t.Errorf("%s (%d) is counted %d times", state, state, sum)
		}
	}
}

// A row takes over every state that a message of the outbox can have.
func TestCampaignAppliesEveryState(t *testing.T) {
	t.Parallel()
	for _, state := range outbox.States() {
		c := newCampaign("list", "queue")
		c.add(listRow{}, "")
		if err := c.apply(0, outbox.Record{State: state}); err != nil || c.rows.at(0).state == rowNew {
			t.Errorf("%s: the row is %v, %v", state, c.rows.at(0).state, err)
		}
	}
	c := newCampaign("list", "queue")
	c.add(listRow{}, "")
	if err := c.apply(0, outbox.Record{State: "paused"}); err == nil {
		t.Error("a state that does not exist is not an error")
	}
}
