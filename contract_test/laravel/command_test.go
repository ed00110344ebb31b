package laravel_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// The exit codes of the command, as in its help.
const (
	exitUsage    = 2
	exitRejected = 5
	exitUnknown  = 6
	exitNo       = 8
)

// command runs the program tgo against a tenant over TLS and HTTP/2, with the tenant's certificate.
type command struct {
	binary, folder string
	environment    []string
}

func (ten *tenant) newCommand(t *testing.T) command {
	t.Helper()
	folder := t.TempDir()
	c := command{binary: filepath.Join(folder, "tgo"), folder: folder}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", c.binary, "../../tgo/cmd/tgo").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c.environment = environment("TGO_BASE_URL="+ten.HTTPSURL, "TGO_API_KEY="+ten.APIKey, "TGO_FROM="+string(ten.SenderPhone),
		"SSL_CERT_FILE="+ten.CAFile, "HOME="+folder, "XDG_CONFIG_HOME="+filepath.Join(folder, "config"), "TZ=UTC")
	return c
}

// with returns the command with other variables in its environment.
func (c command) with(variables ...string) command {
	c.environment = append(c.environment[:len(c.environment):len(c.environment)], variables...)
	return c
}

func (c command) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.binary, args...)
	cmd.Dir, cmd.Env = c.folder, c.environment
	return cmd
}

// run runs the command and returns its output. The test fails if the exit code is not the expected one.
func (c command) run(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := c.command(t.Context(), args...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("tgo %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out.String(), problems.String())
	}
	return out.String(), problems.String()
}

// fields returns the words of each line, separated by single spaces.
func fields(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return lines
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the output does not contain %q:\n%s", part, text)
		}
	}
}

// TestCommand runs each command against the tenant.
func TestCommand(t *testing.T) {
	ten := startTenant(t)
	c := ten.newCommand(t)
	t.Run("doctor", func(t *testing.T) { testDoctor(t, ten, c) })
	t.Run("send", func(t *testing.T) { testSendCommand(t, ten, c) })
	t.Run("csv", func(t *testing.T) { testCSV(t, ten, c) })
	t.Run("follow", func(t *testing.T) { testFollow(t, ten, c) })
	t.Run("reads", func(t *testing.T) { testReads(t, ten, c) })
	t.Run("keys", func(t *testing.T) { testKeysCommand(t, ten, c) })
}

func testDoctor(t *testing.T, ten *tenant, c command) {
	out, _ := c.run(t, 0, "doctor") // five numbers cannot send; the default sender is not among them
	contains(t, out, "ok   domain", `ok   key            it belongs to Acme, named "all"`, "ok   scopes         *",
		"ok   sender 1       "+string(ten.SenderPhone)+" can send", "ok   clock")
	for state, why := range map[string]string{"unverified": "the owner of the sender number is not verified",
		"pending": "the sender number is not active", "suspended": "the sender number is not active",
		"rejected": "the sender number is not active", "removed": "the sender number is not active"} {
		contains(t, out, string(ten.Senders[state])+" cannot send: "+why)
	}
	if got := strings.Count(out, "note "); got != 5 {
		t.Errorf("the output has %d numbers that cannot send, want 5:\n%s", got, out)
	}
	out, _ = c.with("TGO_FROM="+string(ten.Senders["suspended"])).run(t, exitNo, "doctor")
	contains(t, out, "FIX  sender", string(ten.Senders["suspended"])+" cannot send: the sender number is not active")
	out, _ = c.with("TGO_API_KEY="+ten.Keys["messages.send"]).run(t, exitNo, "doctor")
	contains(t, out, "FIX  scopes         the key has messages.send and lacks messages.read, contacts.lookup, usage.read")
	out, _ = c.with("TGO_API_KEY="+ten.Keys["expired"]).run(t, exitNo, "doctor")
	contains(t, out, "FIX  key            the key is not accepted")
	out, _ = c.with("TGO_BASE_URL="+ten.UnknownTenantURL).run(t, exitNo, "doctor")
	contains(t, out, "FIX  domain         no tenant has the domain")
	out, _ = c.with("TGO_BASE_URL="+ten.EmptyTenantURL, "TGO_API_KEY="+ten.Keys["empty"]).run(t, exitNo, "doctor")
	contains(t, out, "it belongs to Empty", "FIX  senders        the organization has no sender number")
	out, _ = c.with("SSL_CERT_FILE=").run(t, exitNo, "doctor")
	contains(t, out, "FIX  domain", "certificate signed by unknown authority")
	ten.command(t, "stop php-fpm")
	out, _ = c.run(t, exitNo, "doctor")
	ten.command(t, "start php-fpm")
	contains(t, out, "FIX  domain         read me: 502", "the server has a problem")
}

