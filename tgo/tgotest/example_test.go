package tgotest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// exampleT stands in for the *testing.T of a test, which an example does not have.
type exampleT struct{ cleanups []func() }

func (t *exampleT) Helper()                        {}
func (t *exampleT) Cleanup(f func())               { t.cleanups = append(t.cleanups, f) }
func (t *exampleT) Fatalf(format string, a ...any) { fmt.Printf("FAIL: "+format+"\n", a...) }

func (t *exampleT) end() {
	for _, f := range t.cleanups {
		f()
	}
}

// shop is code under test.
type shop struct{ sender *tgo.Sender }

func (s *shop) buy(ctx context.Context, book string, customer tgo.Phone) error {
	_, err := s.sender.SendText(ctx, customer, "Thank you for ordering "+book)
	return err
}

// In a test t is its *testing.T, and there is nothing to end.
func ExampleNew() {
	t := &exampleT{}
	defer t.end()

	fake := tgotest.New(t)
	shop := &shop{sender: fake.Sender}
	if err := shop.buy(context.Background(), "Palace Walk", fake.RecipientPhone); err != nil {
		t.Fatalf("buy: %v", err)
	}
	m := fake.ExpectMessage(t, tgotest.To(fake.RecipientPhone))
	fmt.Println(m.Content)
	fake.ExpectNoMessage(t)
	// Output: Thank you for ordering Palace Walk
}

// The workspace can be given people, phones and keys.
func ExampleNew_configured() {
	t := &exampleT{}
	defer t.end()

	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", Status: "suspended"}}
		c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}}
		c.Strangers = tgotest.ContactUnknown
	})
	contact, err := fake.Sender.Lookup(context.Background(), "+201066666666")
	fmt.Println(contact.CanReceive, contact.ReasonCode, err)
	_, err = fake.Sender.SendText(context.Background(), fake.RecipientPhone, "hello")
	fmt.Println(err)
	// Output:
	// false not_found <nil>
	// tgo: send text: 422 The sender number is not active; see the number's status with Client.SenderNumbers or tgo senders, which says what to do (rejected)
}

func ExampleStart() {
	fake, err := tgotest.Start(tgotest.Config{KeepMedia: 1 << 20})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close() //nolint:errcheck // nothing depends on how a fake ends

	ctx := context.Background()
	invoice := tgo.Document{File: tgo.BytesFile("invoice.pdf", []byte("%PDF-1.7 ...")), Caption: "Your invoice"}
	if _, err := fake.Sender.SendDocument(ctx, fake.RecipientPhone, invoice); err != nil {
		fmt.Println(err)
		return
	}
	m, err := fake.NextMessage(ctx, tgotest.OfType("document"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %s, %s, %d bytes: %s\n", m.Content, m.Media.Name, m.Media.ContentType, m.Media.Size, m.Media.Content)
	// Output: Your invoice: invoice.pdf, application/pdf, 12 bytes: %PDF-1.7 ...
}

// The message is sent, but its answer is lost. To send it again is to send it twice.
func ExampleServer_Inject() {
	t := &exampleT{}
	defer t.end()

	fake := tgotest.New(t)
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Times: 1, Stored: true, Kind: tgotest.FaultCut}); err != nil {
		t.Fatalf("%v", err)
	}
	_, err := fake.Sender.SendText(context.Background(), fake.RecipientPhone, "Your code is 4821")
	fmt.Println(tgo.DeliveryOf(err))
	fmt.Println(fake.ExpectMessage(t).Content)
	// Output:
	// unknown
	// Your code is 4821
}

// Too many requests: the server says how long to wait.
func ExampleFault_retryAfter() {
	t := &exampleT{}
	defer t.end()

	fake := tgotest.New(t)
	if _, err := fake.Inject(tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: "30"}); err != nil {
		t.Fatalf("%v", err)
	}
	_, err := fake.Sender.SendText(context.Background(), fake.RecipientPhone, "Your code is 4821")
	fmt.Println(err)
	// Output: tgo: send text: 429 Too Many Attempts; wait 30s (rejected)
}

// The shop sends once, whatever comes of it, so the check passes and nothing is printed.
func ExampleCheckNeverTwice() {
	t := &exampleT{}
	defer t.end()

	tgotest.CheckNeverTwice(t, func(fake *tgotest.Server) {
		shop := &shop{sender: fake.Sender}
		_ = shop.buy(context.Background(), "Palace Walk", fake.RecipientPhone)
	})
	// Output:
}
