package tgotest_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func idsOf(messages []tgotest.Message) (ids []int64) {
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestDoubled(t *testing.T) {
	t.Parallel()
	type send struct {
		after     time.Duration
		to, text  string
		otherKey  bool
		otherFrom bool
		picture   string
	}
	for _, c := range []struct {
		name  string
		sends []send
		want  [][]int64
	}{
		{"one", []send{{to: recipient, text: "x"}}, nil},
		{"two texts", []send{{to: recipient, text: "x"}, {to: recipient, text: "y"}}, nil},
		{"two recipients", []send{{to: recipient, text: "x"}, {to: other, text: "x"}}, nil},
		{"two keys", []send{{to: recipient, text: "x"}, {to: recipient, text: "x", otherKey: true}}, nil},
		{"the same", []send{{to: recipient, text: "x"}, {to: recipient, text: "x"}}, [][]int64{{1, 2}}},
		{"the same from another number", []send{{to: recipient, text: "x"}, {to: recipient, text: "x", otherFrom: true}}, [][]int64{{1, 2}}},
		{"with another in between", []send{{to: recipient, text: "x"}, {to: other, text: "x"}, {to: recipient, text: "x"}}, [][]int64{{1, 3}}},
		{"just within the minute", []send{{to: recipient, text: "x"}, {after: time.Minute, to: recipient, text: "x"}}, [][]int64{{1, 2}}},
		{"just after it", []send{{to: recipient, text: "x"}, {after: time.Minute + time.Millisecond, to: recipient, text: "x"}}, nil},
		{"when the clock was set back", []send{{to: recipient, text: "x"}, {after: -time.Hour, to: recipient, text: "x"}}, nil},
		{"when the clock was set back a little", []send{{to: recipient, text: "x"}, {after: -time.Second, to: recipient, text: "x"}}, [][]int64{{1, 2}}},
		{"each within a minute of the one before", []send{
			{to: recipient, text: "x"}, {after: 50 * time.Second, to: recipient, text: "x"}, {after: 50 * time.Second, to: recipient, text: "x"},
		}, [][]int64{{1, 2, 3}}},
		{"twice, and twice again later", []send{
			{to: recipient, text: "x"}, {to: recipient, text: "x"}, {after: time.Hour, to: recipient, text: "x"}, {to: recipient, text: "x"},
		}, [][]int64{{1, 2}, {3, 4}}},
		{"the same picture", []send{{to: recipient, picture: "a"}, {to: recipient, picture: "a"}}, [][]int64{{1, 2}}},
		{"another picture with the same caption", []send{{to: recipient, text: "x", picture: "a"}, {to: recipient, text: "x", picture: "b"}}, nil},
		{"a text and a caption", []send{{to: recipient, text: "x"}, {to: recipient, text: "x", picture: "a"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			clock := newClock(noon)
			fake := tgotest.New(t, inbox, func(cfg *tgotest.Config) {
				cfg.Now = clock.now
				cfg.SenderNumbers = []tgotest.SenderNumber{{Phone: sender}, {Phone: "+201001187190"}}
			})
			second, err := fake.ClientWith(fake.NewKey(tgo.ScopeAll))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range c.sends {
				clock.advance(s.after)
				client, from := fake.Client, tgo.Phone(sender)
				if s.otherKey {
					client = second
				}
				if s.otherFrom {
					from = "+201001187190"
				}
				if s.picture != "" {
					_, err = client.FromPhone(from).SendImage(t.Context(), tgo.Phone(s.to), tgo.Image{File: tgo.BytesFile("p.png", []byte(s.picture)).WithContentType("image/png"), Caption: s.text})
				} else {
					_, err = client.FromPhone(from).SendText(t.Context(), tgo.Phone(s.to), s.text)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			var got [][]int64
			for _, all := range fake.Doubled() {
				got = append(got, idsOf(all))
			}
			if !slices.EqualFunc(got, c.want, slices.Equal) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestDoubledWithin(t *testing.T) {
	t.Parallel()
	clock := newClock(noon)
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Now, c.DoubledWithin = clock.now, time.Second })
	sendTexts(t, fake, "x")
	clock.advance(2 * time.Second)
	sendTexts(t, fake, "x")
	if got := fake.Doubled(); got != nil {
		t.Errorf("two seconds later: %v", got)
	}
	clock.advance(time.Second)
	sendTexts(t, fake, "x")
	if got := fake.Doubled(); len(got) != 1 || !slices.Equal(idsOf(got[0]), []int64{2, 3}) {
		t.Errorf("a second later: %v", got)
	}
}

// A copy whose other copies are forgotten is none any more.
func TestDoubledOfForgottenMessages(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.MaxMessages = 2 })
	sendTexts(t, fake, "x", "x", "x")
	if got := fake.Doubled(); len(got) != 1 || !slices.Equal(idsOf(got[0]), []int64{2, 3}) {
		t.Errorf("two are left of three: %v", got)
	}
	sendTexts(t, fake, "y")
	if got := fake.Doubled(); got != nil {
		t.Errorf("one is left: %v", got)
	}
	sendTexts(t, fake, "y", "y")
	if got := fake.Doubled(); len(got) != 1 || !slices.Equal(idsOf(got[0]), []int64{5, 6}) {
		t.Errorf("then two more: %v", got)
	}
}

// TestDoubledOverHTTP looks at a send whose answer was lost and that was sent again, as a test in another language does.
func TestDoubledOverHTTP(t *testing.T) {
	t.Parallel()
	clock := newClock(noon)
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.Now = clock.now })
	mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultCut, Stored: true, Times: 1})
	if _, err := fake.Sender.SendText(t.Context(), recipient, "x"); tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
		t.Fatal(err)
	}
	clock.advance(800 * time.Millisecond)
	sendTexts(t, fake, "x", "y")
	a := newAdmin(t, fake)
	list := as[[]struct {
		Messages []received
		ApartMS  int64 `json:"apart_ms"`
	}](t, a.ask(t, false, http.MethodGet, "/doubled", nil, 200))
	if len(list) != 1 || len(list[0].Messages) != 2 || list[0].ApartMS != 800 {
		t.Fatalf("%+v", list)
	}
	for i, m := range list[0].Messages {
		if m.ID != int64(i+1) || m.Doubled == nil || m.Doubled.Copy != i+1 || m.Doubled.FirstID != 1 || m.RequestID != m.ID || !slices.Equal(m.Doubled.MessageIDs, []int64{1, 2}) || !slices.Equal(m.Doubled.RequestIDs, []int64{1, 2}) || m.Doubled.ApartMS != 800 {
			t.Errorf("%+v %+v", m, m.Doubled)
		}
	}
	page := inboxPage(t, a, "?is=doubled")
	if page.Doubled != 1 || page.Total.Doubled != 2 || len(page.Requests) != 2 || page.Requests[0].Attempt != 2 || page.Requests[1].Attempt != 1 ||
		page.Requests[1].Fault != "connection cut without a response after the request was executed, set on purpose" {
		t.Errorf("%+v", page)
	}
	// What somebody sends again by a click is wanted.
	if id := resend(t, a, 3, 201); id != 4 {
		t.Errorf("sent again as request %d", id)
	}
	if got := fake.Doubled(); len(got) != 1 {
		t.Errorf("after a click: %v", got)
	}
	// And with one of them gone there is one left; undone, there are two.
	a.ask(t, false, http.MethodDelete, "/requests/2", nil, 204)
	if got := fake.Doubled(); got != nil {
		t.Errorf("with one deleted: %v", got)
	}
	a.ask(t, false, http.MethodPost, "/undo", map[string]any{}, 204)
	if got := fake.Doubled(); len(got) != 1 {
		t.Errorf("with that undone: %v", got)
	}
}

// TestManyCopies: what a request says of its copies does not grow with their number.
func TestManyCopies(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	const times = 60
	sendTexts(t, fake, slices.Repeat([]string{"x"}, times)...)
	a := newAdmin(t, fake)
	for _, m := range as[[]received](t, a.ask(t, false, http.MethodGet, "/messages", nil, 200)) {
		if m.Doubled == nil || m.Doubled.Count != times || len(m.Doubled.MessageIDs) != 20 {
			t.Fatalf("%+v", m.Doubled)
		}
	}
	for id, first := range map[int64]int64{1: 1, 11: 1, 30: 20, 60: 41} {
		d := as[received](t, a.ask(t, false, http.MethodGet, "/messages/"+strconv.FormatInt(id, 10), nil, 200)).Doubled
		if d.Copy != int(id) || d.FirstID != 1 || d.MessageIDs[0] != first || d.MessageIDs[19] != first+19 {
			t.Errorf("message %d: %+v", id, d)
		}
	}
	if all := fake.Doubled(); len(all) != 1 || len(all[0]) != times {
		t.Errorf("%d", len(all))
	}
}