func testSendCommand(t *testing.T, ten *tenant, c command) {
	to := string(ten.RecipientPhone)
	const newest = "SELECT id, message_type, content, media_name FROM messages ORDER BY id DESC LIMIT 1"
	document := filepath.Join(c.folder, "فاتورة.pdf")
	if err := os.WriteFile(document, []byte("%PDF-1.4"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		want []string
		args []string
	}{
		{[]string{"text", "طلبك جاهز", ""}, []string{"text", "--to", to, "طلبك جاهز"}},
		{[]string{"document", "Your invoice", "فاتورة.pdf"}, []string{"document", "--to", to, document, "--caption", "Your invoice"}},
	} {
		out, _ := c.run(t, 0, append([]string{"send"}, test.args...)...)
		row := ten.query(t, newest)[0]
		if want := test.want[0] + " " + row[0] + " sent\n"; out != want || !reflect.DeepEqual(row[1:], test.want) {
			t.Errorf("the output is %q, want %q; stored %q, want %q", out, want, row[1:], test.want)
		}
	}
	before := ten.count(t)
	for _, refused := range []struct {
		says string
		args []string
	}{
		{"422 Sender number is not active", []string{"--from", string(ten.Senders["suspended"]), "--to", to}},
		{"422 The given data was invalid; sender_phone: The selected sender phone is invalid", []string{"--from", "+201001187199", "--to", to}},
		{"422 The given data was invalid; to_phone: The recipient cannot receive", []string{"--to", string(ten.Contacts["unknown"])}},
	} {
		_, problems := c.run(t, exitRejected, append([]string{"send", "text", "Hello"}, refused.args...)...)
		contains(t, problems, refused.says)
	}
	ten.artisan(t, "down")
	_, problems := c.run(t, exitUnknown, "send", "text", "--to", to, "Hello")
	ten.artisan(t, "up")
	contains(t, problems, "503 Service Unavailable (it may have arrived")
	if got := ten.count(t); got != before {
		t.Errorf("%s messages are stored after the refused ones, and %s before them", got, before)
	}
}

// testCSV sends to many recipients, with rows that are refused and a run that the server interrupts, and runs each again.
func testCSV(t *testing.T, ten *tenant, c command) {
	people := []string{string(ten.RecipientPhone)}
	for i := range 37 {
		phone := fmt.Sprintf("+2010100001%02d", i)
		ten.query(t, "INSERT INTO contacts (phone, is_reachable, verified_at) VALUES ('"+phone+"', 1, '2025-01-10 08:00:00')")
		people = append(people, phone)
	}
	people = append(people, string(ten.Contacts["unreachable"]), string(ten.Contacts["unknown"]))
	rows := "to,order\n"
	for i, phone := range people {
		rows += phone + "," + strconv.Itoa(i) + "\n"
	}
	args := func(name string, flags ...string) []string {
		file := filepath.Join(c.folder, name+".csv")
		if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
			t.Fatal(err)
		}
		return append([]string{"send", "--csv", file, "--text", name + " {order}", "--rate", "0", "--yes"}, flags...)
	}
	send := func(code int, args []string) string {
		t.Helper()
		out, problems := c.run(t, code, args...)
		return out + problems
	}
	// stored returns how many messages with a text are in the table, and to how many recipients.
	stored := func(text string) (messages, people string) {
		row := ten.query(t, "SELECT count(*), count(DISTINCT to_phone) FROM messages WHERE content LIKE '"+text+" %'")[0]
		return row[0], row[1]
	}

	for _, sent := range []string{"38 sent (0 before, 38 now)", "38 sent (38 before, 0 now)"} {
		contains(t, send(exitRejected, args("order")), "40 rows: "+sent+", 2 rejected, 0 unknown, 0 not sent",
			"row 40  "+people[38]+"  send text: 422", "row 41  "+people[39]+"  send text: 422")
		if messages, to := stored("order"); messages != "38" || to != "38" {
			t.Errorf("%s messages to %s people are stored, want 38 to 38", messages, to)
		}
	}

	contains(t, send(exitRejected, args("suspended", "--from", string(ten.Senders["suspended"]))), "0 sent", "40 not sent",
		"Stopped: send text: 422 Sender number is not active")
	if messages, _ := stored("suspended"); messages != "0" {
		t.Errorf("%s messages are stored from a suspended number", messages)
	}
	// The messages that could not be sent from that number are sent from another one.
	contains(t, send(exitRejected, args("suspended")), "38 sent (0 before, 38 now), 2 rejected")
	if messages, to := stored("suspended"); messages != "38" || to != "38" {
		t.Errorf("%s messages to %s people are stored, want 38 to 38", messages, to)
	}

	// Four messages are stored, and php-fpm is killed before it responds to them. They are set aside for review.
	ten.set(t, "TEST_SLEEP", "30")
	defer ten.set(t, "TEST_SLEEP", "0")
	cut := make(chan string, 1)
	cutArgs := args("cut", "--max-unknown", "4")
	go func() { cut <- send(exitUnknown, cutArgs) }()
	for messages := "0"; messages != "4"; messages, _ = stored("cut") {
		select {
		case out := <-cut:
			t.Fatalf("the command ended too early: %s", out)
		default:
		}
	}
	ten.set(t, "TEST_SLEEP", "0")
	ten.command(t, "stop php-fpm")
	out := <-cut
	ten.command(t, "start php-fpm")
	contains(t, out, "0 sent (0 before, 0 now), 0 rejected", "messages in a row ended as unknown")
	for range 2 {
		out = send(exitUnknown, args("cut"))
	}
	var total, sent, before, now, rejected, unknown, notSent int
	if _, err := fmt.Sscanf(out, "%d rows: %d sent (%d before, %d now), %d rejected, %d unknown, %d not sent", &total, &sent, &before, &now, &rejected, &unknown, &notSent); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if sent+rejected+unknown != 40 || unknown < 4 || notSent != 0 {
		t.Errorf("after it was continued: %s", out)
	}
	messages, to := stored("cut")
	if count, err := strconv.Atoi(messages); err != nil || messages != to || count < sent+4 || count > sent+unknown {
		t.Errorf("%s messages to %s people are stored; %d rows are sent and %d unknown", messages, to, sent, unknown)
	}
	found := ten.query(t, "SELECT to_phone, count(*) FROM messages GROUP BY to_phone, content HAVING count(*) > 1")
	if len(found) > 0 {
		t.Errorf("sent twice: %v", found)
	}
}

