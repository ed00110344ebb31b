package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// envOf is the environment in which the command speaks to a fake.
func envOf(fake *tgotest.Server) map[string]string {
	return map[string]string{"TGO_BASE_URL": fake.URL, "TGO_API_KEY": fake.Key.Reveal(), "TGO_FROM": string(fake.SenderPhone)}
}

// with is an environment with more, or other, variables.
func with(env map[string]string, more ...string) map[string]string {
	env = maps.Clone(env)
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

// commandIn is command with something on stdin.
func commandIn(t testing.TB, env map[string]string, stdin string, args ...string) result {
	t.Helper()
	var out, errs buffer
	code := run(soon(t), args, streams{in: strings.NewReader(stdin), out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
	return result{code, out.String(), errs.String()}
}

// want checks an exit code, and that no key is shown.
func (r result) want(t testing.TB, code int, says ...string) result {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d; stdout %q, stderr %q", r.code, code, r.out, r.err)
	}
	mustContain(t, r.out+r.err, says...)
	if found := anyKey.FindString(r.out + r.err); found != "" {
		t.Errorf("it shows a key, %s", found)
	}
	return r
}

func decode[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

func TestSendText(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := envOf(fake), string(fake.RecipientPhone)
	letter := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(letter, []byte("two\nlines\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		stdin, text string
		args        []string
	}{
		{"", "Hello", []string{"Hello"}},
		{"from a pipe\n", "from a pipe", nil},
		{"from a pipe", "from a pipe", []string{"-"}},
		{"from a pipe", "from a pipe", []string{"--file", "-"}},
		{"", "two\nlines", []string{"--file", letter}},
		{"", "طلبك جاهز", []string{"طلبك جاهز", "--from", "1"}},
		{"", "with a check", []string{"with a check", "--check"}},
		{"", "as people write it", []string{"as people write it", "--from", "00201001187188"}},
	} {
		commandIn(t, env, c.stdin, append([]string{"send", "text", "--to", to}, c.args...)...).want(t, exitOK, "text", "sent\n")
		m := fake.ExpectMessage(t)
		if m.Content != c.text || m.To != fake.RecipientPhone || m.SenderPhone != fake.SenderPhone {
			t.Errorf("%v: %+v arrived", c.args, m)
		}
	}
	r := commandIn(t, env, "", "send", "text", "--to", "+20 100-101 0000", "Hello", "--json").want(t, exitOK)
	shown := decode[struct {
		Delivery string
		Message  tgo.Receipt
	}](t, r.out)
	if m := fake.ExpectMessage(t); shown.Delivery != "accepted" || shown.Message.ID != m.ID || m.To != "+201001010000" {
		t.Errorf("%+v and %+v", shown, m)
	}
	// A loop that reads a list has the rest of the list on stdin: that is nobody's text.
	const list = "+201000000009 the next"
	commandIn(t, env, list, "send", "text", "--to", to, "").want(t, exitValidation, "content")
	commandIn(t, env, list, "send", "text", "--to", to, "", "--file", letter).want(t, exitUsage, "not both")
	fake.ExpectNoMessage(t)
}

func TestSendMedia(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := envOf(fake), string(fake.RecipientPhone)
	for _, c := range []struct {
		args           []string
		file, name     string
		contentType    string
		duration       time.Duration
		caption, stdin string
	}{
		{[]string{"image", "demo/picture.png", "--caption", "A parcel"}, "demo/picture.png", "picture.png", "image/png", 0, "A parcel", ""},
		{[]string{"image", "-", "--name", "chart.png"}, "demo/picture.png", "chart.png", "image/png", 0, "", "demo/picture.png"},
		{[]string{"voice", "demo/voice.ogg"}, "demo/voice.ogg", "voice.ogg", "audio/ogg", 5 * time.Second, "", ""},
		{[]string{"voice", "testdata/tone.m4a"}, "testdata/tone.m4a", "tone.m4a", "audio/mp4", 3 * time.Second, "", ""},
		{[]string{"voice", "testdata/tone.mp3", "--duration", "12s"}, "testdata/tone.mp3", "tone.mp3", "audio/mpeg", 12 * time.Second, "", ""},
		{[]string{"voice", "-"}, "testdata/tone.wav", "file.wav", "audio/wav", 2 * time.Second, "", "testdata/tone.wav"},
		{[]string{"document", "demo/invoice.pdf", "--content-type", "application/x-bill", "--name", "فاتورة.pdf"}, "demo/invoice.pdf", "فاتورة.pdf", "application/x-bill", 0, "", ""},
	} {
		stdin := ""
		if c.stdin != "" {
			b, err := os.ReadFile(c.stdin)
			if err != nil {
				t.Fatal(err)
			}
			stdin = string(b)
		}
		commandIn(t, env, stdin, append([]string{"send", c.args[0], "--to", to}, c.args[1:]...)...).want(t, exitOK, c.args[0])
		content, err := os.ReadFile(c.file)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		m := fake.ExpectMessage(t)
		if m.Type != c.args[0] || m.Content != c.caption || m.Duration != c.duration ||
			m.Media.Name != c.name || m.Media.ContentType != c.contentType || m.Media.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%v: %+v with %+v arrived", c.args, m, m.Media)
		}
	}
	fake.ExpectNoMessage(t)
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := envOf(fake), string(fake.RecipientPhone)
	commandIn(t, env, "", "send", "text", "--to", to, "--dry-run", "Hello").want(t, exitOK,
		"POST "+fake.URL+"/messages\n", "Content-Type: application/json\n", "X-Api-Key: tgo_****\n", `"content": "Hello"`, "nothing was sent")
	commandIn(t, env, "", "send", "voice", "--to", to, "--dry-run", "demo/voice.ogg").want(t, exitOK,
		"POST ", "Content-Type: multipart/form-data; boundary=", "to_phone="+to, "type=voice\n", "duration=5\n", "media=@voice.ogg (audio/ogg, 12806 bytes)")
	r := commandIn(t, env, "", "send", "image", "--to", to, "--dry-run", "--json", "demo/picture.png").want(t, exitOK)
	if shown := decode[shownRequest](t, r.out); shown.Method != http.MethodPost || shown.Headers["X-Api-Key"] != "tgo_****" || len(shown.Form) != 4 {
		t.Errorf("%+v", shown)
	}
	// What is wrong is wrong in a dry run too, and a key is not needed.
	commandIn(t, env, "", "send", "image", "--to", to, "--dry-run", "demo/invoice.pdf").want(t, exitValidation, "not an image")
	commandIn(t, with(env, "TGO_API_KEY", ""), "", "send", "text", "--to", to, "--dry-run", "Hello").want(t, exitOK, "tgo_****")
	fake.ExpectNoMessage(t)
}

func TestExitCodesOfSends(t *testing.T) {
	t.Parallel()
	const nobody = "http://127.0.0.1:1/api/v1" // a port that was free a moment ago may be another test's by now
	for name, c := range map[string]struct {
		fault tgotest.Fault
		env   []string
		args  []string
		code  int
		says  string
	}{
		"a reset before the request was read": {tgotest.Fault{Kind: tgotest.FaultCut}, nil, nil, exitUnknown, "it may have arrived"},
		"a lost answer":                       {tgotest.Fault{Kind: tgotest.FaultCut, Stored: true}, nil, nil, exitUnknown, "it may have arrived"},
		"a server in trouble":                 {tgotest.Fault{Kind: tgotest.FaultStatus}, nil, nil, exitUnknown, "503"},
		"half an answer":                      {tgotest.Fault{Kind: tgotest.FaultBrokenJSON}, nil, nil, exitUnknown, "it may have arrived"},
		"too many requests":                   {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 429}, nil, nil, exitRejected, "429"},
		"a wrong key":                         {tgotest.Fault{}, []string{"TGO_API_KEY", "tgo_wrong-key"}, nil, exitRejected, "401"},
		"no such tenant":                      {tgotest.Fault{}, nil, []string{"--base-url", "LOCALTEST"}, exitUnreachable, "404 Tenant"},
		"nobody listens":                      {tgotest.Fault{}, nil, []string{"--base-url", nobody}, exitUnreachable, "refused"},
		"an empty text":                       {tgotest.Fault{}, nil, []string{" "}, exitValidation, "content"},
		"a phone without a country code":      {tgotest.Fault{}, nil, []string{"--to", "0100"}, exitValidation, "--to"},
		"an unready sender":                   {tgotest.Fault{}, nil, []string{"--from", "2", "--check"}, exitNotSent, "suspended"},
		"no such sender":                      {tgotest.Fault{}, nil, []string{"--from", "9", "--check"}, exitNotSent, "no such sender"},
		"a recipient who cannot receive":      {tgotest.Fault{}, nil, []string{"--to", "+201066666666", "--check"}, exitNotSent, "unreachable"},
		"the same without a check":            {tgotest.Fault{}, nil, []string{"--to", "+201066666666"}, exitRejected, "422"},
		"no key":                              {tgotest.Fault{}, []string{"TGO_API_KEY", ""}, nil, exitUsage, "TGO_API_KEY"},
		"no tenant":                           {tgotest.Fault{}, []string{"TGO_BASE_URL", ""}, nil, exitUsage, "--tenant"},
		"no sender":                           {tgotest.Fault{}, []string{"TGO_FROM", ""}, nil, exitUsage, "--from"},
		"two tenants":                         {tgotest.Fault{}, nil, []string{"--tenant", "a.example", "--base-url", nobody}, exitUsage, "not both"},
		"no such flag":                        {tgotest.Fault{}, nil, []string{"--colour"}, exitUsage, "--colour"},
		"the key as a flag":                   {tgotest.Fault{}, nil, []string{"--key", "x"}, exitUsage, "--key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t, func(c *tgotest.Config) {
				c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188"}, {Phone: "+201001187189", Status: "suspended"}}
				c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
				c.Tenants = []string{"127.0.0.1"}
			})
			if c.fault != (tgotest.Fault{}) {
				c.fault.Operation = "sendMessage"
				if _, err := fake.Inject(c.fault); err != nil {
					t.Fatal(err)
				}
			}
			args := slices.Clone(c.args)
			for i := range args {
				if args[i] == "LOCALTEST" { // the fake by another name, which is no tenant of its
					args[i] = strings.Replace(fake.URL, "127.0.0.1", "localhost", 1)
				}
			}
			args = append([]string{"send", "text"}, args...)
			if !slices.Contains(args, "--to") {
				args = append(args, "--to", "+201010000000")
			}
			if name != "an empty text" {
				args = append(args, "Hello")
			}
			env := with(envOf(fake), c.env...)
			commandIn(t, env, "", args...).want(t, c.code, c.says)
			r := commandIn(t, env, "", append(args, "--json")...)
			if c.code == exitUsage { // the grammar is complained of in words
				return
			}
			r.want(t, c.code)
			if c.code != exitOK {
				if f := decode[failure](t, r.out+r.err); f.ExitCode != c.code || f.Error == "" {
					t.Errorf("as JSON: %+v", f)
				}
			}
		})
	}
}

