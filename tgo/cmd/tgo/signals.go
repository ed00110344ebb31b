package main

import (
	"os"
	"os/signal"
	"time"
)

// oneSignal is the interval within which two signals count as one: timeout(1), for example, sends each twice.
const oneSignal = 200 * time.Millisecond

// secondSignal returns a channel that the next signal closes. The one after that ends the program at once.
func secondSignal(signals []os.Signal) <-chan struct{} {
	received, second := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(received, signals...)
	go func() {
		time.Sleep(oneSignal)
		select {
		case <-received:
		default:
		}
		<-received
		signal.Stop(received)
		close(second)
	}()
	return second
}
