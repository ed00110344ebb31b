package laravel_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// TestCalls makes every call of the client, over HTTP/2 with TLS and over plain HTTP.
func TestCalls(t *testing.T) {
	ten := startTenant(t)
	for _, url := range []string{ten.HTTPSURL, ten.URL} {
		scheme, _, _ := strings.Cut(url, ":")
		client := ten.client(t, url, ten.APIKey)
		t.Run(scheme+"/protocol", func(t *testing.T) { testProtocol(t, ten, url) })
		for name, sender := range map[string]*tgo.Sender{
			"from phone":  client.FromPhone(ten.SenderPhone),
			"from number": client.FromNumber(ten.SenderNumberID),
		} {
			t.Run(scheme+"/sends "+name, func(t *testing.T) { testSends(t, ten, sender) })
			t.Run(scheme+"/lookups "+name, func(t *testing.T) { testLookups(t, ten, sender) })
			t.Run(scheme+"/check "+name, func(t *testing.T) {
				if number, err := sender.Check(t.Context()); err != nil || number.ID != int64(ten.SenderNumberID) {
					t.Errorf("sender number %d, %v", number.ID, err)
				}
			})
		}
		t.Run(scheme+"/log", func(t *testing.T) { testLog(t, ten, client) })
		t.Run(scheme+"/candidates", func(t *testing.T) { testCandidates(t, ten, client) })
		t.Run(scheme+"/sender numbers", func(t *testing.T) { testSenderNumbers(t, ten, client, scheme) })
		t.Run(scheme+"/keys", func(t *testing.T) { testKeys(t, ten, url, client) })
		t.Run(scheme+"/account", func(t *testing.T) { testAccount(t, ten, client) })
	}
}

// testProtocol checks that requests use the protocol that the test intends.
func testProtocol(t *testing.T, ten *tenant, url string) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := ten.httpClient(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	want := 1
	if strings.HasPrefix(url, "https:") {
		want = 2
	}
	if resp.ProtoMajor != want {
		t.Errorf("HTTP/%d, want HTTP/%d", resp.ProtoMajor, want)
	}
}

// stored returns the newest message in the table, without the name and type of its file.
const stored = "SELECT id, message_type, to_phone, sender_number_id, content, duration, media_size, media_sha256 FROM messages " +
	"ORDER BY id DESC LIMIT 1"

func testSends(t *testing.T, ten *tenant, sender *tgo.Sender) {
	ctx, to := t.Context(), ten.RecipientPhone
	const caption = "كاب & caption"
	content := []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\xff\r\n--", 1000))
	sum := sha256.Sum256(content)
	file := tgo.BytesFile("فاتورة 4821.png", content)
	for _, test := range []struct {
		kind, content, duration string
		send                    func() (tgo.Receipt, error)
	}{
		{"text", "Your order 4821 is ready. 🙂", "", func() (tgo.Receipt, error) {
			return sender.SendText(ctx, to, "Your order 4821 is ready. 🙂")
		}},
		{"image", caption, "", func() (tgo.Receipt, error) {
			return sender.SendImage(ctx, to, tgo.Image{File: file, Caption: caption})
		}},
		{"voice", "", "5", func() (tgo.Receipt, error) {
			return sender.SendVoice(ctx, to, tgo.Voice{File: file.WithContentType("audio/ogg"), Duration: 4080 * time.Millisecond})
		}},
		{"document", "", "", func() (tgo.Receipt, error) {
			return sender.SendDocument(ctx, to, tgo.Document{File: file})
		}},
	} {
		receipt, err := test.send()
		if err != nil {
			t.Errorf("%s: %v", test.kind, err)
			continue
		}
		if receipt.MessageType != test.kind || receipt.Content != test.content || receipt.Status != "sent" || receipt.SentAt.IsZero() {
			t.Errorf("%s: the receipt is %+v", test.kind, receipt)
		}
		want := []string{strconv.FormatInt(receipt.ID, 10), test.kind, string(to), strconv.Itoa(int(ten.SenderNumberID)),
			test.content, test.duration}
		if test.kind == "text" {
			want = append(want, "", "")
		} else {
			want = append(want, strconv.Itoa(len(content)), hex.EncodeToString(sum[:]))
		}
		if got := ten.query(t, stored); !reflect.DeepEqual(got, [][]string{want}) {
			t.Errorf("%s: stored %q, want %q", test.kind, got, want)
		}
	}
	if got := ten.query(t, "SELECT media_name, media_type FROM messages ORDER BY id DESC LIMIT 1"); !reflect.DeepEqual(got,
		[][]string{{"فاتورة 4821.png", "image/png"}}) {
		t.Errorf("the document's file is stored as %q", got)
	}
}

