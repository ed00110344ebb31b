// Package uploads sends media with the client to servers with other multipart parsers, and checks what they have read: PHP's own parser,
// busboy on Node, Starlette on Python, and Go's. setup.sh installs what is needed in addition to Go.
package uploads

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

const endpoint = "/api/v1/messages"

// answer is the response of every server here to a message.
const answer = `{"data":{"id":1,"sender_number_id":1,"recipient_user_id":1,"conversation_id":1,"message_id":1,` +
	`"message_type":"document","content":null,"status":"sent","sent_at":"2025-01-10T08:00:00Z"}}`

// report is what a server found in one request.
type report struct {
	Version string              `json:"version"` // the version of the parser
	Error   string              `json:"error"`
	Fields  map[string][]string `json:"fields"` // the text fields
	Files   []foundFile         `json:"files"`
}

type foundFile struct {
	Field  string `json:"field"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func (f foundFile) String() string {
	return fmt.Sprintf("%+q in field %q, %q, %d bytes, SHA-256 %s", f.Name, f.Field, f.Type, f.Size, f.SHA256)
}

// foreign is a server with another parser.
type foreign struct {
	name string
	// bareTypes: the application gets the media type of a file without parameters such as charset.
	bareTypes bool
	start     func(t *testing.T) *server
}

var foreigners = []foreign{
	{name: "PHP", bareTypes: true, start: startPHP},
	{name: "Node", bareTypes: true, start: startNode},
	{name: "Python", start: startPython},
	{name: "Go", start: startGo},
}

// server is a running server.
type server struct {
	url     string
	reports <-chan report
}

// next returns what the server found in the request that it has just responded to.
func (s *server) next(t *testing.T) report {
	t.Helper()
	select {
	case r, ok := <-s.reports:
		if !ok {
			t.Fatal("the server has ended")
		}
		return r
	case <-time.After(time.Minute):
		t.Fatal("the server reported nothing")
	}
	return report{}
}

// nothingMore fails if the server has received more requests than were checked.
func (s *server) nothingMore(t *testing.T) {
	t.Helper()
	select {
	case r, ok := <-s.reports:
		if ok {
			t.Errorf("the server received an unexpected request: %+v", r)
		}
	default:
	}
}

// log keeps the last lines of several goroutines.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(line string) {
	const enough = 40
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines[max(0, len(l.lines)+1-enough):], line)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// missing skips the test because a runtime is missing, or fails it if TGO_REQUIRE_RUNTIMES is set, as in CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("TGO_REQUIRE_RUNTIMES") != "" {
		t.Fatalf("%s is missing, and TGO_REQUIRE_RUNTIMES is set: run contract_test/uploads/setup.sh first", what)
	}
	t.Skipf("%s is missing: contract_test/uploads/setup.sh installs it", what)
}

func find(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		missing(t, tool)
	}
	return path
}

func startPHP(t *testing.T) *server {
	return startProcess(t, "php", find(t, "php"), "-n", // without the machine's php.ini
		"-d", "upload_max_filesize=16M", "-d", "post_max_size=32M", "-d", "display_errors=stderr",
		"-S", "127.0.0.1:0", "server.php")
}

func startNode(t *testing.T) *server {
	node := find(t, "node")
	if _, err := os.Stat(filepath.Join("node", "node_modules", "busboy")); err != nil {
		missing(t, "busboy")
	}
	return startProcess(t, "node", node, "server.js")
}

func startPython(t *testing.T) *server {
	// The path of the symbolic link, not of its target: Python finds its environment by this path.
	python, err := filepath.Abs(filepath.Join("python", ".venv", "bin", "python"))
	if err == nil {
		_, err = os.Stat(python)
	}
	if err != nil {
		missing(t, "Starlette")
	}
	return startProcess(t, "python", python, "server.py")
}

// portLine matches the first line of a server: our own line, or that of `php -S`.
var portLine = regexp.MustCompile(`^\{"port": ?(\d+)\}$|Development Server \(http://127\.0\.0\.1:(\d+)\) started$`)

// supervisor is a shell script that runs a server until its standard input ends, which is when the test ends in any way, at the latest. The
// script closes its own output, so the output ends with the server.
const supervisor = `"$@" & exec >/dev/null 2>&1; cat; kill $!; wait`

// startProcess runs a server in a folder, and waits until it has printed its port.
func startProcess(t *testing.T, folder string, command ...string) *server {
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	cmd := exec.CommandContext(t.Context(), "sh", append([]string{"-c", supervisor, "sh"}, command...)...)
	cmd.Dir = folder
	// The caller's environment must not change how a runtime parses, or how many processes it starts.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}
	cmd.Cancel = func() error { return nil } // the end of the input stops it
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	port := make(chan string, 2)
	reports := make(chan report, 64)
	printed := &log{}
	var readers sync.WaitGroup
	read := func(r io.Reader) {
		defer readers.Done()
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 4<<20)
		for lines.Scan() {
			line := lines.Text()
			var found report
			if m := portLine.FindStringSubmatch(line); m != nil {
				port <- m[1] + m[2]
			} else if err := json.Unmarshal([]byte(line), &found); err == nil {
				reports <- found
			} else {
				printed.add(line)
			}
		}
		if err := lines.Err(); err != nil {
			printed.add(err.Error())
		}
	}
	readers.Add(2)
	go read(stdout)
	go read(stderr)
	go func() {
		readers.Wait()
		close(reports)
	}()
	t.Cleanup(func() {
		_ = input.Close()
		for range reports { // until both outputs have ended
		}
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("the last that the server printed:\n%s", printed)
		}
	})

	select {
	case p := <-port:
		return &server{url: "http://127.0.0.1:" + p, reports: reports}
	case <-reports:
		t.Fatal("the server ended before it printed its port")
	case <-time.After(time.Minute):
		t.Fatal("the server did not print its port in time")
	}
	return nil
}

// startGo starts the upload endpoint as a Go application implements it.
func startGo(t *testing.T) *server {
	reports := make(chan report, 64)
	hs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != endpoint {
			http.NotFound(w, r)
			return
		}
		found, err := parseForm(w, r)
		if err != nil {
			found.Error = err.Error()
		}
		reports <- found
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(hs.Close)
	return &server{url: hs.URL, reports: reports}
}

func parseForm(w http.ResponseWriter, r *http.Request) (report, error) {
	found := report{Version: runtime.Version()}
	r.Body = http.MaxBytesReader(w, r.Body, 16<<20)
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return found, err
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	found.Fields = r.MultipartForm.Value
	for field, files := range r.MultipartForm.File {
		for _, file := range files {
			content, err := file.Open()
			if err != nil {
				return found, err
			}
			hash := sha256.New()
			size, err := io.Copy(hash, content)
			_ = content.Close()
			if err != nil {
				return found, err
			}
			if size != file.Size {
				return found, fmt.Errorf("read %d bytes of a file of %d", size, file.Size)
			}
			found.Files = append(found.Files, foundFile{
				Field:  field,
				Name:   file.Filename,
				Type:   file.Header.Get("Content-Type"),
				Size:   size,
				SHA256: hex.EncodeToString(hash.Sum(nil)),
			})
		}
	}
	return found, nil
}

// bare returns a content type without its parameters.
func bare(contentType string) string {
	mediaType, _, _ := strings.Cut(contentType, ";")
	return mediaType
}
