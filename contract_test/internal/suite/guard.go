package suite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// Guard stands between the suite and a live tenant. It is the transport itself, so nothing above it, neither the client
// under test nor a mistake in a case, can send anything that it does not allow.
//
// It allows one server, the documented paths, the documented parameters and fields, and four headers, and refuses
// everything else before anything is dialed. Writes are refused unless the rules allow them one by one.
type Guard struct {
	base  *url.URL // of the API, with /api/v1 or another base path
	rules guardRules
	next  http.RoundTripper

	mu       sync.Mutex // held during a request: there is one at a time
	requests int
	messages int
	last     time.Time
	stopped  string
	made     []string // ids of the keys that were made here and not revoked yet
	lost     int      // keys that may have been made here, but whose ids are not known
}

// guardRules is what the user allows.
type guardRules struct {
	requests  int           // in all
	pause     time.Duration // between the end of a request and the next
	lookups   []string      // the phones that may be looked up
	messages  int           // how many requests that may send a message
	recipient string        // the only phone they may go to
	keys      bool          // keys may be made that expire in a day, and these may be revoked
}

// errGuard is wrapped by every error about a request that the guard does not allow.
var errGuard = errors.New("refused by the guard, nothing was sent")

// errStopped is wrapped by every error after the guard has ended the run.
var errStopped = errors.New("the guard has ended the run")

// newGuard returns a guard that allows requests to one base URL: https, or http on this machine.
func newGuard(baseURL string, rules guardRules) (*Guard, error) {
	base, err := url.Parse(baseURL)
	if err != nil {
		return nil, errors.New("the base URL is not a URL; it must look like https://acme.tgo-eg.com/api/v1")
	}
	ip := net.ParseIP(base.Hostname())
	local := ip != nil && ip.IsLoopback()
	switch {
	case base.Host == "" || base.Opaque != "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" || base.ForceQuery:
		return nil, errors.New("the base URL must look like https://acme.tgo-eg.com/api/v1")
	case base.Scheme != "https" && (base.Scheme != "http" || !local):
		return nil, errors.New("the base URL must be https, or http on a loopback address")
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment, // never for a loopback address
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		// net/http repeats a request automatically when a connection that it kept is gone. The guard would not count that.
		DisableKeepAlives: true,
	}
	return &Guard{base: base, rules: rules, next: transport}, nil
}

// RoundTrip implements http.RoundTripper.
func (g *Guard) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(io.LimitReader(r.Body, maxGuarded+1))
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	if g.stopped != "" {
		return nil, fmt.Errorf("%w: %s", errStopped, g.stopped)
	}
	op, err := g.check(r, body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGuard, err)
	}
	if err := g.wait(r); err != nil {
		return nil, err
	}
	g.requests++
	if op == "sendMessage" {
		g.messages++ // before it is sent: its outcome may stay unknown
	}
	// Only what was checked is sent, and only to where it was meant to go.
	out := &http.Request{Method: r.Method, URL: r.URL, Host: g.base.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.Header.Clone()}
	if len(body) > 0 {
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	resp, err := g.next.RoundTrip(out.WithContext(r.Context()))
	defer func() { g.last = time.Now() }()
	var answer []byte
	if err == nil {
		switch { // before the body is read: it may be cut short
		case resp.StatusCode == http.StatusTooManyRequests:
			g.stopped = "the server said 429"
		case resp.StatusCode/100 == 3:
			g.stopped = fmt.Sprintf("the server returned %d, and redirects are not followed", resp.StatusCode)
		}
		answer, err = io.ReadAll(io.LimitReader(resp.Body, maxGuarded))
		_ = resp.Body.Close()
	}
	switch {
	case err != nil && op == "createApiKey":
		g.lost++
		return nil, err
	case err != nil && op == "sendMessage" && g.stopped == "":
		g.stopped = "a message may have been sent, and the response was missing or cut short"
		return nil, err
	case err != nil:
		return nil, err
	case resp.StatusCode/100 == 3:
		return nil, fmt.Errorf("%w: %s", errStopped, g.stopped)
	case op == "createApiKey" && resp.StatusCode/100 == 2:
		g.remember(answer)
	case op == "revokeApiKey" && resp.StatusCode/100 == 2:
		g.made = slices.DeleteFunc(g.made, func(id string) bool { return id == path.Base(r.URL.Path) })
	}
	resp.Body, resp.Request = io.NopCloser(bytes.NewReader(answer)), r
	return resp, nil
}

