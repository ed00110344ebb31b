package contract_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// liveRun is a run of this test binary, as a user would run it against a tenant. The tenant is a second fake.
type liveRun struct {
	fake   *tgotest.Server
	output string
	failed bool
}

// runLive starts a fake and runs TestContract against it.
func runLive(t *testing.T, env map[string]string, prepare func(*tgotest.Server), args ...string) liveRun {
	t.Helper()
	coverage := tgotest.NewCoverage()
	fake := suite.NewFake(t, func(c *tgotest.Config) { c.Coverage = coverage; c.PageSize = 2 })
	for range 3 {
		if _, err := fake.Sender.SendText(t.Context(), recipient, "before"); err != nil {
			t.Fatal(err)
		}
	}
	if prepare != nil {
		prepare(fake)
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if slices.Contains(args, "-live") {
		args = slices.Concat(args, []string{"-live.pause=0s"})
	}
	cmd := exec.CommandContext(ctx, binary, append([]string{"-test.run=^TestContract$", "-test.v"}, args...)...)
	all := map[string]string{
		"TGO_BASE_URL": fake.URL, "TGO_API_KEY": fake.Key.Reveal(), "HOME": t.TempDir(),
		"GORACE": "atexit_sleep_ms=0", // a program with the race detector waits a second before it ends
	}
	maps.Copy(all, env)
	cmd.Env = []string{}
	for name, value := range all {
		if value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	out, err := cmd.CombinedOutput()
	run := liveRun{fake: fake, output: string(out), failed: err != nil}
	if strings.Contains(run.output, fake.Key.Reveal()) {
		t.Error("the output shows the key")
	}
	return run
}

// requests counts the requests that reached the tenant after the three messages that prepared it.
func (r liveRun) requests() (n int64, writes []string) {
	report := r.fake.Coverage().Report()
	for _, c := range slices.Concat(report.Combinations, report.Undocumented) {
		n += c.Seen
		if c.Seen > 0 && (c.MediaType != "" || c.Operation == "revokeApiKey") {
			writes = append(writes, c.String())
		}
	}
	return n - 3, writes
}

func (r liveRun) says(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(r.output, w) {
			t.Errorf("it does not say %q:\n%s", w, r.output)
		}
	}
}

const preparing = "sendMessage application/json 201"

// TestALiveRunReadsOnly makes a whole live run, without flags that allow more.
func TestALiveRunReadsOnly(t *testing.T) {
	t.Parallel()
	run := runLive(t, nil, nil, "-live")
	n, writes := run.requests()
	if run.failed || n < 20 || n > 80 || !slices.Equal(writes, []string{preparing}) || len(run.fake.Messages()) != 3 {
		t.Errorf("failed: %v, %d requests, writes %v, %d messages\n%s", run.failed, n, writes, len(run.fake.Messages()), run.output)
	}
	report := run.fake.Coverage().Report()
	for _, c := range report.Combinations {
		if c.Operation == "lookupContact" && c.Status == "200" && c.Seen > 0 {
			t.Error("a phone was looked up that was not named")
		}
	}
	run.says(t, "Plan for a live tenant", "messages  0 at most",
		"skip      a phone can be looked up: no phone was named",
		"skip      a message is logged once and counted once: text: no messages are allowed",
		"skip      a key can be made and revoked: making keys is not allowed",
		"--- SKIP: TestContract/a_refused_message_leaves_no_trace", "--- PASS: TestContract/pages_partition_the_log",
		"held      me-key-fields", "not seen  sender-refused-422", "0 refuted", "of 80 requests, 0 of 0 messages", "Seen and not documented: 0", "sendMessage multipart/form-data 201\n")
}

// TestALiveRunSendsWhatIsAllowed allows everything.
func TestALiveRunSendsWhatIsAllowed(t *testing.T) {
	t.Parallel()
	const to = "+201010000000"
	for allowed, sent := range map[string]int{"1": 1, "5": 4, "50": 4} { // of five, one is refused
		run := runLive(t, map[string]string{"TGO_LIVE_RECIPIENT": to, "TGO_SENDER_NUMBER_ID": "12"}, nil,
			"-live", "-live.messages="+allowed, "-live.recipient="+to, "-live.keys")
		messages := run.fake.Messages()[3:]
		if run.failed || len(messages) != sent {
			t.Errorf("%s allowed: failed: %v, %d messages\n%s", allowed, run.failed, len(messages), run.output)
		}
		for _, m := range messages {
			if m.To != to || (m.Type == "text" && m.Content != testText) {
				t.Errorf("arrived: %+v", m)
			}
		}
		run.says(t, "--- PASS: TestContract/a_message_is_logged_once_and_counted_once:_text", "--- PASS: TestContract/a_key_does_what_it_may", "held      message-status", "+201******000")
		if allowed == "1" {
			run.says(t, "all messages that are allowed were sent")
		}
		for id := range int64(12) {
			if id > 7 && run.fake.Client.RevokeAPIKey(t.Context(), id) == nil {
				t.Errorf("the key %d was left behind", id)
			}
		}
	}
}

// TestALiveRunIsMadeOnce: what is allowed is allowed once, however often go test is to run the test.
func TestALiveRunIsMadeOnce(t *testing.T) {
	t.Parallel()
	for _, again := range []string{"-test.count=2", "-test.cpu=1,2"} {
		run := runLive(t, map[string]string{"TGO_LIVE_RECIPIENT": recipient, "TGO_SENDER_NUMBER_ID": "12"}, nil,
			"-live", "-live.messages=1", "-live.recipient="+recipient, again)
		if sent := len(run.fake.Messages()) - 3; sent != 1 || !run.failed {
			t.Errorf("%s: failed: %v, %d messages\n%s", again, run.failed, sent, run.output)
		}
		run.says(t, "a live run is made only once", "--- PASS: TestContract (")
	}
}

// TestALiveRunPrintsNoPersonalData: the output goes to logs that others can read. Here the server has personal data everywhere in its
// responses: in errors, in values of the wrong and of the right types, and as text.
func TestALiveRunPrintsNoPersonalData(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status            int
		contentType, body string
		says              string
	}{
		{422, jsonType, `{"message":"Mona Adel KEY +201010000000","errors":{"Mona Adel":["KEY"],"+201010000000":["Mona"]}}`, "returned 422"},
		{401, jsonType, `{"message":"Mona Adel KEY +201010000000"}`, `says {"message":"redacted"}, want "Unauthenticated."`},
		{404, jsonType, `{"message":"Tenant KEY","Mona":201010000000}`, `returned 404 {"another_field":1000001`},
		{422, jsonType, `{"message":201010000000,"errors":{"Mona Adel":"KEY"}}`, "/errors/another_field: type"},
		{200, jsonType, `{"data":[{"id":"Mona","phone":201010000000,"status":["KEY"],"sent_at":"Mona"}],"exists":"Mona","Mona":"KEY"}`, "/data/0/sent_at: format"},
		{201, jsonType, `{"data":{"id":"Mona","name":201010000000,"status":["KEY"],"sent_at":"Mona"},"plain_text_key":["KEY"]}`, "breaks the contract"},
		{200, jsonType, `{"data":[{"id":12,"phone":"+201010000000","display_name":"Mona","status":"Mona","verification_status":"Mona"}]}`, "status another_word"},
		{200, jsonType, `{"exists":false,"can_receive":true,"reason_code":"Mona","recipient_id":null,"is_verified":false,"phone_verified_at":null}`, "reason: another_word"},
		{200, jsonType, `Mona Adel KEY +201010000000`, "breaks the contract"},
		{500, "text/html", `Mona Adel KEY +201010000000`, "bytes that are no JSON"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", c.contentType)
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, strings.ReplaceAll(c.body, "KEY", r.Header.Get("X-Api-Key")))
		}))
		run := runLive(t, map[string]string{"TGO_BASE_URL": server.URL + basePath, "TGO_LIVE_RECIPIENT": recipient, "TGO_SENDER_NUMBER_ID": "12"}, nil,
			"-live", "-live.messages=9", "-live.recipient="+recipient, "-live.keys") // runLive searches the output for the key
		server.Close()
		for _, secret := range []string{"Mona", "Adel", "201010000000"} {
			if strings.Contains(run.output, secret) {
				t.Errorf("%d %s: the output shows %q:\n%s", c.status, c.body, secret, run.output)
			}
		}
		run.says(t, c.says)
	}
}