// What became of a message decides the code, though nobody reads stdout: a script that repeats what failed repeats nothing
// that went out.
func TestExitCodesWithoutStdout(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault tgotest.Fault
		code  int
		says  string
	}{
		"accepted": {tgotest.Fault{Delay: time.Nanosecond}, exitOK, "the message was accepted, but write failed: full"},
		"unknown":  {tgotest.Fault{Kind: tgotest.FaultCut, Stored: true}, exitUnknown, "it may have arrived"},
		"rejected": {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 401}, exitRejected, "401"},
	} {
		fake := tgotest.New(t)
		c.fault.Operation = "sendMessage"
		if _, err := fake.Inject(c.fault); err != nil {
			t.Fatal(err)
		}
		r, w := io.Pipe()
		_ = r.CloseWithError(errors.New("write failed: full"))
		env := envOf(fake)
		for _, args := range [][]string{
			{"send", "text", "--to", string(fake.RecipientPhone), "Hello", "--json"},
			{"send", "--csv", writeRows(t, 1), "--yes", "--text", hello, "--json"},
		} {
			var errs buffer
			code := run(soon(t), args, streams{out: w, err: &errs, getenv: func(name string) string { return env[name] }})
			want, says := c.code, c.says
			if args[1] == "--csv" {
				says = "what became of the rows could not be written: write failed: full"
				want = max(want, exitFailed) // going on repeats nothing
			}
			if code != want || !strings.Contains(errs.String(), says) {
				t.Errorf("%s: %v: code %d, want %d; %s", name, args[1], code, want, errs.String())
			}
		}
	}
}

