package tgo_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// What the README shows is compiled, run and compared here, so that it stays true. Nothing in this file reaches a network
// or leaves a file behind.

const (
	repository = ".." // tests run in their package's directory
	modulePath = "github.com/tgo-business/tgo-go"
	tenant     = "acme.tgo-eg.com" // of all examples
)

// block is a fenced block of a Markdown file.
type block struct {
	language string
	text     string
	line     int // of its first line of text
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// readme returns the README's fenced blocks, and its lines with those blocks blank.
func readme(t *testing.T) (blocks []block, prose []string) {
	t.Helper()
	const fence = "```"
	var open *block
	for i, line := range strings.Split(readFile(t, "README.md"), "\n") {
		language, isFence := strings.CutPrefix(line, fence)
		switch {
		case isFence && open == nil:
			open = &block{language: language, line: i + 2}
		case isFence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		default:
			prose = append(prose, line)
			continue
		}
		prose = append(prose, "")
	}
	if open != nil {
		t.Fatalf("README.md:%d: the block has no end", open.line)
	}
	return blocks, prose
}

// section is the text under a heading.
func section(t *testing.T, prose []string, heading string) string {
	t.Helper()
	i := slices.Index(prose, heading)
	if i < 0 {
		t.Fatalf("README.md has no %q", heading)
	}
	rest := prose[i+1:]
	if end := slices.IndexFunc(rest, func(l string) bool { return strings.HasPrefix(l, "#") }); end >= 0 {
		rest = rest[:end]
	}
	return strings.Join(rest, "\n")
}

// goCommand runs the go command, without a tenant. Every module it needs is one that this repository needs.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "TGO_BASE_URL=", "TGO_API_KEY=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ---- Go

// packages that fragments may use without an import.
var packages = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "io": "io", "fs": "io/fs", "os": "os",
	"slog": "log/slog", "time": "time",
	"tgo": modulePath + "/tgo", "tgotest": modulePath + "/tgo/tgotest", "gen": modulePath + "/gen",
	"outbox": modulePath + "/tgo/outbox", "pgx": "github.com/jackc/pgx/v5", "pgxpool": "github.com/jackc/pgx/v5/pgxpool",
	"riverpgxv5": "github.com/riverqueue/river/riverdriver/riverpgxv5",
}

// parameters are what fragments may use without saying where it is from.
const parameters = `
	ctx context.Context, client *tgo.Client, support *tgo.Sender, receipt tgo.Receipt, created tgo.CreatedAPIKey,
	key tgo.Key, to tgo.Phone, text string, url string, limiter tgo.Limiter, assets fs.FS, content []byte,
	r io.Reader, size int64, open func() (io.ReadCloser, error), store func(context.Context, string) error,
`

// fragment makes a Go file of statements.
func fragment(t *testing.T, statements string, line int) string {
	t.Helper()
	file := func(imports, uses string) string {
		return fmt.Sprintf("package fragment\n\n%s\nfunc fragment(%s) error {\n{\n//line README.md:%d\n%s%s}\nreturn nil\n}\n",
			imports, parameters, line, statements, uses)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), "README.md", file("", ""), 0)
	if err != nil {
		t.Fatalf("README.md:%d: neither a file nor statements: %v", line, err)
	}
	imports, uses := map[string]bool{}, map[string]bool{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && packages[x.Name] != "" {
				imports[fmt.Sprintf("import %q\n", packages[x.Name])] = true
			}
		}
		return true
	})
	body := parsed.Decls[0].(*ast.FuncDecl).Body.List[0].(*ast.BlockStmt)
	for _, statement := range body.List { // what a fragment declares it need not use
		if a, ok := statement.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, left := range a.Lhs {
				if name := left.(*ast.Ident).Name; name != "_" {
					uses["_ = "+name+"\n"] = true
				}
			}
		}
	}
	return file(strings.Join(slices.Collect(maps.Keys(imports)), ""), strings.Join(slices.Collect(maps.Keys(uses)), ""))
}

// inlineCode is what stands between backticks, with the number of its line.
func inlineCode(prose []string) map[string]int {
	code := map[string]int{}
	for i, line := range prose {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
			code[m[1]] = i + 1
		}
	}
	return code
}

