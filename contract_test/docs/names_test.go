package docs_test

import (
	"errors"
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// inlineCode is what stands between backticks, with the number of its line.
func inlineCode(prose []string) map[string]int {
	code := map[string]int{}
	for i, line := range prose {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
			code[m[1]] = i + 1
		}
	}
	return code
}

// rivers are the names of River that the outbox's page mentions.
var rivers = []string{
	"CancelledJobRetentionPeriod", "CompletedJobRetentionPeriod", "DiscardedJobRetentionPeriod", "FetchCooldown", "JobTimeout", "MaxWorkers", "PollOnly",
	"Queues", "StopAndCancel",
}

// TestNames looks up the names that the text of the pages mentions, and finds every error in the README, and every option on
// the client's page.
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
	addNames(names, rivers)
	mentioned := regexp.MustCompile(`^\*?(?:(?:tgo|tgotest|outbox)\.)?([A-Z]\w*[a-z]\w*(?:\.[A-Z]\w*)?)$`)
	found := 0
	for _, page := range pages {
		if page == languagePage {
			continue // its names are those of other languages
		}
		_, prose := read(t, page)
		for code, line := range inlineCode(prose) {
			if m := mentioned.FindStringSubmatch(code); m != nil {
				found++
				if !names[m[1]] {
					t.Errorf("%s:%d: there is no %s", page, line, code)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d names were found in the text of the pages", found)
	}

	whole := readFile(t, clientPage)
	if len(options) == 0 {
		t.Error("package tgo has no options")
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

// TestLinkedPackages compares what package tgo links with what its page says.
func TestLinkedPackages(t *testing.T) {
	t.Parallel()
	said := []string{modulePath + "/gen", modulePath + "/tgo"}
	for code := range inlineCode(strings.Split(section(t, clientPage, "## What a program links"), "\n")) {
		if strings.HasPrefix(code, "github.com/") {
			said = append(said, code)
		}
	}
	slices.Sort(said)
	linked := strings.Fields(goCommand(t, repository, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./tgo"))
	linked = slices.DeleteFunc(linked, func(pkg string) bool { return strings.Contains(pkg, "/internal/") }) // parts of others
	slices.Sort(linked)
	if !slices.Equal(said, linked) {
		t.Errorf("package tgo links\n%v\nand its page says\n%v", linked, said)
	}
}

// TestReady compares the text that the client's page shows for a number that cannot send.
func TestReady(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{ID: 13, Phone: "+201001187189", VerificationStatus: "pending_account_verification"}}
	})
	number, err := fake.Sender.Check(t.Context())
	if !errors.Is(err, tgo.ErrSenderUnverified) {
		t.Fatalf("number %d: %v", number.ID, err)
	}
	blocks, _ := read(t, clientPage)
	if !slices.ContainsFunc(blocks, func(b block) bool { return b.language == "text" && b.text == err.Error()+"\n" }) {
		t.Errorf("tgo/README.md does not show %q", err)
	}
}
