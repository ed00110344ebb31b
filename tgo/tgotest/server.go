package tgotest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/tgo-business/tgo-go/tgo"
)

// Server is a running fake.
type Server struct {
	// URL is the base URL, /api/v1 included.
	URL string
	// Key is the first key of the seed: by default one with all scopes.
	Key tgo.Key
	// Client is a client with Key.
	Client *tgo.Client
	// Sender sends from the first sender number of the seed.
	Sender *tgo.Sender
	// SenderPhone and SenderNumberID name that sender number.
	SenderPhone    tgo.Phone
	SenderNumberID tgo.NumberID
	// RecipientPhone is the first contact of the seed: by default one who can be reached.
	RecipientPhone tgo.Phone

	cfg     Config
	state   *state
	watcher *watcher // nil without Config.Inbox
	faults  faults
	http    *http.Server
	warned  struct {
		sync.Mutex
		of map[string]bool
	}

	closed   chan struct{} // by Close
	close    sync.Once
	served   chan struct{} // closed when serving has ended, with serveErr
	serveErr error
}

// TB is the part of testing.TB that this package uses.
type TB interface {
	// Helper is as in testing.TB.
	Helper()
	// Cleanup is as in testing.TB.
	Cleanup(func())
	// Fatalf is as in testing.TB.
	Fatalf(format string, args ...any)
}

// New starts a fake for a test and stops it when the test ends. Each function may change the configuration before.
func New(tb TB, configure ...func(*Config)) *Server {
	tb.Helper()
	var cfg Config
	for _, f := range configure {
		f(&cfg)
	}
	s, err := Start(cfg)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// Start starts a fake outside of a test. It is to be closed.
func Start(cfg Config) (*Server, error) {
	routes, err := loadContract()
	if err != nil {
		return nil, err
	}
	if cfg, err = cfg.withDefaults(); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", cfg.Addr) //nolint:noctx // it does not wait
	if err != nil {
		return nil, fmt.Errorf("tgotest: %w", err)
	}
	if len(cfg.Tenants) == 0 {
		host, _, _ := net.SplitHostPort(cfg.Addr)
		cfg.Tenants = []string{"localhost", "127.0.0.1", "::1", host}
	}
	s := &Server{
		URL:            urlOf(listener.Addr()),
		Key:            tgo.NewKey(cfg.Keys[0].PlainText),
		RecipientPhone: cfg.Contacts[0].Phone,
		cfg:            cfg,
		state:          newState(cfg),
		closed:         make(chan struct{}),
		served:         make(chan struct{}),
	}
	s.warned.of = map[string]bool{}
	s.faults.choose = cfg.Faults
	s.faults.changed = func() { s.watcher.changed("state") }
	s.faults.operations = map[string]bool{}
	for id := range routes {
		s.faults.operations[id] = true
	}
	first := s.state.senders[0]
	s.SenderPhone, s.SenderNumberID = first.Phone, first.ID
	if cfg.Inbox {
		s.watcher = newWatcher(s, routes)
	}
	handler := s.handler(routes)
	if s.watcher != nil {
		handler = s.watcher.watch(handler)
	}
	s.http = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	if s.watcher != nil {
		s.http.RegisterOnShutdown(s.watcher.end)
	}
	if s.Client, err = tgo.New("", s.Key, tgo.WithBaseURL(s.URL)); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.Sender = s.Client.FromPhone(s.SenderPhone)
	go func() {
		s.serveErr = s.http.Serve(listener)
		close(s.served)
	}()
	return s, nil
}

// urlOf is the base URL of a listener: of one on all interfaces, the loopback one.
func urlOf(addr net.Addr) string {
	host, port, _ := net.SplitHostPort(addr.String()) // a listener's address has both
	if ip := net.ParseIP(host); ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + basePath
}

// Close stops the fake at once and cuts the connections that are open.
func (s *Server) Close() error {
	s.close.Do(func() { close(s.closed) })
	err := s.http.Close()
	return errors.Join(err, s.finished())
}

// Shutdown stops the fake after the requests under way, or when the context ends.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return err
	}
	return s.finished()
}

func (s *Server) finished() error {
	<-s.served
	if !errors.Is(s.serveErr, http.ErrServerClosed) {
		return s.serveErr
	}
	return nil
}

// maxDrain is how much of a refused body is read on.
const maxDrain = 64 << 20

