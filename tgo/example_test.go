package tgo_test

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// The examples talk to a fake TGO server, over a real socket. Your own client comes from tgo.New, and is the only thing
// that would differ.

// startFake starts one, with a sender number and somebody who can be reached.
func startFake(configure ...func(*tgotest.Config)) (fake *tgotest.Server, stop func()) {
	var cfg tgotest.Config
	for _, f := range configure {
		f(&cfg)
	}
	fake, err := tgotest.Start(cfg)
	if err != nil {
		panic(err)
	}
	return fake, func() {
		if err := fake.Close(); err != nil {
			panic(err)
		}
	}
}

// inject makes the fake misbehave.
func inject(fake *tgotest.Server, fault tgotest.Fault) *tgotest.Injected {
	injected, err := fake.Inject(fault)
	if err != nil {
		panic(err)
	}
	return injected
}

//go:embed cmd/tgo/demo/picture.png
var assets embed.FS

// ---- sending

func Example() {
	fake, stop := startFake()
	defer stop()
	ctx := context.Background()

	// For your tenant: tgo.New("acme.tgo-eg.com", tgo.NewKey(os.Getenv("TGO_API_KEY")))
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL))
	if err != nil {
		log.Fatal(err)
	}
	support := client.FromPhone("+201001187188")
	receipt, err := support.SendText(ctx, "+201010000000", "Your code is 4821")
	switch tgo.DeliveryOf(err) {
	case tgo.DeliveryAccepted:
		fmt.Println("message", receipt.ID, receipt.Status)
	case tgo.DeliveryNotSent, tgo.DeliveryRejected:
		fmt.Println("mend this, then send again:", err)
	case tgo.DeliveryUnknown:
		fmt.Println("it may have arrived, let a person look:", err)
	}
	// Output: message 1 sent
}

func ExampleNew() {
	client, err := tgo.New("acme.tgo-eg.com", tgo.NewKey("tgo_example-only"))
	fmt.Println(client != nil, err)

	_, err = tgo.New("https://acme.tgo-eg.com/", tgo.NewKey("tgo_example-only"))
	fmt.Println(err)
	// Output:
	// true <nil>
	// tgo: new client: tenant must be a domain alone, such as acme.tgo-eg.com, without scheme or path
}

func ExampleClient_FromPhone() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client

	support := client.FromPhone("+201001187188")
	receipt, err := support.SendText(context.Background(), "+201010000000", "Your order 4821 is ready.")
	fmt.Println(receipt.Status, err)
	// Output: sent <nil>
}

func ExampleClient_FromNumber() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client
	ctx := context.Background()

	numbers, err := client.SenderNumbers(ctx)
	if err != nil {
		log.Fatal(err)
	}
	support := client.FromNumber(tgo.NumberID(numbers[0].ID))
	receipt, err := support.SendText(ctx, "+201010000000", "Your order 4821 is ready.")
	fmt.Println(receipt.Status, "from number", receipt.SenderNumberID, err)
	// Output: sent from number 1 <nil>
}

func ExampleSender_SendText() {
	fake, stop := startFake()
	defer stop()
	support := fake.Client.FromPhone("+201001187188")

	receipt, err := support.SendText(context.Background(), "+201010000000", "طلبك جاهز للاستلام")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.ID, receipt.Status, receipt.Content)
	// Output: 1 sent طلبك جاهز للاستلام
}

