package tgotest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestMessagesAreInOrder(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	if messages := fake.Messages(); messages == nil || len(messages) > 0 {
		t.Errorf("a new fake has the messages %v", messages)
	}
	sendTexts(t, fake, numbered(20)...)
	messages := fake.Messages()
	if got := contents(messages); !slices.Equal(got, numbered(20)) {
		t.Errorf("the order is %v", got)
	}
	for i := 1; i < len(messages); i++ {
		if messages[i].ID <= messages[i-1].ID {
			t.Errorf("%d is followed by %d", messages[i-1].ID, messages[i].ID)
		}
	}
}

func TestMessageSaysWhatWasSent(t *testing.T) {
	t.Parallel()
	clock := newClock(noon)
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.Now = clock.now
		c.SenderNumbers = []tgotest.SenderNumber{{ID: 12, Phone: sender}}
		c.Keys = []tgotest.Key{{Name: "shop", Scopes: []tgo.Scope{tgo.ScopeMessagesSend}}}
	})
	senders := map[string]*tgo.Sender{"phone": fake.Client.FromPhone(sender), "id": fake.Client.FromNumber(12)}
	for name, from := range senders {
		t.Run(name, func(t *testing.T) {
			receipt, err := from.SendText(t.Context(), other, "مرحبا \"hello\" <b>&\n\u2028 🎉")
			if err != nil {
				t.Fatal(err)
			}
			want := tgotest.Message{
				ID: receipt.ID, Type: "text", SenderNumberID: 12, SenderPhone: sender, To: other,
				Content: "مرحبا \"hello\" <b>&\n\u2028 🎉", KeyName: "shop", SentAt: noon,
			}
			if got := fake.ExpectMessage(t); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
	t.Run("voice", func(t *testing.T) {
		voice := tgo.Voice{File: tgo.BytesFile("note.ogg", []byte("OggS")).WithContentType("audio/ogg"), Duration: 11100 * time.Millisecond, Caption: "listen"}
		if _, err := fake.Sender.SendVoice(t.Context(), other, voice); err != nil {
			t.Fatal(err)
		}
		m := fake.ExpectMessage(t)
		if m.Type != "voice" || m.Duration != 12*time.Second || m.Content != "listen" || m.Media == nil || m.SenderNumberID != 12 || m.SenderPhone != sender {
			t.Errorf("got %+v", m)
		}
	})
}

func TestMessagesSentTogetherAreAllThere(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	const n = 64
	texts := numbered(n)
	atOnce(n, func(i int) {
		if _, err := fake.Sender.SendText(t.Context(), recipient, texts[i]); err != nil {
			t.Error(err)
		}
	})
	got := contents(fake.Messages())
	slices.Sort(got)
	slices.Sort(texts)
	if !slices.Equal(got, texts) {
		t.Errorf("got %v", got)
	}
	ids := map[int64]bool{}
	for _, m := range fake.Messages() {
		ids[m.ID] = true
	}
	if len(ids) != n {
		t.Errorf("%d messages have %d ids", n, len(ids))
	}
}

func TestNextMessageTakesTheOldestThatMatches(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	send := func(to tgo.Phone, content string) {
		if _, err := fake.Sender.SendText(t.Context(), to, content); err != nil {
			t.Fatal(err)
		}
	}
	send(recipient, "red one")
	send(other, "red two")
	if _, err := fake.Sender.SendImage(t.Context(), other, tgo.Image{File: tgo.BytesFile("a.png", []byte("picture")).WithContentType("image/png"), Caption: "red three"}); err != nil {
		t.Fatal(err)
	}
	send(other, "blue four")
	send(recipient, "red five")

	odd := 0
	everySecond := func(tgotest.Message) bool { odd++; return odd%2 == 0 }
	for _, c := range []struct {
		name  string
		match []tgotest.Match
		want  string // empty for none
	}{
		{"all must match", []tgotest.Match{tgotest.To(other), tgotest.OfType("image"), tgotest.Containing("red")}, "red three"},
		{"what was taken is gone", []tgotest.Match{tgotest.OfType("image")}, ""},
		{"to", []tgotest.Match{tgotest.To(other)}, "red two"},
		{"containing", []tgotest.Match{tgotest.Containing("blue")}, "blue four"},
		{"containing in another case", []tgotest.Match{tgotest.Containing("RED")}, ""},
		{"a match of one's own", []tgotest.Match{everySecond}, "red five"},
		{"none must match", nil, "red one"},
		{"nothing is left", nil, ""},
	} {
		ctx := soon(t)
		if c.want == "" {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			ctx = ended
		}
		m, err := fake.NextMessage(ctx, c.match...)
		if m.Content != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q, want %q (%v)", c.name, m.Content, c.want, err)
		}
	}
	// Taking does not touch what was sent.
	if got := len(fake.Messages()); got != 5 {
		t.Errorf("%d messages are left", got)
	}
}

// waiting returns a match for one text, and a channel that is closed when NextMessage has looked at a message with
// another one and found nothing: only then it waits.
func waiting(content string) (tgotest.Match, <-chan struct{}) {
	looked := make(chan struct{})
	var once sync.Once
	return func(m tgotest.Message) bool {
		once.Do(func() { close(looked) })
		return m.Content == content
	}, looked
}

func TestNextMessageWaits(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	sendTexts(t, fake, "something else")
	match, looked := waiting("at last")
	got := make(chan tgotest.Message, 1)
	go func() {
		m, err := fake.NextMessage(soon(t), match)
		if err != nil {
			t.Error(err)
		}
		got <- m
	}()
	receive(t, looked)
	sendTexts(t, fake, "not this one either", "at last", "too late")
	if m := receive(t, got); m.Content != "at last" {
		t.Errorf("got %q", m.Content)
	}
}

func TestAMatchMayAskTheFake(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	sendTexts(t, fake, numbered(3)...)
	got := make(chan tgotest.Message, 1)
	go func() {
		m, _ := fake.NextMessage(soon(t), func(m tgotest.Message) bool { return m.ID == fake.Messages()[1].ID })
		got <- m
	}()
	if m := receive(t, got); m.Content != "message 2" {
		t.Errorf("got %q", m.Content)
	}
}

// What a match has chosen may have been taken by another meanwhile, or lost the bytes of its file.
func TestAMatchHoldsNothing(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.KeepMedia = 10 })
	sendPicture(t, fake, []byte("0123456789"))
	sendTexts(t, fake, "one", "two")
	var once sync.Once
	m, err := fake.NextMessage(soon(t), tgotest.OfType("text"), func(tgotest.Message) bool {
		once.Do(func() { fake.ExpectMessage(t, tgotest.Containing("one")) })
		return true
	})
	if err != nil || m.Content != "two" {
		t.Errorf("got %q, %v; one was taken before", m.Content, err)
	}
	picture, err := fake.NextMessage(soon(t), func(tgotest.Message) bool {
		sendPicture(t, fake, []byte("9876543210"))
		return true
	})
	if err != nil || string(picture.Media.Content) != "0123456789" || len(fake.Messages()) != 4 {
		t.Errorf("got %+v, %v", picture.Media, err)
	}
}

