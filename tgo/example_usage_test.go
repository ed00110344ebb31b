package tgo_test

import (
	"context"
	"fmt"
	"log"
)

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
