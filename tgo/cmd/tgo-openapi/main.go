// Command tgo-openapi writes files of this module into the current folder, for go:generate lines of other modules: openapi.yaml,
// which is the contract, and overlay.yaml, which are the hints by which oapi-codegen makes package gen of it.
//
//	//go:generate go tool tgo-openapi openapi.yaml overlay.yaml
//	//go:generate go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml
//
// A go:generate line has no shell in which to look up the folder of a module. The files are those of the version in go.mod.
package main

import (
	"errors"
	"fmt"
	"os"

	openapi "github.com/tgo-business/tgo-go"
)

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tgo-openapi:", err)
		os.Exit(2)
	}
}

func write(names []string) error {
	files := map[string][]byte{"openapi.yaml": openapi.Document, "overlay.yaml": openapi.Overlay}
	for _, name := range names {
		if files[name] == nil {
			return fmt.Errorf("there is no %s, only openapi.yaml and overlay.yaml", name)
		}
		if err := os.WriteFile(name, files[name], 0o644); err != nil { //nolint:gosec // a public text
			return err
		}
	}
	if len(names) == 0 {
		return errors.New("say which files to write: openapi.yaml, overlay.yaml")
	}
	return nil
}
