// Command tool gives the run script what it needs from the scenarios and from openapi.yaml.
//
//	tool steps scenario.json    print the names of the scenario's steps, one a line
//	tool operations             print the operationIds as a JSON list
//	tool curl                   print curl/README.md: a curl command for each example of a request, as Markdown
//	tool sparse URL             serve the responses of the fake at URL, as sparse as the document allows; print the address as JSON
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"

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
	case "operations":
		return json.NewEncoder(out).Encode(slices.Sorted(maps.Keys(requiredScopes(doc))))
	case "curl":
		_, err := io.WriteString(out, cheatSheet(doc))
		return err
	case "sparse":
		return serve(argument, out)
	}
	return fmt.Errorf("unknown command %q: use steps FILE, operations, curl or sparse URL", command)
}

func steps(file string, out io.Writer) error {
	text, err := os.ReadFile(file) //nolint:gosec // the caller names the file
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

// serve serves the responses of the fake at url without their optional fields, until the process is killed.
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

// requiredScopes are the scopes that each operation requires, by operationId.
func requiredScopes(doc *openapi3.T) map[string][]string {
	required := map[string][]string{}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			scopes := []string{}
			list, _ := op.Extensions["x-required-scopes"].([]any)
			for _, scope := range list {
				scopes = append(scopes, fmt.Sprint(scope))
			}
			required[op.OperationID] = scopes
		}
	}
	return required
}
