// Command typecheck type-checks a package and everything that it imports for other platforms, without compiling: it takes seconds for
// each; a build from an empty cache takes minutes. Function bodies are checked in this module's packages only.
//
//	go run ./.ci/typecheck ./tgo/cmd/tgo linux/arm64 darwin/arm64
//
// It also checks that each module that is linked has a licence file, and with -modules=FILE writes their names, versions and
// folders to FILE.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// listed is what go list prints of a package.
type listed struct {
	Dir, ImportPath, Name string
	GoFiles               []string
	ImportMap             map[string]string
	Module                *struct {
		Path, Version, Dir, GoVersion string
		Main                          bool
	}
	Error *struct{ Err string }
}

func main() {
	modules := flag.String("modules", "", "write the linked modules to `FILE`, one per line: path, version and folder, with tabs between")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "usage: typecheck [-modules=FILE] PACKAGE GOOS/GOARCH...")
		os.Exit(2)
	}
	debug.SetGCPercent(400) // a quarter less time
	results := make([]result, flag.NArg()-1)
	var running sync.WaitGroup
	slots := make(chan struct{}, runtime.NumCPU())
	for i, platform := range flag.Args()[1:] {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			r := &results[i]
			if r.packages, r.err = list(flag.Arg(0), platform); r.err == nil {
				r.err = check(r.packages, platform)
			}
		})
	}
	running.Wait()

	linked := map[string]string{} // the line of a module, by its path
	failed := false
	for i, r := range results {
		platform := flag.Arg(i + 1)
		if r.err != nil {
			fmt.Fprintf(os.Stderr, "%s does not type-check for %s:\n%v\n", flag.Arg(0), platform, r.err)
			failed = true
			continue
		}
		for _, p := range r.packages {
			if m := p.Module; m != nil && !m.Main && linked[m.Path] == "" {
				linked[m.Path] = m.Path + "\t" + m.Version + "\t" + m.Dir
				if len(licences(m.Dir)) == 0 {
					fmt.Fprintf(os.Stderr, "%s %s has no licence file; it cannot be distributed without one\n", m.Path, m.Version)
					failed = true
				}
			}
		}
		fmt.Printf("%s: %d packages\n", platform, len(r.packages))
	}
	if *modules != "" && !failed {
		var lines bytes.Buffer
		for _, path := range slices.Sorted(maps.Keys(linked)) {
			lines.WriteString(linked[path] + "\n")
		}
		if err := os.WriteFile(*modules, lines.Bytes(), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

// licences returns the licence files in the root of a module.
func licences(dir string) []string {
	var found []string
	for _, pattern := range []string{"LICEN[CS]E*", "licen[cs]e*", "COPYING*", "NOTICE*", "UNLICENSE*"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are valid
		found = append(found, files...)
	}
	return found
}

// result is what was found for one platform.
type result struct {
	packages []*listed
	err      error
}

// list returns the package and what it imports, imported packages first.
func list(path, platform string) ([]*listed, error) {
	goos, goarch, _ := strings.Cut(platform, "/")
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,ImportPath,Name,GoFiles,ImportMap,Module,Error", path) //nolint:gosec,noctx // the arguments are this repository's; the caller can stop it
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr.String())
	}
	var packages []*listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listed)
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		if p.Error != nil {
			return nil, errors.New(p.Error.Err)
		}
		packages = append(packages, p)
	}
}

// check type-checks the packages in their order.
func check(packages []*listed, platform string) error {
	_, goarch, _ := strings.Cut(platform, "/")
	checked := map[string]*types.Package{"unsafe": types.Unsafe}
	for _, p := range packages {
		if p.ImportPath == "unsafe" {
			continue
		}
		fset := token.NewFileSet()
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			files = append(files, file)
		}
		var errs []error
		config := types.Config{
			IgnoreFuncBodies: p.Module == nil || !p.Module.Main,
			Sizes:            types.SizesFor("gc", goarch),
			Importer:         importer{checked, p.ImportMap},
			Error:            func(err error) { errs = append(errs, err) },
		}
		if p.Module != nil && p.Module.GoVersion != "" {
			config.GoVersion = "go" + p.Module.GoVersion
		}
		pkg, err := config.Check(p.ImportPath, fset, files, nil)
		if err != nil {
			return errors.Join(errs...)
		}
		checked[p.ImportPath] = pkg
	}
	return nil
}

// importer finds the packages that were checked before.
type importer struct {
	checked map[string]*types.Package
	renamed map[string]string
}

func (i importer) Import(path string) (*types.Package, error) {
	if to, ok := i.renamed[path]; ok {
		path = to
	}
	if p, ok := i.checked[path]; ok {
		return p, nil
	}
	return nil, fmt.Errorf("%s is not among the packages that go list prints", path)
}
