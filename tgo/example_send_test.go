package tgo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func ExampleSender_SendText() {
	fake, stop := startFake()
	defer stop()
	support := fake.Client.FromPhone("+201001187188")

	receipt, err := support.SendText(context.Background(), "+201010000000", "طلبك جاهز للاستلام")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.ID, receipt.Status, receipt.Content)
	// Output: 1 sent طلبك جاهز للاستلام
}

func ExampleSender_SendImage() {
	fake, stop := startFake()
	defer stop()
	support := fake.Client.FromPhone("+201001187188")

	receipt, err := support.SendImage(context.Background(), "+201010000000", tgo.Image{
		File:    tgo.FilePath("cmd/tgo/demo/picture.png"),
		Caption: "Your parcel",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.MessageType, receipt.Status)
	// Output: image sent
}

func ExampleSender_SendVoice() {
	fake, stop := startFake()
	defer stop()
	support := fake.Client.FromPhone("+201001187188")

	receipt, err := support.SendVoice(context.Background(), "+201010000000", tgo.Voice{
		File:     tgo.FilePath("cmd/tgo/demo/voice.ogg"),
		Duration: 4080 * time.Millisecond,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.MessageType, receipt.Status)
	fmt.Println("the API received a duration of", fake.Messages()[0].Duration)
	// Output:
	// voice sent
	// the API received a duration of 5s
}

func ExampleSender_SendDocument() {
	fake, stop := startFake()
	defer stop()
	support := fake.Client.FromPhone("+201001187188")

	receipt, err := support.SendDocument(context.Background(), "+201010000000", tgo.Document{
		File:    tgo.FilePath("cmd/tgo/demo/invoice.pdf"),
		Caption: "Your invoice",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.MessageType, receipt.Status)
	// Output: document sent
}

func ExampleDeliveryOf() {
	fake, stop := startFake()
	defer stop()
	ctx := context.Background()
	support := fake.Client.FromPhone("+201001187188")
	fake.SetContact("+201066666666", tgotest.ContactUnreachable)

	_, err := support.SendText(ctx, "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err))

	_, err = support.SendText(ctx, "01010000000", "Hello") // no country code
	fmt.Println(tgo.DeliveryOf(err))

	_, err = support.SendText(ctx, "+201066666666", "Hello")
	fmt.Println(tgo.DeliveryOf(err))

	inject(fake, tgotest.Fault{Kind: tgotest.FaultHTML, Status: http.StatusBadGateway})
	_, err = support.SendText(ctx, "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err))
	// Output:
	// accepted
	// not sent
	// rejected
	// unknown
}

func ExampleSendError() {
	fake, stop := startFake()
	defer stop()
	inject(fake, tgotest.Fault{Kind: tgotest.FaultCut, Stored: true})

	_, err := fake.Sender.SendText(context.Background(), "+201010000000", "Hello")
	var failed *tgo.SendError
	if errors.As(err, &failed) {
		fmt.Println(failed.Delivery, "after", failed.Attempts, "attempt:", errors.Is(failed.Err, io.EOF))
	}
	// Output: unknown after 1 attempt: true
}
