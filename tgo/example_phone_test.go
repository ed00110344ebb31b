package tgo_test

import (
	"fmt"

	"github.com/tgo-business/tgo-go/tgo"
)

func ExampleParsePhone() {
	for _, typed := range []string{"+20 101 000-0000", "00201010000000", "+٢٠١٠١٠٠٠٠٠٠٠", "0101 000 0000"} {
		phone, err := tgo.ParsePhone(typed)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(phone)
	}
	// Output:
	// +201010000000
	// +201010000000
	// +201010000000
	// tgo: parse phone: phone must be in E.164 form, such as +201010000000: it has no plus sign and country code at its start
}
