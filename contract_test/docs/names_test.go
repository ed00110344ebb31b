package docs_test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inlineCode returns the code between backticks, with its line numbers.
func inlineCode(prose []string) map[string]int {
	code := map[string]int{}
	for i, line := range prose {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
			code[m[1]] = i + 1
		}
	}
	return code
}

// riverNames are the names of River that the page of the outbox mentions.
var riverNames = []string{
	"CancelledJobRetentionPeriod", "CompletedJobRetentionPeriod", "DiscardedJobRetentionPeriod", "FetchCooldown", "JobTimeout", "MaxWorkers", "PollOnly",
	"Queues", "StopAndCancel",
}

// TestNames checks that the Go names in the text of the pages exist, that the README has every error, and that the client's page
// has every option.
func TestNames(t *testing.T) {
	t.Parallel()
	names, own, options := map[string]bool{}, map[string]bool{}, []string{}
	for _, dir := range []string{"tgo", "tgo/tgotest", "tgo/outbox"} {
		p := packageDoc(t, dir)
		for _, f := range functions(p) {
			names[f.name] = true
			names[f.name[strings.LastIndexByte(f.name, '.')+1:]] = true
			if dir == "tgo" && strings.HasPrefix(f.name, "With") {
				options = append(options, f.name)
			}
		}
		for _, v := range slices.Concat(p.Vars, p.Consts) {
			addNames(names, v.Names)
			if dir == "tgo" {
				addNames(own, v.Names)
			}
		}
		for _, typ := range p.Types {
			names[typ.Name] = true
			for _, v := range slices.Concat(typ.Vars, typ.Consts) {
				addNames(names, v.Names)
			}
			s, ok := typ.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range s.Fields.List {
				for _, n := range f.Names {
					names[n.Name], names[typ.Name+"."+n.Name] = true, true
				}
			}
		}
	}
	addNames(names, riverNames)
	mentioned := regexp.MustCompile(`^\*?(?:(?:tgo|tgotest|outbox)\.)?([A-Z]\w*[a-z]\w*(?:\.[A-Z]\w*)?)$`)
	found := 0
	for _, page := range pages {
		if page == languagePage {
			continue // it has names of other languages
		}
		_, prose := read(t, page)
		for code, line := range inlineCode(prose) {
			if m := mentioned.FindStringSubmatch(code); m != nil {
				found++
				if !names[m[1]] {
					t.Errorf("%s:%d: no Go package has the name %s", page, line, code)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d names were found in the text of the pages", found)
	}

	whole := readFile(t, clientPage)
	if len(options) == 0 {
		t.Error("no options were found in package tgo")
	}
	for _, name := range options {
		if !strings.Contains(whole, "tgo."+name) {
			t.Errorf("tgo/README.md does not mention tgo.%s", name)
		}
	}
	table := section(t, readme, "## Errors and delivery")
	for name := range own {
		if strings.HasPrefix(name, "Err") && len(name) > len("Error") && !strings.Contains(table, "\n| `tgo."+name+"` |") {
			t.Errorf("README.md's table of errors has no %s", name)
		}
	}
}

func addNames(to map[string]bool, names []string) {
	for _, n := range names {
		to[n] = true
	}
}
