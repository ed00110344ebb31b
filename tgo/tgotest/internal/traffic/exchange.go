package traffic

import (
	"cmp"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// Summary is a request as a list shows it.
type Summary struct {
	ID        int64    `json:"id"`
	At        string   `json:"at"`
	TookMS    float64  `json:"took_ms"`
	Method    string   `json:"method"`
	Path      string   `json:"path"` // with the query
	Operation string   `json:"operation"`
	KeyName   string   `json:"key_name"`
	Outcome   string   `json:"outcome"`
	Fault     string   `json:"fault"`  // what the fake did on purpose
	Status    int      `json:"status"` // 0 without a response
	Type      string   `json:"type"`
	To        string   `json:"to_phone"`
	From      string   `json:"from"`
	Text      string   `json:"text"`
	FileName  string   `json:"file_name"`
	Problem   string   `json:"problem"`
	Warning   bool     `json:"warning"`
	Attempt   int      `json:"attempt"`
	Test      string   `json:"test"`
	UserAgent string   `json:"user_agent"`
	MessageID int64    `json:"message_id"`
	Doubled   *Doubled `json:"doubled"`
	ResentOf  int64    `json:"resent_of"`
	Read      bool     `json:"read"`
}

// Exchange is a request and what became of it.
type Exchange struct {
	Summary
	Headers         [][2]string          `json:"headers"`
	Body            string               `json:"body"`
	BodyCut         bool                 `json:"body_cut"`
	Form            []Part               `json:"form"`
	ResponseHeaders [][2]string          `json:"response_headers"`
	Response        string               `json:"response"`
	Problems        []contract.Violation `json:"problems"`
	Message         *Message             `json:"message"`
	Curl            string               `json:"curl"`
	Go              string               `json:"go"`
	CanResend       bool                 `json:"can_resend"`
}

// Part is a part of a form, without the bytes of a file.
type Part struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	FileName    string `json:"file_name"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
}

// maxSummaryText bounds each text that a send brings to a summary, in runes: any of them may be as long as a body.
const maxSummaryText = 200

// headerTest is the header with which a test can mark its requests.
const headerTest = "X-Tgo-Test"

// Summary describes a request for a list.
func (l *Log) Summary(r *Record) Summary {
	s := Summary{
		ID: r.id, At: r.at.UTC().Format(TimeFormat), TookMS: float64(r.took.Microseconds()) / 1000, Method: r.method, Path: r.path,
		Operation: r.operation(), KeyName: r.key.Name, Outcome: r.outcome, Fault: r.faultText(), Status: r.status,
		Type: beginning(r.sent.messageType), To: beginning(r.sent.to), From: beginning(r.sent.from),
		Text: beginning(r.sent.text), FileName: beginning(r.sent.fileName),
		Problem: beginning(r.problem), Warning: len(r.warnings) > 0, Attempt: r.attempt, Test: r.header(headerTest), UserAgent: r.header("User-Agent"),
		ResentOf: r.resentOf, Read: r.read.Load(),
	}
	if m := r.message; m != nil {
		s.MessageID = m.ID
		s.From = strings.TrimSpace(l.workspace.SenderName(m.SenderNumberID) + " " + s.From)
		s.Doubled = l.DoubledOf(m.ID)
	}
	return s
}

// Exchange describes a request and what became of it.
func (l *Log) Exchange(r *Record) *Exchange {
	e := &Exchange{
		Summary: l.Summary(r), Headers: r.headers, BodyCut: r.bodyCut, ResponseHeaders: r.answered, Response: l.maskKeys(shown(string(r.answer))),
		CanResend: l.canResend(r),
	}
	if e.Form = formParts(r.header("Content-Type"), r.body, r.form); e.Form == nil {
		e.Body = shown(string(r.body))
	}
	if r.message != nil {
		m := l.Message(*r.message)
		e.Message = &m
	}
	if r.explains() {
		e.Problems = contract.Refusal{
			Route: r.route, Path: e.Path, ContentType: r.header("Content-Type"), Value: e.valueOf, Status: r.status, Answer: r.answer,
		}.Explain()
	}
	for _, warning := range r.warnings {
		e.Problems = append(e.Problems, contract.ExplainWarning(r.route, warning[0], warning[1]))
	}
	if r.shownWhole(e) { // what is not is another request
		e.Curl, e.Go = asCurl(e), asGo(e)
	}
	return e
}

// shownWhole reports whether all of the body is in e as it came, the content of files aside.
func (r *Record) shownWhole(e *Exchange) bool {
	if e.Form == nil {
		return !r.bodyCut && e.Body == string(r.body)
	}
	for _, value := range r.form.fields {
		if shown(value) != value {
			return false
		}
	}
	return !r.bodyCut || r.form.fields != nil
}

func (r *Record) operation() string {
	if r.route == nil {
		return ""
	}
	return r.route.Operation.OperationID
}

func (r *Record) header(name string) string {
	for _, h := range r.headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

func (r *Record) faultText() string {
	if r.fault == nil {
		return ""
	}
	return r.fault.Text + ", set on purpose"
}

func (r *Record) failed() bool { return r.outcome != outcomeAnswered && r.outcome != outcomeAccepted }

// explains reports whether the response is the API's own refusal. A late one is that too.
func (r *Record) explains() bool {
	return r.outcome == outcomeRefused && (r.fault == nil || r.fault.Late)
}

// readProblem reads what was wrong with a request, in one line.
func (r *Record) readProblem() string {
	if len(r.warnings) > 0 {
		return r.warnings[0][1]
	}
	if !r.explains() {
		return ""
	}
	var refused contract.ErrorAnswer
	_ = json.Unmarshal(r.answer, &refused) // another response has no messages
	var all []string
	for _, messages := range refused.Errors {
		all = append(all, messages...)
	}
	sort.Strings(all)
	return cmp.Or(strings.Join(slices.Compact(all), " "), refused.Message)
}

// beginning is as much of a text as a summary has, with an ellipsis if something is left out.
func beginning(text string) string {
	most := maxSummaryText
	for i := range text {
		if most--; most < 0 {
			return text[:i] + "…"
		}
	}
	return text
}

// shown is a text in which what cannot be shown is replaced.
func shown(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\u00b7")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return '\u00b7'
		}
		return r
	}, text)
}

// valueOf is what a request has for a field of its body or its query, as it is written there; empty if that is not known.
func (e *Exchange) valueOf(field string) string {
	for _, part := range e.Form {
		if part.Name == field {
			return part.Value
		}
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(e.Body), &fields) == nil && fields[field] != nil {
		return string(fields[field])
	}
	_, query, _ := strings.Cut(e.Path, "?")
	values, _ := url.ParseQuery(query) // what cannot be read has no values
	return values.Get(field)
}

// WriteJSONLines writes requests as one JSON object a line.
func (l *Log) WriteJSONLines(to io.Writer, all []*Record) error {
	e := json.NewEncoder(to)
	for _, r := range all {
		if err := e.Encode(l.Exchange(r)); err != nil {
			return err
		}
	}
	return nil
}
