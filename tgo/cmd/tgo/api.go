package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

type apiCommand struct {
	connection
	Method      string   `arg:"" help:"GET, POST, DELETE, PUT or PATCH." placeholder:"METHOD"`
	Path        string   `arg:"" help:"The path below /api/v1, such as /messages?page=2." placeholder:"PATH"`
	RawField    []string `help:"A text, as NAME=VALUE: a query parameter of a GET, otherwise a property of the JSON body. NAME[]=VALUE makes a list. May be repeated." short:"f" sep:"none" placeholder:"NAME=VALUE"`
	Field       []string `help:"Like --raw-field, but true, false, null and whole numbers are sent as such, and @FILE is the content of a file." short:"F" sep:"none" placeholder:"NAME=VALUE"`
	Input       string   `help:"File to send as the body, or - for stdin." placeholder:"FILE"`
	ContentType string   `help:"Content type of --input." default:"application/json" placeholder:"TYPE"`
	Include     bool     `help:"Show the status and the headers of the response, too." short:"i"`
}

// Help is shown by tgo api --help.
func (apiCommand) Help() string {
	return `Examples:

  tgo api GET /me
  tgo api GET /contacts/lookup -f phone=+201010000000 -f sender_phone=+201001187188
  tgo api POST /messages -F sender_number_id=12 -f to_phone=+201010000000 -f type=text -f content=Hello
  tgo api POST /api-keys -f name=audit -f scopes[]=messages.read -i

It makes one request, to the configured server only, and writes the response to stdout as received, with the key masked. It validates
nothing and repeats nothing: if the exit code is 6, a request other than GET may have been executed. The exit code of a 2XX response is 0,
whatever its body says. At most 1 MiB of a response is read.

` + exitCodes
}

// maxInput limits the body of a raw request, which is held in memory.
const maxInput = 64 << 20

// Run makes a request.
func (c *apiCommand) Run(ctx context.Context, s streams) error {
	c.Method = strings.ToUpper(c.Method)
	if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodPut, http.MethodPatch}, c.Method) {
		return usageError("the method must be GET, POST, DELETE, PUT or PATCH")
	}
	set, err := c.settings(s)
	if err != nil {
		return err
	}
	if _, err := c.client(set); err != nil { // only to check the settings
		return err
	}
	address, err := c.address(set)
	if err != nil {
		return err
	}
	body, err := c.body(s, address)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, c.Method, address.String(), nil)
	if err != nil {
		return withCode(exitUsage, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", c.ContentType)
	}
	mask := redact.New(set.key.Reveal())
	engine := exchange.New(exchange.Config{
		Client: &http.Client{}, Timeout: c.Timeout, Attempts: 1, Mask: mask,
		Header: func(h http.Header) {
			h.Set("Accept", "application/json")
			h.Set("User-Agent", "tgo-command/"+tgo.Version)
			h.Set("X-Api-Key", set.key.Reveal())
		},
	})
	name := c.Method + " " + strings.TrimPrefix(address.Path, "/api/v1")
	o := engine.Do(ctx, exchange.Call{Operation: "api", Name: name, Request: req, JSON: body})
	if o.Verdict != exchange.Answered {
		return withCode(c.noAnswerCode(o), fmt.Errorf("%s: %s: %w", name, address.Host, o.Err))
	}
	if err := c.show(s, o.Answer, set.key); err != nil {
		return err
	}
	return c.verdict(name, o.Answer, mask)
}

// noAnswerCode returns the exit code for a request that got no response.
func (c *apiCommand) noAnswerCode(o exchange.Outcome) int {
	switch {
	case o.Verdict == exchange.NotSent && errors.Is(o.Err, context.Canceled):
		return exitNotSent
	case o.Verdict == exchange.NotSent:
		return exitUnreachable
	case c.Method == http.MethodGet:
		return exitFailed
	}
	return exitUnknown
}

// address returns the URL of the request. It must be below the URL of the configured server, since the key goes there.
func (c *apiCommand) address(set settings) (*url.URL, error) {
	base, err := url.Parse(cmp.Or(set.baseURL, "https://"+set.tenant))
	if err != nil {
		return nil, usageError("the base URL cannot be read")
	}
	if base.Path = strings.TrimRight(base.Path, "/"); base.Path == "" {
		base.Path = "/api/v1"
	}
	given, err := url.Parse(c.Path)
	if err != nil {
		return nil, usageError("the path is not valid: give a path such as /messages?page=2")
	}
	elsewhere := func() (*url.URL, error) {
		return nil, usageError("the path leads away from " + base.String() + ", the only server that gets the key: give a path such as /me")
	}
	if given.Scheme != "" && given.Scheme != base.Scheme || given.Host != "" && !strings.EqualFold(given.Host, base.Host) ||
		given.User != nil || given.Opaque != "" {
		return elsewhere()
	}
	address := *base
	address.RawQuery = given.RawQuery
	below := given.EscapedPath()
	if given.Host == "" && below != base.Path && !strings.HasPrefix(below, base.Path+"/") {
		below = base.Path + "/" + strings.TrimLeft(below, "/")
	}
	if address.Path, err = url.PathUnescape(below); err != nil {
		return nil, usageError("the path is not valid: give a path such as /messages?page=2")
	}
	address.RawPath = below
	if strings.Contains(address.Path, "\\") || !strings.HasPrefix(path.Clean(address.Path)+"/", base.Path+"/") {
		return elsewhere()
	}
	return &address, nil
}

