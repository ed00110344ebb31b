package tgotest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	openapi "github.com/tgo-business/tgo-go"
)

// The inbox page and the API reference: files of our own and, gzipped, those of swagger-ui-dist, whose licence is beside
// them. Nothing is asked of any other host.
//
//go:embed web admin.yaml
var webFiles embed.FS

const (
	// pagePolicy lets the inbox run its own script and ask its own server, and nothing else. No text ever becomes markup.
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	// docsPolicy is what Swagger UI needs besides: styles in attributes, and pictures in its style sheet.
	docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

var pageTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".yaml": "text/plain; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

// pages serves the inbox and the reference.
func (s *Server) pages(mux *http.ServeMux) {
	serveAs := func(kind, pattern, policy string, content func(*http.Request) []byte) {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := s.guard(r); err != nil && r.Header.Get("Sec-Fetch-Mode") != "navigate" { // following a link is no harm
				writeAdmin(w, 0, nil, err)
				return
			} else if !s.knowsVisitor(r.Host) {
				writeAdmin(w, 0, nil, err)
				return
			}
			secureHeaders(w, policy)
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content(r)))
		})
	}
	serveOf := func(pattern, policy string, content func(*http.Request) []byte) {
		serveAs(cmp.Or(pageTypes[path.Ext(pattern)], pageTypes[".html"]), pattern, policy, content)
	}
	serve := func(pattern, policy string, content func() []byte) {
		serveOf(pattern, policy, func(*http.Request) []byte { return content() })
	}
	file := func(name string) func() []byte {
		return func() []byte {
			b, err := webFiles.ReadFile(name)
			if err != nil {
				panic(err) // it is embedded
			}
			return b
		}
	}
	zipped := func(name string) func() []byte {
		return func() []byte {
			r, err := gzip.NewReader(bytes.NewReader(file(name + ".gz")()))
			if err != nil {
				panic(err) // it is embedded
			}
			b, err := io.ReadAll(r)
			if err != nil {
				panic(err)
			}
			return b
		}
	}
	for _, at := range []string{"/{$}", "/requests/{id}", "/messages/{id}", "/latest", "/phone", "/phone/{phone}"} {
		serve(at, pagePolicy, file("web/inbox/index.html"))
	}
	parts, err := webFiles.ReadDir("web/inbox")
	if err != nil {
		panic(err) // it is embedded
	}
	for _, part := range parts {
		if ext := path.Ext(part.Name()); ext == ".js" || ext == ".css" {
			serve("/inbox/"+part.Name(), pagePolicy, file("web/inbox/"+part.Name()))
		}
	}
	plainIcon := file("web/icon.svg")
	serveOf("/icon.svg", pagePolicy, func(r *http.Request) []byte { return countedIcon(plainIcon(), r) })
	serve("/docs", docsPolicy, file("web/docs.html"))
	serve("/docs/docs.js", docsPolicy, file("web/docs.js"))
	serve("/docs/theme.js", docsPolicy, file("web/docs-theme.js"))
	serve("/docs/docs.css", docsPolicy, file("web/docs.css"))
	serve("/docs/contract", pagePolicy, contractPage)
	serve("/docs/contract/admin", pagePolicy, adminPage)
	serve("/docs/openapi.yaml", docsPolicy, func() []byte { return localContract(basePath) })
	serve("/docs/admin.yaml", docsPolicy, file("admin.yaml"))
	serve("/docs/swagger-ui-bundle.js", docsPolicy, zipped("web/swagger-ui/swagger-ui-bundle.js"))
	serve("/docs/swagger-ui.css", docsPolicy, zipped("web/swagger-ui/swagger-ui.css"))
	serve("/docs/LICENSE.txt", docsPolicy, file("web/swagger-ui/LICENSE"))
	serve("/docs/NOTICE.txt", docsPolicy, file("web/swagger-ui/NOTICE"))
	// For tools, which may read them elsewhere than here.
	serveAs("application/yaml", "/openapi.yaml", pagePolicy, func(r *http.Request) []byte { return localContract(baseURL(r)) })
	serveAs("application/json", "/openapi.json", pagePolicy, func(r *http.Request) []byte {
		return localEdition(openapi.DocumentJSON, baseURL(r))
	})
	serveAs("application/json", "/openapi-3.1.json", pagePolicy, func(r *http.Request) []byte {
		return localEdition(openapi.Document31JSON, baseURL(r))
	})
}

// baseURL is the address of the API by which a request reached the fake.
func baseURL(r *http.Request) string { return "http://" + r.Host + basePath }

// countedIcon is the icon with how many requests nobody has read; it is red where a message arrived more than once.
func countedIcon(plain []byte, r *http.Request) []byte {
	count, _ := strconv.Atoi(r.FormValue("count")) // what is no number is none
	icon := string(plain)
	if count > 0 {
		text, size := strconv.Itoa(min(count, 99)), 22
		switch {
		case count > 99:
			text, size = "99+", 15
		case count > 9:
			size = 19
		}
		before, _, _ := strings.Cut(icon, "<path")
		icon = fmt.Sprintf(`%s<text x="16" y="16.5" dominant-baseline="central" text-anchor="middle" font-family="sans-serif" `+
			`font-weight="700" font-size="%d" fill="#fff">%s</text></svg>`, before, size, text)
	}
	if r.FormValue("alert") != "" {
		icon = strings.ReplaceAll(icon, "#0b6e4f", "#b3261e")
	}
	return []byte(icon)
}

// localContract is the contract with this fake for its only server: what is made of it must send nothing to anybody else. It has as
// many lines as the contract, so that the numbers of lines stay.
func localContract(server string) []byte {
	lines := strings.Split(string(openapi.Document), "\n")
	fake := []string{"  - url: " + server, "    description: " + fakeServer}
	for i := slices.Index(lines, "servers:") + 1; strings.HasPrefix(lines[i], " "); i++ {
		lines[i] = ""
		if len(fake) > 0 {
			lines[i], fake = fake[0], fake[1:]
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

const fakeServer = "This fake."

// localEdition is the same of an edition in JSON.
func localEdition(text []byte, server string) []byte {
	before, rest, _ := strings.Cut(string(text), "\n  \"servers\": [")
	_, after, _ := strings.Cut(rest, "\n  ],")
	servers, _ := json.MarshalIndent([]map[string]string{{"url": server, "description": fakeServer}}, "  ", "  ") // strings
	return []byte(before + "\n  \"servers\": " + string(servers) + "," + after)
}
