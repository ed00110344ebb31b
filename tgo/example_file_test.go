package tgo_test

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

//go:embed cmd/tgo/demo/picture.png
var assets embed.FS

// arrived describes the file of the newest message.
func arrived(fake *tgotest.Server) string {
	messages := fake.Messages()
	m := messages[len(messages)-1].Media
	return fmt.Sprintf("%s, %s, %d bytes", m.Name, m.ContentType, m.Size)
}

func ExampleFilePath() {
	fake, stop := startFake()
	defer stop()

	invoice := tgo.Document{File: tgo.FilePath("cmd/tgo/demo/invoice.pdf")}
	if _, err := fake.Sender.SendDocument(context.Background(), "+201010000000", invoice); err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrived(fake))

	missing := tgo.Document{File: tgo.FilePath("no-such-file.pdf")}
	_, err := fake.Sender.SendDocument(context.Background(), "+201010000000", missing)
	fmt.Println(tgo.DeliveryOf(err), errors.Is(err, fs.ErrNotExist))
	// Output:
	// invoice.pdf, application/pdf, 37034 bytes
	// not sent true
}

func ExampleFSFile() {
	fake, stop := startFake()
	defer stop()

	// With this at the top of the file:
	//
	//	//go:embed cmd/tgo/demo/picture.png
	//	var assets embed.FS
	picture := tgo.Image{File: tgo.FSFile(assets, "cmd/tgo/demo/picture.png")}
	if _, err := fake.Sender.SendImage(context.Background(), "+201010000000", picture); err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrived(fake))
	// Output: picture.png, image/png, 15695 bytes
}

func ExampleBytesFile() {
	fake, stop := startFake()
	defer stop()

	var table bytes.Buffer
	fmt.Fprintf(&table, "order,amount\n%d,%.2f\n", 4821, 57.09)
	report := tgo.Document{File: tgo.BytesFile("orders.csv", table.Bytes())}
	if _, err := fake.Sender.SendDocument(context.Background(), "+201010000000", report); err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrived(fake))
	// Output: orders.csv, text/csv; charset=utf-8, 24 bytes
}

func ExampleReaderFile() {
	fake, stop := startFake()
	defer stop()

	upload := strings.NewReader("a file that somebody uploads to you") // or the body of a request, with its ContentLength
	note := tgo.Document{File: tgo.ReaderFile("note.txt", upload, upload.Size())}
	if _, err := fake.Sender.SendDocument(context.Background(), "+201010000000", note); err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrived(fake))

	_, err := fake.Sender.SendDocument(context.Background(), "+201010000000", note)
	fmt.Println(err)
	// Output:
	// note.txt, text/plain; charset=utf-8, 35 bytes
	// tgo: send document: media cannot be opened: the reader has been read already; use OpenFile to send the content more than once (not sent)
}

func ExampleOpenFile() {
	fake, stop := startFake()
	defer stop()

	// For example, an object of an object store: its size is known, and each call of open downloads it again.
	object := []byte("%PDF-1.7 and so on")
	invoice := tgo.OpenFile("invoice.pdf", int64(len(object)), func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(object)), nil
	})
	for _, customer := range []tgo.Phone{"+201010000000", "+201010000001"} {
		if _, err := fake.Sender.SendDocument(context.Background(), customer, tgo.Document{File: invoice}); err != nil {
			log.Fatal(err)
		}
		fmt.Println(arrived(fake))
	}
	// Output:
	// invoice.pdf, application/pdf, 18 bytes
	// invoice.pdf, application/pdf, 18 bytes
}

func ExampleFile_WithName() {
	fake, stop := startFake()
	defer stop()

	file := tgo.FilePath("cmd/tgo/demo/invoice.pdf").WithName("فاتورة 4821.pdf")
	if _, err := fake.Sender.SendDocument(context.Background(), "+201010000000", tgo.Document{File: file}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(fake.Messages()[0].Media.Name)
	// Output: فاتورة 4821.pdf
}

func ExampleFile_WithContentType() {
	fake, stop := startFake()
	defer stop()

	// A format that cannot be detected from its first bytes.
	scan := tgo.BytesFile("scan.jxr", []byte("II\xbc\x01")).WithContentType("image/jxr")
	if _, err := fake.Sender.SendImage(context.Background(), "+201010000000", tgo.Image{File: scan}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(fake.Messages()[0].Media.ContentType)
	// Output: image/jxr
}
