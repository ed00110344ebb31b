// Command tool gives the run script what it needs of the scenario and of openapi.yaml.
//
//	tool steps scenario.json    the names of the scenario's steps, a line each
//	tool scopes                 the scopes that each operation needs, as JSON by operationId
//	tool curl                   the cheat sheet: a curl command for each example of a request, as Markdown
//	tool sparse URL             serve what a fake answers, as sparsely as the document allows; the first line says where
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/contract_test/languages/sparse"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tool:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		return err
	}
	command, argument := "", ""
	if len(args) > 0 {
		command = args[0]
	}
	if len(args) > 1 {
		argument = args[1]
	}
	switch command {
	case "steps":
		return steps(argument, out)
	case "scopes":
		return json.NewEncoder(out).Encode(scopes(doc))
	case "curl":
		_, err := io.WriteString(out, cheatSheet(doc))
		return err
	case "sparse":
		return serve(argument, out)
	}
	return errors.New("steps FILE, scopes, curl or sparse URL")
}

func steps(file string, out io.Writer) error {
	text, err := os.ReadFile(file) //nolint:gosec // the file that the caller names is read
	if err != nil {
		return err
	}
	var scenario struct {
		Steps []struct {
			Name string `json:"name"`
		} `json:"steps"`
	}
	if err := json.Unmarshal(text, &scenario); err != nil {
		return err
	}
	for _, s := range scenario.Steps {
		fmt.Fprintln(out, s.Name)
	}
	return nil
}

// serve serves what the fake at url answers, thinned, until the process is killed.
func serve(url string, out io.Writer) error {
	proxy, err := sparse.Proxy(url)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(map[string]string{"url": "http://" + listener.Addr().String() + "/api/v1"}); err != nil {
		return err
	}
	return http.Serve(listener, proxy) //nolint:gosec // the run script is the only client
}

// scopes is for all languages what gen.RequiredScopes is for Go: their generators drop the extension.
func scopes(doc *openapi3.T) map[string]any {
	needed := map[string]any{}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			needed[op.OperationID] = op.Extensions["x-required-scopes"]
		}
	}
	return needed
}