func TestExpectMessageWaits(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	sendTexts(t, fake, "something else")
	match, looked := waiting("at last")
	var wg sync.WaitGroup
	wg.Go(func() {
		<-looked
		if _, err := fake.Sender.SendText(t.Context(), recipient, "at last"); err != nil {
			t.Error(err)
		}
	})
	if m := fake.ExpectMessage(t, match); m.Content != "at last" {
		t.Errorf("got %q", m.Content)
	}
	wg.Wait()
}

func TestEachMessageGoesToOneOfThoseWhoWait(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	const n = 16
	var got sync.Map
	atOnce(2*n, func(i int) {
		if i < n {
			if _, err := fake.Sender.SendText(t.Context(), recipient, numbered(n)[i]); err != nil {
				t.Error(err)
			}
			return
		}
		m, err := fake.NextMessage(soon(t))
		if err != nil {
			t.Error(err)
		}
		if _, twice := got.Swap(m.ID, true); twice {
			t.Errorf("message %d was taken twice", m.ID)
		}
	})
	fake.ExpectNoMessage(t)
}

func TestNextMessageEndsWithItsContext(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	sendTexts(t, fake, "there")
	because := errors.New("the test has had enough")

	t.Run("while it waits", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(soon(t))
		match, looked := waiting("never sent")
		go func() {
			<-looked
			cancel(because)
		}()
		if m, err := fake.NextMessage(ctx, match); !errors.Is(err, because) {
			t.Errorf("got %+v, %v", m, err)
		}
	})
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if m, err := fake.NextMessage(ctx, tgotest.Containing("never sent")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %+v, %v", m, err)
		}
	})
	t.Run("before, but there is a message", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(soon(t))
		cancel(because)
		if m, err := fake.NextMessage(ctx); err != nil || m.Content != "there" {
			t.Errorf("got %+v, %v", m, err)
		}
	})
}

