package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
)

// documents are the addresses of the API's document at the fake. The JSON edition has nothing that the YAML one has not.
var documents = []string{"/openapi.yaml", "/openapi-3.1.json"}

// renderers are other programs that render OpenAPI documents. In each page, DOCUMENT stands for the document and PACKAGE for the files
// of the package. Options switch off requests to other hosts; stopped is a request that has no such option.
var renderers = []struct{ name, pkg, page, stopped string }{
	{name: "Redoc", pkg: "redoc", page: `<redoc spec-url="DOCUMENT"></redoc>
		<script src="PACKAGE/bundles/redoc.standalone.js"></script>`,
		stopped: "https://cdn.redoc.ly/redoc/logo-mini.svg"},
	{name: "Scalar", pkg: "@scalar/api-reference", page: `<div id="reference"></div>
		<script src="PACKAGE/dist/browser/standalone.js"></script>
		<script>Scalar.createApiReference("#reference", {
			url: "DOCUMENT", defaultOpenAllTags: true, expandAllResponses: true,
			withDefaultFonts: false, telemetry: false, agent: {disabled: true},
		})</script>`},
	{name: "RapiDoc", pkg: "rapidoc", page: `<rapi-doc spec-url="DOCUMENT" render-style="read" load-fonts="false"></rapi-doc>
		<script type="module" src="PACKAGE/dist/rapidoc-min.js"></script>`},
	{name: "Swagger UI", pkg: "swagger-ui-dist", page: `<div id="reference"></div>
		<link rel="stylesheet" href="PACKAGE/swagger-ui.css">
		<script src="PACKAGE/swagger-ui-bundle.js"></script>
		<script>SwaggerUIBundle({url: "DOCUMENT", dom_id: "#reference", docExpansion: "full", validatorUrl: null})</script>`},
}

// rendererPolicy blocks every request to another host, and reports each as an error in the page. Scalar and RapiDoc need
// unsafe-eval.
const rendererPolicy = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:"

// TestRenderers shows the document in each renderer. They show all of it, without errors.
func TestRenderers(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"recipient_user_id", "usage_snapshot"} // of responses, in references within references
	for _, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			words = append(words, operation.Summary)
		}
	}
	if len(words) != 2+10 {
		t.Fatalf("the document has %d operations", len(words)-2)
	}
	for _, renderer := range renderers {
		files := installed(t, ".renderers", renderer.pkg)
		for _, at := range documents {
			t.Run(renderer.name+" "+path.Base(at), func(t *testing.T) {
				t.Parallel()
				b := open(t)
				fake, err := url.Parse(b.root)
				if err != nil {
					t.Fatal(err)
				}
				mux := http.NewServeMux()
				mux.Handle("/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(fake) }})
				mux.Handle("/package/", http.StripPrefix("/package/", http.FileServer(http.Dir(files))))
				mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Security-Policy", rendererPolicy)
					fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>%s</title><link rel="icon" href="data:,">%s</html>`,
						renderer.name, strings.NewReplacer("DOCUMENT", at, "PACKAGE", "/package").Replace(renderer.page))
				})
				server := httptest.NewServer(mux)
				t.Cleanup(server.Close)
				b.root = server.URL
				b.noteComplaints(t)
				if renderer.stopped != "" {
					b.expect(func(e string) bool { return strings.HasPrefix(e, "Loading the image '"+renderer.stopped+"' violates") })
				}
				b.run(t, chromedp.Navigate(b.root+"/page"))
				// Some pages show an operation only when it is scrolled to. Reading the text blocks the page, so it is done only now and then.
				b.until(t, fmt.Sprintf(`(() => {
					scrollBy(0, innerHeight);
					if (performance.now() < window.next) return false;
					const below = (root) => [...root.querySelectorAll("*")].map((e) => e.shadowRoot ?
						[...e.shadowRoot.children].map((child) => child.innerText).join("\n") + below(e.shadowRoot) : "").join("");
					const text = (document.body.innerText + below(document)).toLowerCase();
					window.next = performance.now() + 200;
					return %q.split("|").every((words) => text.includes(words));
				})()`, strings.ToLower(strings.Join(words, "|"))))
				if renderer.stopped != "" {
					b.untilBlocked(t)
				}
				if b.asked(at) == 0 {
					t.Errorf("the page did not request %s", at)
				}
				b.keep(t, "renderer-"+path.Base(renderer.pkg)+"-"+path.Ext(at)[1:], false)
			})
		}
	}
}

// noteComplaints records the errors that the page writes to its console, and requests that fail.
func (b *tab) noteComplaints(t *testing.T) {
	t.Helper()
	note := func(format string, args ...any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.errors = append(b.errors, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(b.ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
				var said []string
				for _, arg := range e.Args {
					said = append(said, string(arg.Value)+arg.Description)
				}
				note("console: %s", strings.Join(said, " "))
			}
		case *network.EventResponseReceived:
			if e.Response.Status >= http.StatusBadRequest {
				note("%s: %d", e.Response.URL, e.Response.Status)
			}
		case *network.EventLoadingFailed:
			if e.BlockedReason != network.BlockedReasonCsp { // the policy reports these itself
				note("a request failed: %s", e.ErrorText)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
