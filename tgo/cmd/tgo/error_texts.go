package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
)

// Package tgo words its errors for people who write Go. Here they become words for people at a shell: options for Go names, and
// no more of the network's own words than what helps.

// rewording is applied to the text of every error.
var rewordings = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`(^|: |\n\s*)tgo: (parse phone: )?`), "$1"},
	{regexp.MustCompile(`^parse phone: `), ""},
	{regexp.MustCompile(`see the number's status with Client\.SenderNumbers or tgo senders, which says what to do`), "tgo senders says what to do"},
	{regexp.MustCompile(`see Client\.SenderNumbers`), "tgo senders lists them"},
	{regexp.MustCompile(`with WithInsecureHTTP any host`), "with --insecure-http any host"},
	{regexp.MustCompile(`(^|: )yaml: (unmarshal errors:\s*)?`), "$1"},
	{regexp.MustCompile(`field (\S+) not found in type main\.profile`), "field $1 not found in a profile: it may have tenant or base_url, key_file, from and insecure_http"},
	{regexp.MustCompile(`field (\S+) not found in type main\.configFile`), "field $1 not found: the file has default and profiles"},
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into map\\[string\\]main\\.profile"), "profiles must have a name each"},
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into main\\.profile"), "a profile must have fields, such as tenant: acme.tgo-eg.com"},
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into main\\.configFile"), "the file must have the fields default and profiles"},
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into string"), "a text belongs here"},
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into bool"), "true or false belongs here"},
	{regexp.MustCompile(`must have a Ref, a Name and a ContentType that are UTF-8`), "must have a path, --name and --content-type that are UTF-8"},
	{regexp.MustCompile(`must be given with Data`), "must be given with stdin"},
	{regexp.MustCompile("(?s)failed to connect to `([^`]*)`:\\s*([^\\n]*)(\\n.*)?$"), "the database cannot be reached ($1): $2"},
	{regexp.MustCompile(`interrupted: context canceled`), "interrupted"},
	{regexp.MustCompile(`tgotest: (seed: )?`), ""},
	{regexp.MustCompile(`json: cannot unmarshal (\w+) into Go struct field \w+\.(\S+) of type .*`), "$2 must not be a $1"},
	{regexp.MustCompile(`json: cannot unmarshal (\w+) into Go value of type .*`), "it must not be a $1"},
	{regexp.MustCompile(`the proxy answered CONNECT with 407`), proxyAsks},
	{regexp.MustCompile(`the proxy answered CONNECT with (4\d\d)`), "the proxy refused the connection ($1)"},
	{regexp.MustCompile(`the proxy answered CONNECT with (\d+)`), "the proxy could not connect ($1)"},
	{regexp.MustCompile(`proxyconnect tcp: dial tcp (\S+): (connect: )?`), "the proxy at $1 cannot be reached: "},
	{regexp.MustCompile(`proxyconnect tcp: `), "the connection to the proxy failed: "},
	{regexp.MustCompile(`interrupted: context canceled`), "interrupted"},
	{regexp.MustCompile(`the worker died while it was sent`), "the run ended while it was being sent"},
	{regexp.MustCompile(`(send \w+: )?media cannot be opened: open (.*): no such file or directory`), "there is no file $2"},
	{regexp.MustCompile(`(^|: )(open|stat|lstat) (.*): (no such file or directory|permission denied|is a directory|not a directory)`), "$1$3: $4"},
	{regexp.MustCompile(`\b(read|write) tcp \S+->\S+: (read|write): `), ""},
	{regexp.MustCompile(`dial tcp: lookup (\S+)( on \S+)?: no such host`), "there is no host $1"},
	{regexp.MustCompile(`dial tcp: lookup (\S+)( on \S+)?: `), "the address of $1 cannot be found: "},
	{regexp.MustCompile(`(^|\s)(\S+:\d+): dial tcp \S+: connect: connection refused`), "$1$2: connection refused"},
	{regexp.MustCompile(`dial tcp (\S+): connect: connection refused`), "connection refused by $1"},
	{regexp.MustCompile(`dial tcp (\S+): (connect: )?`), "$1 cannot be reached: "},
	{regexp.MustCompile(`tls: first record does not look like a TLS handshake|http: server gave HTTP response to HTTPS client`), "it does not speak TLS (is it http:// there?)"},
	{regexp.MustCompile(`(unexpected )?EOF$`), "the connection was closed"},
	{regexp.MustCompile(`(unexpected )?EOF( \()`), "the connection was closed$2"},
}

