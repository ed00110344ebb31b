// Package docs_test compiles, runs and compares what the pages of the repository show, so that they stay true. Nothing here
// reaches a network or leaves a file behind.
package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	repository = "../.." // tests run in their package's directory
	modulePath = "github.com/tgo-business/tgo-go"
	tenant     = "acme.tgo-eg.com" // of all examples
)

// The pages, from the root of the repository. Commands that are shown as sessions at a terminal ("console") are run by the
// command's own test, and the page of the other languages has one beside its table of versions.
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

// block is a fenced block of a page.
type block struct {
	page     string
	language string
	text     string
	line     int    // of its first line of text
	source   string // the file that the line before it says it is from
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

// read returns a page's fenced blocks, and its lines with those blocks blank.
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
		t.Fatalf("%s:%d: the block has no end", page, open.line)
	}
	return blocks, prose
}

// section is the text of a page under a heading.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(readFile(t, page), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no %q", page, heading)
	}
	text, _, _ := strings.Cut(rest, "\n"+heading[:strings.IndexByte(heading, ' ')+1])
	return text
}

// TestReadmeIsShort: the README says what there is and where to read on.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	if lines := strings.Count(readFile(t, readme), "\n"); lines > 250 {
		t.Errorf("README.md has %d lines: what only some readers need belongs to one of the other pages", lines)
	}
}

// TestSources looks for what the pages show in the files that they say it is from. Those are compiled and run elsewhere.
func TestSources(t *testing.T) {
	t.Parallel()
	found := 0
	for _, page := range pages {
		blocks, _ := read(t, page)
		for _, b := range blocks {
			if b.source == "" {
				continue
			}
			found++
			if source := readFile(t, path.Join(path.Dir(page), b.source)); !strings.Contains(unindented(source), unindented(b.text)) {
				t.Errorf("%s:%d: %s does not have this", page, b.line, b.source)
			}
		}
	}
	if found < 13 {
		t.Errorf("only %d blocks name their source", found)
	}
}

// unindented is a text without the white space at the beginning of its lines.
func unindented(text string) string {
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(text, "")
}
