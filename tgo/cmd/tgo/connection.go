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

// connection is what every command needs that speaks to a tenant. There is no flag for the key itself: everyone on the
// machine can read the arguments of a process.
type connection struct {
	Tenant   string `help:"Domain of the workspace, such as acme.tgo-eg.com (or TGO_TENANT)." placeholder:"DOMAIN" group:"Connection"`
	BaseURL  string `help:"Another server, such as a fake: its URL with /api/v1 (or TGO_BASE_URL)." name:"base-url" placeholder:"URL" group:"Connection"`
	Insecure bool   `help:"Allow a base URL with http to another machine, such as a fake in a container (or TGO_INSECURE_HTTP=1). Others on the network can then read the key." name:"insecure-http" group:"Connection"`
	KeyFile  string `help:"File that holds the API key, or - for stdin (or TGO_API_KEY_FILE; the key itself can be in TGO_API_KEY)." placeholder:"FILE" group:"Connection"`
	profileFlags
	Timeout time.Duration `help:"How long a request may go without progress." default:"1m" group:"Connection"`
	JSON    bool          `help:"Write JSON." name:"json"`
}

const configHelp = `Where to send, and with which key, is told by flags, by the environment (TGO_TENANT or TGO_BASE_URL, TGO_API_KEY or
TGO_API_KEY_FILE, TGO_FROM, TGO_INSECURE_HTTP, TGO_PROFILE, TGO_CONFIG), and by profiles in tgo/config.yaml of your
configuration directory (~/.config on Linux). A flag wins over the environment, the environment over the default profile; a profile that is named
by --profile wins over the environment, whose key is not sent to the profile's server:

  default: acme
  profiles:
    acme: {tenant: acme.tgo-eg.com, key_file: acme.key, from: "+201001187188"}
    local: {base_url: "http://127.0.0.1:8080/api/v1", key_file: local.key}

A key_file is relative to the configuration file. The key is never an argument: others can see the arguments of a process.`

// settings are what the flags, the environment and the configuration file come to.
type settings struct {
	tenant, baseURL string
	insecure        bool // http to another machine is allowed
	from            string
	key             tgo.Key
	keySource       string // where the key is from, for doctor; empty without one
	withheld        string // why the key of the environment is not used; empty where it is or there is none
	profile         string // its name; empty without one
}

// settings resolves the configuration. Whether a key is there shows in keySource.
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

// client makes a client of the settings.
func (c *connection) client(set settings, opts ...tgo.Option) (*tgo.Client, error) {
	if set.tenant == "" && set.baseURL == "" {
		return nil, usageError("which tenant? Give --tenant, TGO_TENANT or a profile (tgo fake runs one to try things with)")
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

// isForeign reports that --profile names the server, and that the environment, whose key belongs to another server or to none that it
// names, does not.
func (c *connection) isForeign(s streams, set settings, p profile) bool {
	if c.Profile == "" || set.tenant != p.Tenant || set.baseURL != p.BaseURL {
		return false
	}
	ofEnvironment := settings{tenant: s.getenv("TGO_TENANT"), baseURL: s.getenv("TGO_BASE_URL")}
	return ofEnvironment.tenant+ofEnvironment.baseURL == "" || tenantOf(ofEnvironment) != tenantOf(set)
}

// withhold leaves the key of a variable unused. What needs no key, such as a dry run, works without it.
func (set *settings) withhold(variable string) {
	set.withheld = fmt.Sprintf("profile %s has no key, and the key in %s is not sent to the profile's server, since it may belong to another: "+
		"give the profile its key by tgo config set %s --key-file FILE, or name one for this command by --key-file", set.profile, variable, set.profile)
}

// connect is settings and client in one.
func (c *connection) connect(s streams, opts ...tgo.Option) (*tgo.Client, settings, error) {
	set, err := c.settings(s)
	if err != nil {
		return nil, set, err
	}
	client, err := c.client(set, opts...)
	return client, set, err
}

// sender makes a sender of what --from, TGO_FROM or the profile says: a phone, or the id of a sender number.
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

// fewestPhone is the least number that is taken for a phone that lacks its plus sign. Ids of sender numbers count up from 1.
const fewestPhone = 1_000_000_000

// parseSender reads a phone, or the id of a sender number.
func parseSender(from string) (tgo.Phone, tgo.NumberID, error) {
	if from == "" {
		return "", 0, usageError("from which sender number? Give --from, TGO_FROM or a profile; tgo senders lists them")
	}
	if id, err := strconv.ParseInt(from, 10, 64); err == nil && !strings.HasPrefix(from, "+") && !strings.HasPrefix(from, "0") {
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

// tenantOf is where the settings lead, in one spelling: a tenant's domain and its base URL are the same.
func tenantOf(set settings) string {
	text := set.baseURL
	if text == "" {
		text = "https://" + set.tenant
	}
	u, err := url.Parse(text)
	if err != nil {
		return text // the client refuses it
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