// inFrontOf puts a server between a live run and its tenant.
func inFrontOf(t *testing.T, env map[string]string, serve func(http.ResponseWriter, *http.Request, *tgotest.Server, http.Handler)) func(*tgotest.Server) {
	t.Helper()
	return func(fake *tgotest.Server) {
		base, err := url.Parse(strings.TrimSuffix(fake.URL, basePath))
		if err != nil {
			t.Fatal(err)
		}
		tenant := httputil.NewSingleHostReverseProxy(base)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(w, r, fake, tenant) }))
		t.Cleanup(server.Close)
		env["TGO_BASE_URL"] = server.URL + basePath
	}
}

// TestALiveRunLeavesNoKeyBehind: while a key exists, the connection breaks, the guard ends the run, or the requests are used up. The
// key is revoked if that is possible. Otherwise the run reports it.
func TestALiveRunLeavesNoKeyBehind(t *testing.T) {
	t.Parallel()
	left := func(run liveRun) bool { return run.fake.Client.RevokeAPIKey(t.Context(), 8) == nil }
	for _, budget := range []string{"30", "31", "32", "33", "34"} {
		run := runLive(t, nil, nil, "-live", "-live.keys", "-live.requests="+budget)
		if run.failed || left(run) {
			t.Errorf("of %s requests: failed: %v, or a key is left\n%s", budget, run.failed, run.output)
		}
	}
	for status, says := range map[int]string{0: "--- FAIL: TestContract/a_key_does_what_it_may", 429: "left behind, to expire in a day: 1 key(s)"} {
		env := map[string]string{}
		run := runLive(t, env, inFrontOf(t, env, func(w http.ResponseWriter, r *http.Request, fake *tgotest.Server, tenant http.Handler) {
			switch {
			case slices.Contains([]string{"", fake.Key.Reveal(), "tgo_no-key-of-anybody"}, r.Header.Get("X-Api-Key")):
				tenant.ServeHTTP(w, r)
			case status == 0:
				panic(http.ErrAbortHandler) // closes the connection
			default:
				w.WriteHeader(status)
			}
		}), "-live", "-live.keys")
		run.says(t, says)
		if !run.failed || left(run) != (status == 429) {
			t.Errorf("%d: failed: %v, or a key is left\n%s", status, run.failed, run.output)
		}
	}
}

