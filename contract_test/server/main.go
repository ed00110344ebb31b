// Command server serves the API with code that is generated from openapi.yaml, and as little hand-written code as possible. README.md
// explains it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
)

const basePath = "/api/v1"

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "where to listen")
	flag.Parse()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		log.Fatal(err)
	}
	keys := map[string][]string{"tgo_everything": {"*"}, "tgo_reads": {"messages.read", "usage.read"}}
	scopes := func(key string) ([]string, bool) { has, ok := keys[key]; return has, ok }
	handler, err := validated(doc, scopes, mount(server{doc}))
	if err != nil {
		log.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s%s\n", listener.Addr(), basePath)
	log.Fatal((&http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}).Serve(listener))
}
