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

// The errors of package tgo are written for Go programmers. This file rewords them for users of the command: it replaces Go names by
// options, and shortens the errors of the network to what helps.

// rewordings are applied to the text of every error.
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
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into map\\[string\\]main\\.profile"), "each profile must have a name"},
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into main\\.profile"), "a profile must have fields, such as tenant: acme.tgo-eg.com"},
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into main\\.configFile"), "the file must have the fields default and profiles"},
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into string"), "this must be a text"},
	{regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into bool"), "this must be true or false"},
	{regexp.MustCompile(`must be given with Data`), "must be given with stdin"},
	{regexp.MustCompile("(?s)failed to connect to `([^`]*)`:\\s*([^\\n]*)(\\n.*)?$"), "the database cannot be reached ($1): $2"},
	{regexp.MustCompile(`interrupted: context canceled`), "interrupted"},
	{regexp.MustCompile(`tgotest: (seed: )?`), ""},
	{regexp.MustCompile(`json: cannot unmarshal (\w+) into Go struct field \w+\.(\S+) of type .*`), "$2 must not be a $1"},
	{regexp.MustCompile(`json: cannot unmarshal (\w+) into Go value of type .*`), "it must not be a $1"},
	{regexp.MustCompile(`the proxy responded to CONNECT with 407`), proxyAsks},
	{regexp.MustCompile(`the proxy responded to CONNECT with (4\d\d)`), "the proxy refused the connection ($1)"},
	{regexp.MustCompile(`the proxy responded to CONNECT with (\d+)`), "the proxy could not connect ($1)"},
	{regexp.MustCompile(`proxyconnect tcp: dial tcp (\S+): (connect: )?`), "the proxy at $1 cannot be reached: "},
	{regexp.MustCompile(`proxyconnect tcp: `), "the connection to the proxy failed: "},
	{regexp.MustCompile(`interrupted: context canceled`), "interrupted"},
	{regexp.MustCompile(`the worker died while sending the message`), "the run ended while it was being sent"},
	{regexp.MustCompile(`(send \w+: )?media cannot be opened: open (.*): no such file or directory`), "there is no file $2"},
	{regexp.MustCompile(`(^|: )(open|stat|lstat) (.*): (no such file or directory|permission denied|is a directory|not a directory)`), "$1$3: $4"},
	{regexp.MustCompile(`\b(read|write) tcp \S+->\S+: (read|write): `), ""},
	{regexp.MustCompile(`dial tcp: lookup (\S+)( on \S+)?: no such host`), "there is no host $1"},
	{regexp.MustCompile(`dial tcp: lookup (\S+)( on \S+)?: `), "the address of $1 cannot be found: "},
	{regexp.MustCompile(`(^|\s)(\S+:\d+): dial tcp \S+: connect: connection refused`), "$1$2: connection refused"},
	{regexp.MustCompile(`dial tcp (\S+): connect: connection refused`), "connection refused by $1"},
	{regexp.MustCompile(`dial tcp (\S+): (connect: )?`), "$1 cannot be reached: "},
	{regexp.MustCompile(`tls: first record does not look like a TLS handshake|http: server gave HTTP response to HTTPS client`), "the server does not use TLS (is its address http://?)"},
	{regexp.MustCompile(`(unexpected )?EOF$`), "the connection was closed"},
	{regexp.MustCompile(`(unexpected )?EOF( \()`), "the connection was closed$2"},
}

const proxyAsks = "the proxy requires a user name and a password (407): put them into HTTPS_PROXY"

// optionOf maps fields of package outbox to the options of the command. The fields of the API keep their names.
var optionOf = map[string]string{
	"apiKey": "the id", // the API names it by its place in the path
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

// inWordsOf returns the text of an error for the user of the command.
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

// plain rewords a text of package tgo or of a package below it for the user of the command.
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

// viaProxy returns the address of the proxy if the failed connection was one to a proxy.
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

// settingError names the settings that tgo.New rejected by their names in the command.
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

// fileError reports a problem with a file of a message. Nothing was sent; the command line or the file must be
// corrected.
func fileError(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return withCode(exitValidation, err)
}

// deliveryText returns what happened to a message or a request, in the library's word for it or by the exit code.
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
