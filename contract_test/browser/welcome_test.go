package browser_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestEmptyPage: the snippets on the empty page work unchanged.
func TestEmptyPage(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{
			{Name: "reads", PlainText: "tgo_reads_only", Scopes: []tgo.Scope{"messages.read"}}, {Name: "it's", PlainText: "tgo_it's_mine", Scopes: []tgo.Scope{"*"}},
		}
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187187", Status: "suspended"}, {Phone: "+201001187188", DisplayName: "Acme"}}
		c.Contacts = []tgotest.Contact{{Phone: "+201066666666", State: tgotest.ContactUnreachable}, {Phone: "+201077777777"}}
	})
	b.inbox(t)
	b.until(t, `document.querySelectorAll(".snippet pre").length === 2`)
	b.says(t, ".welcome", "Nothing has arrived yet", b.root+"/api/v1")
	if at := evaluate[string](t, b, `document.querySelector(".welcome a").pathname`); at != "/docs" {
		t.Errorf("the link to the reference leads to %s", at)
	}
	goLines := evaluate[string](t, b, `document.querySelectorAll(".snippet pre")[1].textContent`)
	for _, want := range []string{`tgo.NewKey("tgo_it's_mine")`, `tgo.WithBaseURL("` + b.root + `/api/v1")`, `client.FromPhone("+201001187188")`, `"+201077777777"`} {
		if !strings.Contains(goLines, want) {
			t.Errorf("the Go lines lack %s:\n%s", want, goLines)
		}
	}

	b.click(t, "#sample")
	if m := b.fake.ExpectMessage(t); m.To != "+201077777777" || m.SenderPhone != "+201001187188" {
		t.Errorf("the sample is %+v", m)
	}
	b.until(t, `document.querySelector(".welcome") === null && document.querySelectorAll("#requests li").length === 1 &&
		document.querySelector("#requests").checkVisibility()`)
	b.menu(t, "#clear")

	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	b.until(t, `document.querySelectorAll(".snippet pre").length === 2`)
	b.clipboard(t)
	b.run(t, chromedp.WaitVisible(".snippet button"))
	b.click(t, ".snippet button")
	b.until(t, `typeof window.copied === "string"`)
	line := evaluate[string](t, b, "window.copied")
	if shown := evaluate[string](t, b, `document.querySelector(".snippet pre").textContent`); shown != line {
		t.Errorf("copied:\n%s\nshown:\n%s", line, shown)
	}
	if out, err := exec.CommandContext(t.Context(), "bash", "-c", line).CombinedOutput(); err != nil || !strings.Contains(string(out), `"status":"sent"`) {
		t.Fatalf("%s\n%v: %s", line, err, out)
	}
	if m := b.fake.ExpectMessage(t); m.To != "+201077777777" || m.Content != "Hello, world" {
		t.Errorf("the curl snippet sends %+v", m)
	}
	b.until(t, lists("Hello, world"))
	b.runGo(t, goLines)
	if m := b.fake.ExpectMessage(t); m.To != "+201077777777" || m.Content != "Hello, world" {
		t.Errorf("the Go snippet sends %+v", m)
	}
}

// runGo runs lines of Go that use ctx and set receipt and err.
func (b *tab) runGo(t *testing.T, lines string) {
	t.Helper()
	program := fmt.Sprintf(`package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tgo-business/tgo-go/tgo"
)

func main() {
	ctx := context.Background()
	%s
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(receipt.MessageID)
}
`, lines)
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "run", file).CombinedOutput(); err != nil {
		t.Fatalf("%s\n%v: %s", program, err, out)
	}
}
