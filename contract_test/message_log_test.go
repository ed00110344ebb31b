package contract_test

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// logOf returns the whole log.
func logOf(t *testing.T, client *tgo.Client) []tgo.LogEntry {
	t.Helper()
	entries := []tgo.LogEntry{} // not nil, so that it equals an empty part of another log
	for entry, err := range client.Messages(t.Context(), tgo.MessageQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry)
	}
	return entries
}

// TestASendIsLoggedOnceAndCountedOnce sends every kind of message, and compares the entry in the log with the receipt.
func TestASendIsLoggedOnceAndCountedOnce(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t, func(c *tgotest.Config) { c.PageSize = 500 }) // the log is read twice for each message
	other := fake.AddSenderNumber(tgotest.SenderNumber{Phone: "+201001187189"})
	contact, err := fake.Sender.Lookup(t.Context(), recipient)
	if err != nil || contact.RecipientID == nil {
		t.Fatalf("%+v, %v", contact, err)
	}
	sent := int64(0)
	for _, c := range calls(t) {
		if !c.sends() {
			continue
		}
		before := logOf(t, fake.Client)
		got, err := c.do(t.Context(), fake.Client)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		receipt, ok := got.(tgo.Receipt)
		if !ok {
			t.Fatalf("%s returned a %T", c.name, got)
		}
		sent++
		after := logOf(t, fake.Client)
		if len(after) != len(before)+1 || !reflect.DeepEqual(after[1:], before) {
			t.Fatalf("%s: the log had %d entries and has %d", c.name, len(before), len(after))
		}
		entry := after[0]
		content, _ := c.body["content"].(string)
		content = strings.TrimSpace(content) // the fake trims it, as Laravel's TrimStrings does
		if entry.ID != receipt.ID || entry.MessageType != c.body["type"] || entry.Content != content || entry.SenderNumberID != senderID || entry.SentAt == nil || !entry.SentAt.Equal(receipt.SentAt) || entry.Status != receipt.Status {
			t.Errorf("%s: the log says %+v, the receipt %+v", c.name, entry, receipt)
		}
		if receipt.RecipientUserID != *contact.RecipientID || receipt.ConversationID < 1 || receipt.MessageID < 1 {
			t.Errorf("%s: the receipt is %+v, the lookup names the recipient %d", c.name, receipt, *contact.RecipientID)
		}
		if got, want := usageOf(t, fake.Client), map[int64]int64{senderID: sent, int64(other.ID): 0}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: usage is %v, want %v", c.name, got, want)
		}
	}
}

// TestPagesPartitionTheLog: each entry is on exactly one page, whatever the size of a page.
func TestPagesPartitionTheLog(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 3, 6, 7, 8, 100} {
		for _, n := range []int{0, 1, 6, 7} {
			t.Run(fmt.Sprintf("%d by %d", n, size), func(t *testing.T) {
				t.Parallel()
				fake := suite.NewFake(t, func(c *tgotest.Config) { c.PageSize = size })
				var want []int64
				for i := range n {
					receipt, err := fake.Sender.SendText(t.Context(), recipient, strconv.Itoa(i))
					if err != nil {
						t.Fatal(err)
					}
					want = append(want, receipt.ID)
				}
				slices.Reverse(want) // the newest first
				var got []int64
				pages := max(1, (n+size-1)/size)
				for number := 1; number <= pages; number++ {
					page, err := fake.Client.MessagePage(t.Context(), tgo.MessageQuery{Page: number})
					if err != nil {
						t.Fatal(err)
					}
					next := number + 1
					if number == pages {
						next = 0
					}
					if page.Page != number || page.LastPage != pages || page.Total != int64(n) || page.NextPage != next {
						t.Errorf("page %d of %d says %+v", number, pages, page)
					}
					if number < pages && len(page.Entries) != size {
						t.Errorf("page %d has %d entries, want %d", number, len(page.Entries), size)
					}
					for _, e := range page.Entries {
						got = append(got, e.ID)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("the pages hold %v, want %v", got, want)
				}
				var walked []int64
				for _, e := range logOf(t, fake.Client) {
					walked = append(walked, e.ID)
				}
				if !slices.Equal(walked, want) {
					t.Errorf("Messages yields %v, want %v", walked, want)
				}
				beyond, err := fake.Client.MessagePage(t.Context(), tgo.MessageQuery{Page: pages + 1})
				if err != nil || len(beyond.Entries) != 0 || beyond.NextPage != 0 {
					t.Errorf("the page after the last is %+v, %v", beyond, err)
				}
			})
		}
	}
}

// TestPagesFarBeyondTheEnd: any 32-bit number is a page. Schemathesis found that the fake refused the largest ones.
func TestPagesFarBeyondTheEnd(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	for _, page := range []string{"2147483646", "2147483647"} {
		r := request{Method: http.MethodGet, Target: "/messages?page=" + page}
		if a := suite.Send(t, r.HTTP(t, fake.URL, fake.Key.Reveal())); a.Status != http.StatusOK || !bytes.Contains(a.Body, []byte(`"data":[]`)) {
			t.Errorf("page %s returned %d %s", page, a.Status, a.Body)
		}
	}
}
