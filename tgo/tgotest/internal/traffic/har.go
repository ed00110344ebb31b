package traffic

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// The HTTP Archive format, version 1.2, as far as the fake has the values.

type harName struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harParam struct {
	Name        string `json:"name"`
	Value       string `json:"value,omitempty"`
	FileName    string `json:"fileName,omitempty"`
	ContentType string `json:"contentType,omitempty"`
}

type harPostData struct {
	MimeType string     `json:"mimeType"`
	Params   []harParam `json:"params,omitempty"`
	Text     string     `json:"text"`
}

type harRequest struct {
	Method      string       `json:"method"`
	URL         string       `json:"url"`
	HTTPVersion string       `json:"httpVersion"`
	Cookies     []harName    `json:"cookies"`
	Headers     []harName    `json:"headers"`
	QueryString []harName    `json:"queryString"`
	PostData    *harPostData `json:"postData,omitempty"`
	HeadersSize int          `json:"headersSize"`
	BodySize    int          `json:"bodySize"`
}

type harContent struct {
	Size     int    `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
}

type harResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	HTTPVersion string     `json:"httpVersion"`
	Cookies     []harName  `json:"cookies"`
	Headers     []harName  `json:"headers"`
	Content     harContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int        `json:"bodySize"`
}

type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

type harEntry struct {
	StartedDateTime string      `json:"startedDateTime"`
	Time            float64     `json:"time"`
	Request         harRequest  `json:"request"`
	Response        harResponse `json:"response"`
	Cache           struct{}    `json:"cache"`
	Timings         harTimings  `json:"timings"`
	Comment         string      `json:"comment,omitempty"`
}

// WriteHAR writes requests as an HTTP Archive. Keys are masked in it too.
func (l *Log) WriteHAR(to io.Writer, all []*Record) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	if _, err := fmt.Fprintf(to, `{"log":{"version":"1.2","creator":{"name":"tgo fake","version":%q},"entries":[`, version); err != nil {
		return err
	}
	for i, r := range all { // one at a time: all of them are many megabytes
		entry, err := json.Marshal(l.harEntry(r))
		if err != nil {
			return err
		}
		if i > 0 {
			entry = append([]byte{','}, entry...)
		}
		if _, err := to.Write(entry); err != nil {
			return err
		}
	}
	_, err := io.WriteString(to, "]}}\n")
	return err
}

func (l *Log) harEntry(r *Record) harEntry {
	const unknown = -1 // as the format has it
	e := l.Exchange(r)
	address := &url.URL{Scheme: "http"}
	if base, err := url.Parse(l.cfg.URL); err == nil {
		address.Host = base.Host
	}
	entry := harEntry{
		StartedDateTime: r.at.UTC().Format(time.RFC3339Nano), Time: e.TookMS, Timings: harTimings{Wait: e.TookMS}, Comment: e.Fault,
		Request: harRequest{
			Method: r.method, URL: address.String() + r.path, HTTPVersion: "HTTP/1.1", Cookies: []harName{}, Headers: harNames(r.headers),
			QueryString: []harName{}, HeadersSize: unknown, BodySize: len(r.body),
		},
		Response: harResponse{
			Status: r.status, StatusText: harStatus(r.status), HTTPVersion: "HTTP/1.1", Cookies: []harName{},
			Headers: harNames(r.answered), Content: harContent{r.answerSize, harHeader(r.answered, "Content-Type"), e.Response},
			RedirectURL: harHeader(r.answered, "Location"), HeadersSize: unknown, BodySize: r.answerSize,
		},
	}
	if r.bodyCut {
		entry.Request.BodySize = unknown
	}
	if _, query, ok := strings.Cut(r.path, "?"); ok {
		for pair := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			name, nameErr := url.QueryUnescape(name)
			value, valueErr := url.QueryUnescape(value)
			if pair != "" && nameErr == nil && valueErr == nil { // what cannot be read is in the URL
				entry.Request.QueryString = append(entry.Request.QueryString, harName{name, value})
			}
		}
	}
	if len(r.body) > 0 {
		entry.Request.PostData = &harPostData{MimeType: r.header("Content-Type"), Text: e.Body}
		for _, p := range e.Form {
			entry.Request.PostData.Params = append(entry.Request.PostData.Params, harParam{p.Name, p.Value, p.FileName, p.ContentType})
		}
	}
	return entry
}

func harNames(headers [][2]string) []harName {
	list := []harName{}
	for _, h := range headers {
		list = append(list, harName{h[0], h[1]})
	}
	return list
}

func harHeader(headers [][2]string, name string) string {
	for _, h := range headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

func harStatus(status int) string {
	if status == 0 { // no response
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}
