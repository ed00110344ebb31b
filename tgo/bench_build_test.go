package tgo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/measure"
)

// runGo runs the go command and returns its output, and the processor time of the command and its children.
func runGo(b *testing.B, env []string, args ...string) (out string, processor time.Duration) {
	b.Helper()
	command := exec.CommandContext(b.Context(), "go", args...)
	command.Env = append(os.Environ(), env...)
	text, err := command.CombinedOutput()
	if err != nil {
		b.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, text)
	}
	return string(text), command.ProcessState.UserTime() + command.ProcessState.SystemTime()
}

// The cost of importing this package: size, packages, and the processor time of a build for which only the standard library was
// compiled before.
func BenchmarkBuild(b *testing.B) {
	const programs = "./testdata/tenlines/"
	ours, hand := tenLines(b)
	packages := func(program string) int {
		out, _ := runGo(b, nil, "list", "-deps", programs+program)
		return len(strings.Fields(out)) - 1 // without the program itself
	}
	out, _ := runGo(b, nil, "list", "-deps", "-f", "{{if .Standard}}{{.ImportPath}}{{end}}", programs+"tgo")
	standard := strings.Fields(out)
	primed := b.TempDir()
	runGo(b, []string{"GOCACHE=" + primed}, append([]string{"build"}, standard...)...)
	build := func(program string) func() time.Duration {
		return func() time.Duration {
			cache := filepath.Join(b.TempDir(), "cache")
			if err := os.CopyFS(cache, os.DirFS(primed)); err != nil {
				b.Fatal(err)
			}
			_, took := runGo(b, []string{"GOCACHE=" + cache}, "build", "-o", filepath.Join(b.TempDir(), program), programs+program)
			return took
		}
	}
	buildOurs, buildHand := build("tgo"), build("nethttp")
	var oursTook, handTook, difference []time.Duration
	for rounds := 0; b.Loop(); rounds++ {
		if rounds < 5 {
			o, h := buildOurs(), buildHand()
			oursTook, handTook, difference = append(oursTook, o), append(handTook, h), append(difference, o-h)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(hand)/(1<<20), "hand-MiB")
	b.ReportMetric(float64(ours-hand)/(1<<20), "tgo-added-MiB")
	b.ReportMetric(float64(packages("nethttp")), "hand-packages")
	b.ReportMetric(float64(packages("tgo")-packages("nethttp")), "tgo-added-packages")
	b.ReportMetric(measure.Median(oursTook).Seconds(), "tgo-cpu-s")
	b.ReportMetric(measure.Median(handTook).Seconds(), "hand-cpu-s")
	b.ReportMetric(measure.Median(difference).Seconds(), "tgo-added-cpu-s")
}

// The time of go generate when all programs that it runs were built before. It writes the same files again.
func BenchmarkGenerate(b *testing.B) {
	b.Chdir("..")
	runGo(b, nil, "generate", "./...")
	var took []time.Duration
	for rounds := 0; b.Loop(); rounds++ {
		if rounds < 5 {
			begun := time.Now()
			runGo(b, nil, "generate", "./...")
			took = append(took, time.Since(begun))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(measure.Median(took).Seconds(), "generate-s")
}
