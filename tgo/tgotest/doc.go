// Package tgotest is a fake TGO Business API for tests and for work without a tenant: the vendor offers no sandbox.
//
//	func TestReceiptIsSent(t *testing.T) {
//		fake := tgotest.New(t)
//		shop := NewShop(fake.Client)
//		shop.Buy("book")
//		m := fake.ExpectMessage(t, tgotest.To(fake.RecipientPhone))
//		if m.Content != "Thank you for your order" { ... }
//		fake.ExpectNoMessage(t)
//	}
//
// The fake validates every request with openapi.yaml. It refuses what breaks the contract with the API's own errors, and names
// the field in the words of Laravel, whose language file the documented message is from. It also refuses what PHP refuses. It
// validates its own responses as well. It keeps state as the API does: what was sent is in the log and in the usage, keys have scopes
// and an expiry, sender numbers and contacts have states. Where the API's documentation leaves something open, the fake does what
// the contract assumes.
//
// The same server runs as a program, for other languages and for curl: go run ./tgo/cmd/tgo fake.
package tgotest
