package tgo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/tgo-business/tgo-go/tgo"
)

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
	secret := created.Key.Reveal() // store it: the API shows it only once
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
	// Output: tgo: new client: key is empty: check that the environment variable is set
}

func ExampleKey_Reveal() {
	key := tgo.NewKey("tgo_9f2c-example-only")
	fmt.Println(key.Reveal())
	// Output: tgo_9f2c-example-only
}
