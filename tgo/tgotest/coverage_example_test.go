package tgotest_test

import (
	"context"
	"fmt"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// What of the contract did my tests exercise?
func ExampleCoverage() {
	fake, err := tgotest.Start(tgotest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fake.Close() //nolint:errcheck // the example is over
	if _, err := fake.Sender.SendText(context.Background(), fake.RecipientPhone, "Hello"); err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range fake.Coverage().Report().Combinations {
		if c.Seen > 0 {
			fmt.Println(c.CoverageItem, c.Seen)
		}
	}
	// Output:
	// sendMessage application/json 201 1
}

// Does my code depend on a guess of the contract?
func ExampleVariant() {
	for _, v := range []tgotest.Variant{tgotest.VariantSuccess200, tgotest.VariantSuccess202} {
		fake, err := tgotest.Start(tgotest.Config{Variants: []tgotest.Variant{v}})
		if err != nil {
			fmt.Println(err)
			return
		}
		receipt, err := fake.Sender.SendText(context.Background(), fake.RecipientPhone, "Hello")
		fmt.Println(v, receipt.Status, err)
		_ = fake.Close()
	}
	// Output:
	// success-200 sent <nil>
	// success-202 sent <nil>
}
