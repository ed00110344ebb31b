// Package docs_test tests the pages of the repository. It compiles their Go code, runs their commands, and compares their output,
// names, links, lists and limits with the code. It uses no network and leaves no files behind.
//
// Each file is named after what it checks: go_snippets_test.go (Go code), commands_test.go (shell and Python),
// snippet_sources_test.go (code that is quoted from a file), names_test.go (names of Go in the text), links_test.go,
// limits_test.go, assumptions_test.go, linked_packages_test.go and sender_check_test.go. examples_test.go and fields_test.go check
// what go doc shows, action_test.go the GitHub Action. pages_test.go has the list of pages.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	repository = "../.." // tests run in their package's directory
	modulePath = "github.com/tgo-business/tgo-go"
	tenant     = "acme.tgo-eg.com" // the tenant of all examples
)

// The pages, with paths from the root of the repository. Commands in terminal sessions ("console") are run by the tests of the
// command. contract_test/languages/tool has more tests for the page of the other languages.
const (
	readme       = "README.md"
	clientPage   = "tgo/README.md"
	commandPage  = "tgo/cmd/tgo/README.md"
	fakePage     = "tgo/tgotest/README.md"
	outboxPage   = "tgo/outbox/README.md"
	contractPage = "contract_test/README.md"
	languagePage = "contract_test/languages/README.md"
)

var pages = []string{readme, clientPage, commandPage, fakePage, outboxPage, contractPage, languagePage}

// block is a fenced code block of a page.
type block struct {
	page     string
	language string
	text     string
	line     int    // the line number of its first line
	source   string // the file from which it is quoted, according to the line before it
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// read returns the fenced blocks of a page, and all its lines, with the lines of the blocks empty.
func read(t *testing.T, page string) (blocks []block, prose []string) {
	t.Helper()
	const fence = "```"
	var open *block
	for i, line := range strings.Split(readFile(t, page), "\n") {
		language, isFence := strings.CutPrefix(line, fence)
		switch {
		case isFence && open == nil:
			open = &block{page: page, language: language, line: i + 2}
			if i > 1 {
				if m := regexp.MustCompile(`^From \[[^]]+\]\(([^)]+)\).*:$`).FindStringSubmatch(prose[i-2]); m != nil {
					open.source = m[1]
				}
			}
		case isFence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		default:
			prose = append(prose, line)
			continue
		}
		prose = append(prose, "")
	}
	if open != nil {
		t.Fatalf("%s:%d: the code block is not closed", page, open.line)
	}
	return blocks, prose
}

// section returns the text of a page under a heading.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(readFile(t, page), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", page, heading)
	}
	text, _, _ := strings.Cut(rest, "\n"+heading[:strings.IndexByte(heading, ' ')+1])
	return text
}

// TestReadmeIsShort keeps the README an overview: details belong on the other pages.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	if lines := strings.Count(readFile(t, readme), "\n"); lines > 250 {
		t.Errorf("README.md has %d lines, and at most 250 are allowed: move what only some readers need to another page", lines)
	}
}
