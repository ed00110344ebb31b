package traffic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// asGo writes a request as a call of package tgo; empty if no call makes this request, as for one that is against the contract.
func asGo(e *Exchange) string {
	against := func(p contract.Violation) bool { return p.AgainstContract }
	write := goCalls[e.Operation]
	if write == nil || e.Method == http.MethodHead || slices.ContainsFunc(e.Problems, against) {
		return ""
	}
	f := readGoFields(e)
	call := write(f)
	if f.unsaid || len(f.values) > 0 {
		return ""
	}
	return call
}

// goFields are the fields of a request of which a call is made. They are taken out as they are used: no argument
// expresses what is left over.
type goFields struct {
	values map[string]string
	list   []string // the only list that a request has
	file   Part
	id     string // the last part of the path
	unsaid bool   // there is something that the call cannot express
}

func readGoFields(e *Exchange) *goFields {
	address, query, _ := strings.Cut(e.Path, "?")
	f := &goFields{values: map[string]string{}, id: path.Base(address)}
	switch {
	case e.Form != nil:
		for _, p := range e.Form {
			if p.Name == contract.MediaField && p.FileName != "" {
				f.file = p
			} else if !contract.IsBlank(p.Value) {
				f.values[p.Name] = p.Value
			}
		}
	case e.Body != "":
		var body map[string]any
		d := json.NewDecoder(strings.NewReader(e.Body))
		d.UseNumber()
		f.unsaid = d.Decode(&body) != nil
		for name, value := range body {
			switch value := value.(type) {
			case nil:
			case string:
				if !contract.IsBlank(value) {
					f.values[name] = value
				}
			case json.Number:
				f.values[name] = value.String()
			case []any:
				for _, item := range value {
					f.list = append(f.list, fmt.Sprint(item))
				}
			default:
				f.unsaid = true
			}
		}
	default:
		values, err := url.ParseQuery(query)
		f.unsaid = err != nil
		for name := range values {
			value := values.Get(name)
			if rest, bare := strings.CutPrefix(value, " "); bare { // a plus that the fake reads as one
				value = "+" + rest
			}
			f.values[name] = value
		}
	}
	return f
}

// take returns a field and marks it as used.
func (f *goFields) take(name string) string {
	value := f.values[name]
	delete(f.values, name)
	return value
}

// text takes a field as a string of Go.
func (f *goFields) text(name string) string { return strconv.Quote(f.take(name)) }

// number takes a field as a whole number; 0 if it is not there.
func (f *goFields) number(name string) int64 {
	n, err := strconv.ParseInt(cmp.Or(f.take(name), "0"), 10, 64)
	f.unsaid = f.unsaid || err != nil
	return n
}

// sender takes the sender, by its phone or its id.
func (f *goFields) sender() string {
	if f.values["sender_phone"] != "" {
		return "client.FromPhone(" + f.text("sender_phone") + ")"
	}
	id := f.number("sender_number_id")
	f.unsaid = f.unsaid || id == 0
	return fmt.Sprintf("client.FromNumber(%d)", id)
}

// goCalls write the call of an operation.
var goCalls = map[string]func(*goFields) string{
	"sendMessage": goSend,
	"listMessages": func(f *goFields) string {
		query := "tgo.MessageQuery{}"
		if page := f.number("page"); page > 0 {
			query = fmt.Sprintf("tgo.MessageQuery{Page: %d}", page)
		}
		return "page, err := client.MessagePage(ctx, " + query + ")"
	},
	"lookupContact": func(f *goFields) string {
		return fmt.Sprintf("contact, err := %s.Lookup(ctx, %s)", f.sender(), f.text("phone"))
	},
	"getUsage":          func(*goFields) string { return "usage, err := client.Usage(ctx)" },
	"listSenderNumbers": func(*goFields) string { return "numbers, err := client.SenderNumbers(ctx)" },
	"registerSenderNumber": func(f *goFields) string {
		return fmt.Sprintf("number, err := client.RegisterSenderNumber(ctx, %s, %s)", f.text("phone"), f.text("display_name"))
	},
	"createApiKey": goCreateKey,
	"revokeApiKey": func(f *goFields) string {
		id, err := strconv.ParseInt(f.id, 10, 64)
		f.unsaid = f.unsaid || err != nil
		return fmt.Sprintf("err := client.RevokeAPIKey(ctx, %d)", id)
	},
	"getMe":           func(*goFields) string { return "me, err := client.Me(ctx)" },
	"getSubscription": func(*goFields) string { return "subscription, err := client.Subscription(ctx)" },
}

func goSend(f *goFields) string {
	from, to, kind := f.sender(), f.text("to_phone"), f.take("type")
	name := map[string]string{"text": "Text", "image": "Image", "voice": "Voice", "document": "Document"}[kind]
	if name == "Text" {
		f.unsaid = f.unsaid || f.file.FileName != ""
		return fmt.Sprintf("receipt, err := %s.SendText(ctx, %s, %s)", from, to, f.text("content"))
	}
	for _, describes := range []string{"file_name", "file_size", "file_type"} {
		f.take(describes) // the file, which says the same
	}
	media := fmt.Sprintf("File: tgo.FilePath(%q)", f.file.FileName)
	if kind := f.file.ContentType; kind != "" {
		mediaType, _, err := mime.ParseMediaType(kind)
		f.unsaid = f.unsaid || err != nil || !strings.Contains(mediaType, "/")
		media += fmt.Sprintf(".WithContentType(%q)", kind)
	}
	if name == "Voice" {
		media += fmt.Sprintf(", Duration: %d * time.Second", f.number("duration"))
	}
	if f.values["content"] != "" {
		media += ", Caption: " + f.text("content")
	}
	f.unsaid = f.unsaid || name == "" || f.file.FileName == ""
	return fmt.Sprintf("receipt, err := %s.Send%s(ctx, %s, tgo.%s{%s})", from, name, to, name, media)
}

// scopeNames are those of package tgo.
var scopeNames = map[string]string{
	"messages.send": "tgo.ScopeMessagesSend", "messages.read": "tgo.ScopeMessagesRead", "contacts.lookup": "tgo.ScopeContactsLookup",
	"usage.read": "tgo.ScopeUsageRead", "*": "tgo.ScopeAll",
}

func goCreateKey(f *goFields) string {
	f.unsaid = f.unsaid || len(f.list) == 0 // the client wants a scope
	scopes := make([]string, len(f.list))
	for i, s := range f.list {
		scopes[i] = cmp.Or(scopeNames[s], fmt.Sprintf("tgo.Scope(%q)", s))
	}
	key := fmt.Sprintf("Name: %s, Scopes: []tgo.Scope{%s}", f.text("name"), strings.Join(scopes, ", "))
	if days := f.number("expires_in_days"); days > 0 {
		key += fmt.Sprintf(", ExpiresInDays: %d", days)
	}
	return "created, err := client.CreateAPIKey(ctx, tgo.NewAPIKey{" + key + "})"
}
