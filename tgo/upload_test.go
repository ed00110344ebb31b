package tgo_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// The memory for an upload does not depend on the size of the file.
func TestUploadMemory(t *testing.T) {
	fake := tgotest.New(t)
	cost := func(size int64) uint64 {
		file := tgo.OpenFile("a.bin", size, func() (io.ReadCloser, error) {
			return io.NopCloser(io.LimitReader(zeros{}, size)), nil
		})
		return allocated(func() {
			if err := sendAs(t, fake, "document", file); err != nil {
				t.Fatal(err)
			}
		})
	}
	cost(1 << 20) // so that connections, buffers and tables exist
	small, large := cost(1<<20), cost(256<<20)
	if large > small+(1<<20) {
		t.Errorf("1 MiB allocates %d bytes, 256 MiB %d", small, large)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestManyUploadsAtOnce(t *testing.T) {
	fake := tgotest.New(t)
	const n = 64
	errs := make(chan error, n)
	file := tgo.FilePath("cmd/tgo/demo/picture.png")
	for i := range n {
		go func() {
			_, err := fake.Sender.SendImage(context.Background(), fake.RecipientPhone, tgo.Image{File: file, Caption: fmt.Sprint(i)})
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	sums := map[string]int{}
	for _, m := range fake.Messages() {
		sums[m.Media.SHA256]++
	}
	if len(sums) != 1 || len(fake.Messages()) != n {
		t.Errorf("%d messages, sums %v", len(fake.Messages()), sums)
	}
}
