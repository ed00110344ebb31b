package traffic

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// quoteShell makes one word of a text for a POSIX shell.
func quoteShell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// asCurl writes a request as a command; empty if curl cannot make the same request. The address and the key are left to the
// environment, as on the page of the fake. Files are read from the working directory.
func asCurl(e *Exchange) string {
	usual := http.MethodGet // what curl uses by default
	if e.Body != "" || e.Form != nil {
		usual = http.MethodPost
	}
	options := []string{"curl"}
	switch {
	case e.Method == http.MethodHead && usual == http.MethodGet:
		options = append(options, "-I")
	case e.Method == http.MethodHead: // curl would wait for the body of a response that has none
		return ""
	case e.Method != usual:
		options = append(options, "-X "+quoteShell(e.Method))
	}
	if strings.ContainsAny(e.Path, "[]{}") { // several addresses to curl
		options = append(options, "-g")
	}
	if strings.Contains(e.Path, "/.") { // another address to curl
		options = append(options, "--path-as-is")
	}
	base, path := `"$TGO_BASE_URL"`, strings.TrimPrefix(e.Path, contract.BasePath)
	if !strings.HasPrefix(e.Path, contract.BasePath+"/") { // it was meant for another base
		base, path = `"${TGO_BASE_URL%`+contract.BasePath+`}"`, e.Path
	}
	lines := []string{strings.Join(append(options, base+quoteShell(path)), " ")}
	typed := false
	for _, h := range e.Headers {
		switch {
		case h[0] == "X-Api-Key":
			lines = append(lines, `-H "X-Api-Key: $TGO_API_KEY"`)
		case h[0] == "Accept" && h[1] != "*/*": // which curl sends by default
			lines = append(lines, "-H "+quoteShell("Accept: "+h[1]))
		case h[0] == "Content-Type" && e.Form == nil:
			typed = true
			header := "Content-Type: " + h[1]
			if h[1] == "" { // curl would leave it out
				header = "Content-Type;"
			}
			lines = append(lines, "-H "+quoteShell(header))
		}
	}
	if e.Body != "" {
		if !typed { // curl would say that it is a form
			lines = append(lines, "-H 'Content-Type:'")
		}
		lines = append(lines, "--data-raw "+quoteShell(e.Body))
	}
	if e.Form != nil {
		parts := curlParts(e)
		if parts == nil {
			return ""
		}
		lines = append(lines, parts...)
	}
	return strings.Join(lines, " \\\n  ")
}

// curlParts are the options for a form; nil if curl cannot express it.
func curlParts(e *Exchange) (options []string) {
	wrong := func(p contract.Violation) bool { return p.Field == contract.BodyField } // curl would not write such a form
	if slices.ContainsFunc(e.Problems, wrong) {
		return nil
	}
	for _, p := range e.Form {
		if strings.ContainsAny(p.Name+p.FileName, `"\`) { // curl would write %22 for a quotation mark
			options = []string{"--form-escape"}
		}
	}
	for _, p := range e.Form {
		value := p.Name + "="
		switch {
		case strings.Contains(p.Name, "="):
			return nil
		case p.FileName == "" && p.ContentType == "":
			options = append(options, "--form-string "+quoteShell(value+p.Value))
			continue
		case p.FileName == "" && p.Value == "" && p.ContentType == "application/octet-stream":
			continue // a browser sends that for a file that was not chosen, and curl cannot
		case p.FileName == "":
			value += quoteForm(p.Value)
		case p.FileName == "-": // the standard input
			value += `@"./-"`
		default:
			value += "@" + quoteForm(p.FileName)
		}
		if plainType.MatchString(p.ContentType) {
			value += ";type=" + p.ContentType
		} else {
			value += ";headers=" + quoteForm(strings.TrimSpace("Content-Type: "+p.ContentType))
		}
		options = append(options, "-F "+quoteShell(value))
	}
	return options
}

// plainType is a content type as curl reads it in -F.
var plainType = regexp.MustCompile(`^[\w.+-]+/[\w.+-]+(; ?(charset|codecs)=[\w.+-]+)?$`)

// quoteForm makes one word of a text for curl's -F.
func quoteForm(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
