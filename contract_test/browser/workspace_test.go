package browser_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// changes calls act, and waits for the fake's event that its state has changed.
func (b *tab) changes(t *testing.T, act func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(b.fake.URL, "/api/v1")+"/_fake/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	events, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	lines := bufio.NewScanner(events.Body)
	for _, next := range []struct {
		event string
		then  func()
	}{{"event: hello", act}, {"event: state", func() {}}} {
		for lines.Scan() && lines.Text() != next.event {
		}
		if lines.Err() != nil {
			t.Fatalf("%s does not come: %v", next.event, lines.Err())
		}
		next.then()
	}
}

// sendFails sends a message, and checks its error; nil means that it must succeed.
func (b *tab) sendFails(t *testing.T, want error) {
	t.Helper()
	if _, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, "x"); !errIs(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// answer clicks on a button of the open dialog.
func (b *tab) answer(t *testing.T, yes bool) {
	t.Helper()
	button := `dialog[open] button:not([data-confirm])`
	if yes {
		button = `dialog[open] [data-confirm]`
	}
	b.click(t, button)
	b.until(t, `document.querySelector("dialog[open]") === null`)
}

func TestContactsAndSendersAreSwitches(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", DisplayName: "Acme"}}
	})
	b.inbox(t)
	b.drawer(t)
	choose := func(label, value string) {
		t.Helper()
		selector := fmt.Sprintf("select[aria-label=%q]", label)
		b.until(t, fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
		b.changes(t, func() { b.set(t, selector, value) })
	}
	for _, state := range []string{"unreachable", "unverified", "unknown"} {
		choose("State of +201010000000", state)
		b.sendFails(t, tgo.ErrValidation)
		choose("State of +201010000000", "reachable")
		b.sendFails(t, nil)
	}
	for _, state := range []string{"suspended", "rejected", "pending_verification"} {
		choose("Status of +201001187188", state)
		b.sendFails(t, tgo.ErrSenderInactive)
		b.says(t, `[aria-label="Sender numbers"]`, "cannot send")
		choose("Status of +201001187188", "active")
		b.sendFails(t, nil)
	}
	choose("Verification of +201001187188", "pending_account_verification")
	b.sendFails(t, tgo.ErrSenderUnverified)
	choose("Verification of +201001187188", "active")
	b.sendFails(t, nil)
	// The page shows what a test changes.
	b.fake.SetContact(b.fake.RecipientPhone, tgotest.ContactUnknown)
	b.until(t, `document.querySelector('select[aria-label="State of +201010000000"]').value === "unknown"`)
	// An open list does not change.
	b.run(t, chromedp.Focus(`select[aria-label="State of +201010000000"]`))
	b.do(t, `(document.activeElement.value = "unverified")`)
	b.fake.SetContact("+201077777777", tgotest.ContactReachable)
	b.until(t, `document.querySelector('select[aria-label="State of +201077777777"]') !== null`)
	if got := evaluate[string](t, b, `document.activeElement.value`); got != "unverified" {
		t.Errorf("the open list has changed to %q", got)
	}
}

// TestAddingAContact: a new contact cannot be reached unless the user chooses another state, and the form says so.
func TestAddingAContact(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	b.drawer(t)
	b.click(t, `details:has(> form[aria-label="Add a contact"]) > summary`)
	const form = `form[aria-label="Add a contact"]`
	b.says(t, form, "Messages to it are refused: it cannot be reached.", "Add as unreachable")
	b.run(t, chromedp.SendKeys("#contact-phone", "+201077777777"+kb.Enter))
	b.until(t, `document.querySelector('select[aria-label="State of +201077777777"]')?.value === "unreachable"`)
	b.until(t, `document.querySelector("#news").textContent === "Added: +201077777777, unreachable"`)
	if _, err := b.fake.Sender.SendText(t.Context(), "+201077777777", "x"); !errIs(err, tgo.ErrValidation) {
		t.Errorf("a send to it: %v", err)
	}
	b.set(t, "#contact-state", "reachable")
	b.says(t, form, "It gets messages.", "Add as reachable")
	b.run(t, chromedp.SendKeys("#contact-phone", "+201088888888"+kb.Enter))
	b.until(t, `document.querySelector('select[aria-label="State of +201088888888"]')?.value === "reachable"`)
	// The form is reset, including its texts.
	b.says(t, form, "Add as unreachable")

	// An error is shown at the form, which keeps its values.
	b.run(t, chromedp.SendKeys("#contact-phone", "0101"+kb.Enter))
	b.until(t, `document.querySelector('[aria-label="Contacts"] .refusal').textContent.includes("E.164") &&
		document.querySelector("#contact-phone").value === "0101"`)
	b.do(t, `document.querySelector("#contact-phone").select()`)
	b.press(t, "+201066666666", kb.Enter)
	b.until(t, `document.querySelector('select[aria-label="State of +201066666666"]') !== null &&
		document.querySelector('[aria-label="Contacts"] .refusal').textContent === ""`)
}

