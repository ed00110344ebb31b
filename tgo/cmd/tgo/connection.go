package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// connection holds the flags of every command that connects to a tenant. There is no flag for the key itself, since
// everyone on the machine can read the arguments of a process.
type connection struct {
	Tenant   string `help:"Domain of the workspace, such as acme.tgo-eg.com (or TGO_TENANT)." placeholder:"DOMAIN" group:"Connection"`
	BaseURL  string `help:"Another server, such as a fake: its URL with /api/v1 (or TGO_BASE_URL)." name:"base-url" placeholder:"URL" group:"Connection"`
	Insecure bool   `help:"Allow a base URL with http to another machine, such as a fake in a container (or TGO_INSECURE_HTTP=1). Others on the network can then read the key." name:"insecure-http" group:"Connection"`
	KeyFile  string `help:"File that holds the API key, or - for stdin (or TGO_API_KEY_FILE; the key itself can be in TGO_API_KEY)." placeholder:"FILE" group:"Connection"`
	profileFlags
	Timeout time.Duration `help:"How long a request may go without progress." default:"1m" group:"Connection"`
	JSON    bool          `help:"Write JSON." name:"json"`
}

const configHelp = `The server and the key come from flags, from the environment (TGO_TENANT or TGO_BASE_URL, TGO_API_KEY or TGO_API_KEY_FILE, TGO_FROM,
TGO_INSECURE_HTTP, TGO_PROFILE, TGO_CONFIG), and from profiles in tgo/config.yaml of your configuration directory (~/.config on
Linux). A flag overrides the environment, and the environment overrides the default profile. A profile that --profile names overrides
the environment, whose key is not sent to the profile's server unless the environment names the same server:

  default: acme
  profiles:
    acme: {tenant: acme.tgo-eg.com, key_file: acme.key, from: "+201001187188"}
    local: {base_url: "http://127.0.0.1:8080/api/v1", key_file: local.key}

A key_file is relative to the configuration file. The key is never an argument: others can see the arguments of a process.`

// settings are the result of the flags, the environment and the configuration file.
type settings struct {
	tenant, baseURL string
	insecure        bool // http to another machine is allowed
	from            string
	key             tgo.Key
	keySource       string // where the key comes from; empty without a key
	withheld        string // why the key of the environment is not used; empty if it is used or missing
	profile         string // its name; empty without a profile
}

// settings resolves the configuration. keySource shows whether there is a key.
func (c *connection) settings(s streams) (settings, error) {
	p, named, dir, err := c.findProfile(s)
	if err != nil {
		return settings{}, err
	}
	set := settings{profile: named, from: c.pick(s, "TGO_FROM", p.From)}
	switch {
	case c.Tenant != "" && c.BaseURL != "":
		return set, usageError("give --tenant or --base-url, not both")
	case c.Tenant != "":
		set.tenant = c.Tenant
	case c.BaseURL != "":
		set.baseURL = c.BaseURL
	case c.Profile != "" && (p.Tenant != "" || p.BaseURL != ""):
		set.tenant, set.baseURL = p.Tenant, p.BaseURL
	default:
		set.baseURL = s.getenv("TGO_BASE_URL")
		if set.tenant = s.getenv("TGO_TENANT"); set.baseURL == "" && set.tenant == "" {
			set.tenant, set.baseURL = p.Tenant, p.BaseURL
		}
	}
	set.insecure = c.Insecure || s.getenv("TGO_INSECURE_HTTP") == "1" || (p.Insecure && set.baseURL == p.BaseURL)
	if set.tenant != "" && set.baseURL != "" {
		return set, usageError("the environment or the profile names a tenant and a base URL; leave one of them out")
	}
	if p.KeyFile != "" && !filepath.IsAbs(p.KeyFile) {
		p.KeyFile = filepath.Join(dir, p.KeyFile)
	}
	plain := s.getenv("TGO_API_KEY")
	switch {
	case c.KeyFile != "":
		err = set.readKey(s, c.KeyFile)
	case c.Profile != "" && p.KeyFile != "":
		err = set.readKey(s, p.KeyFile)
	case c.isForeign(s, set, p) && plain != "":
		set.withhold("TGO_API_KEY")
	case c.isForeign(s, set, p) && s.getenv("TGO_API_KEY_FILE") != "":
		set.withhold("TGO_API_KEY_FILE")
	case plain != "":
		set.key, set.keySource = tgo.NewKey(plain), "TGO_API_KEY"
	default:
		if file := c.pick(s, "TGO_API_KEY_FILE", p.KeyFile); file != "" {
			err = set.readKey(s, file)
		}
	}
	return set, err
}

