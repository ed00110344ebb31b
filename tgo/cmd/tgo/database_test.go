package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestOutboxDefaultDatabase(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has neither these directories nor these permissions")
	}
	home := t.TempDir()
	data := map[string]string{"darwin": "Library/Application Support"}[runtime.GOOS]
	if data == "" {
		data = ".local/share"
	}
	for _, c := range []struct {
		env  map[string]string
		file string
	}{
		{map[string]string{"HOME": home}, filepath.Join(home, data, "tgo", "outbox.db")},
		{map[string]string{"HOME": home, "XDG_DATA_HOME": filepath.Join(home, "data")}, filepath.Join(home, "data", "tgo", "outbox.db")},
	} {
		command(t, c.env, "outbox", "add", "text", "--from", "1", "--to", "+201010000000", "Hello").want(t, exitOK, "message 1 added")
		for path, mode := range map[string]fs.FileMode{filepath.Dir(c.file): fs.ModeDir | 0o700, c.file: 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode() != mode {
				t.Errorf("%s is %v, %v", path, info, err)
			}
		}
	}
	command(t, nil, "outbox", "status").want(t, exitUsage, "there is no data directory", "--database")
}

func TestOutboxDatabaseFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	add := func(env map[string]string, args ...string) result {
		t.Helper()
		return command(t, env, append([]string{"outbox", "add", "text", "--from", "1", "--to", "+201010000000", "Hello"}, args...)...)
	}
	// Characters that have a meaning in a URL or for SQLite are part of the name.
	names := []string{"plain.db", "a b%20c.db", "query.db#part"}
	if runtime.GOOS != "windows" {
		names = append(names, "query?mode=memory")
	}
	for _, name := range names {
		file := filepath.Join(dir, name)
		add(nil, "--database", "sqlite:"+file).want(t, exitOK, "message 1 added")
		add(nil, "--database", "sqlite:"+file).want(t, exitOK, "message 2 added")
		if b, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(b, []byte("SQLite format 3")) {
			t.Errorf("%s: %v", file, err)
		}
	}
	// The flag has precedence over the environment, and so has a file.
	env := map[string]string{"TGO_OUTBOX_DATABASE": "sqlite:" + filepath.Join(dir, "environment.db")}
	list := writeFile(t, filepath.Join(dir, "url"), "sqlite:"+filepath.Join(dir, "file.db")+"\r\nanything\n")
	add(env, "--database", "sqlite:"+filepath.Join(dir, "flag.db")).want(t, exitOK, "message 1 added")
	add(env, "--database-file", list).want(t, exitOK, "message 1 added")
	add(env).want(t, exitOK, "message 1 added")
	add(env).want(t, exitOK, "message 2 added")
	for _, name := range []string{"environment.db", "flag.db", "file.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	command(t, env, "outbox", "migrate").want(t, exitOK, "environment.db is up to date")
	add(env, "--database", "sqlite:x", "--database-file", list).want(t, exitUsage, "not both")
	add(nil, "--database-file", filepath.Join(dir, "none")).want(t, exitUsage, "none")
	add(nil, "--database-file", writeFile(t, filepath.Join(dir, "empty"), "")).want(t, exitUsage, "--database-file: the database must be")
	add(nil, "--database", "sqlite:").want(t, exitUsage, "without a file")
	add(nil, "--database", "sqlite:"+filepath.Join(dir, "no-such-directory", "x.db")).want(t, exitUsage, "no-such-directory")
	add(nil, "--database", "sqlite:"+dir).want(t, exitUsage, dir+" is not a file")
	add(env, "--schema", "tgo").want(t, exitUsage, "--schema")
}

// A password in the arguments is refused, and no password is ever shown.
func TestOutboxPasswords(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	dir := t.TempDir()
	urls := []string{
		"postgres://shop:s3cr3t@127.0.0.1:1/shop",
		"postgresql://shop:s3cr3t@127.0.0.1:1/shop",
		"POSTGRES://shop:s3cr3t@127.0.0.1:1/shop",
		"postgres://:s3cr3t@127.0.0.1:1/shop",
		"postgres://shop@127.0.0.1:1/shop?sslmode=disable&password=s3cr3t",
		"postgres://shop@127.0.0.1:1/shop?pass%77ord=s3cr3t",
		"postgres://shop@127.0.0.1:1/shop?sslpassword=s3cr3t",
		"postgres://shop:s3cr3t/x@127.0.0.1:1/shop",  // not escaped
		"postgres://shop:12/s3cr3t@127.0.0.1:1/shop", // the same, but 12 could be a port
		"postgres://shop:a@s3cr3t@127.0.0.1:1/shop",
		"postgres://shop:s3cr3t%zz@127.0.0.1:1/shop",
		"postgres://shop:s3cr3t@127.0.0.1:x/shop",
		"mysql://shop:s3cr3t@127.0.0.1:1/shop",
	}
	for i, url := range urls {
		file := writeFile(t, filepath.Join(dir, strconv.Itoa(i)), url+"\n")
		for name, r := range map[string]result{
			"an argument":        command(t, nil, "outbox", "status", "--database", url).want(t, exitUsage, "TGO_OUTBOX_DATABASE, --database-file, PGPASSFILE or PGPASSWORD"),
			"an argument =":      command(t, nil, "outbox", "migrate", "--database="+url, "--json").want(t, exitUsage, "PGPASSFILE"),
			"in the environment": command(t, map[string]string{"TGO_OUTBOX_DATABASE": url}, "outbox", "status"),
			"in a file":          command(t, nil, "outbox", "status", "--database-file", file),
			"in a wrong place":   command(t, nil, "outbox", "status", url),
			"to a wrong flag":    command(t, nil, "outbox", "status", "--databse="+url),
			"to another flag":    command(t, nil, "outbox", "status", "--database-file="+url),
			"to a number":        command(t, nil, "outbox", "cancel", url),
		} {
			if r.code == exitOK || strings.Contains(r.out+r.err, secret) {
				t.Errorf("%s, %s: %+v", url, name, r)
			}
		}
	}
	// These have no password, so they are tried. Nothing listens on this port.
	for _, url := range []string{
		"postgres://127.0.0.1:1/shop", "postgres://shop@127.0.0.1:1/shop", "postgresql://shop@127.0.0.1:1/shop?sslmode=disable",
	} {
		command(t, nil, "outbox", "status", "--database", url).want(t, exitFailed, "refused")
	}
	// These have a password, but in a place where others cannot see it.
	command(t, map[string]string{"TGO_OUTBOX_DATABASE": urls[0]}, "outbox", "status").want(t, exitFailed, "refused")
	command(t, nil, "outbox", "status", "--database-file", filepath.Join(dir, "0")).want(t, exitFailed, "refused")
	command(t, nil, "outbox", "status", "--database", "postgres://127.0.0.1:1/shop?sslmode=no").want(t, exitUsage, "sslmode")
}
