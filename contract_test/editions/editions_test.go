// Package editions_test lets another validator than the project's own judge the editions of the contract.
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

// judgedCase is a request, or an answer to one, and what kin-openapi says of it.
type judgedCase struct {
	Method, Target string
	Header         http.Header // of the request or, where there is a status, of the answer
	Body           []byte
	Status         int // 0 for a request
	Accepted       bool
}

// judgedCases are all that package contract_test holds against the contract, which writes them to a file.
func judgedCases(t *testing.T) []judgedCase {
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
	var list []judgedCase
	for d := json.NewDecoder(bufio.NewReader(in)); ; {
		var c judgedCase
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

// judge says what the edition has against a case; nothing where it accepts it.
func (e edition) judge(t *testing.T, c judgedCase) []*problems.ValidationError {
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

func told(found []*problems.ValidationError) string {
	if len(found) == 0 {
		return "nothing against it"
	}
	return fmt.Sprintf("%.200s: %.300s", found[0].Message, found[0].Reason)
}

// compare holds each case against the editions. It returns how many of each kind and verdict there are, those that the first edition
// judges otherwise than another, and those that it judges otherwise than kin-openapi.
func compare(t *testing.T, editions []edition, cases []judgedCase) (n map[string]int, disagreed, unlike []string) {
	t.Helper()
	n = map[string]int{}
	for _, c := range cases {
		first := editions[0].judge(t, c)
		accepted := len(first) == 0
		kind := "request"
		if c.Status != 0 {
			kind = "answer"
		}
		n[kind+map[bool]string{true: "s accepted", false: "s refused"}[accepted]]++
		shown := fmt.Sprintf("%s %s, %s %d, %v, %.300q:\n\t%s says %s", c.Method, c.Target, kind, c.Status, c.Header, c.Body, editions[0].name, told(first))
		if accepted != c.Accepted && !unreadable(c) {
			unlike = append(unlike, shown)
		}
		for _, e := range editions[1:] {
			if found := e.judge(t, c); (len(found) == 0) != accepted {
				disagreed = append(disagreed, shown+fmt.Sprintf("\n\t%s says %s", e.name, told(found)))
			}
		}
	}
	return n, disagreed, unlike
}

// unreadable tells answers that this validator takes for answers without a body, and pages, which kin-openapi cannot read.
func unreadable(c judgedCase) bool {
	return c.Status != 0 && (len(c.Body) == 0 || string(c.Body) == "null" || c.Header.Get("Content-Type") == "text/html")
}

// TestEditionsAgree asks the three editions about everything that package contract_test holds against the contract.
func TestEditionsAgree(t *testing.T) {
	cases := judgedCases(t)
	editions := []edition{
		loadEdition(t, "openapi.yaml", openapi.Document),
		loadEdition(t, "gen/openapi.json", openapi.DocumentJSON),
		loadEdition(t, "gen/openapi-3.1.json", openapi.Document31JSON),
	}
	n, disagreed, unlike := compare(t, editions, cases)
	for _, d := range disagreed {
		t.Error(d)
	}
	for _, kind := range []string{"requests accepted", "requests refused", "answers accepted", "answers refused"} {
		if n[kind] < 200 {
			t.Errorf("only %d %s", n[kind], kind)
		}
	}
	// Of numbers: 45.0 and 1e2 in a form, the first integer beyond 64 bits twice. Of JSON that goes on after its end, two. Of forms: a part
	// that comes twice, another such, one whose end is cut off, and a part with a charset.
	if len(unlike) != 10 {
		t.Errorf("this validator judges %d cases otherwise than kin-openapi, and 10 are known:\n%s", len(unlike), strings.Join(unlike, "\n"))
	}
	t.Logf("%d cases: %v, %d of them otherwise than kin-openapi does", len(cases), n, len(unlike))

	t.Run("a difference is found", func(t *testing.T) {
		looser := bytes.Replace(openapi.Document31JSON, []byte(`"maximum": 300`), []byte(`"maximum": 900`), 1)
		if _, disagreed, _ := compare(t, []edition{editions[0], loadEdition(t, "looser", looser)}, cases); len(disagreed) == 0 {
			t.Error("a voice note may be longer in one edition, and nobody notices")
		}
	})
}
