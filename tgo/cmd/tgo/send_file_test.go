package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

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
		"voice demo/voice.ogg --duration 0":  {exitUsage, "is not a length"},
		"voice demo/voice.ogg --duration=-5": {exitUsage, "is not a length"},
		"voice demo/voice.ogg --duration 5x": {exitUsage, "is not a length"},
		"document - --key-file -":            {exitUsage, "stdin already holds the key"},
	} {
		words := strings.Fields(args)
		commandIn(t, env, "x", append([]string{"send", words[0], "--to", to}, words[1:]...)...).want(t, c.code, c.says)
	}
	fake.ExpectNoMessage(t)
}

// On a terminal, a long upload shows a progress bar; elsewhere it does not.
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

// A missing file has one exit code if the command itself reads it, and another one if it is part of a message.
func TestMissingFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	none := filepath.Join(dir, "none")
	env := map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1", "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1", "HOME": dir}
	database := []string{"--database", "sqlite:" + filepath.Join(dir, "x.db")}
	for name, c := range map[string]struct {
		code int
		args []string
	}{
		"send text --file":       {exitValidation, []string{"send", "text", "--to", "+201010000000", "--file", none}},
		"send image":             {exitValidation, []string{"send", "image", "--to", "+201010000000", none}},
		"send voice":             {exitValidation, []string{"send", "voice", "--to", "+201010000000", none}},
		"send voice --duration":  {exitValidation, []string{"send", "voice", "--to", "+201010000000", none, "--duration", "3s"}},
		"send document":          {exitValidation, []string{"send", "document", "--to", "+201010000000", none}},
		"send document --check":  {exitValidation, []string{"send", "document", "--to", "+201010000000", none, "--check"}},
		"send document, dry":     {exitValidation, []string{"send", "document", "--to", "+201010000000", none, "--dry-run"}},
		"outbox add text --file": {exitValidation, append([]string{"outbox", "add", "text", "--to", "+201010000000", "--file", none}, database...)},
		"outbox add image":       {exitValidation, append([]string{"outbox", "add", "image", "--to", "+201010000000", none}, database...)},
		"outbox add voice":       {exitValidation, append([]string{"outbox", "add", "voice", "--to", "+201010000000", none}, database...)},
		"outbox add document":    {exitValidation, append([]string{"outbox", "add", "document", "--to", "+201010000000", none}, database...)},
		"api --input":            {exitValidation, []string{"api", "POST", "/messages", "--input", none}},
		"api --field @":          {exitValidation, []string{"api", "POST", "/messages", "-F", "content=@" + none}},
		"send --csv":             {exitUsage, []string{"send", "--csv", none, "--text", "x"}},
		"--key-file":             {exitUsage, []string{"me", "--key-file", none}},
		"--config":               {exitUsage, []string{"me", "--config", none}},
		"config list":            {exitUsage, []string{"config", "list", "--config", none}},
		"fake --seed":            {exitUsage, []string{"fake", "--seed", none}},
		"--database-file":        {exitUsage, []string{"outbox", "list", "--database-file", none}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command(t, env, c.args...).want(t, c.code, none)
			r := command(t, env, append(slices.Clone(c.args), "--json")...)
			r.want(t, c.code)
			if f := decode[failure](t, lastLine(r.err)); r.out != "" || f.ExitCode != c.code || f.Delivery != "not sent" {
				t.Errorf("as JSON: %+v, stdout %q", f, r.out)
			}
		})
	}
}