func ExampleSender_SendImage() {
	fake, stop := startFake()
	defer stop()
	support := fake.Client.FromPhone("+201001187188")

	receipt, err := support.SendImage(context.Background(), "+201010000000", tgo.Image{
		File:    tgo.FilePath("cmd/tgo/demo/picture.png"),
		Caption: "Your parcel",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.MessageType, receipt.Status)
	// Output: image sent
}

func ExampleSender_SendVoice() {
	fake, stop := startFake()
	defer stop()
	support := fake.Client.FromPhone("+201001187188")

	receipt, err := support.SendVoice(context.Background(), "+201010000000", tgo.Voice{
		File:     tgo.FilePath("cmd/tgo/demo/voice.ogg"),
		Duration: 4080 * time.Millisecond,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.MessageType, receipt.Status)
	fmt.Println("the API was told", fake.Messages()[0].Duration)
	// Output:
	// voice sent
	// the API was told 5s
}

func ExampleSender_SendDocument() {
	fake, stop := startFake()
	defer stop()
	support := fake.Client.FromPhone("+201001187188")

	receipt, err := support.SendDocument(context.Background(), "+201010000000", tgo.Document{
		File:    tgo.FilePath("cmd/tgo/demo/invoice.pdf"),
		Caption: "Your invoice",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.MessageType, receipt.Status)
	// Output: document sent
}

// ---- files

// arrived describes the file of the newest message.
func arrived(fake *tgotest.Server) string {
	messages := fake.Messages()
	m := messages[len(messages)-1].Media
	return fmt.Sprintf("%s, %s, %d bytes", m.Name, m.ContentType, m.Size)
}

func ExampleFilePath() {
	fake, stop := startFake()
	defer stop()

	invoice := tgo.Document{File: tgo.FilePath("cmd/tgo/demo/invoice.pdf")}
	if _, err := fake.Sender.SendDocument(context.Background(), "+201010000000", invoice); err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrived(fake))

	missing := tgo.Document{File: tgo.FilePath("no-such-file.pdf")}
	_, err := fake.Sender.SendDocument(context.Background(), "+201010000000", missing)
	fmt.Println(tgo.DeliveryOf(err), errors.Is(err, fs.ErrNotExist))
	// Output:
	// invoice.pdf, application/pdf, 37034 bytes
	// not sent true
}

func ExampleFSFile() {
	fake, stop := startFake()
	defer stop()

	// With this at the top of the file:
	//
	//	//go:embed cmd/tgo/demo/picture.png
	//	var assets embed.FS
	picture := tgo.Image{File: tgo.FSFile(assets, "cmd/tgo/demo/picture.png")}
	if _, err := fake.Sender.SendImage(context.Background(), "+201010000000", picture); err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrived(fake))
	// Output: picture.png, image/png, 15695 bytes
}

func ExampleBytesFile() {
	fake, stop := startFake()
	defer stop()

	var table bytes.Buffer
	fmt.Fprintf(&table, "order,amount\n%d,%.2f\n", 4821, 57.09)
	report := tgo.Document{File: tgo.BytesFile("orders.csv", table.Bytes())}
	if _, err := fake.Sender.SendDocument(context.Background(), "+201010000000", report); err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrived(fake))
	// Output: orders.csv, text/csv; charset=utf-8, 24 bytes
}

func ExampleReaderFile() {
	fake, stop := startFake()
	defer stop()

	upload := strings.NewReader("a file that somebody uploads to you") // or the body of a request, with its ContentLength
	note := tgo.Document{File: tgo.ReaderFile("note.txt", upload, upload.Size())}
	if _, err := fake.Sender.SendDocument(context.Background(), "+201010000000", note); err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrived(fake))

	_, err := fake.Sender.SendDocument(context.Background(), "+201010000000", note)
	fmt.Println(err)
	// Output:
	// note.txt, text/plain; charset=utf-8, 35 bytes
	// tgo: send document: media cannot be opened: the reader has been read already; use OpenFile for what is sent more than once (not sent)
}

func ExampleOpenFile() {
	fake, stop := startFake()
	defer stop()

	// The object of a store, for instance: its size is known, and each call of open downloads it anew.
	object := []byte("%PDF-1.7 and so on")
	invoice := tgo.OpenFile("invoice.pdf", int64(len(object)), func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(object)), nil
	})
	for _, customer := range []tgo.Phone{"+201010000000", "+201010000001"} {
		if _, err := fake.Sender.SendDocument(context.Background(), customer, tgo.Document{File: invoice}); err != nil {
			log.Fatal(err)
		}
		fmt.Println(arrived(fake))
	}
	// Output:
	// invoice.pdf, application/pdf, 18 bytes
	// invoice.pdf, application/pdf, 18 bytes
}

