package tgo_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

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

// An entry that cannot be read completely does not end the loop.
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
	// 2 hello tgo: read message log: the response cannot be read: data[0].sent_at: "soon" is not a time
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

func ExampleSender_Candidates() {
	fake, stop := startFake()
	defer stop()
	ctx := context.Background()
	support := fake.Client.FromPhone("+201001187188")
	// The message is accepted, and the connection breaks before the response.
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
