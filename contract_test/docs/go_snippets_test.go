package docs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"go/ast"
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
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// goCommand runs the go command, without a tenant in its environment. It needs no modules other than those of this repository.
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

// packages are the packages that fragments may use without an import.
var packages = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "io": "io", "fs": "io/fs", "os": "os",
	"slog": "log/slog", "time": "time",
	"tgo": modulePath + "/tgo", "tgotest": modulePath + "/tgo/tgotest", "gen": modulePath + "/gen",
	"outbox": modulePath + "/tgo/outbox", "pgx": "github.com/jackc/pgx/v5", "pgxpool": "github.com/jackc/pgx/v5/pgxpool",
	"river": "github.com/riverqueue/river", "riverpgxv5": "github.com/riverqueue/river/riverdriver/riverpgxv5",
}

// parameters are the variables that fragments may use without a declaration.
const parameters = `
	ctx context.Context, client *tgo.Client, support *tgo.Sender, receipt tgo.Receipt, created tgo.CreatedAPIKey,
	key tgo.Key, to tgo.Phone, text string, url string, limiter tgo.Limiter, assets fs.FS, content []byte,
	r io.Reader, size int64, open func() (io.ReadCloser, error), store func(context.Context, string) error,
	fake *tgotest.Server, pool *pgxpool.Pool, box *outbox.Box[pgx.Tx], bundle *river.Workers, alive context.Context, gone chan error,
`

