// Command orders sends one text.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/orders/tgoapi"
)

func main() {
	client, err := tgoapi.NewClientWithResponses(os.Getenv("TGO_BASE_URL"),
		tgoapi.WithHTTPClient(&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}),
		tgoapi.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("X-Api-Key", os.Getenv("TGO_API_KEY"))
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	from := "+201001187188"
	answer, err := client.SendMessageWithResponse(context.Background(), tgoapi.TextMessage{
		SenderPhone: &from, ToPhone: "+201010000000", Type: "text", Content: "طلبك جاهز",
	})
	if err != nil {
		log.Fatal("it is not known whether the message was sent, do not repeat it: ", err)
	}
	if answer.StatusCode()/100 != 2 { // with 5XX it may have been sent anyway
		log.Fatalf("%s: %s", answer.Status(), answer.Body)
	}
	fmt.Println("sent:", answer.Status())
}
