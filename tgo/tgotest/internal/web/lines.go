package web

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/yamldoc"
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
	return template.Must(template.ParseFS(files, "docs-lines.html"))
})

// contractPage is the page of openapi.yaml.
var contractPage = sync.OnceValue(func() []byte {
	return linesPage{Name: "openapi.yaml", Reference: "/docs", File: "/docs/openapi.yaml"}.render(contract.Document())
})

// adminPage is the page of admin.yaml.
func adminPage(text []byte) []byte {
	return linesPage{Name: "admin.yaml", Reference: "/docs?admin", File: "/docs/admin.yaml"}.render(yamldoc.Parse(text))
}

// render writes the page of a document.
func (p linesPage) render(d *yamldoc.Document) []byte {
	for i, line := range d.Lines {
		p.Lines = append(p.Lines, shownLine{Number: i + 1, Rest: line})
	}
	p.mark(d, d.Root.Value)
	var page bytes.Buffer
	if err := linesTemplate().Execute(&page, p); err != nil {
		panic(err) // writing to memory does not fail, and the template is our own
	}
	return page.Bytes()
}

// mark separates keys, and finds where references lead.
func (p linesPage) mark(d *yamldoc.Document, node *yaml.Node) {
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			line := &p.Lines[child.Line-1]
			text := d.Lines[child.Line-1]
			begin := child.Column - 1
			end := begin + strings.Index(text[begin:], ":") + 1
			if line.Key != "" || end <= begin || node.Style&yaml.FlowStyle != 0 {
				continue // of several keys in a line the first is marked
			}
			line.Indent, line.Key, line.Rest = text[:begin], text[begin:end], text[end:]
			if value := node.Content[i+1]; child.Value == "$ref" {
				if at := d.Root.At(strings.Split(strings.TrimPrefix(value.Value, "#/"), "/")...); at != nil {
					line.Key += " "
					line.Rest, line.Target = strings.TrimPrefix(line.Rest, " "), at.Line
				}
			}
			continue
		}
		p.mark(d, child)
	}
}