func testLookups(t *testing.T, ten *tenant, sender *tgo.Sender) {
	for contact, reason := range map[string]string{
		"reachable": "ok", "unreachable": "unreachable", "unverified": "unverified", "unknown": "not_found",
	} {
		got, err := sender.Lookup(t.Context(), ten.Contacts[contact])
		if err != nil {
			t.Errorf("%s: %v", contact, err)
			continue
		}
		if got.ReasonCode != reason || got.CanReceive != (reason == "ok") || got.Exists != (reason != "not_found") {
			t.Errorf("%s: %+v", contact, got)
		}
	}
}

// testLog fills three pages of the log, and reads the log page by page and as a whole.
func testLog(t *testing.T, ten *tenant, client *tgo.Client) {
	const perPage = 15 // Laravel's default
	ctx, sender := t.Context(), client.FromPhone(ten.SenderPhone)
	for i := range 2*perPage + 1 {
		if _, err := sender.SendText(ctx, ten.RecipientPhone, "message "+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for _, row := range ten.query(t, "SELECT id, message_type, content FROM messages ORDER BY id DESC") {
		want = append(want, strings.Join(row, " "))
	}
	print := func(entry tgo.LogEntry) string {
		return fmt.Sprintf("%d %s %s", entry.ID, entry.MessageType, entry.Content)
	}
	var whole []string
	for entry, err := range client.Messages(ctx, tgo.MessageQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, print(entry))
	}
	if !reflect.DeepEqual(whole, want) {
		t.Errorf("the log is\n%q, want\n%q", whole, want)
	}
	last := (len(want) + perPage - 1) / perPage
	var pages []string
	for number := 1; number != 0; {
		page, err := client.MessagePage(ctx, tgo.MessageQuery{Page: number})
		if err != nil {
			t.Fatal(err)
		}
		if page.Page != number || page.LastPage != last || page.Total != int64(len(want)) {
			t.Errorf("page %d of %d, %d entries in all; want %d of %d, %d", page.Page, page.LastPage, page.Total, number, last, len(want))
		}
		for _, entry := range page.Entries {
			pages = append(pages, print(entry))
		}
		number = page.NextPage
	}
	if !reflect.DeepEqual(pages, want) {
		t.Errorf("the pages have\n%q, want\n%q", pages, want)
	}
	page, err := client.MessagePage(ctx, tgo.MessageQuery{Page: last + 1})
	if err != nil || len(page.Entries) != 0 || page.NextPage != 0 {
		t.Errorf("beyond the last page: %d entries, next %d, %v", len(page.Entries), page.NextPage, err)
	}
}

// testCandidates looks for a text that the application trims.
func testCandidates(t *testing.T, ten *tenant, client *tgo.Client) {
	ctx, sender, since := t.Context(), client.FromPhone(ten.SenderPhone), time.Now()
	receipt, err := sender.SendText(ctx, ten.RecipientPhone, " Your code is 4821\n")
	if err != nil {
		t.Fatal(err)
	}
	found, err := sender.Candidates(ctx, tgo.Lost{Type: tgo.TypeText, Content: " Your code is 4821\n", Since: since})
	if err != nil || len(found) == 0 || found[0].ID != receipt.ID {
		t.Errorf("found %+v, %v; want message %d first", found, err, receipt.ID)
	}
}

func testSenderNumbers(t *testing.T, ten *tenant, client *tgo.Client, name string) {
	ctx := t.Context()
	phone := tgo.Phone("+2010011872" + strconv.Itoa(10+len(name)))
	created, err := client.RegisterSenderNumber(ctx, phone, name)
	if err != nil {
		t.Fatal(err)
	}
	if created.Phone != string(phone) || created.DisplayName != name || created.Status != "pending_verification" {
		t.Errorf("registered %+v", created)
	}
	ready := map[string]error{}
	numbers, err := client.SenderNumbers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		ready[n.Phone] = n.Ready()
	}
	for state, want := range map[string]error{"ready": nil, "unverified": tgo.ErrSenderUnverified, "pending": tgo.ErrSenderInactive,
		"suspended": tgo.ErrSenderInactive, "rejected": tgo.ErrSenderInactive, "removed": tgo.ErrSenderInactive} {
		got, listed := ready[string(ten.Senders[state])]
		if !listed || !errors.Is(got, want) {
			t.Errorf("the %s number: listed %t, %v", state, listed, got)
		}
	}
	if _, listed := ready[string(phone)]; !listed {
		t.Error("the registered number is not listed")
	}
}