// fragment makes a Go file from statements. It puts them into a function with this name.
func fragment(t *testing.T, name string, b block) string {
	t.Helper()
	file := func(imports, uses string) string {
		return fmt.Sprintf("package fragments\n\n%s\nfunc %s(%s) error {\n{\n//line %s:%d\n%s%s}\nreturn nil\n}\n",
			imports, name, parameters, b.page, b.line, b.text, uses)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), b.page, file("", ""), 0)
	if err != nil {
		t.Fatalf("%s:%d: this is neither a Go file nor Go statements: %v", b.page, b.line, err)
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
	for _, statement := range body.List { // a fragment need not use the variables that it declares
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

// TestGo runs go vet on each Go block, unchanged, in a separate module like that of a reader. Fragments are put into a function. It
// also runs the programs, with a fake in place of the tenant, and the tests.
func TestGo(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	goMod := readFile(t, "go.mod")
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(goMod)
	if goVersion == nil || !strings.HasPrefix(goMod, "module "+modulePath+"\n") {
		t.Fatal("go.mod has another module path, or no Go version")
	}
	if want := "Go " + goVersion[1] + " or newer"; !strings.Contains(readFile(t, readme), want) {
		t.Errorf("README.md does not say %q, which is the version in go.mod", want)
	}
	// The same versions as in this repository, so the go command downloads nothing.
	write(t, filepath.Join(dir, "go.mod"), fmt.Sprintf("%s\nrequire %s v0.0.0\n\nreplace %s => %q\n",
		strings.Replace(goMod, modulePath, "example.com/reader", 1), modulePath, modulePath, root))
	write(t, filepath.Join(dir, "go.sum"), readFile(t, "go.sum"))

	var programs, tests []string
	calls, fragments := 0, 0
	addFragment := func(b block) {
		fragments++
		name := fmt.Sprintf("fragment%d", fragments)
		write(t, filepath.Join(dir, "fragments", name+".go"), fragment(t, name, b))
	}
	for _, page := range pages {
		blocks, prose := read(t, page)
		folder := filepath.Join(dir, strings.NewReplacer("/", "-", ".", "-").Replace(page))
		for _, b := range blocks {
			if b.language != "go" {
				continue
			}
			where := fmt.Sprintf("%s:%d", b.page, b.line)
			if formatted, err := format.Source([]byte(b.text)); err != nil {
				t.Errorf("%s: %v", where, err)
				continue
			} else if string(formatted) != b.text {
				t.Errorf("%s: gofmt would write\n%s", where, formatted)
			}
			name := filepath.Join(folder, fmt.Sprintf("line%03d", b.line))
			numbered := fmt.Sprintf("//line %s\n%s", where, b.text)
			switch {
			case b.source != "": // see TestSources
			case strings.HasPrefix(b.text, "package main\n"):
				programs = append(programs, b.text)
				write(t, filepath.Join(name, "main.go"), numbered)
			case strings.HasPrefix(b.text, "package "):
				for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllStringSubmatch(b.text, -1) {
					tests = append(tests, m[1])
				}
				write(t, filepath.Join(name, "page_test.go"), numbered)
			default:
				addFragment(b)
				if page == readme && len(programs) > 0 && strings.Contains(b.text, ".Send") && strings.Contains(b.text, `"+20`) {
					programs = append(programs, sending(t, programs[0], b.text))
				}
			}
		}
		// Calls and methods in the text are compiled too.
		for code, line := range inlineCode(prose) {
			e, err := parser.ParseExpr(code)
			if err != nil {
				continue
			}
			statement := code
			switch e := e.(type) {
			case *ast.CallExpr:
				if _, ok := e.Fun.(*ast.SelectorExpr); !ok {
					continue
				}
			case *ast.SelectorExpr:
				x, ok := e.X.(*ast.Ident)
				if !ok || !regexp.MustCompile(`\b`+x.Name+` \*?\w+\.`).MatchString(parameters) {
					continue
				}
				statement = "_ = " + code
			default:
				continue
			}
			calls++
			addFragment(block{page: page, line: line, text: statement + "\n"})
		}
	}
	if len(programs) < 4 || len(tests) < 4 {
		t.Fatalf("the pages should have at least 4 programs (one for each type of message) and 4 tests, but they have %d and %d", len(programs), len(tests))
	}
	if calls < 10 {
		t.Errorf("only %d calls were found in the text of the pages", calls)
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

// sending returns the README's program with other lines in place of its send.
func sending(t *testing.T, program, lines string) string {
	t.Helper()
	changed := regexp.MustCompile(`(?m)^.*support\.SendText\(.*\n`).ReplaceAllLiteralString(program, "_, ctx := support, context.Background()\n"+lines)
	if changed == program {
		t.Fatal("README.md has no program that sends a text")
	}
	if strings.Contains(lines, "time.") {
		changed = strings.Replace(changed, "import (", "import (\n\"time\"\n", 1)
	}
	return changed
}

// runPrograms builds the programs and runs them unchanged: HTTPS_PROXY directs them to the fake.
func runPrograms(t *testing.T, dir string, programs []string) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("Go ignores SSL_CERT_FILE on this system, so the programs would not trust the fake")
	}
	for i, program := range programs {
		write(t, filepath.Join(dir, "programs", fmt.Sprintf("program%d", i), "main.go"), program)
	}
	goCommand(t, dir, "build", "-o", filepath.Join(dir, "bin")+"/", "./programs/...")
	for file, name := range map[string]string{"picture.png": "parcel.png", "voice.ogg": "hello.ogg", "invoice.pdf": "invoice.pdf"} {
		write(t, filepath.Join(dir, name), string(asset(t, file)))
	}
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.Tenants = []string{tenant}
		c.SenderNumbers = []tgotest.SenderNumber{{ID: 11, Phone: "+201001187188"}, {ID: 12, Phone: "+201001187189"}}
	})
	environment := append(standIn(t, fake), "TGO_API_KEY="+fake.Key.Reveal())

	types := map[string]bool{}
	for i := range programs {
		name := fmt.Sprintf("program%d", i)
		cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "bin", name))
		cmd.Dir = dir
		cmd.Env = environment
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
			continue
		}
		m, err := fake.NextMessage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%s %d sent\n", m.Type, m.ID); string(out) != want {
			t.Errorf("%s: printed %q, not %q", name, out, want)
		}
		types[m.Type] = true
		if m.Type == "text" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, m.Media.Name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if sum := sha256.Sum256(content); m.Media.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %s did not arrive unchanged", name, m.Media.Name)
		}
	}
	fake.ExpectNoMessage(t)
	if len(types) != 4 {
		t.Errorf("the programs sent the types %v, but should send all four", slices.Sorted(maps.Keys(types)))
	}
}

// asset reads a file of the demo.
func asset(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, "tgo/cmd/tgo/demo", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// standIn puts a fake in place of the tenant, and returns environment variables for programs: they reach the tenant's host through
// a proxy, and trust its certificate.
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
			http.Error(w, "this proxy only connects to "+tenant, http.StatusForbidden)
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
