// Command tool gives the run script what it needs of the scenario and of openapi.yaml.
//
//	tool steps scenario.json    the names of the scenario's steps, a line each
//	tool scopes                 the scopes that each operation needs, as JSON by operationId
//	tool curl                   the cheat sheet: a curl command for each example of a request, as Markdown
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
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
	command, file := "", ""
	if len(args) > 0 {
		command = args[0]
	}
	if len(args) > 1 {
		file = args[1]
	}
	switch command {
	case "steps":
		return steps(file, out)
	case "scopes":
		return json.NewEncoder(out).Encode(scopes(doc))
	case "curl":
		_, err := io.WriteString(out, cheatSheet(doc))
		return err
	}
	return errors.New("steps FILE, scopes or curl")
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