func ExampleFile_WithName() {
	fake, stop := startFake()
	defer stop()

	file := tgo.FilePath("cmd/tgo/demo/invoice.pdf").WithName("فاتورة 4821.pdf")
	if _, err := fake.Sender.SendDocument(context.Background(), "+201010000000", tgo.Document{File: file}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(fake.Messages()[0].Media.Name)
	// Output: فاتورة 4821.pdf
}

func ExampleFile_WithContentType() {
	fake, stop := startFake()
	defer stop()

	// A format that cannot be told from its first bytes.
	scan := tgo.BytesFile("scan.jxr", []byte("II\xbc\x01")).WithContentType("image/jxr")
	if _, err := fake.Sender.SendImage(context.Background(), "+201010000000", tgo.Image{File: scan}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(fake.Messages()[0].Media.ContentType)
	// Output: image/jxr
}

// ---- phones

func ExampleParsePhone() {
	for _, typed := range []string{"+20 101 000-0000", "00201010000000", "+٢٠١٠١٠٠٠٠٠٠٠", "0101 000 0000"} {
		phone, err := tgo.ParsePhone(typed)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(phone)
	}
	// Output:
	// +201010000000
	// +201010000000
	// +201010000000
	// tgo: parse phone: phone must be in E.164 form, such as +201010000000: it has no plus sign and country code at its start
}

// ---- reading

func ExampleSender_Lookup() {
	fake, stop := startFake()
	defer stop()
	fake.SetContact("+201066666666", tgotest.ContactUnreachable)
	support := fake.Client.FromPhone("+201001187188")

	for _, phone := range []tgo.Phone{"+201010000000", "+201066666666"} {
		contact, err := support.Lookup(context.Background(), phone)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(phone, contact.CanReceive, contact.ReasonCode)
	}
	// Output:
	// +201010000000 true ok
	// +201066666666 false unreachable
}

func ExampleSender_Check() {
	fake, stop := startFake()
	defer stop()
	ctx := context.Background()
	support := fake.Client.FromPhone("+201001187188")

	number, err := support.Check(ctx)
	fmt.Println(number.DisplayName, err)

	fake.SetSenderStatus(fake.SenderNumberID, "suspended", "")
	_, err = support.Check(ctx)
	fmt.Println(errors.Is(err, tgo.ErrSenderInactive))

	_, err = fake.Client.FromPhone("+201001187199").Check(ctx)
	fmt.Println(errors.Is(err, tgo.ErrSenderUnknown))
	// Output:
	// Fake sender <nil>
	// true
	// true
}

func ExampleSender_Candidates() {
	fake, stop := startFake()
	defer stop()
	ctx := context.Background()
	support := fake.Client.FromPhone("+201001187188")
	// The message goes through, and the connection breaks before its answer comes.
	inject(fake, tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true})

	text, begun := "Your code is 4821", time.Now()
	_, err := support.SendText(ctx, "+201010000000", text)
	if tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
		log.Fatal(err)
	}
	found, err := support.Candidates(ctx, tgo.Lost{Type: "text", Content: text, Since: begun})
	if err != nil {
		log.Fatal(err)
	}
	for _, entry := range found {
		fmt.Println("perhaps this one:", entry.ID, entry.MessageType, entry.Content)
	}
	// Output: perhaps this one: 1 text Your code is 4821
}

// sendSome sends three texts.
func sendSome(fake *tgotest.Server) {
	for _, text := range []string{"one", "two", "three"} {
		if _, err := fake.Sender.SendText(context.Background(), fake.RecipientPhone, text); err != nil {
			panic(err)
		}
	}
}

func ExampleClient_Messages() {
	fake, stop := startFake(func(c *tgotest.Config) { c.PageSize = 2 })
	defer stop()
	client := fake.Client
	sendSome(fake)

	for entry, err := range client.Messages(context.Background(), tgo.MessageQuery{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(entry.ID, entry.MessageType, entry.Status, entry.Content)
	}
	// Output:
	// 3 text sent three
	// 2 text sent two
	// 1 text sent one
}

// An entry that cannot be read whole does not end the log.
func ExampleLogEntry() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data": [{"id": "2", "sent_at": "soon", "content": "hello"}, {"id": 1}]}`)
	}))
	defer server.Close()
	client, err := tgo.New("", tgo.NewKey("tgo_9f2c-example-only"), tgo.WithBaseURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}

	for entry, err := range client.Messages(context.Background(), tgo.MessageQuery{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(entry.ID, entry.Content, entry.Err)
		if entry.Err != nil {
			fmt.Println(string(entry.Raw))
		}
	}
	// Output:
	// 2 hello tgo: read message log: the answer cannot be read: data[0].sent_at: "soon" is no time
	// {"id": "2", "sent_at": "soon", "content": "hello"}
	// 1  <nil>
}

func ExampleClient_MessagePage() {
	fake, stop := startFake(func(c *tgotest.Config) { c.PageSize = 2 })
	defer stop()
	client := fake.Client
	sendSome(fake)

	page, err := client.MessagePage(context.Background(), tgo.MessageQuery{Page: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Entries), "of", page.Total, "on page", page.Page, "of", page.LastPage, "and then", page.NextPage)
	// Output: 2 of 3 on page 1 of 2 and then 2
}

