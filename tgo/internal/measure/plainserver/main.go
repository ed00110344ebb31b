// Command plainserver is a server that only sends fixed responses. The benchmarks compare the fake with it.
package main

import "github.com/tgo-business/tgo-go/tgo/internal/measure"

func main() { measure.Serve() }
