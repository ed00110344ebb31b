package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tgo-business/tgo-go/tgo"
)

func main() {
	client, err := tgo.New(os.Args[1], tgo.NewKey(os.Args[2]))
	if err != nil {
		panic(err)
	}
	fmt.Println(client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello"))
}
