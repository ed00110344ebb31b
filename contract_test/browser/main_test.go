package browser_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"
)

// The tests drive the pages in headless Chromium and take a minute and a half. They are skipped unless TGO_REQUIRE_RUNTIMES is set,
// as CI and `make screenshots` do.

var screenshots = flag.String("screenshots", "", "directory to keep screenshots in")

// browsers are the names of Chromium's program.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// process is the browser that all tests share. Starting one for each would take longer than most tests.
type process struct {
	ctx    context.Context
	cancel context.CancelFunc
	home   string
}

var started *process

var startBrowser = sync.OnceValue(func() (err error) {
	var path string
	for _, name := range browsers {
		if path, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("no browser found: none of %s is installed; run contract_test/browser/setup.sh", strings.Join(browsers, ", "))
	}
	home, err := os.MkdirTemp("", "browser-*")
	if err != nil {
		return err
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(home), chromedp.WindowSize(1280, 860),
		chromedp.CombinedOutput(discard{}), // its warnings are of no use here
		chromedp.Env("HOME=" + home),
	}
	for _, name := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
		"disable-component-update", "disable-sync", "hide-scrollbars", "mute-audio", "disable-dev-shm-usage",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	options = append(options, chromedp.Flag("autoplay-policy", "no-user-gesture-required"))
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	started = &process{ctx, func() { cancel(); cancelAllocator() }, home}
	return chromedp.Do(ctx)
})

// close ends the browser, and removes its files.
func (p *process) close() error {
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	err := chromedp.Cancel(ctx)
	p.cancel()
	return errors.Join(err, os.RemoveAll(p.home))
}

// chromium returns the browser's context, in which tabs are opened. The first call starts the browser.
func chromium(t *testing.T) context.Context {
	t.Helper()
	if os.Getenv("TGO_REQUIRE_RUNTIMES") == "" {
		t.Skip("TGO_REQUIRE_RUNTIMES is not set")
	}
	if err := startBrowser(); err != nil {
		t.Fatal(err)
	}
	return started.ctx
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		if err := started.close(); err != nil {
			fmt.Fprintln(os.Stderr, "closing the browser failed:", err)
			code = 1
		}
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
