// Command mutants breaks the fake, the client, the outbox, the document and the suite itself in small ways, one at a time, and sees
// whether the tests notice. It works on a copy of the module, from the module's folder:
//
//	go run ./contract_test/mutants
//
// For each mutant it prints the test that caught it first. One that survives, one with which the tests time out, and one
// that can no longer be made because the code has changed, is a failure.
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
	"strings"
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

func run(ctx context.Context, chosen *regexp.Regexp) error {
	folder, err := os.MkdirTemp("", "tgo-go-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	if err := copyModule(ctx, folder); err != nil {
		return err
	}
	begun := time.Now()
	if by, err := firstFailure(ctx, folder, mutant{}); err != nil || by != "" {
		return fmt.Errorf("the tests fail without any mutant: %s %w", by, errors.Join(err))
	}
	caught, made := 0, 0
	for _, m := range mutants {
		if !chosen.MatchString(m.name) {
			continue
		}
		made++
		since := time.Now()
		by, err := m.catch(ctx, folder)
		switch {
		case errors.Is(err, errTimedOut):
			by = "TIMED OUT, which a slow machine may do too"
		case err != nil:
			by = "CANNOT BE MADE: " + err.Error()
		case by == "":
			by = "SURVIVES"
		default:
			caught++
			by = "caught by " + by
		}
		fmt.Printf("%-52s %s  (%.1f s)\n", m.name, by, time.Since(since).Seconds())
	}
	fmt.Printf("%d of %d mutants were caught, in %.0f s\n", caught, made, time.Since(begun).Seconds())
	if caught != made {
		return errors.New("every mutant must be caught")
	}
	return nil
}

// copyModule copies what git knows or could know of the module, and nothing that was installed into it.
func copyModule(ctx context.Context, to string) error {
	out, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		b, err := os.ReadFile(name) //nolint:gosec // the module's own files
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, and git does not know yet
		}
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(target, b, 0o600); err != nil { //nolint:gosec // into the copy, by names that git gave
			return err
		}
	}
	return nil
}

// catch makes the mutant, runs the tests and takes the mutant back.
func (m mutant) catch(ctx context.Context, folder string) (by string, err error) {
	name := filepath.Join(folder, m.file)
	original, err := os.ReadFile(name) //nolint:gosec // a file of the copy
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(original), m.search); n == 0 || (n > 1 && !m.all) {
		return "", fmt.Errorf("%s has %d times what is to be replaced", m.file, n)
	}
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(string(original), m.search, m.replace)), 0o600); err != nil { //nolint:gosec // a file of the copy
		return "", err
	}
	by, err = firstFailure(ctx, folder, m)
	return by, errors.Join(err, os.WriteFile(name, original, 0o600)) //nolint:gosec // a file of the copy
}

// suites are tried one after the other: what the contract says should be caught by the contract's tests.
var suites = []string{"./contract_test", "./tgo/tgotest", "./tgo"}

// firstFailure runs the tests until one fails.
func firstFailure(ctx context.Context, folder string, m mutant) (string, error) {
	order := suites
	if m.first != "" {
		order = append([]string{m.first}, suites...)
	}
	for _, suite := range order {
		if m.search == "" && suite == "./tgo" {
			continue // the whole of it is run elsewhere
		}
		by, err := failureIn(ctx, folder, suite)
		if by != "" || err != nil {
			return by, err
		}
	}
	return "", nil
}

// errTimedOut is neither caught nor survived.
var errTimedOut = errors.New("the tests timed out")

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string
}

func failureIn(ctx context.Context, folder, suite string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-short", "-vet=off", "-count=1", "-timeout=90s", suite) //nolint:gosec // one of the list above
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
			stop(cmd) // one is enough
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
