package tgotest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// check runs CheckNeverTwice in a test of its own and returns what that failed with, and how often it called send.
func check(t *testing.T, send func(*tgotest.Server)) (failures []string, calls int) {
	t.Helper()
	failures = record(t, func(tb tgotest.TB) {
		tgotest.CheckNeverTwice(tb, func(fake *tgotest.Server) {
			calls++
			send(fake)
		})
	})
	return failures, calls
}

func TestCheckNeverTwicePasses(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup // all at once: each waits for a late answer
	for name, send := range map[string]func(*tgotest.Server){
		"plain": func(fake *tgotest.Server) {
			_, _ = fake.Sender.SendText(context.Background(), fake.RecipientPhone, "Your code is 4821")
		},
		"an image": func(fake *tgotest.Server) {
			_, _ = fake.Sender.SendImage(context.Background(), fake.RecipientPhone, tgo.Image{File: tgo.BytesFile("a.png", []byte("picture")).WithContentType("image/png")})
		},
		"a client of its own": func(fake *tgotest.Server) {
			client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited))
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = client.FromNumber(fake.SenderNumberID).SendText(context.Background(), fake.RecipientPhone, "Your code is 4821")
		},
		"messages that differ": func(fake *tgotest.Server) {
			for _, to := range []tgo.Phone{fake.RecipientPhone, other} {
				for _, content := range []string{"one", "two"} {
					_, _ = fake.Sender.SendText(context.Background(), to, content)
				}
				for _, picture := range []string{"one", "two"} {
					file := tgo.BytesFile("a.png", []byte(picture)).WithContentType("image/png")
					_, _ = fake.Sender.SendImage(context.Background(), to, tgo.Image{File: file})
					_, _ = fake.Sender.SendDocument(context.Background(), to, tgo.Document{File: file})
				}
			}
		},
		"the same twice on purpose": func(fake *tgotest.Server) {
			for range 2 {
				_, _ = fake.Sender.SendText(context.Background(), fake.RecipientPhone, "Your code is 4821")
			}
		},
		"another text each time": func(fake *tgotest.Server) {
			_, _ = fake.Sender.SendText(context.Background(), fake.RecipientPhone, "Your code is "+rand.Text())
		},
		"again only where that is safe": func(fake *tgotest.Server) {
			for range 3 {
				_, err := fake.Sender.SendText(context.Background(), fake.RecipientPhone, "Your code is 4821")
				if d := tgo.DeliveryOf(err); d != tgo.DeliveryNotSent && d != tgo.DeliveryRejected {
					return
				}
			}
		},
	} {
		wg.Go(func() {
			urls := map[string]bool{}
			failures, calls := check(t, func(fake *tgotest.Server) {
				urls[fake.URL] = true
				send(fake)
				if len(fake.Messages()) == 0 {
					t.Errorf("%s: the fault kept the message from being sent, so sending again would be right", name)
				}
			})
			if len(failures) > 0 {
				t.Errorf("%s: it failed with %q", name, failures)
			}
			// As many as there are ways for an answer to be lost, and once without; each in a fake of its own.
			if calls < 13 || len(urls) != calls {
				t.Errorf("%s: it sent %d times, to %d fakes", name, calls, len(urls))
			}
		})
	}
	wg.Wait()
}

// Each of these sends again after a failure that leaves it open whether the message arrived.
func TestCheckNeverTwiceFails(t *testing.T) {
	t.Parallel()
	apiError := func(err error) *tgo.APIError {
		var e *tgo.APIError
		if errors.As(err, &e) {
			return e
		}
		return &tgo.APIError{}
	}
	status := func(status int, html bool) func(error) bool {
		return func(err error) bool {
			e := apiError(err)
			return e.Status == status && html == strings.HasPrefix(e.ContentType, "text/html")
		}
	}
	for name, c := range map[string]struct {
		again func(error) bool
		says  []string // of the fault that found it out
	}{
		"any error":             {func(err error) bool { return err != nil }, []string{`"cut"`, "stored: true"}},
		"unknown delivery":      {func(err error) bool { return tgo.DeliveryOf(err) == tgo.DeliveryUnknown }, []string{`"cut"`, "stored: true"}},
		"an unreadable success": {func(err error) bool { return errors.Is(err, tgo.ErrUnreadable) }, []string{`"cut response"`}},
		"an answer cut short":   {func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }, []string{`"cut response"`}},
		"broken JSON": {func(err error) bool {
			e := apiError(err)
			return e.Err != nil && e.Status == http.StatusCreated && len(e.Body) > 0 && !errors.Is(err, io.ErrUnexpectedEOF)
		}, []string{`"broken json"`}},
		"an empty answer": {func(err error) bool {
			e := apiError(err)
			return e.Status == http.StatusCreated && len(e.Body) == 0
		}, []string{`"empty"`}},
		"500":             {status(http.StatusInternalServerError, false), []string{`"status"`, "500"}},
		"502":             {status(http.StatusBadGateway, false), []string{`"status"`, "502"}},
		"503":             {status(http.StatusServiceUnavailable, false), []string{`"status"`, "503"}},
		"504":             {status(http.StatusGatewayTimeout, false), []string{`"status"`, "504"}},
		"408":             {status(http.StatusRequestTimeout, false), []string{`"status"`, "408"}},
		"499":             {status(499, false), []string{`"status"`, "499"}},
		"a login form":    {status(http.StatusOK, true), []string{`"html"`, "200"}},
		"a proxy's error": {status(http.StatusBadGateway, true), []string{`"html"`, "502"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var last error
			failures, _ := check(t, func(fake *tgotest.Server) {
				for range 5 {
					if _, last = fake.Sender.SendText(context.Background(), fake.RecipientPhone, "Your code is 4821"); !c.again(last) {
						return
					}
				}
			})
			if len(failures) != 1 {
				t.Fatalf("the failures are %q", failures)
			}
			// To such code all looks well.
			if last != nil {
				t.Errorf("sending again ended with %v", last)
			}
			for _, want := range append(c.says, "twice", `text to +201010000000 "Your code is 4821"`) {
				if !strings.Contains(failures[0], want) {
					t.Errorf("%s is missing in: %s", want, failures[0])
				}
			}
		})
	}
}