// maxGuarded is the largest body in either direction.
const maxGuarded = 8 << 20

// wait waits until the pause after the last request is over.
func (g *Guard) wait(r *http.Request) error {
	if g.last.IsZero() {
		return nil
	}
	timer := time.NewTimer(time.Until(g.last.Add(g.rules.pause)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

// remember records the id of a key that was made here.
func (g *Guard) remember(answer []byte) {
	var created struct {
		Data struct {
			ID json.RawMessage `json:"id"`
		} `json:"data"`
	}
	if json.Unmarshal(answer, &created) != nil || len(created.Data.ID) == 0 {
		g.lost++
		return
	}
	g.made = append(g.made, strings.Trim(string(created.Data.ID), `"`))
}

// guardedHeaders are the headers that a request may have. Some server may read another method, host or path from others.
var guardedHeaders = []string{"Accept", "Content-Type", "User-Agent", "X-Api-Key"}

// check returns the operation of a request, or why it must not be sent. Its errors have no values in them: they may be logged.
func (g *Guard) check(r *http.Request, body []byte) (operationID string, err error) {
	if g.requests >= g.rules.requests {
		return "", fmt.Errorf("the budget of %d requests is used up", g.rules.requests)
	}
	u := r.URL
	switch {
	case u.Scheme != g.base.Scheme:
		return "", errors.New("the scheme is not that of the base URL")
	case u.Host != g.base.Host, r.Host != "" && r.Host != g.base.Host:
		return "", errors.New("the host is not that of the base URL")
	case u.Opaque != "" || u.User != nil || u.Fragment != "":
		return "", errors.New("the URL has parts that no request of the API has")
	case u.RawPath != "" || strings.ContainsAny(u.Path, "\\;%\x00") || strings.Contains(u.Path, "//") || strings.Contains(u.Path, "/."):
		return "", errors.New("the path is escaped, or has dots or empty parts")
	case r.Method == http.MethodConnect || len(r.TransferEncoding) > 0 || len(r.Trailer) > 0 || r.Close:
		return "", errors.New("the request has a transfer encoding, a trailer or another unusual form")
	case len(body) > maxGuarded:
		return "", errors.New("the body is too large to check")
	}
	for name, values := range r.Header {
		if !slices.Contains(guardedHeaders, name) || len(values) != 1 {
			return "", errors.New("a header is unknown to the API, or given twice: " + name)
		}
	}
	rest, below := strings.CutPrefix(u.Path, strings.TrimSuffix(g.base.Path, "/")+"/")
	if !below {
		return "", errors.New("the path is not below the base URL")
	}
	route, params, err := contract.FindRoute(r.Method, contract.BasePath+"/"+rest)
	if err != nil {
		return "", errors.New("the contract has no such operation")
	}
	op := contract.Operation{Operation: route.Operation, Method: r.Method, Path: route.Path}
	if err := g.checkQuery(op, u); err != nil {
		return "", err
	}
	if r.Method == http.MethodGet {
		if len(body) > 0 || r.Header.Get("Content-Type") != "" {
			return "", errors.New("a read has a body")
		}
		return op.OperationID, nil
	}
	return op.OperationID, g.checkWrite(op, params, r.Header.Get("Content-Type"), body)
}

// checkQuery checks the query of a request.
func (g *Guard) checkQuery(op contract.Operation, u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("the query cannot be parsed")
	}
	for name, values := range query {
		if op.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil || len(values) != 1 {
			return errors.New("a query parameter is unknown to the operation, or given twice")
		}
	}
	if op.OperationID == "lookupContact" && query.Has("phone") && !slices.Contains(g.rules.lookups, query.Get("phone")) {
		return errors.New("the phone to look up was not named in -live.lookup")
	}
	return nil
}

// checkWrite checks a request that changes something.
func (g *Guard) checkWrite(op contract.Operation, params map[string]string, contentType string, body []byte) error {
	switch op.OperationID {
	case "sendMessage":
		fields, err := guardedFields(op, contentType, body)
		switch {
		case g.rules.messages == 0:
			return errors.New("sending is not allowed without -live.messages")
		case g.messages >= g.rules.messages:
			return fmt.Errorf("the %d messages that are allowed are used up", g.rules.messages)
		case err != nil:
			return err
		case g.rules.recipient == "" || fields["to_phone"] != g.rules.recipient:
			return errors.New("the message is not to the recipient that was named")
		}
		return nil
	case "createApiKey":
		fields, err := guardedFields(op, contentType, body)
		switch {
		case !g.rules.keys:
			return errors.New("making keys is not allowed without -live.keys")
		case err != nil:
			return err
		case fields["expires_in_days"] != "1":
			return errors.New("the key would not expire in a day")
		}
		return nil
	case "revokeApiKey":
		if len(body) > 0 || contentType != "" || !slices.Contains(g.made, params["apiKey"]) {
			return errors.New("the key to revoke was not made here")
		}
		return nil
	}
	return errors.New("this write is never allowed")
}

// guardedFields reads a body strictly: each field once, and only the fields that the document has. It refuses everything that two
// parsers could read in two ways.
func guardedFields(op contract.Operation, contentType string, body []byte) (map[string]string, error) {
	mediaType, params, err := mime.ParseMediaType(contentType)
	content := op.RequestBody.Value.Content[mediaType]
	if err != nil || content == nil {
		return nil, errors.New("the operation does not have this Content-Type")
	}
	fields := map[string]string{}
	put := func(name, value string) error {
		if _, again := fields[name]; again || content.Schema.Value.Properties[name] == nil {
			return errors.New("a field is unknown to the operation, or given twice")
		}
		fields[name] = value
		return nil
	}
	if mediaType == contract.FormType {
		return fields, readGuardedForm(params["boundary"], body, put)
	}
	return fields, readGuardedJSON(body, put)
}

// readGuardedForm reads the fields of a form.
func readGuardedForm(boundary string, body []byte, put func(name, value string) error) error {
	if boundary == "" || bytes.Count(body, []byte("--"+boundary+"--")) != 1 || !bytes.HasPrefix(body, []byte("--"+boundary+"\r\n")) || !bytes.HasSuffix(body, []byte("\r\n--"+boundary+"--\r\n")) {
		return errors.New("the form has something before, between or after its parts")
	}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New("the form cannot be parsed")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return errors.New("the form cannot be parsed")
		}
		_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil || len(part.Header.Values("Content-Disposition")) != 1 || params["name"] == "" {
			return errors.New("a part has no name")
		}
		if err := put(params["name"], string(value)); err != nil {
			return err
		}
	}
}

// readGuardedJSON reads the fields of a JSON object.
func readGuardedJSON(body []byte, put func(name, value string) error) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("the body is not a JSON object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return errors.New("the body is not a JSON object")
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return errors.New("the body is not a JSON object")
		}
		text := string(value)
		if value[0] == '"' {
			if err := json.Unmarshal(value, &text); err != nil {
				return errors.New("the body is not a JSON object")
			}
		}
		if err := put(fmt.Sprint(name), text); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return errors.New("the body is not a JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the JSON object")
	}
	return nil
}

// Used says how much was sent, why the run ended early if it did, and how many keys are left behind.
func (g *Guard) Used() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := strconv.Itoa(g.requests) + " of " + strconv.Itoa(g.rules.requests) + " requests, " + strconv.Itoa(g.messages) + " of " + strconv.Itoa(g.rules.messages) + " messages"
	if g.stopped != "" {
		s += "; ended because " + g.stopped
	}
	if left := len(g.made) + g.lost; left > 0 {
		s += "; left behind, to expire in a day: " + strconv.Itoa(left) + " key(s)"
	}
	return s
}
