package measure

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// roleVariable, if set, turns a test binary into the plain server.
const roleVariable = "TGO_MEASURE_PLAIN_SERVER"

// ServeIfAsked is for the init function of a test file. It does not return in the process that [StartPlain] starts.
func ServeIfAsked() {
	if os.Getenv(roleVariable) != "" {
		Serve()
		os.Exit(0)
	}
}

// PageSize is how many entries a page of the plain server's log has.
const PageSize = 100

// SentMessage is the plain server's response to a message. It has the length of the fake's response.
const SentMessage = `{"data":{"id":1000,"sender_number_id":1,"message_type":"text","content":"Your code is 4821","status":"sent",` +
	`"sent_at":"2026-01-10T08:00:00Z","recipient_user_id":1,"conversation_id":1,"message_id":1000}}` + "\n"

const contact = `{"exists":true,"can_receive":true,"reason_code":"ok","recipient_id":1,"is_verified":true,` +
	`"phone_verified_at":"2026-01-10T08:00:00Z"}` + "\n"

// announcement is the plain server's first line on stdout.
type announcement struct {
	URL         string `json:"url"`
	TLSURL      string `json:"tls_url"`
	Certificate []byte `json:"certificate"` // DER
}

// Serve runs the plain server: it reads each request and sends a fixed response. It ends when stdin ends, and so with the process that
// started it.
func Serve() {
	var opened atomic.Int64
	mux := http.NewServeMux()
	answer := func(status int, body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write(body)
		}
	}
	mux.Handle("POST /api/v1/messages", answer(http.StatusCreated, []byte(SentMessage)))
	mux.Handle("GET /api/v1/contacts/lookup", answer(http.StatusOK, []byte(contact)))
	for _, total := range []int{1_000, 10_000, 100_000} {
		mux.Handle(fmt.Sprintf("GET /log/%d/messages", total), messageLog(total))
	}
	mux.HandleFunc("GET /connections", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "%d", opened.Load()) })

	count := func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	start := func(begin func(*httptest.Server)) *httptest.Server {
		s := httptest.NewUnstartedServer(mux)
		s.Config.ConnState = count
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that close their connection are expected
		s.EnableHTTP2 = true
		begin(s)
		return s
	}
	plain, secure := start((*httptest.Server).Start), start((*httptest.Server).StartTLS)
	Must(json.NewEncoder(os.Stdout).Encode(announcement{plain.URL, secure.URL, secure.Certificate().Raw}))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// messageLog responds with a page of a message log. The pages are made at the first request.
func messageLog(total int) http.HandlerFunc {
	pages := sync.OnceValue(func() [][]byte { return logPages(total) })
	return func(w http.ResponseWriter, r *http.Request) {
		page, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil {
			page = 1
		}
		body := pages()[page]
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}
}

// logPages returns the pages of a log with a number of entries, indexed by page number; there is no page 0.
func logPages(total int) [][]byte {
	type entry struct {
		ID             int    `json:"id"`
		SenderNumberID int    `json:"sender_number_id"`
		MessageType    string `json:"message_type"`
		Content        string `json:"content"`
		Status         string `json:"status"`
		SentAt         string `json:"sent_at"`
	}
	last := total / PageSize
	pages := make([][]byte, last+1)
	for page := 1; page <= last; page++ {
		link := func(to int) any {
			if to < 1 || to > last {
				return nil
			}
			return "http://127.0.0.1/api/v1/messages?page=" + strconv.Itoa(to)
		}
		entries := make([]entry, PageSize)
		for i := range entries {
			id := total - (page-1)*PageSize - i
			entries[i] = entry{id, 1, "text", "Your code is " + strconv.Itoa(id), "sent", "2026-01-10T08:00:00Z"}
		}
		body, err := json.Marshal(map[string]any{
			"data":  entries,
			"links": map[string]any{"first": link(1), "last": link(last), "prev": link(page - 1), "next": link(page + 1)},
			"meta":  map[string]any{"current_page": page, "last_page": last, "per_page": PageSize, "total": total},
		})
		Must(err)
		pages[page] = body
	}
	return pages
}