func testKeys(t *testing.T, ten *tenant, url string, client *tgo.Client) {
	ctx := t.Context()
	created, err := client.CreateAPIKey(ctx, tgo.NewAPIKey{
		Name: "reader", Scopes: []tgo.Scope{tgo.ScopeMessagesRead, tgo.ScopeUsageRead}, ExpiresInDays: 30,
	})
	if err != nil {
		t.Fatal(err)
	}
	if created.Name != "reader" || created.Status != "active" || len(created.Scopes) != 2 || created.ExpiresAt.Before(time.Now()) {
		t.Errorf("created %+v", created)
	}
	reader := ten.client(t, url, created.Key.Reveal())
	if _, err := reader.Usage(ctx); err != nil {
		t.Errorf("with the new key: %v", err)
	}
	if err := client.RevokeAPIKey(ctx, created.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Usage(ctx); !errors.Is(err, tgo.ErrUnauthenticated) {
		t.Errorf("with the revoked key: %v", err)
	}
	if err := client.RevokeAPIKey(ctx, 1<<40); !errors.Is(err, tgo.ErrNotFound) {
		t.Errorf("an unknown key: %v", err)
	}
}

func testAccount(t *testing.T, ten *tenant, client *tgo.Client) {
	ctx := t.Context()
	me, err := client.Me(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if me.APIKey == nil || me.APIKey.Name != "all" || me.Organization.Name != "Acme" || !me.Organization.EmailVerified || me.User.ID != 1 {
		t.Errorf("me is %+v", me)
	}
	subscription, err := client.Subscription(ctx)
	if err != nil || subscription.Status != "active" || string(subscription.Plan) != `{"name":"business"}` {
		t.Errorf("the subscription is %+v, %v", subscription, err)
	}
	usage, err := client.Usage(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]int64{}
	for _, n := range usage.Senders {
		sent[n.SenderPhone] = n.MessagesSent
	}
	want, err := strconv.ParseInt(ten.query(t, "SELECT count(*) FROM messages")[0][0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if got := sent[string(ten.SenderPhone)]; got != want || len(sent) < 6 {
		t.Errorf("the usage is %+v, want %d of %s", usage.Senders, want, ten.SenderPhone)
	}
}

// noLimit is a limiter without a limit.
type noLimit struct{}

func (noLimit) Wait(context.Context) error { return nil }

// TestOptions sends and reads with each option of the client.
func TestOptions(t *testing.T) {
	ten := startTenant(t)
	for name, options := range map[string][]tgo.Option{
		"http":            {tgo.WithBaseURL(ten.URL), tgo.WithInsecureHTTP()},
		"time-out":        {tgo.WithTimeout(time.Minute)},
		"user agent":      {tgo.WithUserAgent("shop/1.2")},
		"no read retries": {tgo.WithReadRetries()},
		"write retries":   {tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited), tgo.WithRetryLimits(5, time.Minute)},
		"limiter":         {tgo.WithLimiter(noLimit{})},
		"logger":          {tgo.WithLogger(slog.New(slog.DiscardHandler))},
	} {
		t.Run(name, func(t *testing.T) {
			client := ten.client(t, ten.HTTPSURL, ten.APIKey, options...)
			receipt, err := client.FromNumber(ten.SenderNumberID).SendText(t.Context(), ten.RecipientPhone, name)
			if err != nil {
				t.Fatal(err)
			}
			if got := ten.query(t, "SELECT id, content FROM messages ORDER BY id DESC LIMIT 1"); !reflect.DeepEqual(got,
				[][]string{{strconv.FormatInt(receipt.ID, 10), name}}) {
				t.Errorf("stored %q", got)
			}
			if me, err := client.Me(t.Context()); err != nil || me.APIKey == nil {
				t.Errorf("%+v, %v", me, err)
			}
		})
	}
}

// TestRefusals: each refusal of the tenant becomes the right error.
func TestRefusals(t *testing.T) {
	ten := startTenant(t)
	ctx := t.Context()
	client := ten.client(t, ten.HTTPSURL, ten.APIKey)
	sender := client.FromPhone(ten.SenderPhone)
	text := func(s *tgo.Sender, to tgo.Phone) error {
		_, err := s.SendText(ctx, to, "Hello")
		return err
	}
	withKey := func(name string) *tgo.Sender {
		return ten.client(t, ten.HTTPSURL, ten.Keys[name]).FromPhone(ten.SenderPhone)
	}
	me := func(url, key string) error {
		_, err := ten.client(t, url, key).Me(ctx)
		return err
	}
	register := func(phone tgo.Phone) error {
		_, err := client.RegisterSenderNumber(ctx, phone, "")
		return err
	}
	for name, test := range map[string]struct {
		err     error
		want    error
		status  int
		message string
		field   string // the field in the refusal
	}{
		"no such key":  {me(ten.URL, "tgo_wrong"), tgo.ErrUnauthenticated, 401, "Unauthenticated.", ""},
		"expired key":  {me(ten.URL, ten.Keys["expired"]), tgo.ErrUnauthenticated, 401, "Unauthenticated.", ""},
		"revoked key":  {text(withKey("revoked"), ten.RecipientPhone), tgo.ErrUnauthenticated, 401, "Unauthenticated.", ""},
		"other tenant": {me(ten.URL, ten.Keys["empty"]), tgo.ErrUnauthenticated, 401, "Unauthenticated.", ""},
		"scope": {text(withKey("messages.read"), ten.RecipientPhone), tgo.ErrScope, 403,
			"This API key does not have the required scope.", ""},
		"unknown tenant": {me(ten.UnknownTenantURL, ten.APIKey), tgo.ErrTenant, 404, "Tenant could not be identified for this domain.", ""},
		"suspended": {text(client.FromPhone(ten.Senders["suspended"]), ten.RecipientPhone), tgo.ErrSenderInactive, 422,
			"Sender number is not active.", ""},
		"unverified": {text(client.FromPhone(ten.Senders["unverified"]), ten.RecipientPhone), tgo.ErrSenderUnverified, 422,
			"The sender number owner must be verified in Sinjapp before using the messaging API.", ""},
		"no such sender": {text(client.FromPhone("+201001187199"), ten.RecipientPhone), tgo.ErrValidation, 422,
			"The given data was invalid.", "sender_phone"},
		"no such sender number": {text(client.FromNumber(999), ten.RecipientPhone), tgo.ErrValidation, 422,
			"The given data was invalid.", "sender_number_id"},
		"unreachable": {text(sender, ten.Contacts["unreachable"]), tgo.ErrValidation, 422, "The given data was invalid.", "to_phone"},
		"registered":  {register(ten.SenderPhone), tgo.ErrValidation, 422, "The given data was invalid.", "phone"},
	} {
		var refused *tgo.APIError
		if !errors.As(test.err, &refused) || !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", name, test.err, test.want)
			continue
		}
		if refused.Status != test.status || refused.Message != test.message {
			t.Errorf("%s: %d %q, want %d %q", name, refused.Status, refused.Message, test.status, test.message)
		}
		if test.field != "" && len(refused.Fields[test.field]) == 0 {
			t.Errorf("%s: the fields are %v, want %s", name, refused.Fields, test.field)
		}
	}
	if got := ten.query(t, "SELECT count(*) FROM messages")[0][0]; got != "0" {
		t.Errorf("all messages were refused, but %s were stored", got)
	}
}

// TestWrongBaseURL requests routes that the server does not have. There is no such test for 405, since each path that the client uses has
// the client's method, and none for 419, since the stateless routes of an API check no CSRF token.
func TestWrongBaseURL(t *testing.T) {
	ten := startTenant(t)
	for _, url := range []string{ten.HTTPSURL + "/v1", strings.Replace(ten.URL, "/api/v1", "/v2", 1)} {
		client := ten.client(t, url, ten.APIKey)
		_, read := client.Me(t.Context())
		_, sent := client.FromPhone(ten.SenderPhone).SendText(t.Context(), ten.RecipientPhone, "Hello")
		for _, err := range []error{read, sent} {
			if !errors.Is(err, tgo.ErrNotFound) || errors.Is(err, tgo.ErrTenant) || !strings.Contains(err.Error(), "check the base URL") {
				t.Errorf("%s: %v, want %v with the hint to check the base URL", url, err, tgo.ErrNotFound)
			}
		}
		if got := tgo.DeliveryOf(sent); got != tgo.DeliveryRejected {
			t.Errorf("%s: the delivery is %v, want %v", url, got, tgo.DeliveryRejected)
		}
	}
	if got := ten.count(t); got != "0" {
		t.Errorf("%s messages were stored", got)
	}
}

// TestThrottle exhausts the framework's rate limit.
func TestThrottle(t *testing.T) {
	ten := startTenant(t, "TENANT_RATE_LIMIT=2")
	sender := ten.client(t, ten.HTTPSURL, ten.APIKey).FromPhone(ten.SenderPhone)
	var err error
	for range 3 {
		_, err = sender.SendText(t.Context(), ten.RecipientPhone, "Hello")
	}
	var refused *tgo.APIError
	if !errors.As(err, &refused) || !errors.Is(err, tgo.ErrRateLimited) || tgo.DeliveryOf(err) != tgo.DeliveryRejected {
		t.Fatalf("%v, want %v", err, tgo.ErrRateLimited)
	}
	if refused.Message != "Too Many Attempts." || refused.RetryAfter <= 0 || refused.RetryAfter > time.Minute {
		t.Errorf("the message is %q, with a retry after %v", refused.Message, refused.RetryAfter)
	}
	if got := ten.query(t, "SELECT count(*) FROM messages")[0][0]; got != "2" {
		t.Errorf("%s messages were stored, want 2", got)
	}
}

// TestRestart stops php-fpm and starts it again.
func TestRestart(t *testing.T) {
	ten := startTenant(t)
	client := ten.client(t, ten.HTTPSURL, ten.APIKey, tgo.WithReadRetries())
	for range 2 {
		if _, err := client.Me(t.Context()); err != nil {
			t.Errorf("with php-fpm: %v", err)
		}
		ten.command(t, "stop php-fpm")
		var refused *tgo.APIError
		if _, err := client.Me(t.Context()); !errors.As(err, &refused) || refused.Status != http.StatusBadGateway {
			t.Errorf("without php-fpm: %v", err)
		}
		ten.command(t, "start php-fpm")
		if got := ten.ask(t, "start php-fpm"); got != "php-fpm is running" {
			t.Errorf("started twice: %q", got)
		}
	}
}

// TestStop: a tenant leaves nothing behind, no matter how it is stopped.
func TestStop(t *testing.T) {
	for name, end := range map[string]func(*tenant) error{
		"end of input": func(ten *tenant) error { return ten.input.Close() },
		"SIGTERM":      func(ten *tenant) error { return ten.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGINT":       func(ten *tenant) error { return ten.cmd.Process.Signal(os.Interrupt) },
		"without php-fpm": func(ten *tenant) error {
			_, err := io.WriteString(ten.input, "stop php-fpm\n")
			return errors.Join(err, ten.input.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			ten := startTenant(t)
			processes := ten.processes(t)
			if err := end(ten); err != nil {
				t.Fatal(err)
			}
			ten.stop(t)
			for _, process := range processes {
				if err := process.Signal(syscall.Signal(0)); !errors.Is(err, os.ErrProcessDone) {
					t.Errorf("process %d is still running: %v", process.Pid, err)
				}
				_ = process.Release()
			}
			if _, err := os.Stat(filepath.Dir(ten.App)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s still exists: %v", filepath.Dir(ten.App), err)
			}
		})
	}
}

// processes returns the master processes of nginx and php-fpm, and their workers.
func (ten *tenant) processes(t *testing.T) []*os.Process {
	t.Helper()
	var list []*os.Process
	for _, file := range []string{ten.NginxPID, ten.PHPFPMPID} {
		workers := ten.workers(t, file)
		if len(workers) == 0 {
			t.Fatalf("%s has no workers", file)
		}
		for _, pid := range append(workers, ten.pid(t, file)) {
			process, err := os.FindProcess(pid)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, process)
		}
	}
	return list
}