// TestReadmeGo vets each block of Go as it stands in a module of its own, as a reader's program would be; fragments get
// a function around them. Programs are run too, against a fake in the place of the tenant, and tests are run.
func TestReadmeGo(t *testing.T) {
	t.Parallel()
	blocks, prose := readme(t)
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	goMod := readFile(t, "go.mod")
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(goMod)
	if goVersion == nil || !strings.HasPrefix(goMod, "module "+modulePath+"\n") {
		t.Fatal("go.mod names another module, or no release of Go")
	}
	if want := "Go " + goVersion[1] + " or newer"; !strings.Contains(strings.Join(prose, "\n"), want) {
		t.Errorf("README.md does not say %q, as go.mod does", want)
	}
	// The same versions as here, so that nothing has to be looked up.
	write(t, filepath.Join(dir, "go.mod"), fmt.Sprintf("%s\nrequire %s v0.0.0\n\nreplace %s => %q\n",
		strings.Replace(goMod, modulePath, "example.com/readme", 1), modulePath, modulePath, root))
	write(t, filepath.Join(dir, "go.sum"), readFile(t, "go.sum"))

	var programs, tests []string
	for _, b := range blocks {
		if b.language != "go" {
			continue
		}
		formatted, err := format.Source([]byte(b.text))
		if err != nil {
			t.Errorf("README.md:%d: %v", b.line, err)
			continue
		}
		if string(formatted) != b.text {
			t.Errorf("README.md:%d: gofmt would write\n%s", b.line, formatted)
		}
		name := fmt.Sprintf("line%03d", b.line)
		numbered := fmt.Sprintf("//line README.md:%d\n%s", b.line, b.text)
		switch {
		case strings.HasPrefix(b.text, "package main\n"):
			programs = append(programs, name)
			write(t, filepath.Join(dir, name, "main.go"), numbered)
		case strings.HasPrefix(b.text, "package "):
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllStringSubmatch(b.text, -1) {
				tests = append(tests, m[1])
			}
			write(t, filepath.Join(dir, name, "readme_test.go"), numbered)
		default:
			write(t, filepath.Join(dir, name, "fragment.go"), fragment(t, b.text, b.line))
		}
	}
	if len(programs) < 4 || len(tests) == 0 {
		t.Fatalf("README.md should have a program for each type of message and a test, but has %d programs and %d tests", len(programs), len(tests))
	}

	// Calls and methods that the text mentions are compiled as well.
	calls := 0
	for code, line := range inlineCode(prose) {
		e, err := parser.ParseExpr(code)
		if err != nil {
			continue
		}
		statement := code
		switch e := e.(type) {
		case *ast.CallExpr:
		case *ast.SelectorExpr:
			x, ok := e.X.(*ast.Ident)
			if !ok || !regexp.MustCompile(`(?m)\b`+x.Name+` \*?tgo\.`).MatchString(parameters) {
				continue
			}
			statement = "_ = " + code
		default:
			continue
		}
		calls++
		write(t, filepath.Join(dir, fmt.Sprintf("inline%d", calls), "fragment.go"), fragment(t, statement+"\n", line))
	}
	if calls < 10 {
		t.Errorf("only %d calls were found in README.md's text", calls)
	}

	goCommand(t, dir, "vet", "./...")
	t.Run("tests", func(t *testing.T) {
		out := goCommand(t, dir, "test", "-v", "./...")
		for _, name := range tests {
			if !strings.Contains(out, "--- PASS: "+name+" ") {
				t.Errorf("%s did not run:\n%s", name, out)
			}
		}
	})
	t.Run("programs", func(t *testing.T) {
		runPrograms(t, dir, programs)
	})
}