// testFollow reads the output of tgo log --follow while messages are sent and the server fails in between.
func testFollow(t *testing.T, ten *tenant, c command) {
	client := ten.client(t, ten.HTTPSURL, ten.APIKey)
	text := func(s string) string {
		receipt, err := client.FromPhone(ten.SenderPhone).SendText(t.Context(), ten.RecipientPhone, s)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatInt(receipt.ID, 10) + " " + s
	}
	cmd := c.command(t.Context(), "log", "--follow", "--interval", "100ms", "--json", "--contains", "follow")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{text("follow 0")}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	entries, errs := bufio.NewReader(out), bufio.NewReader(problems)
	next := func() string {
		line, err := entries.ReadBytes('\n')
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		var e tgo.LogEntry
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		return strconv.FormatInt(e.ID, 10) + " " + e.Content
	}
	got := []string{next()}
	for i := range 20 { // more than a page
		want = append(want, text("follow "+strconv.Itoa(i+1)))
		text("not shown")
	}
	for len(got) < len(want) {
		got = append(got, next())
	}
	restart := func() string {
		ten.command(t, "stop php-fpm")
		defer ten.command(t, "start php-fpm")
		line, _ := errs.ReadString('\n') // the assertions tell
		return line
	}
	trouble := restart()
	for strings.Contains(trouble, "the response cannot be read") { // php-fpm has ended in the middle of a response
		if line, err := errs.ReadString('\n'); line != "tgo: the log can be read again\n" {
			t.Fatalf("with php-fpm the output is %q, %v", line, err)
		}
		trouble = restart()
	}
	if !strings.Contains(trouble, "Bad Gateway; trying again") {
		t.Errorf("without php-fpm the output is %q", trouble)
	}
	want = append(want, text("follow again"))
	got = append(got, next())
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the output is\n%q, want\n%q", got, want)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if more, err := entries.ReadString('\n'); more != "" {
		t.Errorf("after the interrupt: %q, %v", more, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the command ended with %v", err)
	}
}

