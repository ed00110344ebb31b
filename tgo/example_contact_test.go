package tgo_test

import (
	"context"
	"fmt"
	"log"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

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