// runPrograms runs the programs as they are: HTTPS_PROXY leads them to the fake.
func runPrograms(t *testing.T, dir string, programs []string) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("Go takes no certificates from SSL_CERT_FILE here, so the programs would not trust the fake")
	}
	goCommand(t, dir, "build", "-o", filepath.Join(dir, "bin")+"/", "./...")
	for asset, name := range map[string]string{"picture.png": "parcel.png", "voice.ogg": "hello.ogg", "invoice.pdf": "invoice.pdf"} {
		write(t, filepath.Join(dir, name), readFileRaw(t, filepath.Join("cmd/tgo/demo", asset)))
	}
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.Tenants = []string{tenant}
		c.SenderNumbers = []tgotest.SenderNumber{{ID: 11, Phone: "+201001187188"}, {ID: 12, Phone: "+201001187189"}}
	})
	environment := append(standIn(t, fake), "TGO_API_KEY="+fake.Key.Reveal())

	types := map[string]bool{}
	for _, name := range programs {
		cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "bin", name))
		cmd.Dir = dir
		cmd.Env = environment
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("README.md, %s: %v\n%s", name, err, out)
			continue
		}
		m, err := fake.NextMessage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%s %d sent\n", m.Type, m.ID); string(out) != want {
			t.Errorf("README.md, %s: printed %q, not %q", name, out, want)
		}
		types[m.Type] = true
		if m.Type == "text" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, m.Media.Name))
		if err != nil {
			t.Errorf("README.md, %s: %v", name, err)
		}
		if sum := sha256.Sum256(content); m.Media.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("README.md, %s: %s did not arrive as it is", name, m.Media.Name)
		}
	}
	fake.ExpectNoMessage(t)
	if len(types) != 4 {
		t.Errorf("README.md's programs sent %v, not each of the four types", slices.Sorted(maps.Keys(types)))
	}
}

func readFileRaw(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// standIn puts a fake in the place of the tenant, and returns the environment in which programs find it there: the host
// is reached through a proxy, and its certificate is trusted.
func standIn(t *testing.T, fake *tgotest.Server) []string {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: tenant}, DNSNames: []string{tenant},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}, &x509.Certificate{Subject: pkix.Name{CommonName: tenant}}, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	trusted := filepath.Join(t.TempDir(), "trusted.pem")
	write(t, trusted, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})))

	behind, err := url.Parse(fake.URL)
	if err != nil {
		t.Fatal(err)
	}
	behind.Path = ""
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	secure := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.Out.Host = r.In.Host
		},
	})
	secure.TLS = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: private}},
		MinVersion:   tls.VersionTLS12,
	}
	secure.StartTLS()
	t.Cleanup(secure.Close)

	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != tenant+":443" {
			http.Error(w, "only "+tenant+" is here", http.StatusForbidden)
			return
		}
		to, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", secure.Listener.Addr().String())
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			_ = to.Close()
			return
		}
		_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		for _, way := range [][2]net.Conn{{to, from}, {from, to}} {
			go func() { // until either end is closed
				_, _ = io.Copy(way[0], way[1])
				_ = way[0].Close()
			}()
		}
	}))
	t.Cleanup(proxy.Close)
	return []string{"HTTPS_PROXY=" + proxy.URL, "SSL_CERT_FILE=" + trusted, "SSL_CERT_DIR=" + t.TempDir()}
}

