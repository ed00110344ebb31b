package tgo_test

import (
	"context"
	"fmt"
	"log"

	"github.com/tgo-business/tgo-go/tgo"
)

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

func ExampleClient_CloseIdleConnections() {
	fake, stop := startFake()
	defer stop()
	client := fake.Client

	me, err := client.Me(context.Background())
	fmt.Println(me.Organization.Name, err)
	client.CloseIdleConnections() // nothing will be sent for a while
	me, err = client.Me(context.Background())
	fmt.Println(me.Organization.Name, err)
	// Output:
	// Fake organization <nil>
	// Fake organization <nil>
}