// TestALiveRunAcceptsOtherIDs: that the log has the same id as the response to a send is assumed, so no case may fail if it has not.
func TestALiveRunAcceptsOtherIDs(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TGO_LIVE_RECIPIENT": recipient, "TGO_SENDER_NUMBER_ID": "12"}
	run := runLive(t, env, inFrontOf(t, env, func(w http.ResponseWriter, r *http.Request, _ *tgotest.Server, tenant http.Handler) {
		if r.Method != http.MethodPost {
			tenant.ServeHTTP(w, r)
			return
		}
		sent := httptest.NewRecorder()
		tenant.ServeHTTP(sent, r)
		w.Header().Set("Content-Type", jsonType)
		w.WriteHeader(sent.Code)
		_, _ = io.WriteString(w, strings.Replace(sent.Body.String(), `"id":`, `"id":100`, 1))
	}), "-live", "-live.messages=1", "-live.recipient="+recipient)
	if run.failed {
		t.Errorf("it failed:\n%s", run.output)
	}
	run.says(t, "refuted   log-id", "--- PASS: TestContract/a_message_is_logged_once_and_counted_once:_text")
}

// TestALiveRunPlansFirst: -plan prints the plan and sends nothing.
func TestALiveRunPlansFirst(t *testing.T) {
	t.Parallel()
	run := runLive(t, map[string]string{"TGO_LIVE_RECIPIENT": recipient, "TGO_SENDER_PHONE": senderPhone}, nil,
		"-live", "-plan", "-live.messages=9", "-live.recipient="+recipient)
	if n, _ := run.requests(); run.failed || n != 0 {
		t.Errorf("failed: %v, %d requests were made", run.failed, n)
	}
	run.says(t, "run       a message is logged once and counted once: voice (read+send+state; 5 requests, 1 messages)", "in all ", "nothing was sent")
}

