package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tgo-business/tgo-go/tgo"
)

type configSet struct {
	configFlags
	Name     string  `arg:"" name:"profile" help:"Name of the profile."`
	Tenant   *string `help:"Domain of the workspace, such as acme.tgo-eg.com." placeholder:"DOMAIN"`
	BaseURL  *string `help:"Another server, such as a fake: its URL with /api/v1." name:"base-url" placeholder:"URL"`
	Insecure *bool   `help:"Allow a base URL with http to another machine." name:"insecure-http"`
	From     *string `help:"Sender number: its phone or its id." placeholder:"SENDER"`
	KeyFile  *string `help:"File that holds the API key, relative to this directory; or - to read the key from stdin and keep it in a file beside the configuration file." placeholder:"FILE"`
	AskKey   bool    `help:"Ask for the key, even if the profile has one."`
	Default  bool    `help:"Use this profile by default."`
}

// Help is shown by tgo config set --help.
func (configSet) Help() string {
	return `Examples:

  tgo config set acme --tenant acme.tgo-eg.com --from +201001187188
  vault-get acme | tgo config set acme --key-file - --default
  tgo config set local --base-url http://127.0.0.1:8080/api/v1 --key-file local.key

On a terminal it asks for the key of a new profile, without showing it. The key is never an argument: it goes into a file of its own,
NAME.key beside the configuration file. Only you can read these files. Other settings keep their values and comments; an empty value
removes a setting. The first profile becomes the default.`
}

// Run writes a profile.
func (c *configSet) Run(ctx context.Context, s streams) error {
	if !profileName.MatchString(c.Name) || keyLike.MatchString(c.Name) {
		return usageError("the name of a profile may have letters, digits, dots, dashes and underscores")
	}
	file, err := c.path(s)
	if err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(file); err == nil { // replace the file that a link points to, not the link
		file = target
	}
	document, err := readDocument(file)
	if err != nil {
		return err
	}
	root := document.Content[0]
	p := child(child(root, "profiles"), c.Name)
	if err := c.change(p); err != nil {
		return err
	}
	var is profile
	if err := p.Decode(&is); err != nil {
		return withCode(exitUsage, fmt.Errorf("configuration: %s: profile %s: %s", file, c.Name, plain(masked(err))))
	}
	if err := c.check(is); err != nil {
		return err
	}
	key, err := c.key(ctx, s, is.KeyFile != "")
	if err != nil {
		return err
	}
	if scalar(root, "default") == "" || c.Default {
		put(root, "default", c.Name)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return withCode(exitUsage, err)
	}
	if key != "" {
		name := c.Name + ".key"
		put(p, "key_file", name)
		if err := writePrivate(filepath.Join(filepath.Dir(file), name), []byte(key+"\n")); err != nil {
			return withCode(exitUsage, err)
		}
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(document), e.Close()); err != nil {
		return err
	}
	if err := writePrivate(file, b.Bytes()); err != nil {
		return withCode(exitUsage, err)
	}
	if c.JSON {
		return writeJSON(s.out, map[string]string{"profile": c.Name, "file": file})
	}
	_, err = fmt.Fprintf(s.out, "profile %s is in %s\n", c.Name, file)
	return err
}

// change applies the flags to a profile.
func (c *configSet) change(p *yaml.Node) error {
	if c.Tenant != nil && c.BaseURL != nil && *c.Tenant != "" && *c.BaseURL != "" {
		return usageError("give --tenant or --base-url, not both")
	}
	if c.Tenant != nil && *c.Tenant != "" {
		put(p, "base_url", "")
	}
	if c.BaseURL != nil && *c.BaseURL != "" {
		put(p, "tenant", "")
	}
	keyFile := c.KeyFile
	if keyFile != nil && *keyFile == "-" {
		keyFile = nil
	}
	if keyFile != nil && *keyFile != "" {
		absolute, err := filepath.Abs(*keyFile)
		if err != nil {
			return withCode(exitUsage, err)
		}
		keyFile = &absolute
	}
	for _, field := range []struct {
		name  string
		value *string
	}{{"tenant", c.Tenant}, {"base_url", c.BaseURL}, {"key_file", keyFile}, {"from", c.From}} {
		if field.value == nil {
			continue
		}
		if keyLike.MatchString(*field.value) {
			return usageError(field.name + " must not be a key: " + howToGiveAKey)
		}
		put(p, field.name, *field.value)
	}
	if c.Insecure != nil {
		put(p, "insecure_http", "")
		if *c.Insecure {
			put(p, "insecure_http", "true")
		}
	}
	return nil
}

// check validates a profile with the client's own rules.
func (c *configSet) check(is profile) error {
	if is.Tenant == "" && is.BaseURL == "" {
		return usageError("the profile has no server: give --tenant or --base-url")
	}
	probe := connection{Timeout: 1}
	_, err := probe.client(settings{tenant: is.Tenant, baseURL: is.BaseURL, insecure: is.Insecure, key: tgo.NewKey("tgo_no-key-was-given"), keySource: "nowhere"})
	if err == nil && is.From != "" {
		_, _, err = parseSender(is.From)
	}
	return err
}

// key reads a key from stdin with --key-file -, or asks for it if the profile has none or --ask-key is given. Otherwise
// it returns an empty text.
func (c *configSet) key(ctx context.Context, s streams, there bool) (string, error) {
	var set settings
	var text string
	var err error
	switch {
	case c.KeyFile != nil && *c.KeyFile == "-":
		if err = set.readKey(s, "-"); err != nil {
			return "", err
		}
		text = set.key.Reveal()
	case c.AskKey && !s.interactive:
		return "", usageError("there is no terminal to ask for the key on: give --key-file")
	case s.interactive && (c.AskKey || !there):
		fmt.Fprintf(s.err, "API key of %s (it is not shown; empty for none): ", c.Name)
		text, err = s.secret(ctx)
		fmt.Fprintln(s.err)
		if err != nil {
			return "", err
		}
		text = strings.TrimSpace(text)
	}
	if text == "" {
		return "", nil
	}
	probe := connection{Timeout: 1}
	_, err = probe.client(settings{tenant: "a.example", key: tgo.NewKey(text), keySource: cmp.Or(set.keySource, "the terminal")})
	return text, err
}

// profileName matches the names a profile may have. They are also names of key files.
var profileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
