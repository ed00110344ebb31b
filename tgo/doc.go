// Package tgo is a client of the TGO Business API, which sends text, image, voice and document messages to people on TGO
// Connect.
//
//	client, err := tgo.New("acme.tgo-eg.com", tgo.NewKey(os.Getenv("TGO_API_KEY")))
//	...
//	support := client.FromPhone("+201001187188")
//	receipt, err := support.SendText(ctx, "+201010000000", "Your code is 4821")
//
// Invalid arguments are found before anything is sent, and the error names the field and the rule. If the server refuses a
// request, the error is an [*APIError]; compare it with the Err variables using errors.Is.
//
// # Never twice
//
// The API has no idempotency key: sending again after an error may deliver a second message to the recipient. Therefore this
// package repeats a send only if the server certainly does not have the message (see [OnNotSent]), and it prevents net/http from
// resending one automatically. Every error of a send says whether the message may have been sent. This is the one switch that a
// caller should write:
//
//	receipt, err := support.SendText(ctx, to, text)
//	switch tgo.DeliveryOf(err) {
//	case tgo.DeliveryAccepted: // accepted: there is a receipt; err is non-nil only if a part of it could not be read
//	case tgo.DeliveryNotSent: // the server does not have it: it may be sent again
//	case tgo.DeliveryRejected: // the server refused it: fix what err says, then send again
//	case tgo.DeliveryUnknown: // it may have arrived: do not send it again automatically, let a person check
//	}
//
// The fake server for tests is in the package tgotest.
package tgo
