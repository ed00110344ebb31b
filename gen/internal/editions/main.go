// Command editions writes the contract as JSON: unchanged, and as OpenAPI 3.1.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"log"
	"os"

	"github.com/speakeasy-api/openapi/json"
	"github.com/speakeasy-api/openapi/jsonschema/oas3"
	"github.com/speakeasy-api/openapi/openapi"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("editions: ")
	plain := flag.String("json", "", "file for the unchanged document")
	upgraded := flag.String("json-3.1", "", "file for the OpenAPI 3.1 edition")
	flag.Parse()
	if flag.NArg() != 1 || *plain == "" || *upgraded == "" {
		log.Fatal("usage: editions -json FILE -json-3.1 FILE openapi.yaml")
	}
	if err := write(flag.Arg(0), *plain, *upgraded); err != nil {
		log.Fatal(err)
	}
}

func write(document, plain, upgraded string) error {
	source, err := os.ReadFile(document) //nolint:gosec // the go:generate line names it
	if err != nil {
		return err
	}
	doc, err := read(source)
	if err != nil {
		return err
	}
	if err := writeJSON(plain, doc); err != nil {
		return err
	}
	if err := upgrade(doc); err != nil {
		return err
	}
	return writeJSON(upgraded, doc)
}

func read(source []byte) (*openapi.OpenAPI, error) {
	doc, problems, err := openapi.Unmarshal(context.Background(), bytes.NewReader(source))
	return doc, errors.Join(append(problems, err)...)
}

// upgrade converts a document to OpenAPI 3.1. OpenAPI 3.1 marks a file with a content type, which the library does not add. The format
// binary, which marks a file in 3.0, stays: it is harmless, and some tools treat the file as a text without it.
func upgrade(doc *openapi.OpenAPI) error {
	ctx := context.Background()
	octets := "application/octet-stream"
	for item := range openapi.Walk(ctx, doc) {
		if err := item.Match(openapi.Matcher{Schema: func(s *oas3.JSONSchema[oas3.Referenceable]) error {
			if schema := s.GetLeft(); schema != nil && schema.GetFormat() == "binary" {
				schema.ContentMediaType = &octets
			}
			return nil
		}}); err != nil {
			return err
		}
	}
	_, err := openapi.Upgrade(ctx, doc, openapi.WithUpgradeTargetVersion("3.1.0"))
	return err
}

func writeJSON(name string, doc *openapi.OpenAPI) error {
	var text bytes.Buffer
	if err := json.YAMLToJSON(doc.GetCore().GetRootNode(), 2, &text); err != nil {
		return err
	}
	return os.WriteFile(name, text.Bytes(), 0o644)
}
