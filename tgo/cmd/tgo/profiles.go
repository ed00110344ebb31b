package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"go.yaml.in/yaml/v3"
)

// profileFlags name the configuration file and the profile.
type profileFlags struct {
	Profile string `help:"Profile of the configuration file (or TGO_PROFILE)." placeholder:"NAME" group:"Connection"`
	Config  string `help:"Configuration file (or TGO_CONFIG)." placeholder:"FILE" group:"Connection"`
}

// pick returns the value of the environment or of the profile, in the order that the help describes.
func (c *profileFlags) pick(s streams, variable, inProfile string) string {
	env := s.getenv(variable)
	if env == "" || (c.Profile != "" && inProfile != "") {
		return inProfile
	}
	return env
}

// findProfile reads the configuration file, and returns the profile with its name and the directory of the file.
func (c *profileFlags) findProfile(s streams) (p profile, name, dir string, err error) {
	file := c.Config
	if file == "" {
		file = s.getenv("TGO_CONFIG")
	}
	wanted := file != ""
	if file == "" {
		file = defaultConfig(s.getenv)
	}
	name = c.Profile
	if name == "" {
		name = s.getenv("TGO_PROFILE")
	}
	b, err := os.ReadFile(file) //nolint:gosec // reading the file that the user names is the purpose
	switch {
	case errors.Is(err, os.ErrNotExist) && !wanted && name == "":
		return profile{}, "", "", nil
	case err != nil:
		return profile{}, "", "", withCode(exitUsage, fmt.Errorf("configuration: %w", err))
	}
	if info, err := os.Stat(file); err == nil && runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o022 != 0 {
		fmt.Fprintf(s.err, "tgo: others on this machine can change %s, and with it where your key is sent; chmod 600 it\n", file)
	}
	f, err := readConfig(file, b)
	if err != nil {
		return profile{}, "", "", err
	}
	if name == "" {
		name = f.Default
	}
	if name == "" {
		return profile{}, "", "", nil
	}
	p, ok := f.Profiles[name]
	if !ok {
		return profile{}, "", "", usageError(fmt.Sprintf("configuration: %s has no profile %q", file, name))
	}
	return p, name, filepath.Dir(file), nil
}

// configFile is the configuration file.
type configFile struct {
	Default  string             `yaml:"default"`
	Profiles map[string]profile `yaml:"profiles"`
}

type profile struct {
	Tenant   string `yaml:"tenant"`
	BaseURL  string `yaml:"base_url"`
	Insecure bool   `yaml:"insecure_http"`
	KeyFile  string `yaml:"key_file"`
	From     string `yaml:"from"`
}

// readConfig parses a configuration file.
func readConfig(file string, content []byte) (f configFile, err error) {
	d := yaml.NewDecoder(bytes.NewReader(content))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return f, withCode(exitUsage, fmt.Errorf("configuration: %s: %s", file, plain(masked(err))))
	}
	return f, nil
}

// defaultConfig returns the configuration file that is read if none is named. It is empty without a home directory: a
// file in the current directory must not decide where the key is sent.
func defaultConfig(getenv func(string) string) string {
	home := getenv("HOME")
	dir := getenv("XDG_CONFIG_HOME")
	switch {
	case dir != "":
	case runtime.GOOS == "windows":
		dir = getenv("AppData")
	case home == "":
	case runtime.GOOS == "darwin":
		dir = filepath.Join(home, "Library", "Application Support")
	default:
		dir = filepath.Join(home, ".config")
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "tgo", "config.yaml")
}

// masked returns the text of an error without keys: a user may have put one in the wrong place.
func masked(err error) string { return maskedText(err.Error()) }

func maskedText(text string) string { return keyLike.ReplaceAllString(text, "tgo_****") }

var keyLike = regexp.MustCompile(`tgo_[A-Za-z0-9_-]{9,}`)
