// Package tgo is a client of the TGO Business API, which sends text, image, voice and document messages to people on TGO
// Connect.
//
//	client, err := tgo.New("acme.tgo-eg.com", tgo.NewKey(os.Getenv("TGO_API_KEY")))
//	...
//	support := client.FromPhone("+201001187188")
//	receipt, err := support.SendText(ctx, "+201010000000", "Your code is 4821")
//
// Whatever is wrong with the arguments is found before anything is sent, and the error names the field and the rule.
// What the server refuses is an [*APIError]; compare it with the Err variables by errors.Is.
//
// # Never twice
//
// The API has no idempotency key: sending again after an error may put a second message on somebody's phone. Therefore
// this package repeats a send only where the server certainly does not have it (see [OnNotSent]), and keeps net/http from
// resending one by itself. Every error of a send tells whether the message may have gone out. This is the one switch a caller
// should write:
//
//	receipt, err := support.SendText(ctx, to, text)
//	switch tgo.DeliveryOf(err) {
//	case tgo.DeliveryAccepted: // sent: there is a receipt; err is non-nil only if a part of it could not be read
//	case tgo.DeliveryNotSent: // the server does not have it: may be sent again
//	case tgo.DeliveryRejected: // the server refused it: correct what err says, then send again
//	case tgo.DeliveryUnknown: // it may have arrived: do not send again by yourself, let a person look
//	}
//
// The fake server for tests is in the package tgotest.
package tgo