// handler routes by the paths of the contract.
func (s *Server) handler(routes map[string]*routers.Route) http.Handler {
	operations := map[string]func(*call) *refusal{
		"sendMessage":          s.sendMessage,
		"listMessages":         s.listMessages,
		"lookupContact":        s.lookupContact,
		"getUsage":             s.getUsage,
		"listSenderNumbers":    s.listSenderNumbers,
		"registerSenderNumber": s.registerSenderNumber,
		"createApiKey":         s.createAPIKey,
		"revokeApiKey":         s.revokeAPIKey,
		"getMe":                s.getMe,
		"getSubscription":      s.getSubscription,
	}
	mux := http.NewServeMux()
	allowed := map[string][]string{}
	for id, route := range routes {
		operate := operations[id]
		serve := func(w http.ResponseWriter, r *http.Request) {
			c := &call{Request: r, w: w, route: route, unknown: s.cfg.UnknownFields, coverage: s.cfg.Coverage, cfg: &s.cfg}
			if refused := s.serve(c, operate); refused != nil {
				c.refuse(refused)
			}
		}
		mux.HandleFunc(route.Method+" "+basePath+route.Path, s.cfg.Coverage.count(route, func(w http.ResponseWriter, r *http.Request) {
			f, err := s.faults.next(id)
			switch {
			case err != nil:
				c := &call{Request: r, w: w}
				c.refuse(&refusal{status: http.StatusInternalServerError, message: err.Error()})
			case f != nil:
				f.strike(w, r, serve, s.closed)
			default:
				serve(w, r)
			}
		}))
		allowed[route.Path] = append(allowed[route.Path], route.Method)
	}
	for at, methods := range allowed {
		sort.Strings(methods)
		mux.HandleFunc(basePath+at, s.cfg.Coverage.count(nil, func(w http.ResponseWriter, r *http.Request) {
			// What can be read can be asked for by HEAD.
			w.Header().Set("Allow", strings.Replace(strings.Join(methods, ", "), http.MethodGet, "GET, HEAD", 1))
			c := &call{Request: r, w: w}
			c.refuse(&refusal{status: http.StatusMethodNotAllowed, message: "This path knows only " + strings.Join(methods, " and ") + "."})
		}))
	}
	s.admin(mux)
	if s.watcher != nil {
		s.pages(mux)
	}
	none := s.cfg.Coverage.count(nil, func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, w: w}
		c.refuse(&refusal{status: http.StatusNotFound, message: noPath(r.Method, r.URL.EscapedPath(), allowed)})
	})
	mux.HandleFunc("/", none)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux would redirect, and who follows would never know that the base URL is wrong.
		if clean := path.Clean(r.URL.Path); strings.HasPrefix(clean, "/api/") && clean != strings.TrimSuffix(r.URL.Path, "/") {
			none(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// call is one request to an operation of the contract.
type call struct {
	*http.Request
	w      http.ResponseWriter
	route  *routers.Route
	key    keyState
	form   *form
	body   []byte
	values map[string]any        // the JSON of the body, if it is an object
	query  problems              // of the query, that the contract has no words for
	blank  []*openapi3.Parameter // of the query, without a value

	unknown  bool // answers carry a field that the contract does not know
	coverage *Coverage
	cfg      *Config // nil where there is no operation
}

// covered notes what a request that succeeded had in it.
func (c *call) covered() {
	var query url.Values
	if c.URL.RawQuery != "" {
		query = c.URL.Query()
	}
	if c.form != nil {
		c.coverage.accepted(c.route, query, c.form.fields, c.form.media != nil, nil)
		return
	}
	c.coverage.accepted(c.route, query, nil, false, c.values)
}

// refusal is an answer other than success.
type refusal struct {
	status  int
	message string
	errors  problems
}

const statusInvalid = http.StatusUnprocessableEntity

// What the API says, as its documentation has it.
const (
	messageUnauthenticated  = "Unauthenticated."
	messageMissingScope     = "This API key does not have the required scope."
	messageUnknownTenant    = "Tenant could not be identified for this domain."
	messageInvalid          = "The given data was invalid."
	messageSenderInactive   = "The sender number is not active."
	messageSenderUnverified = "يجب أن يكون صاحب الرقم موثقًا داخل TGO Connect قبل استخدام API الإرسال."
)

func invalid(errors problems) *refusal {
	return &refusal{status: statusInvalid, message: messageInvalid, errors: errors}
}

// notFound refuses a path that names no key.
func notFound() *refusal {
	return &refusal{status: http.StatusNotFound, message: "API key not found."}
}

// serve checks what every operation checks, in the API's order: tenant, key, scope, fields.
func (s *Server) serve(c *call, operate func(*call) *refusal) *refusal {
	if !s.knowsTenant(c.Host) {
		s.warnOfHost(c.Host)
		return &refusal{status: http.StatusNotFound, message: messageUnknownTenant}
	}
	key, ok := s.state.useKey(c.Header.Get("X-Api-Key"))
	if !ok {
		return &refusal{status: http.StatusUnauthorized, message: messageUnauthenticated}
	}
	c.key = key
	for _, scope := range s.cfg.scopesOf(c.route) {
		if !slices.Contains(key.Scopes, tgo.Scope(scope)) && !slices.Contains(key.Scopes, tgo.ScopeAll) {
			return &refusal{status: http.StatusForbidden, message: messageMissingScope}
		}
	}
	if refused := s.readBody(c); refused != nil {
		return refused
	}
	if refused := c.readQuery(); refused != nil {
		return refused
	}
	s.readBarePlus(c)
	if s.cfg.has(VariantLenientPage) && c.route.Operation.OperationID == "listMessages" && c.check() != nil {
		c.URL.RawQuery = "" // page is all that it may have
	}
	s.readValues(c)
	if !goodBody(c.route, c.Header.Get("Content-Type"), c.values) {
		if refused := c.check(); refused != nil {
			return refused
		}
	}
	return operate(c)
}

// readQuery reads the query as far as the contract has no words for it. A parameter that is blank is refused, as the contract
// has it, but does not count as given, since to Laravel it is not there. One that is given twice is refused, as in a form: PHP takes the last, other servers the first, and
// the answer would be about another person than the one who was meant.
func (c *call) readQuery() *refusal {
	parameter := func(name string) *openapi3.Parameter {
		return c.route.Operation.Parameters.GetByInAndName("query", name)
	}
	if c.URL.RawQuery == "" || !slices.ContainsFunc(c.route.Operation.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" }) {
		return nil
	}
	c.query = problems{}
	given := map[string]bool{}
	var pairs []string
	for pair := range strings.SplitSeq(c.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		p := parameter(name)
		switch {
		case strings.Contains(pair, ";"): // Go drops the pair, and PHP takes the semicolon for a part of the value
			return invalid(problems{queryField: {"The query is not well formed: & separates parameters, and a semicolon is written as %3B."}})
		case nameErr != nil || valueErr != nil:
			return invalid(problems{queryField: {"The query is not well formed: a % has no two hexadecimal digits after it."}})
		case p == nil:
			pairs = append(pairs, pair)
			continue
		case given[name]:
			c.query.add(name, saysGivenTwice(name))
		case isBlank(value):
			c.blank = append(c.blank, p)
		case p.Schema.Value.Type.Is("integer") && !isInteger(value):
			c.query.add(name, saysType(name, p.Schema.Value))
		}
		given[name] = true
		if !isBlank(value) {
			pairs = append(pairs, pair)
		}
	}
	c.URL.RawQuery = strings.Join(pairs, "&")
	return nil
}

// queryField is the field under which problems of the query as a whole are told.
const queryField = "query"

// readBarePlus reads a plus that begins a phone in the query as a plus. In a query it is a space, but the API's own page
// writes it so, and its lines are to work. Since no other server need read them so, a warning tells of it.
func (s *Server) readBarePlus(c *call) {
	if !strings.Contains(c.URL.RawQuery, "=+") {
		return
	}
	pairs := strings.Split(c.URL.RawQuery, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		parameter := c.route.Operation.Parameters.GetByInAndName("query", name)
		if !strings.HasPrefix(value, "+") || parameter == nil || !strings.HasPrefix(parameter.Schema.Value.Pattern, `^\+`) {
			continue
		}
		pairs[i] = name + "=%2B" + value[1:]
		message := name + " holds a bare plus; in a query that is a space: write %2B"
		s.warnOf(c, name, message)
	}
	c.URL.RawQuery = strings.Join(pairs, "&")
}

// warnOf tells of something in a request that works here and need not elsewhere.
func (s *Server) warnOf(c *call, field, message string) {
	observeWarning(c.Request, field, message)
	s.warn(c.route.Method + " " + basePath + c.route.Path + ": " + message)
}

// maxWarnings is after how many different warnings no more are told.
const maxWarnings = 100

// warn tells Config.Warn of something, once.
func (s *Server) warn(message string) {
	s.warned.Lock()
	known := s.warned.of[message] || len(s.warned.of) == maxWarnings
	if !known {
		s.warned.of[message] = true
	}
	s.warned.Unlock()
	if !known && s.cfg.Warn != nil {
		s.cfg.Warn(message)
	}
}

// warnOfHost tells that a request names a host that the fake does not answer to, and how to change that.
func (s *Server) warnOfHost(host string) {
	name := hostName(host)
	flag := name
	if name == "" || len(name) > maxEcho || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789.:-_") != "" {
		flag = "HOST" // nothing to paste into a shell
	}
	s.warn(fmt.Sprintf("no tenant has the host %q, so a request to it was answered 404: tgo fake --tenant %s, or Config.Tenants, adds it", echo(name), flag))
}

// check holds the request against all of the contract.
func (c *call) check() *refusal {
	params := c.pathParams()
	values := c.values
	if mediaType, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type")); mediaType != "application/json" {
		values = nil // for the validator to refuse
	}
	found := checkRequest(c.Request, c.route, params, c.form, values)
	found.addAll(c.query)
	for _, p := range c.blank {
		switch name, schema := p.Name, p.Schema.Value; {
		case found[name] != nil: // it was missed already
		case schema.Type.Is("integer"):
			found.add(name, saysType(name, schema))
		default:
			found.add(name, saysFormat(name))
		}
	}
	for name := range params {
		if found[name] != nil { // the router of the API knows no such path
			return notFound()
		}
	}
	if len(found) > 0 {
		return invalid(found)
	}
	return nil
}

