package tgo_test

import (
	"context"
	"fmt"
	"log"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// The examples use a fake TGO server, over a real socket. In your program only the client differs: it is the result of tgo.New.

// startFake starts a fake server with a sender number and a recipient who can receive messages.
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

// inject injects a fault into the fake.
func inject(fake *tgotest.Server, fault tgotest.Fault) *tgotest.Injected {
	injected, err := fake.Inject(fault)
	if err != nil {
		panic(err)
	}
	return injected
}

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
		fmt.Println("fix this, then send again:", err)
	case tgo.DeliveryUnknown:
		fmt.Println("it may have arrived, let a person check:", err)
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
	// tgo: new client: tenant must be a domain, such as acme.tgo-eg.com, without scheme or path
}