// TestMain begins what takes five seconds of waiting, so that it does not hold up the other tests.
func TestMain(m *testing.M) {
	expectInVain()
	os.Exit(m.Run())
}

// vain is the result of a test that expected a message that did not come.
type vain struct {
	err      error // of all else
	failures []string
	returned bool
	took     time.Duration
	left     string // the message that could still be taken
}

var inVain = make(chan vain, 1)

func expectInVain() {
	fake, err := tgotest.Start(tgotest.Config{})
	if err != nil {
		inVain <- vain{err: err}
		return
	}
	for _, content := range []string{"taken", "left over"} {
		_, sendErr := fake.Sender.SendText(context.Background(), recipient, content)
		err = errors.Join(err, sendErr)
	}
	go func() {
		v := vain{err: err}
		defer func() { inVain <- v }()
		r := &recorder{}
		fake.ExpectMessage(r, tgotest.Containing("taken"))
		begun := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			fake.ExpectMessage(r, tgotest.To(other))
			v.returned = true
		}()
		<-done
		v.took, v.failures = time.Since(begun), r.failures
		v.left = fake.ExpectMessage(r).Content
		v.err = errors.Join(v.err, fake.Close())
	}()
}

func TestExpectMessageFails(t *testing.T) {
	t.Parallel()
	v := receive(t, inVain)
	inVain <- v // for the next run, with -count
	if v.err != nil {
		t.Fatal(v.err)
	}
	if v.took < 5*time.Second {
		t.Errorf("it gave up after %v", v.took)
	}
	if len(v.failures) != 1 || v.returned {
		t.Fatalf("the failures are %q, and it returned: %v", v.failures, v.returned)
	}
	// The failure says what came instead.
	if !strings.Contains(v.failures[0], `text to +201010000000 "left over"`) || strings.Contains(v.failures[0], `"taken"`) {
		t.Errorf("it failed with %s", v.failures[0])
	}
	if v.left != "left over" {
		t.Errorf("what was not asked for is gone; left is %q", v.left)
	}
}

func TestExpectNoMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		send    []string
		take    int
		says    []string // nothing where it passes
		saysNot string
	}{
		{"nothing sent", nil, 0, nil, ""},
		{"all taken", numbered(3), 3, nil, ""},
		{"one left", numbered(3), 2, []string{`text to +201010000000 "message 3"`}, "message 2"},
		{"none taken", numbered(2), 0, []string{`"message 1"`, `"message 2"`}, "more"},
		{"a long list", numbered(25), 1, []string{`"message 2"`, `"message 11"`, "14 more"}, "message 12"},
		{"a text that says none", []string{"none"}, 0, []string{`"none"`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			sendTexts(t, fake, c.send...)
			for range c.take {
				fake.ExpectMessage(t)
			}
			failures := record(t, func(tb tgotest.TB) { fake.ExpectNoMessage(tb) })
			if len(c.says) == 0 {
				if len(failures) > 0 {
					t.Errorf("it failed with %q", failures)
				}
				return
			}
			if len(failures) != 1 {
				t.Fatalf("the failures are %q", failures)
			}
			for _, want := range c.says {
				if !strings.Contains(failures[0], want) {
					t.Errorf("%s is missing in %s", want, failures[0])
				}
			}
			if c.saysNot != "" && strings.Contains(failures[0], c.saysNot) {
				t.Errorf("%s is in %s", c.saysNot, failures[0])
			}
		})
	}
}