// hostName is a host without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(host, "[]")
}

func (s *Server) knowsTenant(host string) bool {
	host = hostName(host)
	return slices.ContainsFunc(s.cfg.Tenants, func(name string) bool { return name == "*" || strings.EqualFold(name, host) })
}

// readBody reads the body of an operation that has one: a form as it streams in, everything else whole.
func (s *Server) readBody(c *call) *refusal {
	spec := c.route.Operation.RequestBody
	if spec == nil {
		return nil
	}
	mediaType, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if mediaType == "multipart/form-data" && spec.Value.Content[mediaType] != nil {
		c.form = readForm(c.Request, s.cfg.KeepMedia)
		c.form.dropBlank(spec.Value.Content[mediaType].Schema.Value)
		observeForm(c.Request, c.form)
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(c.Body, maxText+1))
	switch {
	case err != nil:
		return invalid(problems{bodyField: {"The body is cut short."}})
	case len(body) > maxText:
		return invalid(problems{bodyField: {fmt.Sprintf("The body is larger than %d bytes.", maxText)}})
	case !utf8.Valid(body):
		return invalid(problems{bodyField: {"The body is not UTF-8."}})
	case mediaType == "application/json" && halfPair(body):
		return invalid(problems{bodyField: {`The body is not well formed: one \u of a surrogate pair is there without the other.`}})
	}
	c.setBody(body)
	return nil
}

