package contract_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// recorder is a server that keeps each request as it came over the wire and answers with the document's first example.
type recorder struct {
	url string

	mu       sync.Mutex
	requests []recorded
	problems []string
}

// recorded is a request: its head as text, and what net/http reads out of it.
type recorded struct {
	head    string
	request *http.Request
	body    []byte
}

func newRecorder(t *testing.T) *recorder {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{url: "http://" + listener.Addr().String()}
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

// received are the requests that came in until now, and what is wrong with them.
func (r *recorder) received() (requests []recorded, problems []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests), slices.Clone(r.problems)
}

// serve reads one request off a connection and answers it.
func (r *recorder) serve(t *testing.T, conn net.Conn) {
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
	r.requests = append(r.requests, recorded{string(head), req, body})
	route, _, err := findRoute(req.Method, req.URL.Path)
	if err != nil {
		r.problems = append(r.problems, err.Error())
		return
	}
	status, examples := operationByID(t, route.Operation.OperationID).success(t)
	var content []byte
	if len(examples) > 0 {
		content = turned(req, examples[0].json(t))
	}
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d x\r\nContent-Type: application/json\r\nConnection: close\r\n", status)
	if status != http.StatusNoContent {
		_, _ = fmt.Fprintf(conn, "Content-Length: %d\r\n", len(content))
	}
	_, _ = fmt.Fprintf(conn, "\r\n%s", content)
}

func TestEveryRequestOfTheClientConforms(t *testing.T) {
	t.Parallel()
	for _, c := range calls(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := newRecorder(t)
			client, err := tgo.New("", tgo.NewKey("tgo_the-key"), append(c.options, tgo.WithBaseURL(server.url))...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.do(t.Context(), client); err != nil {
				t.Errorf("the client cannot read the document's example: %v", err)
			}
			requests, problems := server.received()
			for _, p := range problems {
				t.Error(p)
			}
			if len(requests) == 0 || (len(requests) > 1 && c.thenOp == "") {
				t.Fatalf("the server got %d requests", len(requests))
			}
			for i, r := range requests {
				c.checkHead(t, r)
				decoded := checkContract(t, r, map[bool]string{true: c.op, false: c.thenOp}[i == 0])
				if i == 0 {
					c.checkContent(t, r, decoded)
				}
			}
		})
	}
}

// checkHead checks what every request must and must not have in its head.
func (c call) checkHead(t *testing.T, r recorded) {
	t.Helper()
	userAgent := "tgo-go/" + tgo.Version
	if c.userAgent != "" {
		userAgent = c.userAgent
	}
	for name, want := range map[string]string{"X-Api-Key": "tgo_the-key", "Accept": jsonType, "User-Agent": userAgent} {
		if got := r.request.Header.Values(name); !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	lines := strings.Split(r.head, "\r\n")
	if strings.Contains(lines[0], "+") {
		t.Errorf("a literal plus, which is a space in a query: %s", lines[0])
	}
	lengths := 0
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		switch name = strings.ToLower(name); {
		case strings.Contains(name, "idempotency"):
			t.Errorf("%s makes net/http send a message again by itself", line)
		case name == "transfer-encoding":
			t.Errorf("%s: the length must be told beforehand", line)
		case name == "authorization" || name == "cookie":
			t.Errorf("%s is not how the API is spoken to", name)
		case name == "content-length":
			lengths++
			if strings.TrimSpace(value) != strconv.Itoa(len(r.body)) {
				t.Errorf("%s, but the body is %d bytes", line, len(r.body))
			}
		}
	}
	if hasBody := len(r.body) > 0; (lengths == 1) != hasBody {
		t.Errorf("%d Content-Length headers for a body of %d bytes", lengths, len(r.body))
	}
}

// checkContract validates the request and returns its decoded body.
func checkContract(t *testing.T, r recorded, op string) any {
	t.Helper()
	decoded, err := validateRequest(r.request, r.body)
	if err != nil {
		t.Errorf("against the contract: %.2000v", err)
	}
	route, _, err := findRoute(r.request.Method, r.request.URL.Path)
	if err != nil || route.Operation.OperationID != op {
		t.Errorf("%s %s is not %s", r.request.Method, r.request.URL.Path, op)
		return decoded
	}
	if names := operationByID(t, op).exactlyOneOf(); len(names) > 0 {
		given := slices.DeleteFunc(names, func(name string) bool { return !r.request.URL.Query().Has(name) })
		if len(given) != 1 {
			t.Errorf("of %v exactly one must be given", operationByID(t, op).exactlyOneOf())
		}
	}
	return decoded
}

