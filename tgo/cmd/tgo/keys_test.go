package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	r := command(t, env, "keys", "create", "--name", "audit", "--scope", "messages.read", "--scope", "usage.read")
	plain := strings.TrimSuffix(r.out, "\n")
	if r.code != 0 || !anyKey.MatchString(plain) || anyKey.MatchString(r.err) {
		t.Fatalf("%+v", r)
	}
	mustContain(t, r.err, "created key 2 (audit)", "messages.read, usage.read")
	command(t, with(env, "TGO_API_KEY", plain), "usage").want(t, exitOK)
	command(t, with(env, "TGO_API_KEY", plain), "lookup", "+201010000000").want(t, exitRejected, "contacts.lookup")

	file := filepath.Join(t.TempDir(), "new.key")
	command(t, env, "keys", "create", "--name", "b", "--scope", "*", "--expires-in-days", "3", "--out", file, "--json").want(t, exitOK, `"id":3`, `"file":`)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	command(t, with(env, "TGO_API_KEY", ""), "me", "--key-file", file).want(t, exitOK, "b (tgo_")
	command(t, env, "keys", "create", "--name", "c", "--scope", "*", "--out", file).want(t, exitUsage, "exists")
	command(t, env, "keys", "create", "--name", "c", "--scope", "all").want(t, exitValidation, "scope")
	command(t, env, "keys", "revoke", "2").want(t, exitOK, "key 2 is revoked\n")
	command(t, with(env, "TGO_API_KEY", plain), "usage").want(t, exitRejected, "401")
	command(t, env, "keys", "revoke", "2").want(t, exitRejected, "404")
	command(t, env, "keys", "revoke", "3", "--json").want(t, exitOK, `"status":"revoked"`)
	// No empty file is left if the API refuses.
	lost := filepath.Join(t.TempDir(), "lost.key")
	if _, err := fake.Inject(tgotest.Fault{Operation: "createApiKey", Kind: tgotest.FaultStatus, Status: 500}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "keys", "create", "--name", "c", "--scope", "*", "--out", lost).want(t, exitUnknown, "may have been created anyway")
	if _, err := os.Stat(lost); err == nil {
		t.Error("a file without a key is there")
	}
}

func TestKeyInTheFlatForm(t *testing.T) {
	t.Parallel()
	env := answering(t, map[string]string{"/api-keys": `{"id": "7", "name": "audit", "scopes": {"1": "*"}, "expires_at": "", "plain_text_key": "tgo_flat-form-of-a-key"}`})
	r := command(t, env, "keys", "create", "--name", "audit", "--scope", "*")
	if r.code != exitOK || r.out != "tgo_flat-form-of-a-key\n" {
		t.Errorf("%+v", r)
	}
	mustContain(t, r.err, "created key 7 (audit) with scopes *; expires -")
}