// TestReadmeNames looks up the names that the README's text mentions, and finds every error and option in it.
func TestReadmeNames(t *testing.T) {
	t.Parallel()
	_, prose := readme(t)
	names, own, options := map[string]bool{}, map[string]bool{}, []string{}
	for _, dir := range []string{".", "tgotest", "outbox"} {
		p := packageDoc(t, dir)
		for _, f := range functions(p) {
			names[f.name] = true
			names[f.name[strings.LastIndexByte(f.name, '.')+1:]] = true
			if dir == "." && strings.HasPrefix(f.name, "With") {
				options = append(options, f.name)
			}
		}
		for _, v := range slices.Concat(p.Vars, p.Consts) {
			addNames(names, v.Names)
			if dir == "." {
				addNames(own, v.Names)
			}
		}
		for _, typ := range p.Types {
			names[typ.Name] = true
			for _, v := range slices.Concat(typ.Vars, typ.Consts) {
				addNames(names, v.Names)
			}
			s, ok := typ.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range s.Fields.List {
				for _, n := range f.Names {
					names[n.Name], names[typ.Name+"."+n.Name] = true, true
				}
			}
		}
	}
	mentioned := regexp.MustCompile(`^\*?(?:(?:tgo|tgotest)\.)?([A-Z]\w*[a-z]\w*(?:\.[A-Z]\w*)?)$`)
	found := 0
	for code, line := range inlineCode(prose) {
		if m := mentioned.FindStringSubmatch(code); m != nil {
			found++
			if !names[m[1]] {
				t.Errorf("README.md:%d: there is no %s", line, code)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d names were found in README.md's text", found)
	}

	whole := readFile(t, "README.md")
	if len(options) == 0 {
		t.Error("package tgo has no options")
	}
	for _, name := range options {
		if !strings.Contains(whole, "tgo."+name) {
			t.Errorf("README.md does not mention tgo.%s", name)
		}
	}
	table := section(t, prose, "## Errors")
	for name := range own {
		if strings.HasPrefix(name, "Err") && len(name) > len("Error") && !strings.Contains(table, "\n| `tgo."+name+"` |") {
			t.Errorf("README.md's table of errors has no %s", name)
		}
	}
}

func addNames(to map[string]bool, names []string) {
	for _, n := range names {
		to[n] = true
	}
}

// TestReadmeLinks looks for the files and headings that links point to.
func TestReadmeLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)\s]+)\)|(?m)^\[[^\]]+\]:\s*(\S+)`)
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"} {
		links := 0
		for _, m := range link.FindAllStringSubmatch(readFile(t, name), -1) {
			target := m[1] + m[2]
			links++
			if strings.Contains(target, "://") {
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			if file == "" {
				file = name
			}
			if path.IsAbs(file) || strings.HasPrefix(path.Clean(file), "..") {
				t.Errorf("%s: the link to %s leaves the repository", name, target)
				continue
			}
			if _, err := os.Stat(filepath.Join(repository, file)); err != nil {
				t.Errorf("%s: the link to %s: %v", name, target, err)
				continue
			}
			if anchor != "" && !headings(readFile(t, file))[anchor] {
				t.Errorf("%s: the link to %s: no such heading", name, target)
			}
		}
		if links == 0 {
			t.Errorf("%s: no links were found", name)
		}
	}
}

// headings are the anchors of a Markdown file.
func headings(text string) map[string]bool {
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		anchor := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		anchors[strings.ReplaceAll(anchor, " ", "-")] = true
	}
	return anchors
}

// TestReadmeLinkedPackages compares what package tgo links with what the README says.
func TestReadmeLinkedPackages(t *testing.T) {
	t.Parallel()
	_, prose := readme(t)
	said := []string{modulePath + "/gen", modulePath + "/tgo"}
	for code := range inlineCode(strings.Split(section(t, prose, "## What a program links"), "\n")) {
		if strings.HasPrefix(code, "github.com/") {
			said = append(said, code)
		}
	}
	slices.Sort(said)
	linked := strings.Fields(goCommand(t, ".", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "."))
	linked = slices.DeleteFunc(linked, func(pkg string) bool { return strings.Contains(pkg, "/internal/") }) // parts of others
	slices.Sort(linked)
	if !slices.Equal(said, linked) {
		t.Errorf("package tgo links\n%v\nand README.md says\n%v", linked, said)
	}
}

// assumptions are the places in the contract that assume something, and the words by which the README tells of it.
var assumptions = map[string]string{
	"/messages get":                      "`links` and `meta`",
	"/messages get parameters 0":         "read by `page`",
	"/contacts/lookup get":               "a sender must be named",
	"/usage get":                         "everything in an entry",
	"Phone":                              "at least 7 digits",
	"TextMessage content":                "more than white space",
	"TextMessage":                        "null counts as absent",
	"RegisterSenderNumberRequest":        "null counts as absent",
	"CreateApiKeyRequest":                "null counts as absent",
	"SentMessage status":                 "`status` is `sent`",
	"MessageLogEntry status":             "`status` is `sent`",
	"MessageLogEntry content":            "its `content` and its `sent_at` may be null",
	"MessageLogEntry sent_at":            "its `content` and its `sent_at` may be null",
	"MessageLogEntry id":                 "the `id` that sending answered with",
	"MessageLogPage data":                "comes in `data` and is read by `page`, newest first",
	"PageLinks":                          "`links`",
	"PageMeta":                           "`meta`",
	"/contacts/lookup get responses 200": "is a 200",
	"CreateApiKeyRequest scopes":         "scopes not be none or given twice",
	"Contact reason_code":                "`reason_code`s but `ok`",
	"UsageReport data":                   "everything in an entry",
	"SenderNumberUsage":                  "`sender_number_id`, `sender_phone`, `messages_sent`",
	"CreateApiKeyRequest name":           "a name of a key may not be blank",
	"CurrentApiKey":                      "the `api_key` in `/me`",
	"User":                               "`user`",
	"Subscription status":                "the status `active`",
	"UnknownTenantOrKey":                 "is a 404",
	"InvalidPage":                        "a page that is no number is refused",
	"MessageRefused":                     "422",
	"TooManyRequests":                    "429",
	"ServerError":                        "5XX",
}

// TestReadmeAssumptions holds the README's list of assumptions against the contract.
func TestReadmeAssumptions(t *testing.T) {
	t.Parallel()
	_, prose := readme(t)
	list := strings.ToLower(strings.Join(strings.Fields(section(t, prose, "## What is assumed")), " "))
	contract, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	b, err := contract.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths      map[string]any            `json:"paths"`
		Components map[string]map[string]any `json:"components"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, components := range doc.Components {
		for name, component := range components {
			findAssumed(found, component, name)
		}
	}
	for name, operations := range doc.Paths {
		findAssumed(found, operations, name)
	}
	for place := range found {
		words, listed := assumptions[place]
		switch {
		case !listed:
			t.Errorf("the contract assumes something at %s: tell of it in README.md, and add the words to assumptions", place)
		case !strings.Contains(list, strings.ToLower(words)):
			t.Errorf("README.md's list of assumptions lacks %q, for %s of the contract", words, place)
		}
	}
	for place := range assumptions {
		if !found[place] {
			t.Errorf("the contract assumes nothing at %s any more: take it out of README.md and of assumptions", place)
		}
	}
}

