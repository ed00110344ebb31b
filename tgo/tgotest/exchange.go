package tgotest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// summary is a request as a list shows it.
type summary struct {
	ID        int64    `json:"id"`
	At        string   `json:"at"`
	TookMS    float64  `json:"took_ms"`
	Method    string   `json:"method"`
	Path      string   `json:"path"` // with the query
	Operation string   `json:"operation"`
	KeyName   string   `json:"key_name"`
	Outcome   string   `json:"outcome"`
	Fault     string   `json:"fault"`  // what the fake did on purpose
	Status    int      `json:"status"` // 0 without an answer
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
	Doubled   *doubled `json:"doubled"`
	ResentOf  int64    `json:"resent_of"`
	Read      bool     `json:"read"`
}

// exchange is a request and what became of it.
type exchange struct {
	summary
	Headers         [][2]string    `json:"headers"`
	Body            string         `json:"body"`
	BodyCut         bool           `json:"body_cut"`
	Form            []exchangePart `json:"form"`
	ResponseHeaders [][2]string    `json:"response_headers"`
	Response        string         `json:"response"`
	Problems        []problem      `json:"problems"`
	Message         *adminMessage  `json:"message"`
	Curl            string         `json:"curl"`
	Go              string         `json:"go"`
	CanResend       bool           `json:"can_resend"`
}

