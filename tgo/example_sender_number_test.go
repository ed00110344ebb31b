package tgo_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

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