// client creates a client from the settings.
func (c *connection) client(set settings, opts ...tgo.Option) (*tgo.Client, error) {
	if set.tenant == "" && set.baseURL == "" {
		return nil, usageError("the tenant is missing: give --tenant, TGO_TENANT or a profile (tgo fake runs one to try things with)")
	}
	if set.withheld != "" {
		return nil, usageError(set.withheld)
	}
	if set.keySource == "" {
		return nil, usageError("there is no API key: put it into TGO_API_KEY, or give --key-file")
	}
	all := []tgo.Option{tgo.WithTimeout(c.Timeout), tgo.WithUserAgent("tgo-command/" + tgo.Version)}
	if set.baseURL != "" {
		all = append(all, tgo.WithBaseURL(set.baseURL))
	}
	if set.insecure {
		all = append(all, tgo.WithInsecureHTTP())
	}
	client, err := tgo.New(set.tenant, set.key, append(all, opts...)...)
	if err != nil {
		return nil, settingError(err, set)
	}
	return client, nil
}

// isForeign reports whether --profile names the server and the environment does not name the same one. The key of the
// environment then belongs to another server.
func (c *connection) isForeign(s streams, set settings, p profile) bool {
	if c.Profile == "" || set.tenant != p.Tenant || set.baseURL != p.BaseURL {
		return false
	}
	ofEnvironment := settings{tenant: s.getenv("TGO_TENANT"), baseURL: s.getenv("TGO_BASE_URL")}
	return ofEnvironment.tenant+ofEnvironment.baseURL == "" || tenantOf(ofEnvironment) != tenantOf(set)
}

// withhold leaves the key of an environment variable unused. Commands that need no key, such as a dry run, still work.
func (set *settings) withhold(variable string) {
	set.withheld = fmt.Sprintf("profile %s has no key, and the key in %s is not sent to the profile's server, since it may belong to another: "+
		"give the profile its key by tgo config set %s --key-file FILE, or name one for this command by --key-file", set.profile, variable, set.profile)
}

// connect resolves the settings and creates a client.
func (c *connection) connect(s streams, opts ...tgo.Option) (*tgo.Client, settings, error) {
	set, err := c.settings(s)
	if err != nil {
		return nil, set, err
	}
	client, err := c.client(set, opts...)
	return client, set, err
}

// sender returns the sender that --from, TGO_FROM or the profile names by its phone or by the id of its sender number.
func sender(client *tgo.Client, from string) (*tgo.Sender, error) {
	phone, number, err := parseSender(from)
	switch {
	case err != nil:
		return nil, err
	case phone == "":
		return client.FromNumber(number), nil
	}
	return client.FromPhone(phone), nil
}

// fewestPhone is the smallest number that is taken for a phone without its plus sign. Ids of sender numbers count up
// from 1.
const fewestPhone = 1_000_000_000

// parseSender parses a phone or the id of a sender number.
func parseSender(from string) (tgo.Phone, tgo.NumberID, error) {
	if from == "" {
		return "", 0, usageError("there is no sender number: give --from, TGO_FROM or a profile; tgo senders lists them")
	}
	if id, err := strconv.ParseInt(from, 10, 64); err == nil && !strings.HasPrefix(from, "+") && (from == "0" || !strings.HasPrefix(from, "0")) {
		if id >= fewestPhone {
			return "", 0, withCode(exitValidation, fmt.Errorf("sender %s: this looks like a phone without its plus sign: write +%s if that is its country code, "+
				"or give the id of the sender number, which tgo senders lists", from, from))
		}
		return "", tgo.NumberID(id), nil
	}
	phone, err := tgo.ParsePhone(from)
	if err != nil {
		return "", 0, withCode(exitValidation, fmt.Errorf("--from: %w", err))
	}
	return phone, 0, nil
}

// tenantOf returns the server of the settings in one spelling: the domain of a tenant and its base URL are the same
// server.
func tenantOf(set settings) string {
	text := set.baseURL
	if text == "" {
		text = "https://" + set.tenant
	}
	u, err := url.Parse(text)
	if err != nil {
		return text // the client rejects it
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	path := strings.Trim(u.Path, "/")
	if path == "" {
		path = "api/v1"
	}
	return fmt.Sprintf("%s:%s/%s", strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), port, path)
}
