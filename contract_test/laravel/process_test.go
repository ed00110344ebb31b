package laravel_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// tenant is a running reference tenant. The exported fields are those that the script prints.
type tenant struct {
	URL              string            `json:"url"`
	HTTPSURL         string            `json:"https_url"`
	EmptyTenantURL   string            `json:"empty_tenant_url"`
	UnknownTenantURL string            `json:"unknown_tenant_url"`
	CAFile           string            `json:"ca_file"`
	APIKey           string            `json:"api_key"`
	SenderPhone      tgo.Phone         `json:"sender_phone"`
	SenderNumberID   tgo.NumberID      `json:"sender_number_id"`
	RecipientPhone   tgo.Phone         `json:"recipient_phone"`
	Keys             map[string]string `json:"keys"`
	Senders          map[string]tgo.Phone
	Contacts         map[string]tgo.Phone
	Database         string
	App              string
	Log              string
	NginxPID         string `json:"nginx_pid"`
	PHPFPMPID        string `json:"php_fpm_pid"`

	cmd    *exec.Cmd
	input  io.WriteCloser
	output *bufio.Reader
	stderr bytes.Buffer
}

// unable is the script's exit code if the machine cannot run it.
const unable = 77

// script returns the command that starts a tenant, with additional variables in the environment. The test is skipped unless
// TGO_REQUIRE_RUNTIMES is set, as in CI.
func script(t *testing.T, variables []string, args ...string) *exec.Cmd {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux with Debian's packages")
	}
	if os.Getenv("TGO_REQUIRE_RUNTIMES") == "" {
		t.Skip("starts a Laravel application behind nginx; `make laravel` runs this")
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "./tenant", args...) // the end of its input stops it
	// Settings in the caller's environment would change the results.
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "TENANT_")
	}), variables...)
	return cmd
}

// startTenant starts the reference tenant with settings such as "TENANT_RATE_LIMIT=5". It stops when the test ends, at the latest.
func startTenant(t *testing.T, settings ...string) *tenant {
	t.Helper()
	ten := &tenant{cmd: script(t, settings)}
	ten.cmd.Stderr = &ten.stderr
	var err error
	if ten.input, err = ten.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := ten.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	ten.output = bufio.NewReader(output)
	if err := ten.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ten.stop(t) })
	line, err := ten.output.ReadBytes('\n')
	if err != nil {
		err := ten.cmd.Wait()
		t.Fatalf("the tenant did not start: %v\n%s", err, ten.stderr.String())
	}
	if err := json.Unmarshal(line, ten); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return ten
}

// stop stops the tenant, and waits until all of its processes have ended.
func (ten *tenant) stop(t *testing.T) {
	t.Helper()
	if ten.cmd.ProcessState != nil {
		return
	}
	_ = ten.input.Close()
	if err := ten.cmd.Wait(); err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) && failed.ExitCode() == unable {
			return // startTenant reports it
		}
		t.Errorf("the tenant ended with an error: %v\n%s", err, ten.stderr.String())
	}
}

// command sends the script a command, such as "stop php-fpm", and waits until it is done.
func (ten *tenant) command(t *testing.T, command string) {
	t.Helper()
	if answer := ten.ask(t, command); answer != "ok" {
		t.Fatalf("%s: %s", command, answer)
	}
}

// ask sends the script a command, and returns its answer.
func (ten *tenant) ask(t *testing.T, command string) string {
	t.Helper()
	if _, err := io.WriteString(ten.input, command+"\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := ten.output.ReadString('\n')
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return strings.TrimSuffix(answer, "\n")
}

// httpClient returns a client that trusts only the tenant's certificate. Its connections are closed when the test ends.
func (ten *tenant) httpClient(t *testing.T) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(ten.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in " + ten.CAFile)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// client returns a client with this key for one of the tenant's URLs.
func (ten *tenant) client(t *testing.T, url, key string, opts ...tgo.Option) *tgo.Client {
	t.Helper()
	opts = append([]tgo.Option{tgo.WithBaseURL(url), tgo.WithHTTPClient(ten.httpClient(t))}, opts...)
	client, err := tgo.New("", tgo.NewKey(key), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// query runs a statement of SQL on the tenant's database, with the PDO of its PHP, and returns the rows as text.
func (ten *tenant) query(t *testing.T, sql string) [][]string {
	t.Helper()
	const code = `echo json_encode(array_map(fn ($row) => array_map(strval(...), $row),` +
		`(new PDO("sqlite:$argv[1]"))->query($argv[2])->fetchAll(PDO::FETCH_NUM)), JSON_THROW_ON_ERROR);`
	out := php(t, "-r", code, "--", ten.Database, sql)
	var rows [][]string
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return rows
}

// php runs PHP and returns its output. Like the script, it does not pass on the caller's environment.
func php(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "php", args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}
