package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/term"

	"github.com/tgo-business/tgo-go/tgo"
)

type configCommand struct {
	Set  configSet  `cmd:"" help:"Write a profile."`
	List configList `cmd:"" help:"List the profiles."`
	Show configShow `cmd:"" help:"Show what a profile says, and where it is."`
}

// configFlags say which configuration file it is.
type configFlags struct {
	Config string `help:"Configuration file (or TGO_CONFIG)." placeholder:"FILE"`
	JSON   bool   `help:"Write JSON." name:"json"`
}

// path is the configuration file.
func (c *configFlags) path(s streams) (string, error) {
	file := cmp.Or(c.Config, s.getenv("TGO_CONFIG"), defaultConfig(s.getenv))
	if file == "" {
		return "", usageError("which configuration file? Give --config or TGO_CONFIG; there is no home for one")
	}
	return file, nil
}

type configSet struct {
	configFlags
	Name     string  `arg:"" name:"profile" help:"Name of the profile."`
	Tenant   *string `help:"Domain of the workspace, such as acme.tgo-eg.com." placeholder:"DOMAIN"`
	BaseURL  *string `help:"Another server, such as a fake: its URL with /api/v1." name:"base-url" placeholder:"URL"`
	Insecure *bool   `help:"Allow a base URL with http to another machine." name:"insecure-http"`
	From     *string `help:"Sender number: its phone or its id." placeholder:"SENDER"`
	KeyFile  *string `help:"File that holds the API key, relative to this directory; or - to read the key from stdin and keep it in a file beside the configuration file." placeholder:"FILE"`
	AskKey   bool    `help:"Ask for the key, even where there is one."`
	Default  bool    `help:"Use this profile where none is named."`
}

// Help is shown by tgo config set --help.
func (configSet) Help() string {
	return `Examples:

  tgo config set acme --tenant acme.tgo-eg.com --from +201001187188
  vault-get acme | tgo config set acme --key-file - --default
  tgo config set local --base-url http://127.0.0.1:8080/api/v1 --key-file local.key

On a terminal it asks for the key of a new profile, without showing it. The key is never an argument: it goes into a file of its own,
NAME.key beside the configuration file. Both can be read by you alone. What is not named stays as it is, with its comments; an empty value takes a
setting out. The first profile is the default.`
}

// profileName is a name that can be the name of a file.
var profileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Run writes a profile.
func (c *configSet) Run(ctx context.Context, s streams) error {
	if !profileName.MatchString(c.Name) || keyLike.MatchString(c.Name) {
		return usageError("the name of a profile may have letters, digits, dots, dashes and underscores")
	}
	file, err := c.path(s)
	if err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(file); err == nil { // what a link leads to is replaced, and not the link
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

// change puts what the flags say into a profile.
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
			return usageError(field.name + " is no place for a key: " + howToGiveAKey)
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

// check checks a profile by the client's own rules.
func (c *configSet) check(is profile) error {
	if is.Tenant == "" && is.BaseURL == "" {
		return usageError("where does the profile send to? Give --tenant or --base-url")
	}
	probe := connection{Timeout: 1}
	_, err := probe.client(settings{tenant: is.Tenant, baseURL: is.BaseURL, insecure: is.Insecure, key: tgo.NewKey("tgo_no-key-was-given"), keySource: "nowhere"})
	if err == nil && is.From != "" {
		_, _, err = parseSender(is.From)
	}
	return err
}

// key reads a key from stdin where that was asked for, or from a person where there is none yet. It is empty where neither is so.
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

// readSecret reads a line from a terminal that does not show it.
func readSecret(ctx context.Context, f *os.File) (string, error) {
	state, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", withCode(exitUsage, err)
	}
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(int(f.Fd()))
		read <- line{text, err}
	}()
	select {
	case l := <-read:
		if errors.Is(l.err, io.EOF) {
			l.err = nil
		}
		return string(l.text), l.err
	case <-ctx.Done(): // the terminal must show again what is typed
		return "", errors.Join(errInterrupted, term.Restore(int(f.Fd()), state))
	}
}

// writePrivate replaces a file by one that only its owner can read.
func writePrivate(name string, content []byte) error {
	return replaceFile(name, func(out io.Writer) error {
		_, err := out.Write(content)
		return err
	})
}

// readDocument reads a configuration file with its comments. One that is not there is empty.
func readDocument(file string) (*yaml.Node, error) {
	b, err := os.ReadFile(file) //nolint:gosec // reading the file that the user names is the purpose
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, withCode(exitUsage, fmt.Errorf("configuration: %w", err))
	}
	if _, err := readConfig(file, b); err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(b, &document); err != nil {
		return nil, withCode(exitUsage, fmt.Errorf("configuration: %s: %s", file, plain(masked(err))))
	}
	if document.Kind == 0 || document.Content[0].Kind != yaml.MappingNode {
		comments := document.HeadComment
		document = yaml.Node{Kind: yaml.DocumentNode, HeadComment: comments, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	}
	return &document, nil
}

// child is the mapping under a name of a mapping. It makes one where there is none.
func child(parent *yaml.Node, name string) *yaml.Node {
	for i := 0; i < len(parent.Content); i += 2 {
		if parent.Content[i].Value == name {
			node := parent.Content[i+1]
			if node.Kind == yaml.AliasNode {
				node = node.Alias
			}
			if node.Kind != yaml.MappingNode { // it is null
				*node = yaml.Node{Kind: yaml.MappingNode}
			}
			return node
		}
	}
	made := &yaml.Node{Kind: yaml.MappingNode}
	parent.Content = append(parent.Content, text(name), made)
	return made
}

