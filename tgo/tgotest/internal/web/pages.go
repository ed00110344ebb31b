// Package web serves the pages of the fake: the inbox, the API reference and the documents. It also guards the fake against
// pages of other sites.
package web

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"path"
	"sync"
	"time"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// The inbox page and the API reference: files of our own and, gzipped, those of swagger-ui-dist, whose licence is next to
// them. No other host is contacted.
//
//go:embed inbox swagger-ui docs.html docs-lines.html docs.js docs-theme.js docs.css icon.svg
var files embed.FS

const (
	// pagePolicy allows the inbox to run its own script and to ask its own server, and nothing else. No text ever becomes markup.
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	// docsPolicy is what Swagger UI also needs: styles in attributes, and pictures in its style sheet.
	docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

var pageTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".yaml": "text/plain; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

// Serve adds the pages to a mux. admin is admin.yaml, the document of the admin API.
func Serve(mux *http.ServeMux, guard *Guard, admin []byte) {
	serveAs := func(kind, pattern, policy string, content func(*http.Request) []byte) {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := guard.Check(r); err != nil && r.Header.Get("Sec-Fetch-Mode") != "navigate" { // following a link does no harm
				WriteJSON(w, 0, nil, err)
				return
			} else if !guard.knowsVisitor(r.Host) {
				WriteJSON(w, 0, nil, err)
				return
			}
			SecureHeaders(w, policy)
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
			b, err := files.ReadFile(name)
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
		serve(at, pagePolicy, file("inbox/index.html"))
	}
	parts, err := files.ReadDir("inbox")
	if err != nil {
		panic(err) // it is embedded
	}
	for _, part := range parts {
		if ext := path.Ext(part.Name()); ext == ".js" || ext == ".css" {
			serve("/inbox/"+part.Name(), pagePolicy, file("inbox/"+part.Name()))
		}
	}
	plainIcon := file("icon.svg")
	serveOf("/icon.svg", pagePolicy, func(r *http.Request) []byte { return countedIcon(plainIcon(), r) })
	serve("/docs", docsPolicy, file("docs.html"))
	serve("/docs/docs.js", docsPolicy, file("docs.js"))
	serve("/docs/theme.js", docsPolicy, file("docs-theme.js"))
	serve("/docs/docs.css", docsPolicy, file("docs.css"))
	serve("/docs/contract", pagePolicy, contractPage)
	serve("/docs/contract/admin", pagePolicy, sync.OnceValue(func() []byte { return adminPage(admin) }))
	serve("/docs/openapi.yaml", docsPolicy, func() []byte { return localContract(contract.BasePath) })
	serve("/docs/admin.yaml", docsPolicy, func() []byte { return admin })
	serve("/docs/swagger-ui-bundle.js", docsPolicy, zipped("swagger-ui/swagger-ui-bundle.js"))
	serve("/docs/swagger-ui.css", docsPolicy, zipped("swagger-ui/swagger-ui.css"))
	serve("/docs/LICENSE.txt", docsPolicy, file("swagger-ui/LICENSE"))
	serve("/docs/NOTICE.txt", docsPolicy, file("swagger-ui/NOTICE"))
	// For tools, which may read them elsewhere than here.
	serveAs("application/yaml", "/openapi.yaml", pagePolicy, func(r *http.Request) []byte { return localContract(contract.BaseURL(r)) })
	serveAs("application/json", "/openapi.json", pagePolicy, func(r *http.Request) []byte {
		return localEdition(openapi.DocumentJSON, contract.BaseURL(r))
	})
	serveAs("application/json", "/openapi-3.1.json", pagePolicy, func(r *http.Request) []byte {
		return localEdition(openapi.Document31JSON, contract.BaseURL(r))
	})
}
