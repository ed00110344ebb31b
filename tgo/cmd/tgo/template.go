package main

import (
	"errors"
	"path/filepath"
	"strings"
)

// template is a text with placeholders, cut into literals and columns.
type template []piece

type piece struct {
	literal string
	name    string
	column  int // -1 for a literal
}

// parseTemplate parses a text with {column}; {{ and }} are braces. column finds a column by its name.
func parseTemplate(source string, column func(name string) (int, error)) (template, error) {
	var t template
	literal := func(s string) { t = append(t, piece{literal: s, column: -1}) }
	for source != "" {
		i := strings.IndexAny(source, "{}")
		if i < 0 {
			literal(source)
			break
		}
		literal(source[:i])
		brace := source[i]
		source = source[i+1:]
		if strings.HasPrefix(source, string(brace)) {
			literal(string(brace))
			source = source[1:]
			continue
		}
		name, rest, closed := strings.Cut(source, "}")
		if brace == '}' || !closed || strings.Contains(name, "{") {
			return nil, errors.New("the message has a single brace: write {{ or }} for a brace")
		}
		index, err := column(name)
		if err != nil {
			return nil, err
		}
		t = append(t, piece{name: name, column: index})
		source = rest
	}
	return t, nil
}

// fill inserts the values of a row, and returns the names of the empty columns.
func (t template) fill(record []string) (text string, empty []string) {
	var b strings.Builder
	for _, p := range t {
		if p.column < 0 {
			b.WriteString(p.literal)
			continue
		}
		if strings.TrimSpace(record[p.column]) == "" {
			empty = append(empty, p.name)
		}
		b.WriteString(record[p.column])
	}
	return b.String(), empty
}

// folder returns the folder that a file's template names before its first placeholder; by default the current one.
func (t template) folder() string {
	var named string
	for _, p := range t {
		if p.column >= 0 {
			return filepath.Dir(named + "x")
		}
		named += p.literal
	}
	return filepath.Dir(named)
}
