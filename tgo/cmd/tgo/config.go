package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

type configCommand struct {
	Set  configSet  `cmd:"" help:"Write a profile."`
	List configList `cmd:"" help:"List the profiles."`
	Show configShow `cmd:"" help:"Show what a profile says, and where it is."`
}

// configFlags name the configuration file.
type configFlags struct {
	Config string `help:"Configuration file (or TGO_CONFIG)." placeholder:"FILE"`
	JSON   bool   `help:"Write JSON." name:"json"`
}

// path returns the path of the configuration file.
func (c *configFlags) path(s streams) (string, error) {
	file := cmp.Or(c.Config, s.getenv("TGO_CONFIG"), defaultConfig(s.getenv))
	if file == "" {
		return "", usageError("there is no home directory for a configuration file: give --config or TGO_CONFIG")
	}
	return file, nil
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

// profiles reads the profiles of the configuration file.
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
		_, err = fmt.Fprintf(s.out, "%s has no profiles; tgo config set adds one\n", file)
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
	return "Example:\n\n  tgo config show acme\n\nThe key itself is not shown. The environment and flags may override the profile: tgo doctor shows the result."
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

// keyFileState returns the name of a key file, with a note if the file is missing.
func keyFileState(name string) string {
	if name == "" {
		return ""
	}
	if _, err := os.Stat(name); err != nil {
		return name + " (it is missing)"
	}
	return name
}