func ExampleClient_Usage() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client
	sendSome(fake)

	usage, err := client.Usage(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range usage.Senders {
		fmt.Println(n.SenderPhone, n.MessagesSent)
	}
	fmt.Printf("%s\n", usage.Raw)
	// Output:
	// +201001187188 3
	// {"data":[{"sender_number_id":1,"sender_phone":"+201001187188","messages_sent":3}]}
}

// ---- sender numbers

func ExampleClient_SenderNumbers() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client
	fake.AddSenderNumber(tgotest.SenderNumber{Phone: "+201001187189", VerificationStatus: "pending_account_verification"})

	numbers, err := client.SenderNumbers(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range numbers {
		fmt.Println(n.ID, n.Phone, n.Status, n.VerificationStatus)
	}
	// Output:
	// 1 +201001187188 active active
	// 2 +201001187189 active pending_account_verification
}

func ExampleSenderNumber_Ready() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client
	fake.AddSenderNumber(tgotest.SenderNumber{Phone: "+201001187189", VerificationStatus: "pending_account_verification"})

	numbers, err := client.SenderNumbers(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range numbers {
		if err := n.Ready(); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(n.Phone, "can send")
	}
	// Output:
	// +201001187188 can send
	// tgo: sender number 2 cannot send: the owner of the sender number is not verified; its owner must have their TGO Connect account verified
}

func ExampleClient_RegisterSenderNumber() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client

	number, err := client.RegisterSenderNumber(context.Background(), "+201001187190", "Acme deliveries")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(number.ID, number.DisplayName, number.Status)
	fmt.Println(number.Ready())
	// Output:
	// 2 Acme deliveries pending_verification
	// tgo: sender number 2 cannot send: the sender number is not active; its owner has received a one-time code and must enter it in the dashboard
}

// ---- keys and the account

func ExampleClient_CreateAPIKey() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client

	created, err := client.CreateAPIKey(context.Background(), tgo.NewAPIKey{
		Name:          "notifications",
		Scopes:        []tgo.Scope{tgo.ScopeMessagesSend, tgo.ScopeContactsLookup},
		ExpiresInDays: 30,
	})
	if err != nil {
		log.Fatal(err)
	}
	secret := created.Key.Reveal() // keep it: the API shows it this once
	fmt.Println(created.ID, created.Name, created.Scopes, created.Key, len(secret) > 0)
	// Output: 2 notifications [messages.send contacts.lookup] tgo_**** true
}

