package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

type demoCommand struct{}

// Help is shown by tgo demo --help.
func (demoCommand) Help() string {
	return `By default it starts a fake server in this process and sends to it; nothing leaves the machine.

If TGO_TENANT or TGO_BASE_URL and TGO_API_KEY are set, it reads from that tenant instead, and sends nothing: it shows the account, the
sender numbers, the newest messages and the usage.`
}

//go:embed demo/picture.png demo/voice.ogg demo/invoice.pdf
var demoFiles embed.FS

// Run shows the API at work.
func (demoCommand) Run(ctx context.Context, s streams) error {
	tenant, baseURL, key := s.getenv("TGO_TENANT"), s.getenv("TGO_BASE_URL"), s.getenv("TGO_API_KEY")
	switch {
	case key == "" && tenant+baseURL != "":
		return usageError("the key to read from " + cmp.Or(tenant, baseURL) + " is missing: put it into TGO_API_KEY. " +
			"Without TGO_TENANT and TGO_BASE_URL the demo sends to a fake")
	case key == "" || (tenant == "" && baseURL == ""):
		return send(ctx, s.out)
	case tenant != "" && baseURL != "":
		return usageError("TGO_TENANT and TGO_BASE_URL are both set: unset one of them")
	}
	c := connection{Timeout: time.Minute}
	client, err := c.client(settings{tenant: tenant, baseURL: baseURL, key: tgo.NewKey(key), keySource: "TGO_API_KEY"})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Reading from %s. Nothing is sent.\n", cmp.Or(baseURL, tenant))
	return read(ctx, s.out, client)
}

// unreachable is a contact of the demo that cannot receive messages.
const unreachable = "+201066666666"

// send sends each type of message to a fake server.
func send(ctx context.Context, out io.Writer) error {
	fake, err := tgotest.Start(tgotest.Config{Seed: tgotest.Seed{
		SenderNumbers: []tgotest.SenderNumber{{Phone: "+201001187188", DisplayName: "Acme"}},
		Contacts: []tgotest.Contact{
			{Phone: "+201010000000"},
			{Phone: unreachable, State: tgotest.ContactUnreachable},
		},
	}})
	if err != nil {
		return err
	}
	defer fake.Close() //nolint:errcheck // nothing depends on how a fake ends
	fmt.Fprintf(out, "A fake TGO server on %s checks every request against openapi.yaml.\n", fake.URL)

	sender, to := fake.Sender, fake.RecipientPhone
	heading(out, "Send from %s to %s", fake.SenderPhone, to)
	steps := []struct {
		file string
		send func(tgo.File) (tgo.Receipt, error)
	}{
		{"", func(tgo.File) (tgo.Receipt, error) {
			return sender.SendText(ctx, to, "Your order 4821 is ready. طلبك جاهز للاستلام")
		}},
		{"picture.png", func(f tgo.File) (tgo.Receipt, error) {
			return sender.SendImage(ctx, to, tgo.Image{File: f, Caption: "This is what your parcel looks like"})
		}},
		{"voice.ogg", func(f tgo.File) (tgo.Receipt, error) {
			return sender.SendVoice(ctx, to, tgo.Voice{File: f, Duration: 4080 * time.Millisecond})
		}},
		{"invoice.pdf", func(f tgo.File) (tgo.Receipt, error) {
			return sender.SendDocument(ctx, to, tgo.Document{File: f, Caption: "Your invoice"})
		}},
	}
	for _, step := range steps {
		receipt, err := step.send(tgo.FSFile(demoFiles, "demo/"+step.file))
		if err != nil {
			return err
		}
		arrived, err := fake.NextMessage(ctx)
		if err != nil {
			return err
		}
		if err := showSent(out, receipt, arrived, step.file); err != nil {
			return err
		}
	}

	heading(out, "Look up contacts")
	for _, phone := range []tgo.Phone{to, unreachable} {
		contact, err := sender.Lookup(ctx, phone)
		if err != nil {
			return err
		}
		can := "can receive"
		if !contact.CanReceive {
			can = "cannot receive: " + contact.ReasonCode
		}
		fmt.Fprintf(out, "  %s  %s\n", phone, can)
	}

	heading(out, "A message that is refused")
	_, err = sender.SendText(ctx, unreachable, "Are you there?")
	if tgo.DeliveryOf(err) != tgo.DeliveryRejected || !errors.Is(err, tgo.ErrValidation) {
		return fmt.Errorf("the fake should have refused a message to a phone that cannot receive: %w", err)
	}
	fmt.Fprintf(out, "  %v\n", err)
	if err := showLog(ctx, out, fake.Client); err != nil {
		return err
	}
	return showUsage(ctx, out, fake.Client)
}