func TestOldMessagesAreForgotten(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.MaxMessages = 3
		c.PageSize = 2
	})
	for sent, content := range numbered(20) {
		sendTexts(t, fake, content)
		if sent == 0 {
			fake.ExpectMessage(t)
		}
		kept := numbered(sent + 1)
		kept = kept[max(0, len(kept)-3):]
		if got := contents(fake.Messages()); !slices.Equal(got, kept) {
			t.Fatalf("after %d: %v is kept", sent+1, got)
		}
		var logged []string
		for entry, err := range fake.Client.Messages(t.Context(), tgo.MessageQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			logged = append(logged, entry.Content)
		}
		slices.Reverse(logged)
		if !slices.Equal(logged, kept) {
			t.Fatalf("after %d: the log has %v", sent+1, logged)
		}
	}
	usage, err := fake.Client.Usage(t.Context())
	if err != nil || len(usage.Senders) != 1 || usage.Senders[0].MessagesSent != 20 {
		t.Errorf("the usage is %+v, %v", usage.Senders, err)
	}
	subscription, err := fake.Client.Subscription(t.Context())
	if err != nil || string(subscription.UsageSnapshot) != `{"messages_this_month":20}` {
		t.Errorf("the subscription says %s, %v", subscription.UsageSnapshot, err)
	}
	for _, want := range []string{"message 18", "message 19", "message 20"} {
		if m := fake.ExpectMessage(t); m.Content != want {
			t.Errorf("took %q, want %q", m.Content, want)
		}
	}
	fake.ExpectNoMessage(t)
}

// heap is what is alive after a collection. Tests that call it are not parallel: the others then stand still.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestMemoryOfMessagesIsBounded(t *testing.T) {
	const size, total, kept = 32 << 10, 60, 5
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.MaxMessages = kept
		c.KeepMedia = kept * size
	})
	content := strings.Repeat("x", size)
	send := func(n int) {
		for i := range n {
			picture := append([]byte(fmt.Sprintf("%8d", i)), content...)
			if _, err := fake.Sender.SendImage(t.Context(), recipient, tgo.Image{File: tgo.BytesFile("a.png", picture).WithContentType("image/png"), Caption: content}); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(3 * kept) // until everything that is made once is there
	before := heap()
	send(total)
	const most = 10 * kept * size // of the 4 MB that were sent
	if grown := heap() - before; grown > most {
		t.Errorf("after %d messages of %d bytes the heap has grown by %d bytes", total, 2*size, grown)
	}
	if got := len(fake.Messages()); got != kept {
		t.Errorf("%d messages are kept", got)
	}
}

func TestMediaIsNotKeptByDefault(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	sendPicture(t, fake, []byte("picture"))
	if m := fake.ExpectMessage(t); m.Media.Content != nil || m.Media.Size != 7 || m.Media.SHA256 != sum([]byte("picture")) {
		t.Errorf("got %+v", m.Media)
	}
}

func sendPicture(t testing.TB, fake *tgotest.Server, picture []byte) {
	t.Helper()
	if _, err := fake.Sender.SendImage(t.Context(), recipient, tgo.Image{File: tgo.BytesFile("a.png", picture).WithContentType("image/png")}); err != nil {
		t.Fatal(err)
	}
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

func TestMediaIsKeptUpToABound(t *testing.T) {
	t.Parallel()
	const bound = 100
	for _, c := range []struct {
		name  string
		sizes []int
		kept  []bool
	}{
		{"one that fits", []int{60}, []bool{true}},
		{"one that fits exactly", []int{100}, []bool{true}},
		{"one that is a byte too large", []int{101}, []bool{false}},
		{"as many as fit exactly", []int{30, 30, 40}, []bool{true, true, true}},
		{"a byte too many", []int{30, 30, 41}, []bool{false, true, true}},
		{"the oldest go first, as many as needed", []int{30, 30, 30, 70}, []bool{false, false, true, true}},
		{"one that fits alone takes all", []int{30, 30, 30, 100}, []bool{false, false, false, true}},
		{"one that is too large takes nothing from the others", []int{60, 101, 40}, []bool{true, false, true}},
		{"what was forgotten makes room", []int{80, 60, 40}, []bool{false, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t, func(cfg *tgotest.Config) { cfg.KeepMedia = bound })
			pictures := make([][]byte, len(c.sizes))
			for i, size := range c.sizes {
				pictures[i] = bytes.Repeat([]byte{byte('a' + i)}, size)
				sendTexts(t, fake, "a text in between")
				sendPicture(t, fake, pictures[i])
			}
			for i, picture := range pictures {
				m := fake.ExpectMessage(t, tgotest.OfType("image"))
				if c.kept[i] != bytes.Equal(m.Media.Content, picture) || (!c.kept[i] && m.Media.Content != nil) {
					t.Errorf("of number %d %d bytes are kept; want all: %v", i, len(m.Media.Content), c.kept[i])
				}
				// What is known of it stays.
				if m.Media.Size != int64(len(picture)) || m.Media.SHA256 != sum(picture) || m.Media.Name != "a.png" || m.Media.ContentType != "image/png" {
					t.Errorf("number %d is %+v", i, m.Media)
				}
			}
		})
	}
}

func TestMediaThatWasHandedOutStays(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.KeepMedia = 10 })
	sendPicture(t, fake, []byte("0123456789"))
	early := fake.ExpectMessage(t)
	sendPicture(t, fake, []byte("9876543210"))
	if string(early.Media.Content) != "0123456789" {
		t.Errorf("it became %q", early.Media.Content)
	}
	if now := fake.Messages()[0]; now.Media.Content != nil {
		t.Errorf("%q is still kept", now.Media.Content)
	}
}