// An error is JSON where the flag says so, and not where a text does.
func TestErrorsAsJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want bool
	}{{[]string{"--json"}, true}, {[]string{"--json=true", "Hello"}, true}, {[]string{"Hello"}, false}, {[]string{"--", "--json"}, false}} {
		r := command(t, nil, append([]string{"send", "text", "--to", "+201000000001"}, c.args...)...)
		r.want(t, exitUsage)
		if json.Valid([]byte(r.err)) != c.want {
			t.Errorf("%v: %s", c.args, r.err)
		}
	}
}

// A check that fails is a message that was not begun.
func TestChecksThatFail(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for _, operation := range []string{"listSenderNumbers", "lookupContact"} {
		if _, err := fake.Inject(tgotest.Fault{Operation: operation, Kind: tgotest.FaultStatus}); err != nil {
			t.Fatal(err)
		}
		args := []string{"send", "text", "--to", string(fake.RecipientPhone), "--check", "Hello"}
		command(t, envOf(fake), args...).want(t, exitNotSent, "503", "(not sent)")
		r := command(t, envOf(fake), append(args, "--json")...).want(t, exitNotSent)
		if f := decode[failure](t, r.err); f.Delivery != "not sent" || f.Status != http.StatusServiceUnavailable || r.out != "" {
			t.Errorf("%s: %+v, %q", operation, f, r.err)
		}
		fake.ClearFaults()
	}
	fake.ExpectNoMessage(t)
}

