package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
)

// shownRequest is a request that was built and not sent.
type shownRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Length  int64             `json:"content_length"`
	Body    json.RawMessage   `json:"body,omitempty"`
	Form    []shownPart       `json:"form,omitempty"`
}

type shownPart struct {
	Name        string `json:"name"`
	Value       string `json:"value,omitempty"`
	FileName    string `json:"file_name,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Size        int64  `json:"size,omitempty"`
}

// recorder is a transport that records the request and sends nothing.
type recorder struct{ request shownRequest }

// RoundTrip responds as if the message was accepted.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	defer req.Body.Close()
	r.request = shownRequest{Method: req.Method, URL: req.URL.String(), Headers: map[string]string{}, Length: req.ContentLength}
	for name := range req.Header {
		r.request.Headers[name] = req.Header.Get(name)
	}
	r.request.Headers["X-Api-Key"] = tgo.NewKey(req.Header.Get("X-Api-Key")).String()
	if err := r.readBody(req); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusCreated, Request: req, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"data":{"id":1}}`)),
	}, nil
}

func (r *recorder) readBody(req *http.Request) error {
	mediaType, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	if mediaType != "multipart/form-data" {
		r.request.Body, err = io.ReadAll(req.Body)
		return err
	}
	form := multipart.NewReader(req.Body, params["boundary"])
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		shown := shownPart{Name: part.FormName(), FileName: part.FileName(), ContentType: part.Header.Get("Content-Type")}
		if shown.FileName == "" {
			var value []byte
			if value, err = io.ReadAll(part); err == nil {
				shown.Value = string(value)
			}
		} else {
			shown.Size, err = io.Copy(io.Discard, part)
		}
		if err != nil {
			return err
		}
		r.request.Form = append(r.request.Form, shown)
	}
}

// offline returns a sender whose client builds requests and sends none of them; the recorder has the last one. So
// messages are validated with the client's own rules.
func offline(c *connection, set settings, from string) (*tgo.Sender, *recorder, error) {
	if set.keySource == "" { // nothing is sent, so no key is needed
		set.key, set.keySource, set.withheld = tgo.NewKey("tgo_no-key-was-given"), "nowhere", ""
	}
	r := &recorder{}
	client, err := c.client(set, tgo.WithHTTPClient(&http.Client{Transport: r}), tgo.WithWriteRetries())
	if err != nil {
		return nil, nil, err
	}
	support, err := sender(client, from)
	return support, r, err
}

// show writes the request that the client builds instead of sending it.
func (c *sending) show(ctx context.Context, s streams, set settings, from string, to tgo.Phone, send func(context.Context, *tgo.Sender, tgo.Phone) (tgo.Receipt, error)) error {
	support, r, err := offline(&c.connection, set, from)
	if err != nil {
		return err
	}
	if _, err := send(ctx, support, to); err != nil {
		return withCode(writeCode(err), err)
	}
	if c.JSON {
		return writeJSON(s.out, r.request)
	}
	r.request.write(s.out)
	fmt.Fprintln(s.err, "tgo: a dry run; nothing was sent")
	return nil
}

func (r *shownRequest) write(out io.Writer) {
	fmt.Fprintf(out, "%s %s\n", r.Method, r.URL)
	var names []string
	for name := range r.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(out, "%s: %s\n", name, r.Headers[name])
	}
	fmt.Fprintf(out, "Content-Length: %d\n\n", r.Length)
	if r.Body != nil {
		var pretty bytes.Buffer
		if json.Indent(&pretty, r.Body, "", "  ") == nil {
			fmt.Fprintln(out, pretty.String())
		}
	}
	for _, part := range r.Form {
		if part.FileName == "" {
			fmt.Fprintf(out, "%s=%s\n", part.Name, printable(part.Value))
		} else {
			fmt.Fprintf(out, "%s=@%s (%s, %d bytes)\n", part.Name, printable(part.FileName), part.ContentType, part.Size)
		}
	}
}