// exchangePart is a part of a form, without the bytes of a file.
type exchangePart struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	FileName    string `json:"file_name"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
}

// doubled are the copies of a message that arrived more than once.
type doubled struct {
	Count      int     `json:"count"`
	Copy       int     `json:"copy"`        // which of them this one is, from 1
	FirstID    int64   `json:"first_id"`    // the oldest message of them
	MessageIDs []int64 `json:"message_ids"` // of all, or of those around this one, up to maxShownCopies
	RequestIDs []int64 `json:"request_ids"` // 0 for one that is forgotten
	ApartMS    int64   `json:"apart_ms"`    // between the first and the last
}

// sentFields is what a request to send a message says, accepted or not.
type sentFields struct{ messageType, to, from, text, fileName string }

// maxSummaryText bounds each text that a send brings to a summary, in runes: any of them may be as long as a body.
const maxSummaryText = 200

// headerTest is the header by which a test can mark its requests.
const headerTest = "X-Tgo-Test"

func (w *watcher) summary(r *recorded) summary {
	s := summary{
		ID: r.id, At: r.at.UTC().Format(timeFormat), TookMS: float64(r.took.Microseconds()) / 1000, Method: r.method, Path: r.path,
		Operation: r.operation(), KeyName: r.key.Name, Outcome: r.outcome, Fault: r.faultText(), Status: r.status,
		Type: beginning(r.sent.messageType), To: beginning(r.sent.to), From: beginning(r.sent.from),
		Text: beginning(r.sent.text), FileName: beginning(r.sent.fileName),
		Problem: beginning(r.problem), Warning: len(r.warnings) > 0, Attempt: r.attempt, Test: r.header(headerTest), UserAgent: r.header("User-Agent"),
		ResentOf: r.resentOf, Read: r.read.Load(),
	}
	if m := r.message; m != nil {
		s.MessageID = m.ID
		s.From = strings.TrimSpace(w.server.state.senderName(m.SenderNumberID) + " " + s.From)
		s.Doubled = w.server.doubledOf(m.ID)
	}
	return s
}

func (w *watcher) exchange(r *recorded) *exchange {
	e := &exchange{
		summary: w.summary(r), Headers: r.headers, BodyCut: r.bodyCut, ResponseHeaders: r.answered, Response: w.server.state.maskKeys(shown(string(r.answer))),
		CanResend: w.canResend(r),
	}
	if e.Form = formParts(r.header("Content-Type"), r.body, r.form); e.Form == nil {
		e.Body = shown(string(r.body))
	}
	if r.message != nil {
		m := w.server.shownMessage(*r.message)
		e.Message = &m
	}
	if r.explains() {
		e.Problems = explainRefusal(r.route, e, r.header("Content-Type"), r.answer)
	}
	for _, warning := range r.warnings {
		e.Problems = append(e.Problems, explainWarning(r.route, warning[0], warning[1]))
	}
	if r.shownWhole(e) { // what is not is another request
		e.Curl, e.Go = asCurl(e), asGo(e)
	}
	return e
}

// shownWhole reports whether all of the body is in e as it came, the content of files aside.
func (r *recorded) shownWhole(e *exchange) bool {
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

func (r *recorded) operation() string {
	if r.route == nil {
		return ""
	}
	return r.route.Operation.OperationID
}

func (r *recorded) header(name string) string {
	for _, h := range r.headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

func (r *recorded) faultText() string {
	if r.fault == nil {
		return ""
	}
	return r.fault.text() + ", set on purpose"
}

func (r *recorded) failed() bool { return r.outcome != "answered" && r.outcome != "accepted" }

// explains reports whether the answer is the API's own refusal. What comes late is that all the same.
func (r *recorded) explains() bool {
	return r.outcome == "refused" && (r.fault == nil || r.fault.Kind == FaultNone)
}

// readProblem reads what was wrong with a request, in one line.
func (r *recorded) readProblem() string {
	if len(r.warnings) > 0 {
		return r.warnings[0][1]
	}
	if !r.explains() {
		return ""
	}
	var refused refusedAnswer
	_ = json.Unmarshal(r.answer, &refused) // an answer that is none says nothing
	var all []string
	for _, messages := range refused.Errors {
		all = append(all, messages...)
	}
	sort.Strings(all)
	return cmp.Or(strings.Join(slices.Compact(all), " "), refused.Message)
}

// digestOfBody is of what makes two requests the same; nil for one without a body. length is what the request says of its body.
func (r *recorded) digestOfBody(length int64) *[sha256.Size]byte {
	if len(r.body) == 0 {
		return nil
	}
	body := r.body
	if _, params, err := mime.ParseMediaType(r.header("Content-Type")); err == nil && params["boundary"] != "" {
		body = bytes.ReplaceAll(body, []byte("--"+params["boundary"]), []byte("--")) // it is another one each time
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s %s %d\n", r.method, r.path, r.key.id)
	if r.bodyCut {
		fmt.Fprintln(hash, length)
	}
	hash.Write(body)
	sum := [sha256.Size]byte(hash.Sum(nil))
	return &sum
}

// fieldsSent reads what a request to send a message says.
func (r *recorded) fieldsSent() (f sentFields) {
	if m := r.message; m != nil {
		f = sentFields{m.Type, string(m.To), string(m.SenderPhone), m.Content, ""}
		if m.Media != nil {
			f.fileName = shown(m.Media.Name)
		}
		return f
	}
	if r.operation() != "sendMessage" {
		return f
	}
	field := map[string]string{}
	if parts := formParts(r.header("Content-Type"), r.body, r.form); parts != nil {
		for _, p := range parts {
			field[p.Name] = p.Value
			if p.Name == mediaField {
				f.fileName = p.FileName
			}
		}
	} else {
		var values map[string]any
		d := json.NewDecoder(bytes.NewReader(r.body))
		d.UseNumber()
		_ = d.Decode(&values) // a body that is none says nothing
		for name, value := range values {
			switch value.(type) {
			case string, json.Number:
				field[name] = shown(fmt.Sprint(value))
			}
		}
	}
	f.messageType, f.to, f.from, f.text = field["type"], field["to_phone"], field["sender_phone"], field["content"]
	if number := field["sender_number_id"]; f.from == "" && number != "" {
		f.from = "number " + number
	}
	return f
}

// beginning is as much of a text as a summary has, with an ellipsis where something is left out.
func beginning(text string) string {
	most := maxSummaryText
	for i := range text {
		if most--; most < 0 {
			return text[:i] + "…"
		}
	}
	return text
}

// secretHeaders may hold a key, be it by mistake.
var secretHeaders = []string{"X-Api-Key", "Authorization", "Proxy-Authorization", "Cookie"}

func shownHeaders(header http.Header) [][2]string {
	list := [][2]string{}
	for name, values := range header {
		for _, v := range values {
			if slices.Contains(secretHeaders, name) {
				v = maskedKey(v)
			}
			list = append(list, [2]string{name, shown(v)})
		}
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return list
}

// maskedKey keeps the beginning, by which people know a key, unless that is most of it.
func maskedKey(key string) string {
	const known = 8
	if len(key) < 2*known {
		return "****"
	}
	return key[:known] + "****"
}

// plainTextKey is a new key in the answer that tells it.
var plainTextKey = regexp.MustCompile(`("plain_text_key"\s*:\s*")([^"]*)`)

// withoutKey is an answer with the key masked that it tells.
func withoutKey(answer []byte) []byte {
	return plainTextKey.ReplaceAllFunc(answer, func(told []byte) []byte {
		parts := plainTextKey.FindSubmatch(told)
		return append(parts[1], maskedKey(string(parts[2]))...)
	})
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

// formSeen is what the operation read of a form, without the file's content: what is kept of that is the inbox's to bound.
type formSeen struct {
	fields map[string]string
	file   *exchangePart // nil without one
}

// formParts reads the beginning of a form, and takes from the operation what is not in it.
func formParts(contentType string, body []byte, f formSeen) []exchangePart {
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "multipart/form-data" || params["boundary"] == "" {
		return nil
	}
	parts := []exchangePart{}
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for len(parts) < maxParts {
		part, err := reader.NextPart()
		if err != nil {
			break // to the end, or to where the copy was cut
		}
		name, fileName, _ := partNames(part)
		p := exchangePart{Name: shown(name), FileName: shown(fileName), ContentType: shown(part.Header.Get("Content-Type"))}
		if fileName == "" {
			value, err := io.ReadAll(part)
			if p.Value = shown(string(value)); err != nil && f.fields != nil { // the copy was cut; the operation has read it
				p.Value = shown(f.fields[name])
			}
		} else if f.file != nil && name == mediaField {
			p.Size = f.file.Size
		} else {
			p.Size, _ = io.Copy(io.Discard, part)
		}
		parts = append(parts, p)
	}
	// What follows a long part is not in the copy; the operation has read it.
	has := func(name string) bool {
		return slices.ContainsFunc(parts, func(p exchangePart) bool { return p.Name == shown(name) })
	}
	var missing []string
	for name := range f.fields {
		if !has(name) {
			missing = append(missing, name)
		}
	}
	sort.Strings(missing)
	for _, name := range missing {
		parts = append(parts, exchangePart{Name: shown(name), Value: shown(f.fields[name])})
	}
	if f.file != nil && !has(mediaField) {
		parts = append(parts, *f.file)
	}
	return parts
}