func (c *call) setBody(body []byte) {
	c.body = body
	c.Body = io.NopCloser(bytes.NewReader(body))
}

// readValues decodes a JSON object, without the fields that are not there to Laravel. What is none is for check to refuse.
func (s *Server) readValues(c *call) {
	spec := c.route.Operation.RequestBody
	if spec == nil || c.form != nil || spec.Value.Content["application/json"] == nil || json.Unmarshal(c.body, &c.values) != nil {
		return
	}
	refuseNulls := s.cfg.has(VariantNullRefused)
	left, nulls := withoutBlanks(c.body, c.values, spec.Value.Content, refuseNulls)
	if len(left) != len(c.body) {
		c.setBody(left)
	}
	for _, name := range nulls {
		if !refuseNulls {
			s.warnOf(c, name, name+" is null; that it then counts as absent is assumed: leave it away")
		}
	}
}

func (c *call) pathParams() map[string]string {
	params := map[string]string{}
	for _, p := range c.route.Operation.Parameters {
		if p.Value.In == "path" {
			params[p.Value.Name] = c.PathValue(p.Value.Name)
		}
	}
	return params
}

func (c *call) refuse(r *refusal) {
	// Clients read the answer only after the whole body went out; an unread rest would cut them off.
	_, _ = io.CopyN(io.Discard, c.Body, maxDrain)
	answer := struct {
		Message string   `json:"message"`
		Errors  problems `json:"errors,omitempty"`
	}{r.message, r.errors}
	c.answer(r.status, answer)
}

// answer writes an answer, after holding it against the contract.
func (c *call) answer(status int, v any) {
	var b bytes.Buffer
	varied := false
	if c.cfg != nil {
		status, v, varied = c.cfg.vary(c, status, v)
	}
	c.w.Header().Set("Content-Type", "application/json")
	if v != nil {
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(v)
		if err == nil && c.unknown {
			var decoded any
			err = json.Unmarshal(b.Bytes(), &decoded)
			b.Reset()
			err = errors.Join(err, e.Encode(withUnknown(decoded)))
		}
		if err != nil {
			panic(err) // the types of the answers are our own
		}
	} else {
		c.w.Header().Del("Content-Type")
	}
	if c.route != nil && !varied {
		if err := checkResponse(c.Request, c.route, status, c.w.Header(), b.Bytes()); err != nil {
			status = http.StatusInternalServerError
			b.Reset()
			fmt.Fprintf(&b, `{"message": %q}`, "tgotest answered against the contract, please report this: "+err.Error())
		}
	}
	if c.route != nil && status/100 == 2 {
		c.covered()
	}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(b.Bytes())
}

// withUnknown is a JSON value with a field that no client can know in each of its objects; but not in errors, which is a
// list of fields itself.
func withUnknown(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if name != "errors" {
				v[name] = withUnknown(inner)
			}
		}
		v["x_unknown"] = map[string]any{"since": "tomorrow"}
	case []any:
		for i := range v {
			v[i] = withUnknown(v[i])
		}
	}
	return v
}
