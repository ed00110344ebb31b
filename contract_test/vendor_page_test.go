package contract_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// pageCommand is a curl command of the vendor's Messaging page. Only {base}, for the scheme and host, and {key} are ours.
type pageCommand struct {
	name   string
	args   []string
	method string
	status int
	sends  *tgotest.Message
	file   string // what the media must be, in the command's folder
}

var pageCommands = []pageCommand{
	{
		name: "send a text message",
		args: []string{
			"-X", "POST", "{base}/api/v1/messages",
			"-H", "X-Api-Key: {key}",
			"-H", "Accept: application/json",
			"-H", "Content-Type: application/json",
			"-d", `{
    "sender_phone": "+201001187188",
    "to_phone": "+201010000000",
    "type": "text",
    "content": "Hello from TGO Business"
  }`,
		},
		method: http.MethodPost, status: http.StatusCreated,
		sends: &tgotest.Message{Type: "text", Content: "Hello from TGO Business"},
	},
	{
		name: "send an image",
		args: []string{
			"-X", "POST", "{base}/api/v1/messages",
			"-H", "X-Api-Key: {key}",
			"-H", "Accept: application/json",
			"-F", "sender_phone=+201001187188",
			"-F", "to_phone=+201010000000",
			"-F", "type=image",
			"-F", "media=@image.png",
		},
		method: http.MethodPost, status: http.StatusCreated,
		sends: &tgotest.Message{Type: "image"}, file: "image.png",
	},
	{
		name: "send a voice message",
		args: []string{
			"-X", "POST", "{base}/api/v1/messages",
			"-H", "X-Api-Key: {key}",
			"-H", "Accept: application/json",
			"-F", "sender_phone=+201001187188",
			"-F", "to_phone=+201010000000",
			"-F", "type=voice",
			"-F", "duration=45",
			"-F", "media=@audio.ogg",
		},
		method: http.MethodPost, status: http.StatusCreated,
		sends: &tgotest.Message{Type: "voice", Duration: 45e9}, file: "audio.ogg",
	},
	{
		name: "check contact reachability",
		args: []string{
			"{base}/api/v1/contacts/lookup?phone=+201010000000&sender_phone=+201001187188",
			"-H", "X-Api-Key: {key}",
			"-H", "Accept: application/json",
		},
		method: http.MethodGet, status: http.StatusOK,
	},
	{
		name: "read message logs",
		args: []string{
			"{base}/api/v1/messages",
			"-H", "X-Api-Key: {key}",
			"-H", "Accept: application/json",
		},
		method: http.MethodGet, status: http.StatusOK,
	},
	{
		name: "check usage",
		args: []string{
			"{base}/api/v1/usage",
			"-H", "X-Api-Key: {key}",
			"-H", "Accept: application/json",
		},
		method: http.MethodGet, status: http.StatusOK,
	},
}

// TestTheCommandsOfTheMessagingPage runs the commands with curl, one after the other, as a reader of the page would.
func TestTheCommandsOfTheMessagingPage(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed:", err)
	}
	fake := suite.NewFake(t)
	folder := t.TempDir()
	for name, from := range map[string]string{"image.png": "picture.png", "audio.ogg": "voice.ogg"} {
		if err := os.WriteFile(filepath.Join(folder, name), readFile(t, demoFiles+from), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := strings.TrimSuffix(fake.URL, basePath)
	sent := 0
	for _, c := range pageCommands {
		t.Run(c.name, func(t *testing.T) {
			// -q ignores the user's .curlrc. The other options print the status and use no proxy.
			args := []string{"-q", "-sS", "--noproxy", "*", "--max-time", "10", "-w", "\n%{http_code} %{content_type}"}
			var target string
			for _, arg := range c.args {
				arg = strings.NewReplacer("{base}", base, "{key}", fake.Key.Reveal()).Replace(arg)
				if strings.HasPrefix(arg, base) {
					target = arg
				}
				args = append(args, arg)
			}
			cmd := exec.CommandContext(t.Context(), curl, args...)
			cmd.Dir = folder
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("curl: %v: %s", err, stderr.String())
			}
			end := bytes.LastIndexByte(out, '\n')
			body, tail := out[:end], string(out[end+1:])
			code, contentType, _ := strings.Cut(tail, " ")
			status, err := strconv.Atoi(code)
			if err != nil || status != c.status {
				t.Fatalf("returned %s: %s, want %d", tail, body, c.status)
			}
			req, err := http.NewRequestWithContext(t.Context(), c.method, target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := contract.ValidateResponse(req, status, http.Header{"Content-Type": {contentType}}, body); err != nil {
				t.Error(err)
			}
			messages := fake.Messages()
			if c.sends == nil {
				if len(messages) != sent {
					t.Errorf("a read sent a message")
				}
				return
			}
			if sent++; len(messages) != sent {
				t.Fatalf("%d messages arrived, want %d", len(messages), sent)
			}
			m := messages[sent-1]
			if m.Type != c.sends.Type || m.Content != c.sends.Content || m.Duration != c.sends.Duration || m.To != recipient || m.SenderPhone != senderPhone {
				t.Errorf("arrived as %+v", m)
			}
			if c.file != "" && (m.Media == nil || m.Media.Name != c.file || !bytes.Equal(m.Media.Content, readFile(t, filepath.Join(folder, c.file)))) {
				t.Errorf("another file arrived")
			}
		})
	}
	if sent != 3 {
		t.Errorf("%d messages were sent, want 3", sent)
	}
}

// TestTheAnswerOfTheMessagingPage validates the one response that the page shows.
func TestTheAnswerOfTheMessagingPage(t *testing.T) {
	t.Parallel()
	const shown = `{
  "exists": true,
  "can_receive": true,
  "reason_code": "ok",
  "recipient_id": 4821,
  "is_verified": true,
  "phone_verified_at": "2025-01-10T08:00:00Z"
}`
	req := request{Method: http.MethodGet, Target: "/contacts/lookup"}.HTTP(t, "http://tenant"+basePath, "")
	if err := contract.ValidateResponse(req, http.StatusOK, http.Header{"Content-Type": {jsonType}}, []byte(shown)); err != nil {
		t.Error(err)
	}
	var page any
	if err := json.Unmarshal([]byte(shown), &page); err != nil {
		t.Fatal(err)
	}
	_, examples := contract.OperationByID(t, "lookupContact").SuccessExamples(t)
	for _, e := range examples {
		if e.Name == "reachable" && !sameJSON(t, e.Value, page) {
			t.Errorf("the document's example is %v, the page shows %v", e.Value, page)
		}
	}
}