func testReads(t *testing.T, ten *tenant, c command) {
	out, _ := c.run(t, 0, "me")
	contains(t, strings.Join(fields(out), "\n"), "user Mona Adel", "organization Acme, active", "subscription active",
		"key all ("+ten.APIKey[:12]+"..., id 1), active", "scopes *")
	out, _ = c.run(t, 0, "senders")
	want := []string{
		"ID PHONE NAME READY WHY NOT, AND WHAT TO DO",
		"1 " + string(ten.SenderPhone) + " Acme support yes -",
		"2 " + string(ten.Senders["unverified"]) + " - no the owner of the sender number is not verified; " +
			"its owner must have their TGO Connect account verified",
		"3 " + string(ten.Senders["pending"]) + " - no the sender number is not active; " +
			"its owner has received a one-time code and must enter it in the dashboard",
		"4 " + string(ten.Senders["suspended"]) + " - no the sender number is not active; it is suspended: ask the vendor why",
		"5 " + string(ten.Senders["rejected"]) + " - no the sender number is not active; " +
			"it was rejected: see the dashboard, or register another",
		"6 " + string(ten.Senders["removed"]) + " - no the sender number is not active; " +
			"it was removed: send from another number, or register it again",
	}
	if got := fields(out); !reflect.DeepEqual(got, want) {
		t.Errorf("the senders are\n%q, want\n%q", got, want)
	}
	out, _ = c.run(t, 0, "usage")
	want = []string{"ID PHONE SENT"}
	for _, row := range ten.query(t, "SELECT id, phone, (SELECT count(*) FROM messages WHERE sender_number_id = sender_numbers.id) "+
		"FROM sender_numbers ORDER BY id") {
		want = append(want, strings.Join(row, " "))
	}
	if got := fields(out); !reflect.DeepEqual(got, want) {
		t.Errorf("the usage is\n%q, want\n%q", got, want)
	}
	for contact, says := range map[string]string{"reachable": "can receive", "unreachable": "cannot receive: unreachable",
		"unverified": "cannot receive: unverified", "unknown": "cannot receive: not_found"} {
		code := exitNo
		if contact == "reachable" {
			code = 0
		}
		out, _ := c.run(t, code, "lookup", string(ten.Contacts[contact]))
		contains(t, out, says)
	}
	out, _ = c.run(t, 0, "log", "--limit", "0")
	want = []string{"ID SENT AT FROM TYPE STATUS CONTENT"}
	for _, row := range ten.query(t, "SELECT id, strftime('%Y-%m-%dT%H:%M:%SZ', sent_at), sender_number_id, message_type, status, content "+
		"FROM messages ORDER BY id DESC") {
		want = append(want, strings.Join(row, " "))
	}
	if got := fields(out); !reflect.DeepEqual(got, want) {
		t.Errorf("the log is\n%q, want\n%q", got, want)
	}
}

func testKeysCommand(t *testing.T, ten *tenant, c command) {
	out, problems := c.run(t, 0, "keys", "create", "--name", "reader", "--scope", "usage.read", "--expires-in-days", "30")
	id := ten.query(t, "SELECT max(id) FROM api_keys")[0][0]
	contains(t, problems, "created key "+id+" (reader) with scopes usage.read")
	reader := c.with("TGO_API_KEY=" + strings.TrimSpace(out))
	reader.run(t, 0, "usage")
	reader.run(t, exitRejected, "log")
	if out, _ := c.run(t, 0, "keys", "revoke", id); out != "key "+id+" is revoked\n" {
		t.Errorf("the output is %q", out)
	}
	_, problems = reader.run(t, exitRejected, "usage")
	contains(t, problems, "401 Unauthenticated")
	_, problems = c.run(t, exitRejected, "keys", "revoke", "999")
	contains(t, problems, "404 ")
}
