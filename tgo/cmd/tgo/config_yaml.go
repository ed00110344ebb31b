package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

// readDocument reads a configuration file and keeps its comments. A missing file is empty.
func readDocument(file string) (*yaml.Node, error) {
	b, err := os.ReadFile(file) //nolint:gosec // reading the file that the user names is the purpose
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, withCode(exitUsage, fmt.Errorf("configuration: %w", err))
	}
	if _, err := readConfig(file, b); err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(b, &document); err != nil {
		return nil, withCode(exitUsage, fmt.Errorf("configuration: %s: %s", file, plain(masked(err))))
	}
	if document.Kind == 0 || document.Content[0].Kind != yaml.MappingNode {
		comments := document.HeadComment
		document = yaml.Node{Kind: yaml.DocumentNode, HeadComment: comments, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	}
	return &document, nil
}

// child returns the mapping under a name of a mapping, and adds it if it is missing.
func child(parent *yaml.Node, name string) *yaml.Node {
	for i := 0; i < len(parent.Content); i += 2 {
		if parent.Content[i].Value == name {
			node := parent.Content[i+1]
			if node.Kind == yaml.AliasNode {
				node = node.Alias
			}
			if node.Kind != yaml.MappingNode { // it is null
				*node = yaml.Node{Kind: yaml.MappingNode}
			}
			return node
		}
	}
	made := &yaml.Node{Kind: yaml.MappingNode}
	parent.Content = append(parent.Content, text(name), made)
	return made
}

func scalar(mapping *yaml.Node, name string) string {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i+1].Value
		}
	}
	return ""
}

// put sets a scalar of a mapping, or removes it if the value is empty. Comments are kept.
func put(mapping *yaml.Node, name, value string) {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value != name {
			continue
		}
		if value == "" {
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
			return
		}
		made := text(value)
		old := mapping.Content[i+1]
		made.HeadComment, made.LineComment, made.FootComment = old.HeadComment, old.LineComment, old.FootComment
		mapping.Content[i+1] = made
		return
	}
	if value != "" {
		mapping.Content = append(mapping.Content, text(name), text(value))
	}
}

// text returns a scalar, quoted if YAML would read it as something other than a text. The value of insecure_http is a
// boolean.
func text(value string) *yaml.Node {
	node := new(yaml.Node)
	if value == "true" {
		node.Kind, node.Tag, node.Value = yaml.ScalarNode, "!!bool", value
		return node
	}
	node.SetString(value)
	return node
}