func TestMediaOfForgottenMessagesMakesRoom(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.KeepMedia = 100
		c.MaxMessages = 1
	})
	for i := range 5 {
		picture := bytes.Repeat([]byte{byte('a' + i)}, 90)
		sendPicture(t, fake, picture)
		if m := fake.ExpectMessage(t); !bytes.Equal(m.Media.Content, picture) {
			t.Errorf("of picture %d %d bytes are kept", i, len(m.Media.Content))
		}
	}
}

func TestMediaIsDescribedAsItCame(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.KeepMedia = 1 << 20 })
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for _, c := range []struct {
		name, messageType, filename, contentType string
		content                                  []byte
	}{
		{"image", "image", "picture.png", "image/png", []byte("\x89PNG\r\n\x1a\n")},
		{"voice", "voice", "note.ogg", "audio/ogg", []byte("OggS")},
		{"document", "document", "invoice.pdf", "application/pdf", []byte("%PDF-1.7")},
		{"every byte there is", "document", "all.bin", "application/octet-stream", every},
		{"what looks like a boundary", "document", "mail.eml", "message/rfc822", []byte("--boundary\r\n\r\n--boundary--\r\n")},
		{"an Arabic name", "document", "فاتورة رقم ٤.pdf", "application/pdf", []byte("x")},
		{"a quoted name", "document", `the "new" one.pdf`, "application/pdf", []byte("x")},
		{"a content type with a parameter", "document", "a.txt", "text/plain; charset=utf-8", []byte("x")},
		{"larger than any buffer", "document", "large.bin", "application/octet-stream", bytes.Repeat(every, 1000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			parts := []part{
				{name: "sender_phone", content: sender}, {name: "to_phone", content: recipient}, {name: "type", content: c.messageType},
				// What the fields say of the file is not taken for what it is.
				{name: "file_name", content: "another.name"}, {name: "file_type", content: "another/type"}, {name: "file_size", content: "1"},
				{name: "media", content: string(c.content), filename: c.filename, contentType: c.contentType},
			}
			if c.messageType == "voice" {
				parts = append(parts, part{name: "duration", content: "5"})
			}
			body, contentType := form(parts...)
			if a := ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType)); a.status != http.StatusCreated {
				t.Fatalf("%d %s", a.status, a.body)
			}
			m := fake.ExpectMessage(t)
			if m.Type != c.messageType || m.Media == nil {
				t.Fatalf("got %+v", m)
			}
			if m.Media.Name != c.filename || m.Media.ContentType != c.contentType || m.Media.Size != int64(len(c.content)) || m.Media.SHA256 != sum(c.content) {
				t.Errorf("got %q %q of %d bytes, %s", m.Media.Name, m.Media.ContentType, m.Media.Size, m.Media.SHA256)
			}
			if !bytes.Equal(m.Media.Content, c.content) {
				t.Errorf("%d bytes are kept, and they differ", len(m.Media.Content))
			}
		})
	}
}

// A match may be slow, and messages come in meanwhile from many sides.
func TestReadingWhileMessagesArrive(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.MaxMessages = 8
		c.KeepMedia = 64
	})
	const writers, each = 4, 25
	var taken atomic.Int64
	atOnce(2*writers, func(i int) {
		for n := range each {
			if i < writers {
				sendPicture(t, fake, bytes.Repeat([]byte("x"), n+1))
				continue
			}
			for _, m := range fake.Messages() {
				if m.Media.Content != nil && int64(len(m.Media.Content)) != m.Media.Size {
					t.Errorf("%d of %d bytes are kept", len(m.Media.Content), m.Media.Size)
				}
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := fake.NextMessage(ended); err == nil {
				taken.Add(1)
			}
		}
	})
	if n := taken.Load(); n > writers*each {
		t.Errorf("%d messages were taken of %d", n, writers*each)
	}
}
