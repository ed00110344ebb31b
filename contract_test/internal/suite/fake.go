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

// NewFake starts a fake in which every request of the document's examples succeeds: it has the examples' sender
// number and a key with the id 7. Its first key has all scopes.
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

// Coverage counts what all tests of this package together exercise on fakes.
var Coverage = tgotest.NewCoverage()

// exampleKey is the text of the key with the id 7, which the example revokes.
const exampleKey = "tgo_the-key-with-the-id-seven"

// EachTimeLater is a clock with which no two messages of a fake have the same sent_at.
func EachTimeLater(c *tgotest.Config) {
	var asked atomic.Int64
	c.Now = func() time.Time { return time.Now().Add(time.Duration(asked.Add(1)) * time.Second) }
}

// Counts is everything that a send changes, as the API shows it and as the fake tells it to tests.
type Counts struct {
	logged   int64
	used     int64
	received int
}

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

func (c Counts) Plus(n int) Counts {
	return Counts{c.logged + int64(n), c.used + int64(n), c.received + n}
}

// Workspace is what operations change. The API does not list keys; of them only the one that an example revokes is looked at.
type Workspace struct {
	Counts
	numbers int
	revoked bool
}

func WorkspaceOf(t *testing.T, fake *tgotest.Server) Workspace {
	t.Helper()
	numbers, err := fake.Client.SenderNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return Workspace{CountsOf(t, fake), len(numbers), !works(t, fake, exampleKey)}
}

func works(t *testing.T, fake *tgotest.Server, key string) bool {
	t.Helper()
	a := Send(t, contract.Request{Method: http.MethodGet, Target: "/me"}.HTTP(t, fake.URL, key))
	return a.Status == http.StatusOK
}
