package tgo_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// panicking is a reader and a transport that calls fail.
type panicking struct{ fail func() }

func (p panicking) Read([]byte) (int, error) { p.fail(); return 0, io.EOF }

func (p panicking) RoundTrip(*http.Request) (*http.Response, error) { p.fail(); return nil, io.EOF }

// A panic in the caller's code can be recovered by the caller, and runtime.Goexit there, as of a failing test, ends the goroutine of the
// caller. No goroutine is left behind: see TestMain.
func TestPanicsOfTheCaller(t *testing.T) {
	t.Parallel()
	big := make([]byte, 100_000)
	for name, call := range map[string]func(fake *tgotest.Server, fail func()){
		"open": func(fake *tgotest.Server, fail func()) {
			document(fake.Sender, fake, tgo.OpenFile("a", 5, func() (io.ReadCloser, error) { fail(); return nil, nil }))
		},
		"open for a second attempt": func(fake *tgotest.Server, fail func()) {
			opened := 0
			file := tgo.OpenFile("a", 5, func() (io.ReadCloser, error) {
				if opened++; opened > 1 {
					fail()
				}
				return io.NopCloser(bytes.NewReader([]byte("hello"))), nil
			})
			client, err := fake.ClientWith(fake.Key, dialing((&dialer{failures: 1}).dial))
			if err != nil {
				t.Error(err)
				return
			}
			document(client.FromPhone(fake.SenderPhone), fake, file)
		},
		"first read": func(fake *tgotest.Server, fail func()) {
			document(fake.Sender, fake, tgo.ReaderFile("a", panicking{fail}, 5))
		},
		"later read": func(fake *tgotest.Server, fail func()) {
			document(fake.Sender, fake, tgo.ReaderFile("a", io.MultiReader(bytes.NewReader(big), panicking{fail}), int64(len(big))+5))
		},
		"transport, text": func(fake *tgotest.Server, fail func()) {
			client, err := fake.ClientWith(fake.Key, tgo.WithHTTPClient(&http.Client{Transport: panicking{fail}}))
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = client.FromPhone(fake.SenderPhone).SendText(context.Background(), fake.RecipientPhone, "hello")
		},
		"transport, document": func(fake *tgotest.Server, fail func()) {
			client, err := fake.ClientWith(fake.Key, tgo.WithHTTPClient(&http.Client{Transport: panicking{fail}}))
			if err != nil {
				t.Error(err)
				return
			}
			document(client.FromPhone(fake.SenderPhone), fake, tgo.BytesFile("a", big))
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake := tgotest.New(t)
			if got := ending(func() { call(fake, func() { panic("boom") }) }); got != "panic: boom" {
				t.Errorf("a panic: %s", got)
			}
			if got := ending(func() { call(fake, runtime.Goexit) }); got != "the goroutine ended" {
				t.Errorf("runtime.Goexit: %s", got)
			}
			fake.ExpectNoMessage(t)
		})
	}
}

func document(from *tgo.Sender, fake *tgotest.Server, file tgo.File) {
	_, _ = from.SendDocument(context.Background(), fake.RecipientPhone, tgo.Document{File: file})
}

// ending runs f on a new goroutine and returns how it ended.
func ending(f func()) string {
	ended := make(chan string)
	go func() {
		how := "the goroutine ended"
		defer func() {
			if v := recover(); v != nil {
				how = "panic: " + v.(string)
			}
			ended <- how
		}()
		f()
		how = "it returned"
	}()
	return <-ended
}
