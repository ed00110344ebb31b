package tgo_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/tgo-business/tgo-go/tgo"
)

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
