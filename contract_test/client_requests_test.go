package contract_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
)

func TestEveryRequestOfTheClientConforms(t *testing.T) {
	t.Parallel()
	for _, c := range calls(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := suite.NewCaptureServer(t)
			client, err := tgo.New("", tgo.NewKey("tgo_the-key"), append(c.options, tgo.WithBaseURL(server.URL))...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.do(t.Context(), client); err != nil {
				t.Errorf("the client cannot read the example of the document: %v", err)
			}
			requests, problems := server.Received()
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
func (c call) checkHead(t *testing.T, r suite.Captured) {
	t.Helper()
	userAgent := "tgo-go/" + tgo.Version
	if c.userAgent != "" {
		userAgent = c.userAgent
	}
	for name, want := range map[string]string{"X-Api-Key": "tgo_the-key", "Accept": jsonType, "User-Agent": userAgent} {
		if got := r.Request.Header.Values(name); !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	lines := strings.Split(r.Head, "\r\n")
	if strings.Contains(lines[0], "+") {
		t.Errorf("there is a literal plus, which is a space in a query: %s", lines[0])
	}
	lengths := 0
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		switch name = strings.ToLower(name); {
		case strings.Contains(name, "idempotency"):
			t.Errorf("%s makes net/http send a message again automatically", line)
		case name == "transfer-encoding":
			t.Errorf("%s: the length must be sent in advance", line)
		case name == "authorization" || name == "cookie":
			t.Errorf("%s is not part of the API", name)
		case name == "content-length":
			lengths++
			if strings.TrimSpace(value) != strconv.Itoa(len(r.Body)) {
				t.Errorf("%s, but the body is %d bytes", line, len(r.Body))
			}
		}
	}
	if hasBody := len(r.Body) > 0; (lengths == 1) != hasBody {
		t.Errorf("%d Content-Length headers for a body of %d bytes", lengths, len(r.Body))
	}
}

// checkContract validates the request and returns its decoded body.
func checkContract(t *testing.T, r suite.Captured, op string) any {
	t.Helper()
	decoded, err := contract.ValidateRequest(r.Request, r.Body)
	if err != nil {
		t.Errorf("the request breaks the contract: %.2000v", err)
	}
	route, _, err := contract.FindRoute(r.Request.Method, r.Request.URL.Path)
	if err != nil || route.Operation.OperationID != op {
		t.Errorf("%s %s is not %s", r.Request.Method, r.Request.URL.Path, op)
		return decoded
	}
	if names := contract.OperationByID(t, op).ExactlyOneOf(); len(names) > 0 {
		given := slices.DeleteFunc(names, func(name string) bool { return !r.Request.URL.Query().Has(name) })
		if len(given) != 1 {
			t.Errorf("of %v exactly one must be given", contract.OperationByID(t, op).ExactlyOneOf())
		}
	}
	return decoded
}

// checkContent checks that the request has the values of the call. A valid request may have others.
func (c call) checkContent(t *testing.T, r suite.Captured, decoded any) {
	t.Helper()
	if r.Request.URL.RawQuery != c.query {
		t.Errorf("the query is %q, want %q", r.Request.URL.RawQuery, c.query)
	}
	if c.body == nil {
		if len(r.Body) > 0 {
			t.Errorf("there is a body, want none: %.200q", r.Body)
		}
		return
	}
	// Bytes that are not UTF-8 are compared before they are encoded as JSON.
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

// checkFile parses the form with the standard library, another parser than that of the validator.
func (c call) checkFile(t *testing.T, r suite.Captured, content any) {
	t.Helper()
	mediaType, params, err := mime.ParseMediaType(r.Request.Header.Get("Content-Type"))
	if err != nil || mediaType != multipartType {
		t.Errorf("Content-Type is %q", r.Request.Header.Get("Content-Type"))
		return
	}
	reader := multipart.NewReader(bytes.NewReader(r.Body), params["boundary"])
	files := 0
	for {
		p, err := reader.NextPart()
		if err == io.EOF { // not errors.Is, because the error of a form that is cut short wraps io.EOF
			break
		}
		if err != nil {
			t.Errorf("the form cannot be read: %v", err)
			return
		}
		b, _ := io.ReadAll(p)
		if p.FormName() != "media" {
			if ct, ok := p.Header["Content-Type"]; ok {
				t.Errorf("the field %s has a Content-Type, %q, which some decoders cannot handle", p.FormName(), ct)
			}
			continue
		}
		files++
		if p.FileName() != c.fileName || p.Header.Get("Content-Type") != c.fileType {
			t.Errorf("the file is %q of type %q, want %q of type %q", p.FileName(), p.Header.Get("Content-Type"), c.fileName, c.fileType)
		}
		if string(b) != content {
			t.Error("the file has another content")
		}
	}
	if files != 1 {
		t.Errorf("the form has %d files", files)
	}
	if !bytes.HasSuffix(r.Body, []byte("\r\n--"+params["boundary"]+"--\r\n")) {
		t.Error("the form does not end with its boundary")
	}
}