func TestFilesThatCannotBeSent(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := envOf(fake), string(fake.RecipientPhone)
	for args, c := range map[string]struct {
		code int
		says string
	}{
		"document no-such-file.pdf":                             {exitValidation, "no-such-file.pdf"},
		"voice no-such-file.ogg":                                {exitValidation, "no-such-file.ogg"},
		"document testdata":                                     {exitValidation, "not a regular file"},
		"image demo/invoice.pdf":                                {exitValidation, "not an image"},
		"voice demo/picture.png":                                {exitValidation, "not a recording: its content is image/png"},
		"voice demo/invoice.pdf --duration 5":                   {exitValidation, "not a recording: its content is application/pdf"},
		"voice internal/audio/testdata/video.mp4":               {exitValidation, "a video, not a voice note"},
		"voice internal/audio/testdata/video.webm --duration 5": {exitValidation, "a video, not a voice note"},
		"voice -":                            {exitValidation, "not a recording"}, // stdin is a letter
		"voice demo/voice.ogg --duration 6m": {exitValidation, "300 s"},
		"voice demo/voice.ogg --duration 0":  {exitUsage, "is no length"},
		"voice demo/voice.ogg --duration=-5": {exitUsage, "is no length"},
		"voice demo/voice.ogg --duration 5x": {exitUsage, "is no length"},
		"document - --key-file -":            {exitUsage, "stdin is the key already"},
	} {
		words := strings.Fields(args)
		commandIn(t, env, "x", append([]string{"send", words[0], "--to", to}, words[1:]...)...).want(t, c.code, c.says)
	}
	fake.ExpectNoMessage(t)
}

// What a voice note's length is read from, and how it can be given.
func TestVoiceLength(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := envOf(fake), string(fake.RecipientPhone)
	unknown := filepath.Join(t.TempDir(), "note.aiff") // it could be read, but is not
	if err := os.WriteFile(unknown, []byte("FORM\x00\x00\x00\x12AIFFCOMM"), 0o600); err != nil {
		t.Fatal(err)
	}
	commandIn(t, env, "", "send", "voice", "--to", to, unknown).want(t, exitValidation, "Give --duration", "cannot be read")
	fake.ExpectNoMessage(t)
	for _, c := range []struct {
		args []string
		want time.Duration
	}{
		{[]string{unknown, "--duration", "5"}, 5 * time.Second},
		{[]string{"demo/voice.ogg", "--duration", "2.5"}, 3 * time.Second},
		{[]string{"demo/voice.ogg", "--duration=1m5s"}, 65 * time.Second},
		{[]string{"testdata/tone.mp3"}, 3 * time.Second},
		{[]string{"internal/audio/testdata/adts.aac"}, time.Second},
		{[]string{"internal/audio/testdata/browser.webm"}, time.Second},
	} {
		commandIn(t, env, "", append([]string{"send", "voice", "--to", to}, c.args...)...).want(t, exitOK)
		if m := fake.ExpectMessage(t); m.Duration != c.want {
			t.Errorf("%v: %v arrived, want %v", c.args, m.Duration, c.want)
		}
	}
}

// Where stderr is a terminal, a long upload shows how far it is; elsewhere nothing is drawn.
func TestProgress(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := filepath.Join(t.TempDir(), "long.bin")
	if err := os.WriteFile(file, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	env := envOf(fake)
	for _, terminal := range []bool{true, false} {
		var out, errs buffer
		code := run(soon(t), []string{"send", "document", "--to", string(fake.RecipientPhone), file},
			streams{out: &out, err: &errs, terminal: terminal, getenv: func(name string) string { return env[name] }})
		if code != 0 || strings.Contains(errs.String(), "100% 3.0 MiB of 3.0 MiB\n") != terminal || (errs.String() != "") != terminal {
			t.Errorf("terminal %v: code %d, %q", terminal, code, errs.String())
		}
	}
}