// TestALiveRunSkipsWhatTheKeyLacksScopesFor: it skips these cases, with the reason.
func TestALiveRunSkipsWhatTheKeyLacksScopesFor(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TGO_LIVE_RECIPIENT": recipient, "TGO_SENDER_NUMBER_ID": "12"}
	run := runLive(t, env, func(fake *tgotest.Server) {
		env["TGO_API_KEY"] = fake.NewKey(tgo.ScopeMessagesSend, tgo.ScopeMessagesRead).Reveal()
	}, "-live", "-live.messages=1", "-live.recipient="+recipient)
	if run.failed {
		t.Errorf("it failed:\n%s", run.output)
	}
	run.says(t, "the key lacks the scope usage.read", "the key lacks the scope contacts.lookup", "0 refuted")
}

// TestALiveRunStops: it stops at the first 429, and when its requests are used up.
func TestALiveRunStops(t *testing.T) {
	t.Parallel()
	run := runLive(t, nil, func(fake *tgotest.Server) {
		if _, err := fake.Inject(tgotest.Fault{Kind: tgotest.FaultStatus, Status: 429, Skip: 2}); err != nil {
			t.Fatal(err)
		}
	}, "-live")
	if n, _ := run.requests(); n != 3 || !run.failed {
		t.Errorf("failed: %v, %d requests, want 3", run.failed, n)
	}
	run.says(t, "ended because the server said 429", "the guard has ended the run")

	run = runLive(t, nil, nil, "-live", "-live.requests=7")
	if n, _ := run.requests(); n != 7 || !run.failed {
		t.Errorf("failed: %v, %d requests, want 7", run.failed, n)
	}
	run.says(t, "the budget of 7 requests is used up")
}

