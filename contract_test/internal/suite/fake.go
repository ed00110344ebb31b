// Package suite runs cases against a server of the API: a fake, a mock or a live tenant. A guard stands between a run and a live
// tenant. A recorder remembers what went over the wire, for the report about assumptions and for recordings, which are
// redacted. It also has what tests of the client and the fake need: a fake that the document's examples work on, and
// servers that capture requests or send prepared responses.
//
// What the cases are, and what is checked about an assumption, is in package contract_test.
package suite

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// NewFake starts a fake on which every request of the document's examples succeeds: it has the examples' sender number and a
// key with the id 7. Its first key has all scopes.
func NewFake(t testing.TB, configure ...func(*tgotest.Config)) *tgotest.Server {
	t.Helper()
	return tgotest.New(t, append([]func(*tgotest.Config){func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{ID: contract.SenderID, Phone: contract.SenderPhone, DisplayName: "Acme support"}}
		c.Contacts = []tgotest.Contact{{Phone: contract.Recipient}}
		c.Keys = []tgotest.Key{{Name: "all", Scopes: []tgo.Scope{tgo.ScopeAll}}}
		for id := 2; id <= 7; id++ {
			c.Keys = append(c.Keys, tgotest.Key{Name: "key " + strconv.Itoa(id), Scopes: []tgo.Scope{tgo.ScopeMessagesSend}})
		}
		c.Keys[6].PlainText = exampleKey
		c.KeepMedia = 16 << 20
		c.Coverage = Coverage
	}}, configure...)...)
}

// Coverage counts what all tests of a test binary together exercise on fakes of NewFake.
var Coverage = tgotest.NewCoverage()

// exampleKey is the plain text of the key with the id 7, which the example revokes.
const exampleKey = "tgo_the-key-with-the-id-seven"

// EachTimeLater gives a fake a clock with which no two messages have the same sent_at.
func EachTimeLater(c *tgotest.Config) {
	var asked atomic.Int64
	c.Now = func() time.Time { return time.Now().Add(time.Duration(asked.Add(1)) * time.Second) }
}

// Counts is everything that a send changes, as the API shows it and as the fake reports it to tests.
type Counts struct {
	logged   int64
	used     int64
	received int
}

// CountsOf reads the counts of a fake.
func CountsOf(t testing.TB, fake *tgotest.Server) Counts {
	t.Helper()
	page, err := fake.Client.MessagePage(context.Background(), tgo.MessageQuery{})
	if err != nil {
		t.Fatal(err)
	}
	usage, err := fake.Client.Usage(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c := Counts{logged: page.Total, received: len(fake.Messages())}
	for _, s := range usage.Senders {
		c.used += s.MessagesSent
	}
	return c
}

// Plus returns the counts after n more messages.
func (c Counts) Plus(n int) Counts {
	return Counts{c.logged + int64(n), c.used + int64(n), c.received + n}
}

// Workspace is everything that operations change. The API does not list keys, so of these it has only the one that an example
// revokes.
type Workspace struct {
	Counts
	numbers int
	revoked bool
}

// WorkspaceOf reads the workspace of a fake.
func WorkspaceOf(t *testing.T, fake *tgotest.Server) Workspace {
	t.Helper()
	numbers, err := fake.Client.SenderNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return Workspace{CountsOf(t, fake), len(numbers), !works(t, fake, exampleKey)}
}

// works reports whether a key is accepted.
func works(t *testing.T, fake *tgotest.Server, key string) bool {
	t.Helper()
	a := Send(t, contract.Request{Method: http.MethodGet, Target: "/me"}.HTTP(t, fake.URL, key))
	return a.Status == http.StatusOK
}