const proxyAsks = "the proxy wants a user name and a password (407), which HTTPS_PROXY can hold"

// optionOf says what the fields of package outbox are here. Those of the API have the API's names.
var optionOf = map[string]string{
	"apiKey": "the id", // of which the API names only the place in a path
	"From":   "--from", "FromNumber": "--from", "Key": "--key", "Priority": "--priority", "At": "--at", "Text": "the text",
	"Media": "the file", "Media.Type": "the file", "Media.Ref": "the file", "Media.Data": "stdin", "Media.Name": "--name",
	"Media.ContentType": "--content-type", "Media.Duration": "--duration",
	"Workers.Concurrency": "--concurrency", "Workers.Rate": "--rate", "Workers.SenderRate": "--sender-rate", "Workers.Windows": "--window",
	"Workers.Retention": "--retention",
}

var (
	noProgress = regexp.MustCompile(`no progress for ([0-9.hmsµn]+): context deadline exceeded`)
	waitFor    = regexp.MustCompile(`\bwait ([0-9.hm]+s)\b`)
)

// inWordsOf is the text of an error for people at a shell.
func inWordsOf(err error) string {
	if refused := (*tgo.APIError)(nil); errors.As(err, &refused) && fromProxy(err) {
		return refused.Op + ": " + proxyAsks + " (not sent)"
	}
	text := err.Error()
	if input := (*tgo.InputError)(nil); errors.As(err, &input) {
		own := tgo.InputError{Op: input.Op, Fields: slices.Clone(input.Fields)}
		for i, f := range own.Fields {
			own.Fields[i].Field = cmp.Or(optionOf[f.Field], f.Field)
		}
		text = strings.Replace(text, input.Error(), own.Error(), 1)
	}
	text = plain(text)
	if by := viaProxy(err); by != "" && !strings.Contains(text, "the proxy") {
		text = strings.Replace(text, ": ", ": through the proxy "+by+": ", 1)
	}
	return text
}

// plain is a text of package tgo, or of what lies below it, for people at a shell.
func plain(text string) string {
	for _, r := range rewordings {
		text = r.from.ReplaceAllString(text, r.to)
	}
	text = noProgress.ReplaceAllStringFunc(text, func(s string) string {
		return "no progress for " + roundedText(noProgress.FindStringSubmatch(s)[1]) + " (--timeout)"
	})
	return waitFor.ReplaceAllStringFunc(text, func(s string) string {
		return "wait " + roundedText(waitFor.FindStringSubmatch(s)[1])
	})
}

// viaProxy is the address of the proxy where the connection that failed is one to it.
func viaProxy(err error) string {
	var failed *net.OpError
	if !errors.As(err, &failed) || failed.Addr == nil || failed.Op == "dial" {
		return ""
	}
	for _, scheme := range []string{"https", "http"} {
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: scheme, Host: "tgo-eg.com"}})
		if err != nil || proxy == nil {
			continue
		}
		_, port, err := net.SplitHostPort(failed.Addr.String())
		if err == nil && port == proxy.Port() {
			return proxy.Host
		}
	}
	return ""
}

// settingError is what tgo.New found wrong with the settings, by the names that they have here.
func settingError(err error, set settings) error {
	var input *tgo.InputError
	if !errors.As(err, &input) {
		return withCode(exitUsage, err)
	}
	names := map[string]string{"key": "the API key from " + set.keySource, "tenant": "the tenant", "base URL": "the base URL", "WithTimeout": "--timeout"}
	var problems []string
	for _, f := range input.Fields {
		name := names[f.Field]
		if name == "" {
			name = f.Field
		}
		problems = append(problems, name+" "+plain(f.Rule))
	}
	return usageError(strings.Join(problems, "; "))
}

// fileError is what is wrong with a file that a message is to be made of: nothing was sent, and the command line has to change
// first, or the file to come.
func fileError(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return withCode(exitValidation, err)
}

// deliveryText says what became of a message, or of the request, by the library's word for it or by the exit code.
func deliveryText(err error) string {
	switch codeOf(err) {
	case exitUsage, exitValidation, exitNotSent, exitUnreachable:
		return tgo.DeliveryNotSent.String()
	case exitRejected:
		return tgo.DeliveryRejected.String()
	case exitUnknown:
		return tgo.DeliveryUnknown.String()
	}
	return tgo.DeliveryOf(err).String()
}
