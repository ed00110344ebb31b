package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// announced is the first line that tgo fake writes, as a program in another language reads it.
type announced struct {
	URL            string `json:"url"`
	APIKey         string `json:"api_key"`
	SenderPhone    string `json:"sender_phone"`
	SenderNumberID int64  `json:"sender_number_id"`
	RecipientPhone string `json:"recipient_phone"`
}

// readAnnouncement reads the line and checks that it holds what it should and nothing else.
func readAnnouncement(t testing.TB, out *bufio.Reader) announced {
	t.Helper()
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatalf("stdout ended after %q: %v", line, err)
	}
	var keys map[string]any
	if err := json.Unmarshal([]byte(line), &keys); err != nil {
		t.Fatalf("the first line is no JSON object: %v: %s", err, line)
	}
	if got, want := slices.Sorted(maps.Keys(keys)), []string{"api_key", "recipient_phone", "sender_number_id", "sender_phone", "url"}; !slices.Equal(got, want) {
		t.Errorf("its keys are %v, want %v", got, want)
	}
	var a announced
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// running is a tgo fake in this process.
type running struct {
	announced
	stop func() (code int, moreOut, err string)
}

func startFake(t testing.TB, args ...string) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, w := io.Pipe()
	var errs buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"fake"}, args...), streams{out: w, err: &errs, getenv: func(string) string { return "" }})
		_ = w.Close()
	}()
	out := bufio.NewReader(r)
	a := readAnnouncement(t, out)
	more := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(out) // it ends when run does
		more <- string(b)
	}()
	return running{a, func() (int, string, string) {
		cancel()
		select {
		case text := <-more:
			return <-code, text, errs.String()
		case <-soon(t).Done():
			t.Fatal("it does not stop")
			return 0, "", ""
		}
	}}
}

// use sends a message with what was announced.
func (a announced) use(t testing.TB) {
	t.Helper()
	client, err := tgo.New("", tgo.NewKey(a.APIKey), tgo.WithBaseURL(a.URL))
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []*tgo.Sender{client.FromPhone(tgo.Phone(a.SenderPhone)), client.FromNumber(tgo.NumberID(a.SenderNumberID))} {
		receipt, err := from.SendText(soon(t), tgo.Phone(a.RecipientPhone), "hello")
		if err != nil {
			t.Error(err)
		} else if receipt.SenderNumberID != a.SenderNumberID {
			t.Errorf("sent from number %d, want %d", receipt.SenderNumberID, a.SenderNumberID)
		}
	}
}

