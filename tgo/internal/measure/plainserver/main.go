// Command plainserver is a server that does nothing but answer, as a limit to hold the fake against.
package main

import "github.com/tgo-business/tgo-go/tgo/internal/measure"

func main() { measure.Serve() }
