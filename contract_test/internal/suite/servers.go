package suite

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/tgo"
)

// CaptureServer is a server that keeps each request as it came over the wire. It responds with the document's first example.
type CaptureServer struct {
	URL string

	mu       sync.Mutex
	requests []Captured
	problems []string
}

// Captured is a request: its head as text, and as net/http reads it.
type Captured struct {
	Head    string
	Request *http.Request
	Body    []byte
}

// NewCaptureServer starts a CaptureServer.
func NewCaptureServer(t *testing.T) *CaptureServer {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &CaptureServer{URL: "http://" + listener.Addr().String()}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { r.serve(t, conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	return r
}

// Received returns the requests until now, and what is wrong with them.
func (r *CaptureServer) Received() (requests []Captured, problems []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests), slices.Clone(r.problems)
}

// serve reads one request from a connection and responds to it.
func (r *CaptureServer) serve(t *testing.T, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	var raw bytes.Buffer
	reader := bufio.NewReader(io.TeeReader(conn, &raw))
	req, err := http.ReadRequest(reader)
	if err != nil {
		return // a connection that was opened in advance and not used
	}
	body, err := io.ReadAll(req.Body)
	head, onWire, _ := bytes.Cut(raw.Bytes(), []byte("\r\n\r\n"))
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.problems = append(r.problems, "the body cannot be read: "+err.Error())
	}
	if !bytes.Equal(onWire, body) {
		r.problems = append(r.problems, fmt.Sprintf("the body is %d bytes, but %d came after the head", len(body), len(onWire)))
	}
	r.requests = append(r.requests, Captured{string(head), req, body})
	route, _, err := contract.FindRoute(req.Method, req.URL.Path)
	if err != nil {
		r.problems = append(r.problems, err.Error())
		return
	}
	status, examples := contract.OperationByID(t, route.Operation.OperationID).SuccessExamples(t)
	var content []byte
	if len(examples) > 0 {
		content = withoutNextLink(req, examples[0].JSON(t))
	}
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d x\r\nContent-Type: application/json\r\nConnection: close\r\n", status)
	if status != http.StatusNoContent {
		_, _ = fmt.Fprintf(conn, "Content-Length: %d\r\n", len(content))
	}
	_, _ = fmt.Fprintf(conn, "\r\n%s", content)
}

// ScriptedServer is a server that sends prepared responses.
type ScriptedServer struct {
	Status  int
	Header  http.Header
	Bodies  map[string][]byte // by operationId
	AnyBody []byte            // for operations without a body in Bodies
}

// Client starts the server and returns a client of it that does not retry.
func (s ScriptedServer) Client(t *testing.T) *tgo.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		body := s.AnyBody
		if route, _, err := contract.FindRoute(r.Method, r.URL.Path); err == nil && s.Bodies[route.Operation.OperationID] != nil {
			body = s.Bodies[route.Operation.OperationID]
		}
		w.Header().Set("Content-Type", contract.JSONType)
		for name, values := range s.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(s.Status)
		_, _ = w.Write(withoutNextLink(r, body))
	}))
	t.Cleanup(server.Close)
	client, err := tgo.New("", tgo.NewKey("tgo_the-key"), tgo.WithBaseURL(server.URL), tgo.WithReadRetries())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// withoutNextLink returns a response with the first page of a list for a request for another page: without the link to the next
// page, which would lead back.
func withoutNextLink(r *http.Request, body []byte) []byte {
	if !r.URL.Query().Has("page") {
		return body
	}
	return linkToNext.ReplaceAll(body, []byte("${1}null"))
}

var linkToNext = regexp.MustCompile(`("next":\s*)"[^"]*"`)