// body returns the body of the request; nil if there is none. The fields of a GET go into the query.
func (c *apiCommand) body(s streams, address *url.URL) ([]byte, error) {
	fields, err := c.fields()
	switch {
	case err != nil:
		return nil, err
	case c.Input != "" && len(fields) > 0:
		return nil, usageError("give --input or fields, not both")
	case c.Method == http.MethodGet && c.Input != "":
		return nil, usageError("a GET request has no body: leave out --input")
	case c.Method == http.MethodGet:
		query := address.Query()
		for name, value := range fields {
			list, isList := value.([]any)
			if !isList {
				list = []any{value}
			} else {
				name += "[]"
			}
			for _, v := range list {
				query.Add(name, fmt.Sprint(v))
			}
		}
		if len(fields) > 0 {
			address.RawQuery = query.Encode()
		}
		return nil, nil
	case c.Input == "-":
		if err := checkStdin(s, c.KeyFile); err != nil {
			return nil, err
		}
		return readInput(s.in)
	case c.Input != "":
		return readInputFile(c.Input)
	case len(fields) == 0:
		return nil, nil
	}
	c.ContentType = "application/json"
	return json.Marshal(fields)
}

// fields returns the values of --raw-field and --field.
func (c *apiCommand) fields() (map[string]any, error) {
	fields := map[string]any{}
	add := func(flag, text string, read func(string) (any, error)) error {
		name, plain, ok := strings.Cut(text, "=")
		list := strings.HasSuffix(name, "[]")
		name = strings.TrimSuffix(name, "[]")
		if !ok || name == "" {
			return usageError(flag + " must look like NAME=VALUE")
		}
		value, err := read(plain)
		if err != nil {
			return err
		}
		before, again := fields[name]
		values, isList := before.([]any)
		switch {
		case again && list != isList, again && !list:
			return usageError(flag + ": " + name + " is given twice")
		case list:
			value = append(values, value)
		}
		fields[name] = value
		return nil
	}
	for _, text := range c.RawField {
		if err := add("--raw-field", text, func(s string) (any, error) { return s, nil }); err != nil {
			return nil, err
		}
	}
	for _, text := range c.Field {
		if err := add("--field", text, typed); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// typed converts the value of --field: true, false, null and whole numbers, or the content of @FILE. Anything else is a
// text.
func typed(text string) (any, error) {
	if file, ok := strings.CutPrefix(text, "@"); ok {
		content, err := readInputFile(file)
		return string(content), err
	}
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
		return n, nil
	}
	return text, nil
}

func readInputFile(name string) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // reading the file that the user names is the purpose
	if err != nil {
		return nil, fileError(err)
	}
	defer f.Close() //nolint:errcheck // it was only read from
	return readInput(f)
}

func readInput(in io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	switch {
	case errors.Is(err, errInterrupted):
		return nil, err
	case err != nil:
		return nil, fileError(err)
	case len(b) > maxInput:
		return nil, withCode(exitValidation, fmt.Errorf("the body is larger than %s", bytesText(maxInput)))
	}
	return b, nil
}

// show writes the response. On a terminal, control characters are removed.
func (c *apiCommand) show(s streams, a exchange.Answer, key tgo.Key) error {
	out := s.out
	if screened, ok := out.(screen); ok {
		if f, ok := screened.out.(*os.File); !ok || !isTerminal(f) {
			out = screened.out
		}
	}
	masked := func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(key.Reveal()), []byte(redact.Mask)) }
	var b bytes.Buffer
	if c.Include {
		fmt.Fprintf(&b, "HTTP %d %s\n", a.Status, http.StatusText(a.Status))
		for _, name := range slices.Sorted(maps.Keys(a.Header)) {
			for _, value := range a.Header[name] {
				fmt.Fprintf(&b, "%s: %s\n", name, value)
			}
		}
		b.WriteByte('\n')
	}
	b.Write(a.Body)
	if _, err := out.Write(masked(b.Bytes())); err != nil {
		return fmt.Errorf("the server returned %d, but %w", a.Status, err)
	}
	return nil
}

// verdict returns the error for a response, with its exit code.
func (c *apiCommand) verdict(name string, a exchange.Answer, mask redact.Masker) error {
	switch {
	case a.Status/100 == 2 && a.Err == nil:
		return nil
	case a.Status/100 == 2:
		return fmt.Errorf("the response is incomplete: %w", a.Err)
	}
	var said struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(a.Body, &said) // the message is optional
	err := &tgo.APIError{Op: name, Status: a.Status, Message: mask.Text(said.Message), RequestID: exchange.RequestID(a.Header), Err: a.Err}
	if c.Method == http.MethodGet {
		return reading(err)
	}
	return writing(err)
}