func scalar(mapping *yaml.Node, name string) string {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i+1].Value
		}
	}
	return ""
}

// put sets a scalar of a mapping, and takes it out where the value is empty. Comments stay.
func put(mapping *yaml.Node, name, value string) {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value != name {
			continue
		}
		if value == "" {
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
			return
		}
		made := text(value)
		old := mapping.Content[i+1]
		made.HeadComment, made.LineComment, made.FootComment = old.HeadComment, old.LineComment, old.FootComment
		mapping.Content[i+1] = made
		return
	}
	if value != "" {
		mapping.Content = append(mapping.Content, text(name), text(value))
	}
}

// text is a scalar, quoted where it would be something else than a text otherwise. insecure_http is true, and no text.
func text(value string) *yaml.Node {
	node := new(yaml.Node)
	if value == "true" {
		node.Kind, node.Tag, node.Value = yaml.ScalarNode, "!!bool", value
		return node
	}
	node.SetString(value)
	return node
}

// shownProfile is a profile as --json shows it.
type shownProfile struct {
	Name     string `json:"name"`
	Default  bool   `json:"default"`
	Tenant   string `json:"tenant,omitempty"`
	BaseURL  string `json:"base_url,omitempty"`
	Insecure bool   `json:"insecure_http,omitempty"`
	KeyFile  string `json:"key_file,omitempty"`
	From     string `json:"from,omitempty"`
	File     string `json:"file"`
}

// profiles are those of the configuration file.
func (c *configFlags) profiles(s streams) ([]shownProfile, string, error) {
	file, err := c.path(s)
	if err != nil {
		return nil, "", err
	}
	b, err := os.ReadFile(file) //nolint:gosec // reading the file that the user names is the purpose
	if err != nil && (!errors.Is(err, fs.ErrNotExist) || c.Config != "" || s.getenv("TGO_CONFIG") != "") {
		return nil, "", withCode(exitUsage, fmt.Errorf("configuration: %w", err))
	}
	f, err := readConfig(file, b)
	if err != nil {
		return nil, "", err
	}
	list := []shownProfile{}
	for _, name := range slices.Sorted(maps.Keys(f.Profiles)) {
		p := f.Profiles[name]
		keyFile := p.KeyFile
		if keyFile != "" && !filepath.IsAbs(keyFile) {
			keyFile = filepath.Join(filepath.Dir(file), keyFile)
		}
		list = append(list, shownProfile{maskedText(name), name == f.Default, maskedText(p.Tenant), maskedText(p.BaseURL), p.Insecure, maskedText(keyFile), maskedText(p.From), file})
	}
	return list, file, nil
}

type configList struct{ configFlags }

// Help is shown by tgo config list --help.
func (configList) Help() string {
	return "Example:\n\n  tgo config list\n\nThe default profile has a star."
}

// Run lists the profiles.
func (c *configList) Run(s streams) error {
	list, file, err := c.profiles(s)
	switch {
	case err != nil:
		return err
	case c.JSON:
		return writeJSON(s.out, list)
	case len(list) == 0:
		_, err = fmt.Fprintf(s.out, "there is no profile in %s; tgo config set makes one\n", file)
		return err
	}
	table := newTable(s.out)
	fmt.Fprintln(table, "PROFILE\tSERVER\tFROM\tKEY FILE")
	for _, p := range list {
		name := p.Name
		if p.Default {
			name += " *"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", name, cmp.Or(p.Tenant, p.BaseURL, "-"), cmp.Or(p.From, "-"), cmp.Or(p.KeyFile, "-"))
	}
	return table.Flush()
}

type configShow struct {
	configFlags
	Name string `arg:"" optional:"" name:"profile" help:"Name of the profile; by default TGO_PROFILE, or the default profile."`
}

// Help is shown by tgo config show --help.
func (configShow) Help() string {
	return "Example:\n\n  tgo config show acme\n\nThe key itself is not shown. The environment and flags may say otherwise: tgo doctor tells what counts in the end."
}

// Run shows a profile.
func (c *configShow) Run(s streams) error {
	list, file, err := c.profiles(s)
	if err != nil {
		return err
	}
	name := cmp.Or(c.Name, s.getenv("TGO_PROFILE"))
	i := slices.IndexFunc(list, func(p shownProfile) bool { return p.Name == name || name == "" && p.Default })
	switch {
	case i < 0 && name == "":
		return usageError("configuration: " + file + " has no default profile: name one")
	case i < 0:
		return usageError(fmt.Sprintf("configuration: %s has no profile %q", file, maskedText(name)))
	}
	p := list[i]
	if c.JSON {
		return writeJSON(s.out, p)
	}
	table := newTable(s.out)
	row := func(name, value string) { fmt.Fprintf(table, "%s\t%s\n", name, cmp.Or(value, "-")) }
	row("profile", p.Name)
	row("file", p.File)
	row("server", cmp.Or(p.Tenant, p.BaseURL))
	row("from", p.From)
	row("key file", keyFileState(p.KeyFile))
	return table.Flush()
}

// keyFileState is a key file, and whether it is there.
func keyFileState(name string) string {
	if name == "" {
		return ""
	}
	if _, err := os.Stat(name); err != nil {
		return name + " (it is missing)"
	}
	return name
}