func (a announced) get(t testing.TB, client *http.Client, path, host string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(soon(t), http.MethodGet, a.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	req.Header.Set("X-Api-Key", a.APIKey)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestFake(t *testing.T) {
	t.Parallel()
	fake := startFake(t)
	u, err := url.Parse(fake.URL)
	if err != nil || u.Scheme != "http" || u.Path != "/api/v1" || u.Port() == "0" {
		t.Errorf("its URL is %s", fake.URL)
	}
	if ip := net.ParseIP(u.Hostname()); !ip.IsLoopback() {
		t.Errorf("by default it is at %s", u.Host)
	}
	for _, address := range otherAddresses(t) {
		if isOpen(t, net.JoinHostPort(address, u.Port())) {
			t.Errorf("by default it listens on %s too", address)
		}
	}
	fake.use(t)
	for path, says := range map[string]string{"/": "<title>tgo fake", "/docs": "API reference", "/_fake/requests": `"outcome":"accepted"`} {
		root := announced{URL: strings.TrimSuffix(fake.URL, "/api/v1")}
		if status, body := root.get(t, http.DefaultClient, path, ""); status != http.StatusOK || !strings.Contains(body, says) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, body := fake.get(t, http.DefaultClient, "/usage", "acme.tgo-eg.com"); status != http.StatusNotFound {
		t.Errorf("it serves any host: %d %s", status, body)
	}
	code, more, errs := fake.stop()
	if code != 0 || more != "" {
		t.Errorf("exit code %d, and more on stdout: %q", code, more)
	}
	if !strings.Contains(errs, fake.URL) || strings.Contains(errs, fake.APIKey) {
		t.Errorf("stderr is %q", errs)
	}
	if isOpen(t, u.Host) {
		t.Error("it still listens")
	}
}

// Warnings on stderr name the flag that adds a host, and what works here but may not work at the API.
func TestFakeWarns(t *testing.T) {
	t.Parallel()
	fake := startFake(t)
	for range 2 {
		if status, body := fake.get(t, http.DefaultClient, "/usage", "shop.test:8080"); status != http.StatusNotFound {
			t.Errorf("%d %s", status, body)
		}
		if status, body := fake.get(t, http.DefaultClient, "/contacts/lookup?phone=+201010000000&sender_number_id=1", ""); status != http.StatusOK {
			t.Errorf("%d %s", status, body)
		}
	}
	_, _, errs := fake.stop()
	for _, want := range []string{"tgo fake: warning: ", `"shop.test"`, "tgo fake --tenant shop.test", "phone contains a bare plus, which is a space in a query: write %2B"} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is missing in %q", want, errs)
		}
	}
	if n := strings.Count(errs, "warning: "); n != 2 {
		t.Errorf("%d warnings in %q", n, errs)
	}
	flag := startFake(t, "--tenant", "shop.test")
	if status, body := flag.get(t, http.DefaultClient, "/usage", "shop.test:8080"); status != http.StatusOK {
		t.Errorf("with the flag: %d %s", status, body)
	}
}

// otherAddresses are those of this machine other than 127.0.0.1, which a server on all interfaces has as well.
func otherAddresses(t testing.TB) []string {
	t.Helper()
	list := []string{"127.0.0.2"} // where the system has all of 127.0.0.0/8, as Linux does
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			list = append(list, n.IP.String())
		}
	}
	return list
}

func isOpen(t testing.TB, address string) bool {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func TestFakesHaveTheirOwnKeys(t *testing.T) {
	t.Parallel()
	first, second := startFake(t), startFake(t)
	if first.APIKey == second.APIKey || first.URL == second.URL {
		t.Error("two fakes are the same")
	}
}

func TestFakeAddress(t *testing.T) {
	t.Parallel()
	for name, addr := range map[string]string{
		"a name":              "localhost:0",
		"all interfaces":      "0.0.0.0:0",
		"all, in short":       ":0",
		"all, of version six": "[::]:0",
	} {
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(addr, "[") && !hasIPv6(t) {
				t.Skip("this machine has no IPv6")
			}
			fake := startFake(t, "--addr", addr)
			// Whatever the address, any HTTP client can use the line, and so can the one of this module.
			if status, body := fake.get(t, http.DefaultClient, "/me", ""); status != http.StatusOK {
				t.Errorf("at %s: %d %s", fake.URL, status, body)
			}
			fake.use(t)
		})
	}
}

func hasIPv6(t testing.TB) bool {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}

func TestFakeTenants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args  []string
		host  string
		known bool
	}{
		{nil, "localhost", true},
		{nil, "localhost:8080", true},
		{nil, "[::1]:8080", true},
		{nil, "acme.tgo-eg.com", false},
		{[]string{"--tenant", "acme.tgo-eg.com"}, "acme.tgo-eg.com", true},
		{[]string{"--tenant", "acme.tgo-eg.com"}, "localhost", true}, // in addition, as the help says
		{[]string{"--tenant", "acme.tgo-eg.com"}, "other.tgo-eg.com", false},
		{[]string{"--tenant", "a.example", "--tenant", "b.example"}, "a.example", true},
		{[]string{"--tenant", "a.example", "--tenant", "b.example"}, "b.example", true},
		{[]string{"--tenant", "a.example,b.example"}, "b.example", true},
		{[]string{"--tenant", "*"}, "other.example", true},
	} {
		fake := startFake(t, c.args...)
		status, body := fake.get(t, http.DefaultClient, "/usage", c.host)
		if (status == http.StatusOK) != c.known || (!c.known && body != `{"message":"Tenant could not be identified for this domain."}`+"\n") {
			t.Errorf("%v, host %s: %d %s", c.args, c.host, status, body)
		}
	}
}

func TestFakeUnknownFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want bool
	}{{nil, false}, {[]string{"--unknown-fields"}, true}} {
		fake := startFake(t, c.args...)
		if status, body := fake.get(t, http.DefaultClient, "/me", ""); status != http.StatusOK || strings.Contains(body, "x_unknown") != c.want {
			t.Errorf("%v: %d %s", c.args, status, body)
		}
		fake.use(t)
	}
}

func TestFakeShowsWhatItReceived(t *testing.T) {
	t.Parallel()
	fake := startFake(t)
	fake.use(t)
	fake.URL = strings.TrimSuffix(fake.URL, "/api/v1")
	status, body := fake.get(t, http.DefaultClient, "/_fake/messages", "")
	if status != http.StatusOK || strings.Count(body, `"content":"hello"`) != 2 || strings.Contains(body, fake.APIKey) {
		t.Errorf("%d %s", status, body)
	}
}

func writeSeed(t testing.TB, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// seedOfTheHelp is the one that tgo fake --help shows.
const seedOfTheHelp = `{
    "keys": [{"key": "tgo_local-development", "name": "dev", "scopes": ["*"]}],
    "sender_numbers": [{"phone": "+201001187188"}, {"phone": "+201001187189", "status": "suspended"}],
    "contacts": [{"phone": "+201010000000"}, {"phone": "+201066666666", "state": "unreachable"}],
    "strangers": "unknown"
  }`

func TestFakeSeed(t *testing.T) {
	t.Parallel()
	if help := (fakeCommand{}).Help(); !strings.Contains(help, seedOfTheHelp) {
		t.Errorf("the help shows another seed:\n%s", help)
	}
	fake := startFake(t, "--seed", writeSeed(t, seedOfTheHelp))
	if want := (announced{fake.URL, "tgo_local-development", "+201001187188", 1, "+201010000000"}); fake.announced != want {
		t.Errorf("announced is %+v", fake.announced)
	}
	fake.use(t)
	client, err := tgo.New("", tgo.NewKey(fake.APIKey), tgo.WithBaseURL(fake.URL))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.FromPhone("+201001187189").SendText(soon(t), "+201010000000", "hello"); !errors.Is(err, tgo.ErrSenderInactive) {
		t.Errorf("from the suspended number: %v", err)
	}
	for phone, reason := range map[tgo.Phone]string{"+201066666666": "unreachable", "+201077777777": "not_found"} {
		if contact, err := client.FromNumber(1).Lookup(soon(t), phone); err != nil || contact.ReasonCode != reason {
			t.Errorf("%s: %+v, %v", phone, contact, err)
		}
	}
}

func TestFakeVariants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args         []string
		data, noPlan bool
	}{
		{nil, false, false},
		{[]string{"--variant", "subscription-data"}, true, false},
		{[]string{"--variant=subscription-data", "--variant", "subscription-null"}, true, true},
		{[]string{"--variant", "subscription-null,subscription-data"}, true, true},
	} {
		fake := startFake(t, c.args...)
		status, body := fake.get(t, http.DefaultClient, "/subscription", "")
		if status != http.StatusOK || strings.HasPrefix(body, `{"data":`) != c.data || strings.Contains(body, `"plan":null`) != c.noPlan {
			t.Errorf("%v: %d %s", c.args, status, body)
		}
	}
	help := strings.Join(strings.Fields(command(t, nil, "fake", "--help").out), " ")
	var all []string
	for _, v := range tgotest.Variants() {
		all = append(all, string(v))
	}
	if !strings.Contains(help, "The variants are "+strings.Join(all, ", ")+".") {
		t.Errorf("the help has not all variants: %s", help)
	}
	if got := strings.Fields(command(t, nil, "complete", "--", "fake", "--variant").want(t, exitOK).out); !slices.Equal(got, all) {
		t.Errorf("completed with %v", got)
	}
	if r := command(t, nil, "fake", "--variant", "pages").want(t, exitUsage); r.out != "" || !strings.Contains(r.err, `--variant must be one of "account-fields",`) || !strings.Contains(r.err, `got "pages"`) {
		t.Errorf("stdout %q, stderr %q", r.out, r.err)
	}
}