// findAssumed notes the places at which a part of the contract says that it assumes something.
func findAssumed(found map[string]bool, node any, place string) {
	switch n := node.(type) {
	case map[string]any:
		description, _ := n["description"].(string)
		whole := n["x-source"] == "assumed" || n["x-source"] == "framework"
		if whole || strings.Contains(description, "assumed") {
			found[place] = true
		}
		if whole {
			return // and with it everything inside
		}
		for key, child := range n {
			if key == "properties" {
				findAssumed(found, child, place)
			} else {
				findAssumed(found, child, place+" "+key)
			}
		}
	case []any:
		for i, child := range n {
			findAssumed(found, child, fmt.Sprintf("%s %d", place, i))
		}
	}
}

// ---- shell

// notRun are the commands that cannot be run here.
var notRun = map[string]string{
	"go test ./...": "it is what runs this test",
	"go install ":   "it needs the network",
	"go test ./contract_test -run '^TestContract$' -count=1 -v -replay=": "it needs a recording of a tenant",
	"go get " + modulePath:                              "it needs the network",
	"npx openapi-typescript ":                           "it needs the network",
	"npx @openapitools/openapi-generator-cli generate ": "it needs the network",
}

// TestReadmeCommands runs the README's commands and compares what they print with what the README shows.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	blocks, _ := readme(t)
	program := filepath.Join(t.TempDir(), "tgo.exe")
	goCommand(t, repository, "build", "-o", program, "./tgo/cmd/tgo")
	const goRun = "go run ./tgo/cmd/tgo "
	var fake struct {
		URL    string `json:"url"`
		APIKey string `json:"api_key"`
	}
	ran := map[string]int{}
	seed := blocks[slices.IndexFunc(blocks, func(b block) bool { return strings.Contains(b.text, `"sender_numbers"`) })].text
	shell := newShell(t, program, seed)
	for i, b := range blocks {
		if b.language == "csv" {
			shell.file(t, "recipients.csv", b.text)
		}
		if strings.HasPrefix(b.text, "tgo ") && b.language == "sh" { // all of the block, as in a terminal
			t.Run(strings.Join(strings.Fields(b.text)[:2], " "), func(t *testing.T) {
				compare(t, blocks[i+1], shell.run(t, b.text))
			})
			for line := range strings.Lines(b.text) {
				ran[strings.Join(strings.Fields(line)[:2], " ")]++
			}
			continue
		}
		if b.language != "sh" {
			continue
		}
		shown := block{}
		if i+1 < len(blocks) && (blocks[i+1].language == "text" || blocks[i+1].language == "json") {
			shown = blocks[i+1]
		}
		for written := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", " ")) {
			command := strings.Join(strings.Fields(written), " ")
			word, _, _ := strings.Cut(strings.TrimPrefix(command, goRun), " ")
			ran[word]++
			whole := t
			t.Run(word, func(t *testing.T) {
				for prefix, reason := range notRun {
					if strings.HasPrefix(command, prefix) {
						t.Skipf("%s: %s", command, reason)
					}
				}
				switch {
				case command == goRun+"demo":
					compare(t, shown, goCommand(t, repository, strings.Fields(command)[1:]...))
				case command == goRun+"fake --help":
					if out := goCommand(t, repository, strings.Fields(command)[1:]...); !strings.Contains(out, "--addr") || !strings.Contains(out, "sender_numbers") {
						t.Errorf("the help does not tell of ports and seeds:\n%s", out)
					}
				case command == goRun+"fake":
					line := startProgram(whole, program, "fake")
					compare(t, shown, line)
					if err := json.Unmarshal([]byte(line), &fake); err != nil {
						t.Error(err)
					}
				case strings.HasPrefix(command, "curl "):
					for _, tool := range []string{"sh", "curl"} {
						if _, err := exec.LookPath(tool); err != nil {
							t.Skipf("there is no %s here", tool)
						}
					}
					if fake.URL == "" {
						t.Fatal("no fake was started before")
					}
					cmd := exec.CommandContext(t.Context(), "sh", "-c", written)
					cmd.Dir = repository
					cmd.Env = append(os.Environ(), "TGO_BASE_URL="+fake.URL, "TGO_API_KEY="+fake.APIKey)
					out, err := cmd.Output()
					if err != nil {
						t.Fatal(err)
					}
					compare(t, shown, string(out))
				default:
					t.Errorf("README.md:%d: this test does not know how to run %q", b.line, command)
				}
			})
		}
	}
	for _, command := range []string{"send", "lookup", "log", "usage", "senders", "keys", "me", "doctor", "outbox"} {
		if ran["tgo "+command] == 0 {
			t.Errorf("README.md does not show tgo %s", command)
		}
	}
	if ran["demo"] != 1 || ran["fake"] != 2 || ran["curl"] < 2 {
		t.Errorf("some commands are missing in README.md: %v", ran)
	}
}

