package tgo_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

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