func TestFakeThatCannotStart(t *testing.T) {
	t.Parallel()
	taken := startFake(t)
	u, err := url.Parse(taken.URL)
	if err != nil {
		t.Fatal(err)
	}
	badSeed := func(content, says string) (args []string, what string) {
		return []string{"fake", "--seed", writeSeed(t, content)}, says
	}
	for name, prepare := range map[string]func() ([]string, string){
		"a seed that is no JSON":           func() ([]string, string) { return badSeed(`keys: []`, "seed.json") },
		"a seed with an unknown field":     func() ([]string, string) { return badSeed(`{"contact": []}`, `"contact"`) },
		"a seed with an unknown state":     func() ([]string, string) { return badSeed(`{"strangers": "asleep"}`, `"asleep"`) },
		"a seed with an unknown scope":     func() ([]string, string) { return badSeed(`{"keys": [{"scopes": ["all"]}]}`, `"all"`) },
		"a seed with a number that is not": func() ([]string, string) { return badSeed(`{"contacts": [{"phone": "0100"}]}`, `"0100"`) },
		"variants that exclude each other": func() ([]string, string) {
			return []string{"fake", "--variant", "usage-map", "--variant", "usage-names"}, `"usage-map" and "usage-names"`
		},
		"no message to keep": func() ([]string, string) { return []string{"fake", "--max-messages=0"}, "--max-messages: 0 is below 1" },
		"less than no files": func() ([]string, string) { return []string{"fake", "--keep-media=-1"}, "--keep-media: -1 is below 0" },
		"doubled within no time": func() ([]string, string) {
			return []string{"fake", "--doubled-within=0s"}, "--doubled-within: 0s must be more than 0"
		},
		"a taken port":            func() ([]string, string) { return []string{"fake", "--addr", u.Host}, u.Port() },
		"no port":                 func() ([]string, string) { return []string{"fake", "--addr", "127.0.0.1"}, "--addr" },
		"a port that is too high": func() ([]string, string) { return []string{"fake", "--addr", "127.0.0.1:99999"}, "99999" },
		"an address that is none": func() ([]string, string) { return []string{"fake", "--addr", "256.1.1.1:0"}, "256.1.1.1" },
	} {
		t.Run(name, func(t *testing.T) {
			args, says := prepare()
			r := command(t, nil, args...)
			if r.code != exitUsage || r.out != "" {
				t.Errorf("exit code %d, stdout %q", r.code, r.out)
			}
			// One line, for a person.
			if !strings.HasPrefix(r.err, "tgo: ") || !strings.Contains(r.err, says) || strings.Count(r.err, "\n") != 1 {
				t.Errorf("%s is missing in: %s", says, r.err)
			}
		})
	}
	taken.use(t)
}

// If the reader of the first line is gone, the fake server ends.
func TestFakeWithoutAnyoneToTell(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	gone := errors.New("gone")
	_ = r.CloseWithError(gone)
	var errs buffer
	code := run(soon(t), []string{"fake"}, streams{out: w, err: &errs, getenv: func(string) string { return "" }})
	if code != 1 || !strings.Contains(errs.String(), gone.Error()) {
		t.Errorf("exit code %d, stderr %q", code, errs.String())
	}
}