// showSent prints a line for a message, and checks that the server received the exact bytes of the file.
func showSent(out io.Writer, receipt tgo.Receipt, arrived tgotest.Message, file string) error {
	fmt.Fprintf(out, "  %-8s  %s as number %d\n", arrived.Type, receipt.Status, receipt.ID)
	if arrived.Content != "" {
		fmt.Fprintf(out, "            %q\n", arrived.Content)
	}
	if file == "" {
		return nil
	}
	content, err := fs.ReadFile(demoFiles, "demo/"+file)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	m := arrived.Media
	if m.SHA256 != hex.EncodeToString(sum[:]) {
		return fmt.Errorf("%s did not arrive as it was sent", file)
	}
	length := ""
	if arrived.Duration > 0 {
		length = fmt.Sprintf(", %v", arrived.Duration)
	}
	fmt.Fprintf(out, "            %s, %s, %d bytes%s; the same SHA-256 on both sides\n", m.Name, m.ContentType, m.Size, length)
	return nil
}

// read shows what a tenant has, as far as the scopes of the key allow.
func read(ctx context.Context, out io.Writer, client *tgo.Client) error {
	var first error
	show := func(err error) {
		if err != nil {
			first = cmp.Or(first, err)
			fmt.Fprintf(out, "  %s\n", inWordsOf(err))
		}
	}

	heading(out, "Whose key is this?")
	me, err := client.Me(ctx)
	show(err)
	if err == nil {
		status, _ := subscriptionOf(me)
		fmt.Fprintf(out, "  %s of %s, subscription %s\n", me.User.Name, me.Organization.Name, status)
		if me.APIKey != nil {
			fmt.Fprintf(out, "  key %q with scopes %s\n", me.APIKey.Name, strings.Join(me.APIKey.Scopes, ", "))
		}
	}

	heading(out, "Sender numbers")
	numbers, err := client.SenderNumbers(ctx)
	show(err)
	for _, n := range numbers {
		verdict := "can send"
		if err := n.Ready(); err != nil {
			verdict = inWordsOf(err)
		}
		fmt.Fprintf(out, "  %d  %s  %s\n", n.ID, n.Phone, verdict)
	}

	show(showLog(ctx, out, client))
	show(showUsage(ctx, out, client))
	if first != nil {
		return withCode(readCode(first), errShown)
	}
	return nil
}

// newest is how many messages of the log are shown.
const newest = 10

func showLog(ctx context.Context, out io.Writer, client *tgo.Client) error {
	heading(out, "The message log")
	table := newTable(out)
	shown := 0
	for entry, err := range client.Messages(ctx, tgo.MessageQuery{}) {
		if err != nil {
			return errors.Join(table.Flush(), err)
		}
		if shown++; shown > newest {
			break
		}
		at := ""
		if entry.SentAt != nil {
			at = entry.SentAt.Format(time.RFC3339)
		}
		fmt.Fprintf(table, "  %d\t%s\t%s\t%s\t%s\n", entry.ID, at, entry.MessageType, entry.Status, firstWords(entry.Content))
	}
	return table.Flush()
}

func showUsage(ctx context.Context, out io.Writer, client *tgo.Client) error {
	heading(out, "The usage")
	usage, err := client.Usage(ctx)
	if err != nil {
		return err
	}
	for _, n := range usage.Senders {
		fmt.Fprintf(out, "  %s  %d messages sent\n", n.SenderPhone, n.MessagesSent)
	}
	if len(usage.Senders) == 0 {
		fmt.Fprintf(out, "  %s\n", usage.Raw)
	}
	return nil
}

func heading(out io.Writer, format string, args ...any) {
	fmt.Fprintf(out, "\n"+format+"\n", args...)
}