// shell is where the README's sessions of the command are run: a directory with the files that they name, and a fake.
type shell struct {
	dir string
	env []string
}

func newShell(t *testing.T, program, seed string) *shell {
	t.Helper()
	parsed, err := tgotest.ReadSeed(strings.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Seed = parsed })
	s := &shell{t.TempDir(), append(os.Environ(), "TGO_BASE_URL="+fake.URL, "TGO_API_KEY="+fake.Key.Reveal(), "TGO_FROM="+string(fake.SenderPhone),
		"TGO_PROGRAM="+program, "XDG_CONFIG_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir(), "TGO_OUTBOX_DATABASE=", "TGO_TENANT=", "TGO_PROFILE=", "TGO_CONFIG=", "TGO_API_KEY_FILE=")}
	for asset, name := range map[string]string{"picture.png": "parcel.png", "voice.ogg": "hello.ogg", "invoice.pdf": "invoice.pdf"} {
		s.file(t, name, readFileRaw(t, filepath.Join("cmd/tgo/demo", asset)))
	}
	return s
}

func (s *shell) file(t *testing.T, name, content string) {
	t.Helper()
	write(t, filepath.Join(s.dir, name), content)
}

// run returns what a terminal would show. What a command's exit code says is a part of its answer and not looked at.
func (s *shell) run(t *testing.T, commands string) string {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh here")
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `tgo() { "$TGO_PROGRAM" "$@"; }; `+commands)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

// startProgram starts a program and returns its first line. When the test ends the program is interrupted, and must end
// well.
func startProgram(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.WaitDelay = 10 * time.Second
	if runtime.GOOS != "windows" {
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the context has ended before
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 0 && runtime.GOOS != "windows" {
			t.Errorf("%s ended with code %d after an interrupt: %s", filepath.Base(name), code, complaints.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// volatile is what differs from run to run.
var volatile = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`tgo_[A-Z0-9]{26}`), "tgo_KEY"},
	{regexp.MustCompile(`tgo_[A-Z0-9]{4}\.\.\.`), "tgo_PREFIX"},
	{regexp.MustCompile(`boundary=[0-9a-f.]+`), "boundary=BOUNDARY"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "TIME"},
}

// compare holds what a command printed against the block after it. A line of three dots stands for some lines.
func compare(t *testing.T, shown block, printed string) {
	t.Helper()
	if shown.text == "" {
		t.Error("README.md does not show what it prints")
		return
	}
	for _, v := range volatile {
		shown.text = v.pattern.ReplaceAllString(shown.text, v.instead)
		printed = v.pattern.ReplaceAllString(printed, v.instead)
	}
	const some = "(?:[^\n]*\n)+?"
	pattern := strings.ReplaceAll(regexp.QuoteMeta(shown.text), regexp.QuoteMeta("...\n"), some)
	if !regexp.MustCompile(`\A` + pattern + `\z`).MatchString(printed) {
		t.Errorf("README.md:%d shows\n%s\nbut the command prints\n%s", shown.line, shown.text, printed)
	}
}

// TestReadmeReady compares the text that the README shows for a number that cannot send.
func TestReadmeReady(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{ID: 13, Phone: "+201001187189", VerificationStatus: "pending_account_verification"}}
	})
	number, err := fake.Sender.Check(t.Context())
	if !errors.Is(err, tgo.ErrSenderUnverified) {
		t.Fatalf("number %d: %v", number.ID, err)
	}
	blocks, _ := readme(t)
	if !slices.ContainsFunc(blocks, func(b block) bool { return b.language == "text" && b.text == err.Error()+"\n" }) {
		t.Errorf("README.md does not show %q", err)
	}
}

