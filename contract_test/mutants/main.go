// Command mutants makes small changes that break the fake, the document, the client, the outbox or the contract suite, one at a time in
// each of two copies of the module, and checks that a test fails. The changes are listed in table.go. Run it in the module's folder:
//
//	go run ./contract_test/mutants
//
// For each mutant it prints the first test that failed. It is a failure if a mutant survives, if the tests time out with it, or if it
// cannot be made because the code has changed.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("mutants: ")
	only := flag.String("only", "", "make only the mutants whose names match this regular `expression`")
	flag.Parse()
	chosen, err := regexp.Compile(*only)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(context.Background(), chosen); err != nil {
		log.Fatal(err)
	}
}

// workers is the number of mutants that are tested at the same time. A go command often waits for its linker or for its tests, so two are
// faster than one, also on two processors. More would slow down tests that measure time.
const workers = 2

func run(ctx context.Context, chosen *regexp.Regexp) error {
	parent, err := os.MkdirTemp("", "tgo-go-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(parent) //nolint:errcheck // a temporary folder
	var folders [workers]string
	for i := range folders {
		folders[i] = filepath.Join(parent, strconv.Itoa(i))
		if err := copyModule(ctx, folders[i]); err != nil {
			return err
		}
	}
	begun := time.Now()
	if by, err := firstFailure(ctx, folders[0], mutant{}); err != nil || by != "" {
		return fmt.Errorf("the tests fail without any mutant: %s %w", by, errors.Join(err))
	}
	var made, caught atomic.Int64
	next := make(chan mutant)
	var running sync.WaitGroup
	for _, folder := range folders {
		running.Go(func() {
			for m := range next {
				made.Add(1)
				if m.report(ctx, folder) {
					caught.Add(1)
				}
			}
		})
	}
	for _, m := range mutants {
		if chosen.MatchString(m.name) {
			next <- m
		}
	}
	close(next)
	running.Wait()
	fmt.Printf("%d of %d mutants were caught, in %.0f s\n", caught.Load(), made.Load(), time.Since(begun).Seconds())
	if caught.Load() != made.Load() {
		return errors.New("every mutant must be caught")
	}
	return nil
}

// report tests the mutant, and prints and returns whether it was caught.
func (m mutant) report(ctx context.Context, folder string) (caught bool) {
	since := time.Now()
	by, err := m.catch(ctx, folder)
	switch {
	case errors.Is(err, errTimedOut):
		by = "TIMED OUT: the mutant hangs, or the machine is slow"
	case err != nil:
		by = "CANNOT BE MADE: " + err.Error()
	case by == "":
		by = "SURVIVES"
	default:
		caught = true
		by = "caught by " + by
	}
	fmt.Printf("%-52s %s  (%.1f s)\n", m.name, by, time.Since(since).Seconds())
	return caught
}

// copyModule copies the files of the module that git tracks, or would track if they were added, but no ignored files.
func copyModule(ctx context.Context, to string) error {
	out, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		b, err := os.ReadFile(name) //nolint:gosec // the module's own files
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, but still in git's index
		}
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(target, b, 0o600); err != nil { //nolint:gosec // a file of the copy, with a name from git
			return err
		}
	}
	return nil
}

// catch makes the mutant, runs the tests and undoes the mutant.
func (m mutant) catch(ctx context.Context, folder string) (by string, err error) {
	name := filepath.Join(folder, m.file)
	original, err := os.ReadFile(name) //nolint:gosec // a file of the copy
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(original), m.search); n == 0 || (n > 1 && !m.all) {
		return "", fmt.Errorf("%s contains the code to replace %d times: change the mutant in table.go", m.file, n)
	}
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(string(original), m.search, m.replace)), 0o600); err != nil { //nolint:gosec // a file of the copy
		return "", err
	}
	by, err = firstFailure(ctx, folder, m)
	return by, errors.Join(err, os.WriteFile(name, original, 0o600)) //nolint:gosec // a file of the copy
}

// suites are run in this order. The tests of the contract come first, because they should notice a break of the contract.
var suites = []string{"./contract_test", "./tgo/tgotest", "./tgo"}

// firstFailure runs the tests until one fails.
func firstFailure(ctx context.Context, folder string, m mutant) (string, error) {
	order := suites
	if m.first != "" {
		order = append([]string{m.first}, suites...)
	}
	for _, suite := range order {
		if m.search == "" && suite == "./tgo" {
			continue // without a mutant all its tests are run elsewhere
		}
		by, err := failureIn(ctx, folder, suite)
		if by != "" || err != nil {
			return by, err
		}
	}
	return "", nil
}

// errTimedOut means that the mutant was neither caught nor survived.
var errTimedOut = errors.New("the tests timed out")

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string
}

func failureIn(ctx context.Context, folder, suite string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-short", "-vet=off", "-count=1", "-timeout=90s", suite) //nolint:gosec // one of the suites
	cmd.Dir = folder
	ownGroup(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	by, broken := "", ""
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		switch {
		case e.Action == "build-output":
			broken += e.Output
		case strings.HasPrefix(e.Output, "panic: test timed out"):
			stop(cmd)
			_ = cmd.Wait()
			return "", errTimedOut
		case e.Action == "fail" && e.Test != "" && by == "":
			by = strings.TrimPrefix(suite, "./") + " " + e.Test
			stop(cmd) // one failed test is enough
		case e.Action == "fail" && e.Test == "" && by == "" && broken == "":
			by = strings.TrimPrefix(suite, "./") + " as a whole" // a panic, or too little coverage
		}
	}
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return "", errTimedOut
	case by != "":
		return by, nil
	case broken != "":
		return "", fmt.Errorf("it does not compile: %s", strings.Join(strings.Fields(broken), " "))
	case err != nil:
		return "", err
	}
	return "", lines.Err()
}
