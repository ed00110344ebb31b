package tgotest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/measure"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// The fake is measured as the program `tgo fake`, beside the plain server, which gives an answer of the same length to
// everyone. `make bench` prints what is reported as a table.

// build builds a program of this module.
func build(b *testing.B, pkg string) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), filepath.Base(pkg))
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", program, pkg).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return program
}

// target is a server to send texts to.
type target struct {
	*measure.Process
	baseURL string
	request []byte
}

// start starts a server that says on its first line where it is.
func start(b *testing.B, program string, args ...string) target {
	b.Helper()
	process := measure.StartProcess(b, exec.CommandContext(b.Context(), program, args...))
	var said struct {
		URL    string `json:"url"`
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(process.FirstLine), &said); err != nil {
		b.Fatal(err)
	}
	return newTarget(process, said.URL, "/api/v1/messages", said.APIKey)
}

func newTarget(process *measure.Process, url, path, key string) target {
	const body = `{"sender_phone":"+201001187188","to_phone":"+201010000000","type":"text","content":"Your code is 4821"}`
	request := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: application/json\r\nX-Api-Key: %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, key, len(body), body)
	return target{process, url, []byte(request)}
}

// send sends the text so often over 16 connections.
func (t target) send(b *testing.B, times int) time.Duration {
	b.Helper()
	took, err := measure.Load(t.baseURL, t.request, 16, times)
	if err != nil {
		b.Fatal(err)
	}
	return took
}

const (
	fakeProgram  = "github.com/tgo-business/tgo-go/tgo/cmd/tgo"
	plainProgram = "github.com/tgo-business/tgo-go/tgo/internal/measure/plainserver"
)

func BenchmarkFakeSend(b *testing.B) {
	const sends = 5000
	fake, plain := start(b, build(b, fakeProgram), "fake"), start(b, build(b, plainProgram))
	prism, why := startPrism(b)
	fake.send(b, sends)
	plain.send(b, sends)
	if why != "" {
		b.Log("without prism mock:", why)
	} else {
		prism.send(b, 500)
	}
	var pair measure.Pair
	var overPrism, prismRate []float64
	for rounds := 0; b.Loop(); rounds++ {
		pair.Round(func() { fake.send(b, sends) }, func() { plain.send(b, sends) })
		if why == "" && rounds < 7 {
			perSend := prism.send(b, 300).Seconds() / 300
			overPrism = append(overPrism, perSend*sends/fake.send(b, sends).Seconds())
			prismRate = append(prismRate, 1/perSend)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(1/pair.TimeRatio(), "speed-ratio")
	b.ReportMetric(sends/pair.Ours().Time.Seconds(), "fake-req/s")
	b.ReportMetric(sends/pair.Hand().Time.Seconds(), "plain-req/s")
	if why == "" {
		b.ReportMetric(measure.Median(overPrism), "vs-prism-ratio")
		b.ReportMetric(measure.Median(prismRate), "prism-req/s")
	}
}

// startPrism starts prism mock with the same document, or says why it does not.
func startPrism(b *testing.B) (prism target, why string) {
	b.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		return target{}, "there is no node"
	}
	cli, err := filepath.Glob("../../contract_test/prism/node_modules/@stoplight/prism-cli/dist/index.js")
	if err != nil || len(cli) != 1 {
		return target{}, "it is not installed; make bench installs it"
	}
	command := exec.CommandContext(b.Context(), node, cli[0], "mock", "--port", "0", "--host", "127.0.0.1", "../../openapi.yaml")
	command.Env = append(command.Environ(), "NO_COLOR=1", "FORCE_COLOR=0", "NODE_ENV=production")
	const address = "http://127.0.0.1:"
	process, err := measure.StartSaying(b, command, "listening on "+address)
	if err != nil {
		return target{}, err.Error()
	}
	_, port, _ := strings.Cut(process.FirstLine, address)
	return newTarget(process, address+port, "/messages", "bench"), ""
}

// From the start of the program to its first answer.
func BenchmarkFakeStart(b *testing.B) {
	fake, plain := build(b, fakeProgram), build(b, plainProgram)
	var fakeTook, plainTook []time.Duration
	took := func(program string, args ...string) time.Duration {
		begun := time.Now()
		t := start(b, program, args...)
		if _, err := measure.Load(t.baseURL, t.request, 1, 1); err != nil {
			b.Fatal(err)
		}
		took := time.Since(begun)
		t.Stop()
		return took
	}
	for b.Loop() {
		fakeTook = append(fakeTook, took(fake, "fake"))
		plainTook = append(plainTook, took(plain))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(measure.Median(fakeTook).Microseconds())/1e3, "fake-ms")
	b.ReportMetric(float64(measure.Median(plainTook).Microseconds())/1e3, "plain-ms")
}

// tb ends what New starts when it is told to.
type tb struct {
	*testing.B
	cleanups []func()
}

func (t *tb) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

func (t *tb) end() {
	for _, f := range t.cleanups {
		f()
	}
	t.cleanups = nil
}

// A fake more in a process that has had one.
func BenchmarkNew(b *testing.B) {
	t := &tb{B: b}
	tgotest.New(t)
	t.end()
	var took []time.Duration
	for b.Loop() {
		for range 20 {
			begun := time.Now()
			tgotest.New(t)
			took = append(took, time.Since(begun))
			t.end()
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(measure.Median(took).Nanoseconds())/1e6, "new-ms")
}

// A million messages. It is done once, however often the others are.
func BenchmarkFakeMillion(b *testing.B) {
	const sends, parts = 1_000_000, 20
	done := false
	for b.Loop() {
		if done {
			continue
		}
		done = true
		fake, plain := start(b, build(b, fakeProgram), "fake"), start(b, build(b, plainProgram))
		fake.send(b, 1000)
		plain.send(b, 1000)
		var relative []float64 // to the plain server at the same time, so that other load on the machine counts for both
		for range parts {
			took := fake.send(b, sends/parts)
			relative = append(relative, float64(took)/float64(plain.send(b, sends/parts)))
		}
		b.ReportMetric(measure.Median(relative[parts/2:])/measure.Median(relative[:parts/2]), "second-half-ratio")
		if now, peak, ok := measure.Resident(fake.ID); ok {
			b.ReportMetric(float64(now)/1e6, "fake-MB")
			b.ReportMetric(float64(peak)/1e6, "fake-peak-MB")
		}
		if now, _, ok := measure.Resident(plain.ID); ok {
			b.ReportMetric(float64(now)/1e6, "plain-MB")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkInbox reads a page of the inbox, and searches all of it, with 50,000 messages in it.
func BenchmarkInbox(b *testing.B) {
	const messages = 50_000
	fake := tgotest.New(b, func(c *tgotest.Config) { c.Inbox, c.MaxMessages = true, messages })
	for i := range messages {
		if _, err := fake.Sender.SendText(b.Context(), fake.RecipientPhone, fmt.Sprintf("Your code is %d. Do not share it with anyone.", i)); err != nil {
			b.Fatal(err)
		}
	}
	for name, query := range map[string]string{"newest": "", "search": "?q=code+49999", "phone": "?q=to:01010000000+is:accepted"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				resp, err := http.Get(strings.TrimSuffix(fake.URL, "/api/v1") + "/_fake/inbox" + query) //nolint:noctx // at a fake of our own
				if err != nil {
					b.Fatal(err)
				}
				page, err := io.ReadAll(resp.Body)
				if err = errors.Join(err, resp.Body.Close()); err != nil || !bytes.Contains(page, []byte(`"all":50000`)) {
					b.Fatal(err, string(page[:200]))
				}
			}
		})
	}
}