func TestCheckNeverTwiceKnowsEachTypeOfMessage(t *testing.T) {
	t.Parallel()
	file := func() tgo.File {
		return tgo.BytesFile("a.bin", []byte("content")).WithContentType("application/octet-stream")
	}
	for name, send := range map[string]func(*tgotest.Server) error{
		"image to": func(f *tgotest.Server) error {
			_, err := f.Sender.SendImage(context.Background(), other, tgo.Image{File: file()})
			return err
		},
		"voice to": func(f *tgotest.Server) error {
			_, err := f.Sender.SendVoice(context.Background(), other, tgo.Voice{File: file(), Duration: time.Second})
			return err
		},
		"document to": func(f *tgotest.Server) error {
			_, err := f.Sender.SendDocument(context.Background(), other, tgo.Document{File: file()})
			return err
		},
		// The one that was sent twice is not the first, nor did the second follow at once; and there are not more than usual.
		"text to": func(f *tgotest.Server) error {
			texts := []string{"one", "two", "three", "four"}
			if _, err := f.Sender.SendText(context.Background(), other, texts[0]); err != nil {
				texts[3] = "two"
			}
			for _, content := range texts[1:] {
				_, _ = f.Sender.SendText(context.Background(), other, content)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures, _ := check(t, func(fake *tgotest.Server) {
				if send(fake) != nil {
					_ = send(fake)
				}
			})
			if len(failures) != 1 || !strings.Contains(failures[0], name) {
				t.Errorf("the failures are %q", failures)
			}
		})
	}
}

// Many give up waiting and send again; then nothing tells them of the first. Some say so in the text.
func TestCheckNeverTwiceKnowsTimeoutsAndOtherTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  func(attempt int) string
		again func(error) bool
		says  []string
	}{
		"after a timeout alone": {
			func(int) string { return "Your code is 4821" },
			func(err error) bool {
				var e net.Error
				return errors.As(err, &e) && e.Timeout()
			},
			[]string{`"cut"`, "stored: true", "delay 2s", `text to +201010000000 "Your code is 4821"`},
		},
		"in another text": {
			func(attempt int) string { return fmt.Sprintf("Your code is 4821 (attempt %d)", attempt) },
			func(err error) bool { return err != nil },
			[]string{`"cut"`, "2 messages instead of 1", `text to +201010000000 "Your code is 4821 (attempt 2)"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures, _ := check(t, func(fake *tgotest.Server) {
				client := clientWith(t, fake, fake.Key, tgo.WithHTTPClient(&http.Client{Timeout: time.Second}))
				for attempt := 1; attempt <= 5; attempt++ {
					if _, err := client.FromPhone(sender).SendText(context.Background(), recipient, c.text(attempt)); !c.again(err) {
						return
					}
				}
			})
			if len(failures) != 1 {
				t.Fatalf("the failures are %q", failures)
			}
			for _, want := range append(c.says, "twice") {
				if !strings.Contains(failures[0], want) {
					t.Errorf("%s is missing in: %s", want, failures[0])
				}
			}
		})
	}
}

// Code that sends nothing, or something else, has proven nothing.
func TestCheckNeverTwiceFailsWithoutASend(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(*tgotest.Server){
		"nothing":            func(*tgotest.Server) {},
		"only reads":         func(fake *tgotest.Server) { _, _ = fake.Client.Usage(context.Background()) },
		"found wrong before": func(fake *tgotest.Server) { _, _ = fake.Sender.SendText(context.Background(), "0100", "hello") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures, calls := check(t, send)
			if len(failures) != 1 || !strings.Contains(failures[0], "accepted no message without a fault") || calls != 1 {
				t.Errorf("after %d calls the failures are %q", calls, failures)
			}
		})
	}
}

// A request that the fake refuses was not sent either, and the fault has struck all the same.
func TestCheckNeverTwiceFailsWhereTheMessageIsRefused(t *testing.T) {
	t.Parallel()
	failures, _ := check(t, func(fake *tgotest.Server) {
		_, _ = fake.Client.FromPhone(other).SendText(context.Background(), fake.RecipientPhone, "hello")
	})
	if len(failures) != 1 {
		t.Errorf("the failures are %q", failures)
	}
}