// checkContent checks that the request says what the call said: a request can conform and still be another.
func (c call) checkContent(t *testing.T, r recorded, decoded any) {
	t.Helper()
	if r.request.URL.RawQuery != c.query {
		t.Errorf("the query is %q, want %q", r.request.URL.RawQuery, c.query)
	}
	if c.body == nil {
		if len(r.body) > 0 {
			t.Errorf("a body where none belongs: %.200q", r.body)
		}
		return
	}
	// Bytes that are no UTF-8 are compared before JSON sees them.
	got, _ := decoded.(map[string]any)
	want := c.body
	if file, ok := want["media"]; ok {
		if got["media"] != file {
			t.Errorf("the file arrived as %.100q", got["media"])
		}
		got, want = withoutMedia(got), withoutMedia(want)
		c.checkFile(t, r, file)
	}
	if !sameJSON(t, got, want) {
		t.Errorf("the body is %s, want %s", toJSON(t, got), toJSON(t, want))
	}
}

func withoutMedia(m map[string]any) map[string]any {
	rest := map[string]any{}
	for k, v := range m {
		if k != "media" {
			rest[k] = v
		}
	}
	return rest
}

// checkFile reads the form with the standard library, as another parser than the contract's.
func (c call) checkFile(t *testing.T, r recorded, content any) {
	t.Helper()
	mediaType, params, err := mime.ParseMediaType(r.request.Header.Get("Content-Type"))
	if err != nil || mediaType != multipartType {
		t.Errorf("Content-Type is %q", r.request.Header.Get("Content-Type"))
		return
	}
	reader := multipart.NewReader(bytes.NewReader(r.body), params["boundary"])
	files := 0
	for {
		p, err := reader.NextPart()
		if err == io.EOF { // and not errors.Is: the error of a form that is cut short wraps io.EOF
			break
		}
		if err != nil {
			t.Errorf("the form cannot be read: %v", err)
			return
		}
		b, _ := io.ReadAll(p)
		if p.FormName() != "media" {
			if ct, ok := p.Header["Content-Type"]; ok {
				t.Errorf("the field %s has a Content-Type, %q, on which decoders choke", p.FormName(), ct)
			}
			continue
		}
		files++
		if p.FileName() != c.fileName || p.Header.Get("Content-Type") != c.fileType {
			t.Errorf("the file is %q of type %q, want %q of type %q", p.FileName(), p.Header.Get("Content-Type"), c.fileName, c.fileType)
		}
		if string(b) != content {
			t.Error("the file's content is another")
		}
	}
	if files != 1 {
		t.Errorf("the form has %d files", files)
	}
	if !bytes.HasSuffix(r.body, []byte("\r\n--"+params["boundary"]+"--\r\n")) {
		t.Error("the form does not end with its boundary")
	}
}

// TestEveryMethodIsCalled fails when the client gets a method that the table of calls does not know.
func TestEveryMethodIsCalled(t *testing.T) {
	t.Parallel()
	inTable := map[string]bool{}
	for _, c := range calls(t) {
		inTable[c.method] = true
	}
	exported := map[string]bool{}
	takesContext := reflect.TypeFor[context.Context]()
	for _, typ := range []reflect.Type{reflect.TypeFor[*tgo.Client](), reflect.TypeFor[*tgo.Sender]()} {
		for i := range typ.NumMethod() {
			method := typ.Method(i)
			for j := range method.Type.NumIn() {
				if method.Type.In(j) == takesContext {
					exported[typ.Elem().Name()+"."+method.Name] = true
				}
			}
		}
	}
	for name := range exported {
		if !inTable[name] {
			t.Errorf("no call of %s is in the table", name)
		}
	}
	for name := range inTable {
		if !exported[name] {
			t.Errorf("the table names %s, which is no method that takes a context", name)
		}
	}
}

// TestEveryOperationIsCalled: the client reaches all of the contract.
func TestEveryOperationIsCalled(t *testing.T) {
	t.Parallel()
	called := map[string]bool{}
	for _, c := range calls(t) {
		called[c.op] = true
	}
	for _, op := range operations() {
		if !called[op.OperationID] {
			t.Errorf("no call reaches %s", op.OperationID)
		}
	}
}

// TestEveryOptionIsUsed fails when the client gets an option or a kind of File that the table of calls does not use.
func TestEveryOptionIsUsed(t *testing.T) {
	t.Parallel()
	var used strings.Builder
	for _, name := range []string{"calls_test.go", "requests_test.go"} {
		used.Write(readFile(t, name))
	}
	files, err := filepath.Glob("../tgo/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() || f.Type.Results == nil || len(f.Type.Results.List) != 1 {
				continue
			}
			result, ok := f.Type.Results.List[0].Type.(*ast.Ident)
			if !ok || (result.Name != "Option" && result.Name != "File") {
				continue
			}
			found++
			if !strings.Contains(used.String(), "."+f.Name.Name+"(") {
				t.Errorf("no call uses %s", f.Name.Name)
			}
		}
	}
	if found < 10 {
		t.Errorf("found only %d options and kinds of File: is the search right?", found)
	}
}