func ExampleClient_RevokeAPIKey() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client
	ctx := context.Background()

	created, err := client.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "old", Scopes: []tgo.Scope{tgo.ScopeAll}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.RevokeAPIKey(ctx, created.ID))
	fmt.Println(errors.Is(client.RevokeAPIKey(ctx, created.ID), tgo.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleClient_Me() {
	fake, stop := startFake()
	defer stop()

	me, err := fake.Client.Me(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(me.Organization.Name, me.APIKey.Name, me.APIKey.Scopes, string(me.Subscription))

	wrong, err := fake.ClientWith(tgo.NewKey("tgo_mistyped"))
	if err != nil {
		log.Fatal(err)
	}
	_, err = wrong.Me(context.Background())
	fmt.Println(errors.Is(err, tgo.ErrUnauthenticated))
	// Output:
	// Fake organization all scopes [*] {"status":"active"}
	// true
}

func ExampleClient_Subscription() {
	fake, stop := startFake()
	defer stop()

	subscription, err := fake.Client.Subscription(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %s %s\n", subscription.Status, subscription.Plan, subscription.Limits)
	// Output: active {"name":"fake"} [{"name":"messages_per_month","value":1000000}]
}

func ExampleKey() {
	key := tgo.NewKey("tgo_9f2c-example-only")

	fmt.Println(key)
	fmt.Printf("%s %q %#v %x\n", key, key, key, key)
	asJSON, err := json.Marshal(map[string]any{"key": key})
	fmt.Println(string(asJSON), err)
	// Output:
	// tgo_****
	// tgo_**** tgo_**** tgo_**** tgo_****
	// {"key":"tgo_****"} <nil>
}

func ExampleNewKey() {
	key := tgo.NewKey(os.Getenv("TGO_API_KEY_THAT_IS_NOT_SET"))
	_, err := tgo.New("acme.tgo-eg.com", key)
	fmt.Println(err)
	// Output: tgo: new client: key is empty; is the environment variable set?
}

func ExampleKey_Reveal() {
	key := tgo.NewKey("tgo_9f2c-example-only")
	fmt.Println(key.Reveal())
	// Output: tgo_9f2c-example-only
}

// ---- errors

func ExampleDeliveryOf() {
	fake, stop := startFake()
	defer stop()
	ctx := context.Background()
	support := fake.Client.FromPhone("+201001187188")
	fake.SetContact("+201066666666", tgotest.ContactUnreachable)

	_, err := support.SendText(ctx, "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err))

	_, err = support.SendText(ctx, "01010000000", "Hello") // no country code
	fmt.Println(tgo.DeliveryOf(err))

	_, err = support.SendText(ctx, "+201066666666", "Hello")
	fmt.Println(tgo.DeliveryOf(err))

	inject(fake, tgotest.Fault{Kind: tgotest.FaultHTML, Status: http.StatusBadGateway})
	_, err = support.SendText(ctx, "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err))
	// Output:
	// accepted
	// not sent
	// rejected
	// unknown
}

func ExampleAPIError() {
	fake, stop := startFake()
	defer stop()
	client, err := fake.ClientWith(fake.NewKey(tgo.ScopeMessagesRead))
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello")
	var refused *tgo.APIError
	if errors.As(err, &refused) {
		fmt.Println(refused.Op, refused.Status, refused.Message)
		fmt.Println("lacks", refused.RequiredScope, errors.Is(err, tgo.ErrScope))
		fmt.Printf("%s: %s", refused.ContentType, refused.Body)
	}
	// Output:
	// send text 403 This API key does not have the required scope.
	// lacks messages.send true
	// application/json: {"message":"This API key does not have the required scope."}
}

func ExampleAPIError_fields() {
	fake, stop := startFake()
	defer stop()
	fake.SetContact("+201066666666", tgotest.ContactUnreachable)

	_, err := fake.Sender.SendText(context.Background(), "+201066666666", "Hello")
	var refused *tgo.APIError
	if errors.As(err, &refused) && errors.Is(err, tgo.ErrValidation) {
		for field, messages := range refused.Fields {
			fmt.Println(field, messages)
		}
	}
	// Output: to_phone [This phone cannot receive messages: unreachable.]
}

func ExampleAPIError_retryAfter() {
	fake, stop := startFake()
	defer stop()
	inject(fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: "7"})

	_, err := fake.Sender.SendText(context.Background(), "+201010000000", "Hello")
	var refused *tgo.APIError
	if errors.As(err, &refused) && errors.Is(err, tgo.ErrRateLimited) {
		fmt.Println(tgo.DeliveryOf(err), "and may be sent again after", refused.RetryAfter)
	}
	// Output: rejected and may be sent again after 7s
}

func ExampleInputError() {
	fake, stop := startFake()
	defer stop()

	_, err := fake.Sender.SendVoice(context.Background(), "0101", tgo.Voice{File: tgo.FilePath("hello.ogg")})
	var wrong *tgo.InputError
	if errors.As(err, &wrong) {
		for _, field := range wrong.Fields {
			fmt.Println(field.Field)
		}
	}
	// Output:
	// duration
	// to_phone
}

func ExampleSendError() {
	fake, stop := startFake()
	defer stop()
	inject(fake, tgotest.Fault{Kind: tgotest.FaultCut, Stored: true})

	_, err := fake.Sender.SendText(context.Background(), "+201010000000", "Hello")
	var failed *tgo.SendError
	if errors.As(err, &failed) {
		fmt.Println(failed.Delivery, "after", failed.Attempts, "attempt:", errors.Is(failed.Err, io.EOF))
	}
	// Output: unknown after 1 attempt: true
}

// ---- options

func ExampleWithInsecureHTTP() {
	const fake = "http://fake:8080/api/v1" // in another container
	key := tgo.NewKey("tgo_a-key-of-the-fake")
	_, err := tgo.New("", key, tgo.WithBaseURL(fake))
	fmt.Println(err != nil)
	_, err = tgo.New("", key, tgo.WithBaseURL(fake), tgo.WithInsecureHTTP())
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleWithBaseURL() {
	fake, stop := startFake()
	defer stop()

	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL)) // such as http://127.0.0.1:41234/api/v1
	if err != nil {
		log.Fatal(err)
	}
	me, err := client.Me(context.Background())
	fmt.Println(me.Organization.Name, err)

	_, err = tgo.New("", fake.Key, tgo.WithBaseURL("http://proxy.example/api/v1"))
	fmt.Println(err != nil)
	// Output:
	// Fake organization <nil>
	// true
}

func ExampleWithHTTPClient() {
	fake, stop := startFake()
	defer stop()

	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxConnsPerHost: 8, IdleConnTimeout: time.Minute}
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err))
	// Output: accepted
}

func ExampleClient_CloseIdleConnections() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client

	me, err := client.Me(context.Background())
	fmt.Println(me.Organization.Name, err)
	client.CloseIdleConnections() // nothing to send for a while
	me, err = client.Me(context.Background())
	fmt.Println(me.Organization.Name, err)
	// Output:
	// Fake organization <nil>
	// Fake organization <nil>
}