// TestALiveRunNeedsEachSwitch: if one is missing, nothing is sent, and the message says what is missing.
func TestALiveRunNeedsEachSwitch(t *testing.T) {
	t.Parallel()
	const other = "+201010000001"
	good := []string{"-live", "-live.messages=1", "-live.recipient=" + recipient}
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		says string
	}{
		"no key":                     {map[string]string{"TGO_API_KEY": ""}, []string{"-live"}, "TGO_API_KEY is not set"},
		"no server":                  {map[string]string{"TGO_BASE_URL": ""}, []string{"-live"}, "TGO_BASE_URL is not set"},
		"http to another machine":    {map[string]string{"TGO_BASE_URL": "http://acme.tgo-eg.com/api/v1"}, []string{"-live"}, "must be https"},
		"CI":                         {map[string]string{"CI": "true"}, []string{"-live"}, "-live.in-ci"},
		"recipient once, by flag":    {map[string]string{"TGO_SENDER_PHONE": senderPhone}, good, "TGO_LIVE_RECIPIENT"},
		"recipient once, by env":     {map[string]string{"TGO_SENDER_PHONE": senderPhone, "TGO_LIVE_RECIPIENT": recipient}, good[:2], "-live.recipient"},
		"two recipients":             {map[string]string{"TGO_SENDER_PHONE": senderPhone, "TGO_LIVE_RECIPIENT": other}, good, "the same phone"},
		"no number of messages":      {map[string]string{"TGO_SENDER_PHONE": senderPhone, "TGO_LIVE_RECIPIENT": recipient}, []string{"-live", good[2]}, "how many messages"},
		"no sender":                  {map[string]string{"TGO_LIVE_RECIPIENT": recipient}, good, "TGO_SENDER_PHONE or"},
		"two senders":                {map[string]string{"TGO_SENDER_PHONE": senderPhone, "TGO_SENDER_NUMBER_ID": "12"}, []string{"-live"}, "set only one"},
		"a recipient not in E.164":   {map[string]string{"TGO_SENDER_PHONE": senderPhone, "TGO_LIVE_RECIPIENT": "0101"}, []string{"-live", "-live.messages=1", "-live.recipient=0101"}, "E.164"},
		"a mock on another machine":  {map[string]string{"TGO_BASE_URL": "https://acme.tgo-eg.com/api/v1"}, []string{"-mock"}, "a mock must be http on this machine"},
		"a mock that is live":        {nil, []string{"-mock", "-live"}, "exclude each other"},
		"a negative number":          {nil, []string{"-live", "-live.messages=-1"}, "must not be negative"},
		"messages, not live":         {nil, []string{"-live.messages=5"}, "-live.messages needs -live"},
		"a plan, not live":           {nil, []string{"-plan"}, "-plan needs -live"},
		"a recording, not live":      {nil, []string{"-record=recording.json"}, "-record needs -live"},
		"a mock's root, no mock":     {nil, []string{"-mock.root"}, "-mock.root needs -mock"},
		"live, and no such test":     {nil, []string{"-live", "-test.run=^TestAssumptionChecks$"}, "TestContract did not run"},
		"a recording that is live":   {nil, []string{"-live", "-replay=recording.json"}, "-replay uses no server"},
		"a recording, no such test":  {nil, []string{"-replay=recording.json", "-test.run=^TestAssumptionChecks$"}, "TestContract did not run"},
		"a document, no such test":   {nil, []string{"-vendor=vendor.yaml"}, "TestVendorDocument did not run"},
		"a recording that is not":    {nil, []string{"-replay=no-such-recording.json"}, "no-such-recording.json"},
		"a plan without -v":          {nil, []string{"-live", "-plan", "-test.v=false"}, "Plan for a live tenant"},
		"the environment, no switch": {map[string]string{"TGO_LIVE_RECIPIENT": recipient, "TGO_SENDER_PHONE": senderPhone}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := runLive(t, c.env, nil, c.args...)
			n, _ := run.requests()
			if n != 0 || run.failed != (c.says != "") {
				t.Errorf("failed: %v, %d requests", run.failed, n)
			}
			run.says(t, c.says)
		})
	}
	run := runLive(t, map[string]string{"CI": "true"}, nil, "-live", "-live.in-ci")
	if n, _ := run.requests(); run.failed || n == 0 {
		t.Errorf("with -live.in-ci it does not run:\n%s", run.output)
	}
}

// TestALiveRunReportsRefutedAssumptions: the report has the assumptions that a tenant refutes, and no case fails for them.
func TestALiveRunReportsRefutedAssumptions(t *testing.T) {
	t.Parallel()
	on := suite.FakeTarget(t, func(c *tgotest.Config) {
		c.Variants = []tgotest.Variant{tgotest.VariantQueued, tgotest.VariantUsageNames, tgotest.VariantPageOldest}
	})
	if _, err := sendOne(t, on, "text"); err != nil {
		t.Fatal(err)
	}
	if _, err := on.Client.Usage(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := on.Client.MessagePage(t.Context(), tgo.MessageQuery{}); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	suite.WriteAssumptions(&out, on.Name, assumptionReport(on.Recorder.Exchanges()))
	for _, want := range []string{
		"refuted   message-status       The status of a message is sent. (2 times not; first by POST sendMessage, returned 201)",
		"refuted   usage-fields ", "held      log-links ", "not seen  me-key-fields ", "2 refuted",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
}
