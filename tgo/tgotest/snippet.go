package tgotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// quoteShell makes one word of a text for a POSIX shell.
func quoteShell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// asCurl writes a request as a command. The address and the key are left to the environment, as in the README.
func asCurl(e *exchange) string {
	var b strings.Builder
	b.WriteString("curl ")
	usual := http.MethodGet // what curl does where it is not told
	if e.Body != "" || len(e.Form) > 0 {
		usual = http.MethodPost
	}
	if e.Method != usual {
		b.WriteString("-X " + quoteShell(e.Method) + " ")
	}
	if strings.ContainsAny(e.Path, "[]{}") { // several addresses to curl
		b.WriteString("-g ")
	}
	base, path := `"$TGO_BASE_URL"`, strings.TrimPrefix(e.Path, basePath)
	if !strings.HasPrefix(e.Path, basePath+"/") { // it was meant for another base
		base, path = `"${TGO_BASE_URL%`+basePath+`}"`, e.Path
	}
	b.WriteString(base + quoteShell(path))
	b.WriteString(" \\\n  -H \"X-Api-Key: $TGO_API_KEY\" \\\n  -H \"Accept: application/json\"")
	for _, h := range e.Headers {
		if h[0] == "Content-Type" && e.Form == nil {
			b.WriteString(" \\\n  -H " + quoteShell("Content-Type: "+h[1]))
		}
	}
	if e.Body != "" {
		b.WriteString(" \\\n  --data-raw " + quoteShell(e.Body))
	}
	for _, p := range e.Form {
		if p.FileName == "" && p.Size == 0 {
			b.WriteString(" \\\n  --form-string " + quoteShell(p.Name+"="+p.Value))
		} else {
			b.WriteString(" \\\n  -F " + quoteShell(fmt.Sprintf(`%s=@"%s"`, p.Name, escapeForm(p.FileName))))
		}
	}
	return b.String()
}

// escapeForm is a file name between the quotes that curl reads in -F.
func escapeForm(name string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) }

// asGo writes a request as a call of package tgo; empty where there is none.
func asGo(e *exchange) string {
	if e.Operation == "listMessages" {
		if page := pageOf(e.Path); page > 0 {
			return fmt.Sprintf("page, err := client.MessagePage(ctx, tgo.MessageQuery{Page: %d})", page)
		}
	}
	if e.Operation != "sendMessage" {
		return goReads[e.Operation]
	}
	field := map[string]string{}
	file := ""
	if e.Form != nil {
		for _, p := range e.Form {
			field[p.Name] = p.Value
			if p.Name == mediaField {
				file = p.FileName
			}
		}
	} else {
		var body map[string]any
		d := json.NewDecoder(strings.NewReader(e.Body))
		d.UseNumber()
		if d.Decode(&body) != nil {
			return ""
		}
		for name, value := range body {
			field[name] = fmt.Sprint(value)
		}
	}
	from := fmt.Sprintf("client.FromPhone(%q)", field["sender_phone"])
	if field["sender_phone"] == "" {
		id, err := strconv.ParseInt(field["sender_number_id"], 10, 64)
		if err != nil {
			return ""
		}
		from = fmt.Sprintf("client.FromNumber(%d)", id)
	}
	to, content := strconv.Quote(field["to_phone"]), strconv.Quote(field["content"])
	caption := ""
	if field["content"] != "" {
		caption = ", Caption: " + content
	}
	media := fmt.Sprintf("File: tgo.FilePath(%q)%s", file, caption)
	switch field["type"] {
	case "text":
		return fmt.Sprintf("receipt, err := %s.SendText(ctx, %s, %s)", from, to, content)
	case "image":
		return fmt.Sprintf("receipt, err := %s.SendImage(ctx, %s, tgo.Image{%s})", from, to, media)
	case "document":
		return fmt.Sprintf("receipt, err := %s.SendDocument(ctx, %s, tgo.Document{%s})", from, to, media)
	case "voice":
		seconds, err := strconv.ParseInt(field["duration"], 10, 64)
		if err != nil {
			seconds = 0
		}
		return fmt.Sprintf("receipt, err := %s.SendVoice(ctx, %s, tgo.Voice{%s, Duration: %d * time.Second})", from, to, media, seconds)
	}
	return ""
}

// pageOf is the page that a path asks for; 0 for none.
func pageOf(path string) int {
	_, query, _ := strings.Cut(path, "?")
	values, _ := url.ParseQuery(query) // what is none of it names no page
	page, _ := strconv.Atoi(values.Get("page"))
	return page
}

// goReads are the calls of the other operations, as far as they need nothing of the request.
var goReads = map[string]string{
	"listMessages":      "page, err := client.MessagePage(ctx, tgo.MessageQuery{})",
	"getUsage":          "usage, err := client.Usage(ctx)",
	"listSenderNumbers": "numbers, err := client.SenderNumbers(ctx)",
	"getMe":             "me, err := client.Me(ctx)",
	"getSubscription":   "subscription, err := client.Subscription(ctx)",
}