func ExampleWithTimeout() {
	fake, stop := startFake()
	defer stop()
	inject(fake, tgotest.Fault{Delay: time.Hour, Stored: true}) // a server that takes its time

	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithTimeout(50*time.Millisecond))
	if err != nil {
		log.Fatal(err)
	}
	begun := time.Now()
	_, err = client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err), errors.Is(err, context.DeadlineExceeded), time.Since(begun) < 30*time.Second)
	// Output: unknown true true
}

func ExampleWithUserAgent() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		product, library, _ := strings.Cut(r.UserAgent(), " ")
		fmt.Println(product, library == "tgo-go/"+tgo.Version)
	}))
	defer server.Close()

	client, err := tgo.New("", tgo.NewKey("tgo_example-only"), tgo.WithBaseURL(server.URL), tgo.WithUserAgent("shop/1.4"))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Me(context.Background())
	fmt.Println(errors.Is(err, tgo.ErrUnreadable)) // this server answers nothing
	// Output:
	// shop/1.4 true
	// true
}

func ExampleWithReadRetries() {
	fake, stop := startFake()
	defer stop()
	busy := inject(fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusServiceUnavailable})

	// After a lost connection only, and not after a 503.
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithReadRetries(tgo.OnNotSent, tgo.OnConnectionLost))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Usage(context.Background())
	fmt.Println(errors.Is(err, tgo.ErrServer), busy.Struck())
	// Output: true 1
}

func ExampleWithWriteRetries() {
	fake, stop := startFake()
	defer stop()
	limited := inject(fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusTooManyRequests, Times: 1})

	// A 429 says that the message was not taken, so it may be sent again.
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err), "after", limited.Struck(), "refusal; messages:", len(fake.Messages()))

	_, err = tgo.New("acme.tgo-eg.com", fake.Key, tgo.WithWriteRetries(tgo.OnGatewayTimeout))
	fmt.Println(err)
	// Output:
	// accepted after 1 refusal; messages: 1
	// tgo: new client: WithWriteRetries may hold OnNotSent and OnRateLimited only: after anything else the message may have been sent
}

func ExampleWithRetryLimits() {
	fake, stop := startFake()
	defer stop()
	busy := inject(fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusServiceUnavailable, Times: 4})

	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithRetryLimits(5, 10*time.Millisecond))
	if err != nil {
		log.Fatal(err)
	}
	me, err := client.Me(context.Background())
	fmt.Println(me.Organization.Name, err, "after", busy.Struck(), "failures")
	// Output: Fake organization <nil> after 4 failures
}

// pace lets a request through at each tick. A *rate.Limiter of golang.org/x/time/rate does it better.
type pace struct{ ticks <-chan time.Time }

// Wait waits for the next tick.
func (p pace) Wait(ctx context.Context) error {
	select {
	case <-p.ticks:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func ExampleWithLimiter() {
	fake, stop := startFake()
	defer stop()

	limiter := pace{time.Tick(20 * time.Millisecond)}
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithLimiter(limiter))
	if err != nil {
		log.Fatal(err)
	}
	begun := time.Now()
	for _, text := range []string{"one", "two", "three"} {
		if _, err := client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", text); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(time.Since(begun) >= 40*time.Millisecond)
	// Output: true
}

func ExampleWithLogger() {
	fake, stop := startFake()
	defer stop()

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "took" {
				return slog.Attr{} // differ from run to run
			}
			return a
		},
	}))
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello"); err != nil {
		log.Fatal(err)
	}
	_, err = client.FromPhone("+201001187199").Lookup(context.Background(), "+201010000000")
	fmt.Println(errors.Is(err, tgo.ErrValidation))
	// Output:
	// level=DEBUG msg="tgo request" operation=sendMessage call="send text" attempt=1 status=201
	// level=WARN msg="tgo request" operation=lookupContact call="look up contact" attempt=1 status=422
	// true
}