// ---- examples

// withoutExample are the methods that nobody calls by name.
var withoutExample = map[string]string{
	"Error":       "fmt and log call it; the examples of what returns the error show its text",
	"Unwrap":      "errors.Is and errors.As call it",
	"Is":          "errors.Is calls it",
	"String":      "fmt calls it",
	"Format":      "fmt calls it; ExampleKey shows what it does",
	"LogValue":    "log/slog calls it",
	"MarshalText": "encoding/json calls it; ExampleKey shows what it does",
}

// TestEveryFunctionHasAnExample looks for an example, with its output, of each exported function and method.
func TestEveryFunctionHasAnExample(t *testing.T) {
	t.Parallel()
	all := functions(packageDoc(t, "."))
	if len(all) < 30 {
		t.Fatalf("only %d functions were found", len(all))
	}
	excused := map[string]bool{}
	for _, f := range all {
		method := f.name[strings.LastIndexByte(f.name, '.')+1:]
		if withoutExample[method] != "" && strings.Contains(f.name, ".") {
			excused[method] = true
			continue
		}
		if !slices.ContainsFunc(f.examples, func(e *doc.Example) bool { return e.Output != "" }) {
			t.Errorf("tgo.%s has no example that shows its output", f.name)
		}
	}
	for method := range withoutExample {
		if !excused[method] {
			t.Errorf("there is no method %s any more that needs no example", method)
		}
	}
}

// packageDoc reads the documentation of a package, with the examples in example_test.go.
func packageDoc(t *testing.T, dir string) *doc.Package {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	files, set := []*ast.File{}, token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") && filepath.Base(name) != "example_test.go" {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(set, files, path.Join(modulePath, "tgo", dir))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// function is an exported function, or a method by the name Type.Method.
type function struct {
	name     string
	examples []*doc.Example
}

func functions(p *doc.Package) []function {
	var all []function
	for _, f := range p.Funcs {
		all = append(all, function{f.Name, f.Examples})
	}
	for _, typ := range p.Types {
		for _, f := range typ.Funcs {
			all = append(all, function{f.Name, f.Examples})
		}
		for _, m := range typ.Methods {
			all = append(all, function{typ.Name + "." + m.Name, m.Examples})
		}
	}
	return all
}
