// Package editions_test validates requests and responses with the editions of the contract in a second validator, libopenapi-validator.
package editions_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	problems "github.com/pb33f/libopenapi-validator/errors"
	"go.uber.org/goleak"

	openapi "github.com/tgo-business/tgo-go"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// validatedCase is a request or a response to one, and whether kin-openapi accepts it. It is contract.ValidatedCase of the other module.
type validatedCase struct {
	Method, Target string
	Header         http.Header // of the request or, if there is a status, of the response
	Body           []byte
	Status         int // 0 for a request
	Accepted       bool
}

// validatedCases returns everything that the tests of package contract_test validate. They write it to a file.
func validatedCases(t *testing.T) []validatedCase {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cases")
	suite := exec.CommandContext(t.Context(), "go", "test", "-count=1", ".", "-cases.out="+path)
	suite.Dir = ".."
	if out, err := suite.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	var list []validatedCase
	for d := json.NewDecoder(bufio.NewReader(in)); ; {
		var c validatedCase
		err := d.Decode(&c)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
}

// edition is one of the forms in which the contract is published.
type edition struct {
	name string
	validator.Validator
}

func loadEdition(t *testing.T, name string, text []byte) edition {
	t.Helper()
	doc, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions(), config.WithStandardBodyDecoders())
	if len(errs) > 0 {
		t.Fatal(name, errs)
	}
	t.Cleanup(v.Release)
	return edition{name, v}
}

// validate returns why the edition refuses a case. There is no error if it accepts the case.
func (e edition) validate(t *testing.T, c validatedCase) []*problems.ValidationError {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), c.Method, "https://acme.tgo-eg.com"+c.Target, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Status == 0 {
		req.Header = c.Header.Clone()
		if len(c.Body) > 0 {
			req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(c.Body)), int64(len(c.Body))
		}
		_, found := e.ValidateHttpRequestSync(req)
		return found
	}
	_, found := e.ValidateHttpResponse(req, &http.Response{
		StatusCode: c.Status, Header: c.Header.Clone(), Request: req,
		Body: io.NopCloser(bytes.NewReader(c.Body)), ContentLength: int64(len(c.Body)),
	})
	return found
}

// told returns the first error.
func told(found []*problems.ValidationError) string {
	if len(found) == 0 {
		return "that it is valid"
	}
	return fmt.Sprintf("%.200s: %.300s", found[0].Message, found[0].Reason)
}

// compare validates each case with the editions. It returns the number of each kind and result, the cases about which the editions
// disagree, and those about which the first one disagrees with kin-openapi.
func compare(t *testing.T, editions []edition, cases []validatedCase) (n map[string]int, disagreed, unlike []string) {
	t.Helper()
	n = map[string]int{}
	for _, c := range cases {
		first := editions[0].validate(t, c)
		accepted := len(first) == 0
		kind := "request"
		if c.Status != 0 {
			kind = "response"
		}
		n[kind+map[bool]string{true: "s accepted", false: "s refused"}[accepted]]++
		shown := fmt.Sprintf("%s %s, %s %d, %v, %.300q:\n\t%s says %s", c.Method, c.Target, kind, c.Status, c.Header, c.Body, editions[0].name, told(first))
		if accepted != c.Accepted && !unreadable(c) {
			unlike = append(unlike, shown)
		}
		for _, e := range editions[1:] {
			if found := e.validate(t, c); (len(found) == 0) != accepted {
				disagreed = append(disagreed, shown+fmt.Sprintf("\n\t%s says %s", e.name, told(found)))
			}
		}
	}
	return n, disagreed, unlike
}

// unreadable reports whether this validator takes a response for one without a body, or whether it is HTML, which kin-openapi does not
// decode.
func unreadable(c validatedCase) bool {
	return c.Status != 0 && (len(c.Body) == 0 || string(c.Body) == "null" || c.Header.Get("Content-Type") == "text/html")
}

// TestEditionsAgree validates with the three editions everything that the tests of package contract_test validate.
func TestEditionsAgree(t *testing.T) {
	cases := validatedCases(t)
	editions := []edition{
		loadEdition(t, "openapi.yaml", openapi.Document),
		loadEdition(t, "gen/openapi.json", openapi.DocumentJSON),
		loadEdition(t, "gen/openapi-3.1.json", openapi.Document31JSON),
	}
	n, disagreed, unlike := compare(t, editions, cases)
	for _, d := range disagreed {
		t.Error(d)
	}
	for _, kind := range []string{"requests accepted", "requests refused", "responses accepted", "responses refused"} {
		if n[kind] < 200 {
			t.Errorf("only %d %s", n[kind], kind)
		}
	}
	// Numbers: 45.0 and 1e2 in a form, and twice the first integer beyond 64 bits. JSON with something after its end: two. Forms: two with a
	// part given twice, one whose end is cut off, and one whose part has a charset.
	if len(unlike) != 10 {
		t.Errorf("this validator disagrees with kin-openapi about %d cases, and 10 are known:\n%s", len(unlike), strings.Join(unlike, "\n"))
	}
	t.Logf("%d cases: %v, %d of them other than with kin-openapi", len(cases), n, len(unlike))

	t.Run("a difference is found", func(t *testing.T) {
		looser := bytes.Replace(openapi.Document31JSON, []byte(`"maximum": 300`), []byte(`"maximum": 900`), 1)
		if _, disagreed, _ := compare(t, []edition{editions[0], loadEdition(t, "looser", looser)}, cases); len(disagreed) == 0 {
			t.Error("one edition allows longer voice notes, and the editions do not disagree")
		}
	})
}
