package main

import (
	"net/http"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

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
