// Package yamldoc reads a YAML document as a tree whose nodes know their line.
package yamldoc

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Document is a YAML text as a tree with line numbers, and its lines.
type Document struct {
	// Root is the whole document.
	Root *Spot
	// Lines are the lines of the text, without their ends.
	Lines []string
}

// Spot is a key of a document with its value, or an item of a list. A nil Spot has nothing below it.
type Spot struct {
	// Doc is the document.
	Doc *Document
	// Pointer is the JSON pointer to the spot, with # before it.
	Pointer string
	// Line is the number of its line, from 1.
	Line int
	// Value is the node of the value.
	Value *yaml.Node
}

// Parse reads a text. It panics if that is not YAML: the texts are embedded.
func Parse(text []byte) *Document {
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		panic(err)
	}
	d := &Document{Lines: strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")}
	d.Root = &Spot{d, "#", 1, node.Content[0]}
	return d
}

// Children are the values below a spot, in their order.
func (s *Spot) Children() (all []*Spot) {
	if s == nil {
		return nil
	}
	node := s.Value
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := strings.NewReplacer("~", "~0", "/", "~1").Replace(node.Content[i].Value)
			all = append(all, &Spot{s.Doc, s.Pointer + "/" + key, node.Content[i].Line, node.Content[i+1]})
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			all = append(all, &Spot{s.Doc, fmt.Sprintf("%s/%d", s.Pointer, i), item.Line, item})
		}
	}
	return all
}

// Key is the last part of the pointer.
func (s *Spot) Key() string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(s.Pointer[strings.LastIndexByte(s.Pointer, '/')+1:])
}

// Child is the value of a key, or an item of a list by its index; nil if there is none.
func (s *Spot) Child(key string) *Spot {
	all := s.Children()
	if i := slices.IndexFunc(all, func(c *Spot) bool { return c.Key() == key }); i >= 0 {
		return all[i]
	}
	return nil
}

// Resolved follows references.
func (s *Spot) Resolved() *Spot {
	for ref := s.Child("$ref"); ref != nil; ref = s.Child("$ref") {
		s = s.Doc.Root
		for key := range strings.SplitSeq(strings.TrimPrefix(ref.Value.Value, "#/"), "/") {
			s = s.Child(key)
		}
	}
	return s
}

// At goes down by keys, through references; nil if there is nothing.
func (s *Spot) At(keys ...string) *Spot {
	for _, key := range keys {
		s = s.Resolved().Child(key)
	}
	return s
}

// Text is the value as it is written, without quotation marks; empty for a nil Spot.
func (s *Spot) Text() string {
	if s == nil {
		return ""
	}
	return s.Value.Value
}

// excerptLines is the greatest length of an excerpt.
const excerptLines = 16

// Excerpt is the block of lines that begins at the spot. It ends before the first line that is not indented further, before a
// blank line, and after 16 lines.
func (s *Spot) Excerpt() string {
	lines := s.Doc.Lines
	first := lines[s.Line-1]
	indent := indentation(first)
	block := []string{first[indent:]}
	for _, l := range lines[s.Line:] {
		if indentation(l) <= indent || len(block) == excerptLines {
			break
		}
		block = append(block, l[indent:])
	}
	return strings.Join(block, "\n")
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