// TestKeys adds, copies and revokes keys. Revoking asks first.
func TestKeys(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{{Name: "one", Scopes: []tgo.Scope{"*"}}, {Name: "two", Scopes: []tgo.Scope{"messages.send"}}}
	})
	b.inbox(t)
	b.drawer(t)
	b.clipboard(t)
	b.click(t, `[aria-label="Copy key one"]`)
	b.until(t, fmt.Sprintf(`window.copied === %q`, b.fake.Key.Reveal()))
	b.click(t, `[aria-label="Revoke key one"]`)
	b.says(t, "dialog[open]", "Revoke the key “one”?", "401")
	b.answer(t, false)
	b.sendFails(t, nil)
	b.click(t, `[aria-label="Revoke key one"]`)
	b.changes(t, func() { b.answer(t, true) })
	b.sendFails(t, tgo.ErrUnauthenticated)
	b.until(t, `document.querySelector('[aria-label="Revoke key one"]').hidden &&
		!document.querySelector('[aria-label="Revoke key two"]').hidden`)

	b.click(t, `details:has(> form[aria-label="Add a key"]) > summary`)
	b.run(t, chromedp.SendKeys("#key-name", "three"+kb.Enter))
	b.until(t, `document.querySelector('[aria-label="Copy key three"]') !== null`)
	b.click(t, `[aria-label="Copy key three"]`)
	b.until(t, fmt.Sprintf(`window.copied !== %q`, b.fake.Key.Reveal()))
	client, err := b.fake.ClientWith(tgo.NewKey(evaluate[string](t, b, "window.copied")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.FromPhone("+201001187188").SendText(t.Context(), b.fake.RecipientPhone, "by the new key"); err != nil {
		t.Error(err)
	}
}

// TestSenderIsAdded adds sender numbers with the form and through the API.
func TestSenderIsAdded(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	b.drawer(t)
	if _, err := b.fake.Client.RegisterSenderNumber(t.Context(), "+201001187198", "Beta"); err != nil {
		t.Fatal(err)
	}
	b.until(t, `document.querySelector('select[aria-label="Status of +201001187198"]') !== null`)
	b.click(t, `details:has(> form[aria-label="Add a sender number"]) > summary`)
	b.run(t, chromedp.SendKeys("#sender-name", "متجر"), chromedp.SendKeys("#sender-phone", "+201001187199"+kb.Enter))
	b.until(t, `document.querySelector('select[aria-label="Status of +201001187199"]')?.value === "active"`)
	b.says(t, `[aria-label="Sender numbers"]`, "متجر", "+201001187199, number 3")
	if _, err := b.fake.Client.FromPhone("+201001187199").SendText(t.Context(), b.fake.RecipientPhone, "from it"); err != nil {
		t.Error(err)
	}
}

// TestDrawer: the drawer stays open or closed after a reload, and shows the coverage of the contract.
func TestDrawer(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	const isOpen = `(!document.querySelector("#drawer").hidden &&
		document.querySelector("#drawer-button").getAttribute("aria-expanded") === "true")`
	if evaluate[bool](t, b, isOpen) {
		t.Error("it is open at the start")
	}
	b.drawer(t)
	sendTexts(t, b.fake, "x")
	b.until(t, `document.querySelector("#coverage-section meter").value > 0`)
	b.says(t, "#coverage-section", "of")
	b.visit(t, "/")
	b.until(t, isOpen)
	b.click(t, "#drawer-close")
	b.until(t, `!`+isOpen+` && document.activeElement.id === "drawer-button"`)
	b.visit(t, "/")
	if evaluate[bool](t, b, isOpen) {
		t.Error("it is open again")
	}
	// If it covers the rest, Escape closes it.
	b.size(t, 768, 800)
	b.drawer(t)
	b.press(t, kb.Escape)
	b.until(t, `!`+isOpen+` && document.activeElement.id === "drawer-button"`)
}
