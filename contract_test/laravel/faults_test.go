package laravel_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// fault is a failure of the server, with the delivery that the client must report.
type fault struct {
	name       string
	begin, end func(t *testing.T)
	send       func(*tgo.Sender) error
	status     int
	message    string // a part of the server's message
	delivery   tgo.Delivery
	stored     bool // the message is stored anyway
}

// TestFaults breaks the tenant, and compares the delivery that the client reports with the table of messages.
func TestFaults(t *testing.T) {
	ten := startTenant(t, "TENANT_CLIENT_MAX_BODY_SIZE=2m", "TENANT_POST_MAX_SIZE=1M", "TENANT_UPLOAD_MAX_FILESIZE=512K",
		"TENANT_FASTCGI_READ_TIMEOUT=4s", "TENANT_MAX_CHILDREN=1")
	for _, fault := range faults(ten) {
		for _, url := range []string{ten.HTTPSURL, ten.URL} {
			scheme, _, _ := strings.Cut(url, ":")
			t.Run(fault.name+"/"+scheme, func(t *testing.T) {
				sender := ten.client(t, url, ten.APIKey).FromPhone(ten.SenderPhone)
				before := ten.count(t)
				if fault.begin != nil {
					fault.begin(t)
				}
				err := fault.send(sender)
				// The server continues when nginx has given up, and may store the message only then.
				for begun := time.Now(); fault.stored && ten.count(t) == before && time.Since(begun) < time.Minute; {
				}
				if fault.end != nil {
					fault.end(t)
				}
				var refused *tgo.APIError
				if !errors.As(err, &refused) || refused.Status != fault.status || !strings.Contains(refused.Message, fault.message) {
					t.Errorf("%v, want %d %q", err, fault.status, fault.message)
				}
				if err != nil && strings.Contains(err.Error(), "SQLSTATE") { // the SQL contains the message
					t.Errorf("the error shows the server's SQL: %v", err)
				}
				if got := tgo.DeliveryOf(err); got != fault.delivery {
					t.Errorf("the delivery is %v, want %v", got, fault.delivery)
				}
				if stored := ten.count(t) != before; stored != fault.stored {
					t.Errorf("stored: %t, want %t", stored, fault.stored)
				}
			})
		}
	}
}

func faults(ten *tenant) []fault {
	text := func(s *tgo.Sender) error {
		_, err := s.SendText(context.Background(), ten.RecipientPhone, "Hello")
		return err
	}
	upload := func(size int) func(*tgo.Sender) error {
		return func(s *tgo.Sender) error {
			file := tgo.BytesFile("large.bin", make([]byte, size))
			_, err := s.SendDocument(context.Background(), ten.RecipientPhone, tgo.Document{File: file})
			return err
		}
	}
	artisan := func(args ...string) func(*testing.T) {
		return func(t *testing.T) { ten.artisan(t, args...) }
	}
	query := func(sql string) func(*testing.T) {
		return func(t *testing.T) { ten.query(t, sql) }
	}
	command := func(command string) func(*testing.T) {
		return func(t *testing.T) { ten.command(t, command) }
	}
	set := func(name, value string) func(*testing.T) {
		return func(t *testing.T) { ten.set(t, name, value) }
	}
	all := func(steps ...func(*testing.T)) func(*testing.T) {
		return func(t *testing.T) {
			for _, step := range steps {
				step(t)
			}
		}
	}
	const (
		invalid = "The given data was invalid."
		away    = "ALTER TABLE messages RENAME TO away"
		back    = "ALTER TABLE away RENAME TO messages"
	)
	return []fault{
		{"too large for nginx", nil, nil, upload(8 << 20), 413, "Request Entity Too Large", tgo.DeliveryRejected, false},
		{"request too large for PHP", nil, nil, upload(1536 << 10), 413, "", tgo.DeliveryRejected, false},
		{"file too large for PHP", nil, nil, upload(768 << 10), 422, invalid, tgo.DeliveryRejected, false},
		{"maintenance", artisan("down", "--retry=7"), artisan("up"), text, 503, "Service Unavailable", tgo.DeliveryUnknown, false},
		{"maintenance with a page", artisan("down", "--render=errors::503"), artisan("up"), text, 503, "Service Unavailable",
			tgo.DeliveryUnknown, false},
		{"maintenance with a redirect", artisan("down", "--redirect=/"), artisan("up"), text, 302, "", tgo.DeliveryUnknown, false},
		{"no table", query(away), query(back), text, 500, "Server Error", tgo.DeliveryUnknown, false},
		{"no table in debug mode", all(query(away), set("APP_DEBUG", "true")), all(query(back), set("APP_DEBUG", "false")), text,
			500, `Illuminate\Database\QueryException`, tgo.DeliveryUnknown, false},
		{"too slow for nginx", set("TEST_SLEEP", "30"), all(set("TEST_SLEEP", "0"), command("stop php-fpm"), command("start php-fpm")),
			text, 504, "Gateway Time-out", tgo.DeliveryUnknown, true},
		{"php-fpm stopped", command("stop php-fpm"), command("start php-fpm"), text, 502, "Bad Gateway", tgo.DeliveryUnknown, false},
	}
}

// TestWorkerKilled kills php-fpm after it has stored a message and before it responds.
func TestWorkerKilled(t *testing.T) {
	ten := startTenant(t, "TENANT_SLEEP=30")
	sender := ten.client(t, ten.HTTPSURL, ten.APIKey).FromPhone(ten.SenderPhone)
	sent := make(chan error, 1)
	go func() {
		_, err := sender.SendText(t.Context(), ten.RecipientPhone, "Hello")
		sent <- err
	}()
	for ten.count(t) == "0" {
		select {
		case err := <-sent:
			t.Fatalf("the response came before the message was stored: %v", err)
		default:
		}
	}
	ten.command(t, "stop php-fpm")
	var refused *tgo.APIError
	if err := <-sent; !errors.As(err, &refused) || refused.Status != 502 || tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
		t.Errorf("%v, want an unknown delivery", err)
	}
}

// TestRetryAfter: maintenance mode has a Retry-After header.
func TestRetryAfter(t *testing.T) {
	ten := startTenant(t)
	ten.artisan(t, "down", "--retry=7")
	_, err := ten.client(t, ten.HTTPSURL, ten.APIKey, tgo.WithReadRetries()).Me(t.Context())
	var refused *tgo.APIError
	if !errors.As(err, &refused) || !errors.Is(err, tgo.ErrServer) || refused.RetryAfter != 7*time.Second {
		t.Errorf("got %v, want a server error with a retry after 7s", err)
	}
}

// count returns how many messages are stored, as text.
func (ten *tenant) count(t *testing.T) string {
	t.Helper()
	return ten.query(t, "SELECT count(*) FROM messages")[0][0]
}

// artisan runs one of the application's commands, and returns its output.
func (ten *tenant) artisan(t *testing.T, args ...string) string {
	t.Helper()
	return string(php(t, append([]string{filepath.Join(ten.App, "artisan")}, args...)...))
}

// set changes a line of the application's .env file. The file is replaced atomically, since each request reads it.
func (ten *tenant) set(t *testing.T, name, value string) {
	t.Helper()
	path := filepath.Join(ten.App, ".env")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(content), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, name+"=") {
			lines[i] = name + "=" + value
		}
	}
	if err := os.WriteFile(path+".new", []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
