package tgotest

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// linesPage shows a YAML document with a number and an anchor for each line, so that a rule can be linked to.
type linesPage struct {
	Name, Reference, File string // Reference and File are paths
	Lines                 []shownLine
}

// shownLine is a line of a document, in parts.
type shownLine struct {
	Number            int
	Indent, Key, Rest string
	Target            int // the line that Rest refers to; 0 for none
}

var linesTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(webFiles, "web/docs-lines.html"))
})

// contractPage and adminPage are the pages of the two documents.
var (
	contractPage = sync.OnceValue(func() []byte {
		return linesPage{Name: "openapi.yaml", Reference: "/docs", File: "/docs/openapi.yaml"}.render(contractDocument())
	})
	adminPage = sync.OnceValue(func() []byte {
		text, err := webFiles.ReadFile("admin.yaml")
		if err != nil {
			panic(err) // it is embedded
		}
		return linesPage{Name: "admin.yaml", Reference: "/docs?admin", File: "/docs/admin.yaml"}.render(parseDocument(text))
	})
)

// render writes the page of a document.
func (p linesPage) render(d *document) []byte {
	for i, line := range d.lines {
		p.Lines = append(p.Lines, shownLine{Number: i + 1, Rest: line})
	}
	p.mark(d, d.root.value)
	var page bytes.Buffer
	if err := linesTemplate().Execute(&page, p); err != nil {
		panic(err) // writing to memory does not fail, and the template is our own
	}
	return page.Bytes()
}

// mark tells keys, and where references lead, from the rest of their lines.
func (p linesPage) mark(d *document, node *yaml.Node) {
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			line := &p.Lines[child.Line-1]
			text := d.lines[child.Line-1]
			begin := child.Column - 1
			end := begin + strings.Index(text[begin:], ":") + 1
			if line.Key != "" || end <= begin || node.Style&yaml.FlowStyle != 0 {
				continue // of several keys in a line the first is marked
			}
			line.Indent, line.Key, line.Rest = text[:begin], text[begin:end], text[end:]
			if value := node.Content[i+1]; child.Value == "$ref" {
				if at := d.root.at(strings.Split(strings.TrimPrefix(value.Value, "#/"), "/")...); at != nil {
					line.Key += " "
					line.Rest, line.Target = strings.TrimPrefix(line.Rest, " "), at.line
				}
			}
			continue
		}
		p.mark(d, child)
	}
}