// TB is the part of testing.TB that is used here.
type TB interface {
	// Helper is as in testing.TB.
	Helper()
	// Cleanup is as in testing.TB.
	Cleanup(func())
	// Fatal is as in testing.TB.
	Fatal(args ...any)
}

// Plain is a plain server in its own process.
type Plain struct {
	// URL and TLSURL have no path. TLSURL supports HTTP/2 too.
	URL, TLSURL string
	// Roots has its certificate.
	Roots *x509.CertPool
}

// StartPlain starts the plain server in another process of this test binary, which must call [ServeIfAsked].
func StartPlain(tb TB) *Plain {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	command := exec.CommandContext(context.Background(), self) //nolint:gosec // it is this program
	command.Env = append(os.Environ(), roleVariable+"=1")
	p := StartProcess(tb, command)
	var said announcement
	if err := json.Unmarshal([]byte(p.FirstLine), &said); err != nil {
		tb.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(said.Certificate)
	if err != nil {
		tb.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return &Plain{URL: said.URL, TLSURL: said.TLSURL, Roots: roots}
}

// Connections returns how many connections have been opened to it, without the one for this question.
func (p *Plain) Connections() (int, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.URL+"/connections", nil)
	if err != nil {
		return 0, err
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(string(text))
	return n - 1, err
}

// Process is a server that runs until Stop, or until the test ends.
type Process struct {
	// FirstLine is the line on stdout that was waited for.
	FirstLine string
	// ID is its process id.
	ID int

	stop func()
}

// Stop stops the server.
func (p *Process) Stop() { p.stop() }

// StartProcess starts a server and waits for its first line.
func StartProcess(tb TB, command *exec.Cmd) *Process {
	tb.Helper()
	p, err := StartSaying(tb, command, "")
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// StartSaying starts a server and waits for a line on stdout that contains a text.
func StartSaying(tb TB, command *exec.Cmd, text string) (*Process, error) {
	tb.Helper()
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &Process{ID: command.Process.Pid}
	p.stop = sync.OnceFunc(func() {
		_ = stdin.Close()
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	tb.Cleanup(p.stop)
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		if strings.Contains(line, text) && err == nil {
			p.FirstLine = strings.TrimSpace(line)
			break
		}
		if err != nil {
			p.stop()
			return nil, fmt.Errorf("%s ended without printing %q: %w", command.Path, text, err)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // otherwise the server would block when it prints more
	return p, nil
}

// Load sends the same request n times over a number of connections, with as little work of its own as possible, and returns how long
// that took. The responses must have a 2xx status.
func Load(url string, request []byte, connections, n int) (time.Duration, error) {
	address := strings.TrimPrefix(url, "http://")
	address, _, _ = strings.Cut(address, "/")
	var left atomic.Int64
	left.Store(int64(n))
	failed := make(chan error, connections)
	begun := time.Now()
	for range connections {
		go func() {
			failed <- func() error {
				conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
				if err != nil {
					return err
				}
				defer conn.Close() //nolint:errcheck // nothing is buffered
				answers := bufio.NewReader(conn)
				for left.Add(-1) >= 0 {
					if _, err := conn.Write(request); err != nil {
						return err
					}
					if err := readAnswer(answers); err != nil {
						return err
					}
				}
				return nil
			}()
		}()
	}
	var all error
	for range connections {
		all = errors.Join(all, <-failed)
	}
	return time.Since(begun), all
}

// readAnswer reads a response that has a Content-Length.
func readAnswer(r *bufio.Reader) error {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if status := strings.TrimPrefix(string(line), "HTTP/1.1 "); !strings.HasPrefix(status, "2") {
		rest, _ := r.Peek(r.Buffered())
		return fmt.Errorf("%s%s", status, rest)
	}
	const lengthHeader = "content-length:"
	length := -1
	for {
		line, err := r.ReadSlice('\n')
		switch {
		case err != nil:
			return err
		case len(line) <= 2:
			if length < 0 {
				return errors.New("the response has no Content-Length")
			}
			_, err := r.Discard(length)
			return err
		case len(line) > len(lengthHeader) && strings.EqualFold(string(line[:len(lengthHeader)]), lengthHeader):
			if length, err = strconv.Atoi(strings.TrimSpace(string(line[len(lengthHeader):]))); err != nil {
				return err
			}
		}
	}
}
