package laravel_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

var largestUpload = flag.Int64("laravel.upload", 64<<20, "size of the largest upload, in `bytes`")

// fileOfSize creates a file, and returns its path and SHA-256.
func fileOfSize(t *testing.T, size int64) (path, sum string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "صورة كبيرة.bin")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	random := rand.NewChaCha8([32]byte{})
	if _, err := io.CopyN(io.MultiWriter(f, hash), random, size); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path, hex.EncodeToString(hash.Sum(nil))
}

// TestFileSources uploads the same content from every kind of source.
func TestFileSources(t *testing.T) {
	ten := startTenant(t)
	const size = 3<<20 + 1
	filename, sum := fileOfSize(t, size)
	name := filepath.Base(filename)
	content, err := os.ReadFile(filename)
	if err != nil {
		t.Fatal(err)
	}
	open := func() (io.ReadCloser, error) { return os.Open(filename) }
	for protocol, url := range map[string]string{"HTTP/2": ten.HTTPSURL, "HTTP/1.1": ten.URL} {
		sender := ten.client(t, url, ten.APIKey).FromNumber(ten.SenderNumberID)
		for source, test := range map[string]struct {
			file  tgo.File
			sends int
		}{
			"FilePath":         {tgo.FilePath(filename), 2},
			"FSFile":           {tgo.FSFile(os.DirFS(filepath.Dir(filename)), name), 2},
			"FSFile in memory": {tgo.FSFile(fstest.MapFS{"a/" + name: {Data: content}}, "a/"+name), 2},
			"BytesFile":        {tgo.BytesFile(name, content), 2},
			"OpenFile":         {tgo.OpenFile(name, size, open), 2},
			"ReaderFile":       {tgo.ReaderFile(name, iotest.HalfReader(bytes.NewReader(content)), size), 1},
		} {
			document := tgo.Document{File: test.file}
			for range test.sends {
				receipt, err := sender.SendDocument(t.Context(), ten.RecipientPhone, document)
				if err != nil {
					t.Errorf("%s, %s: %v", source, protocol, err)
					continue
				}
				want := [][]string{{strconv.FormatInt(receipt.ID, 10), "document", strconv.Itoa(size), sum, name}}
				if got := ten.query(t, uploaded); !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %s: stored %q, want %q", source, protocol, got, want)
				}
			}
			if test.sends > 1 {
				continue
			}
			before := ten.count(t)
			_, err := sender.SendDocument(t.Context(), ten.RecipientPhone, document)
			if tgo.DeliveryOf(err) != tgo.DeliveryNotSent || ten.count(t) != before {
				t.Errorf("%s, %s: sent a second time: %v", source, protocol, err)
			}
		}
	}
}

// TestUploads sends files of many sizes and names through nginx and PHP, and checks what was stored.
func TestUploads(t *testing.T) {
	limit := strconv.FormatInt(*largestUpload+(1<<20), 10)
	ten := startTenant(t, "TENANT_CLIENT_MAX_BODY_SIZE="+limit, "TENANT_POST_MAX_SIZE="+limit, "TENANT_UPLOAD_MAX_FILESIZE="+limit)
	for protocol, url := range map[string]string{"HTTP/2": ten.HTTPSURL, "HTTP/1.1": ten.URL} {
		t.Run(protocol, func(t *testing.T) {
			sender := ten.client(t, url, ten.APIKey, tgo.WithTimeout(10*time.Minute)).FromNumber(ten.SenderNumberID)
			to := ten.RecipientPhone
			sends := map[string]func(tgo.File) (tgo.Receipt, error){
				"image": func(f tgo.File) (tgo.Receipt, error) {
					return sender.SendImage(t.Context(), to, tgo.Image{File: f.WithContentType("image/png")})
				},
				"voice": func(f tgo.File) (tgo.Receipt, error) {
					return sender.SendVoice(t.Context(), to, tgo.Voice{File: f.WithContentType("audio/ogg"), Duration: time.Second})
				},
				"document": func(f tgo.File) (tgo.Receipt, error) {
					return sender.SendDocument(t.Context(), to, tgo.Document{File: f})
				},
			}
			for _, size := range []int64{0, 1, 4095, 1 << 20, 20<<20 + 1, *largestUpload} {
				path, sum := fileOfSize(t, size)
				for kind, send := range sends {
					if size == *largestUpload && kind != "document" {
						continue
					}
					receipt, err := send(tgo.FilePath(path))
					if size == 0 && errors.Is(err, tgo.ErrNotSent) { // the client refuses an empty file
						continue
					}
					if err != nil {
						t.Errorf("%s of %d bytes: %v", kind, size, err)
						continue
					}
					want := [][]string{{strconv.FormatInt(receipt.ID, 10), kind, strconv.FormatInt(size, 10), sum, filepath.Base(path)}}
					if got := ten.query(t, uploaded); !reflect.DeepEqual(got, want) {
						t.Errorf("stored %q, want %q", got, want)
					}
				}
			}
			// The client writes names so that all servers read the same name.
			for name, want := range map[string]string{
				"invoice.pdf": "invoice.pdf", "فاتورة رقم ٤٨٢١.pdf": "فاتورة رقم ٤٨٢١.pdf", "报告 🎉.docx": "报告 🎉.docx",
				`a "quoted" name.txt`: "a 'quoted' name.txt", "semi;colon=1.txt": "semi;colon=1.txt", "percent%22.txt": "percent%22.txt", "..hidden": "hidden",
				strings.Repeat("long", 50) + ".txt": strings.Repeat("long", 50) + ".txt", "no extension": "no extension", "a.tar.gz": "a.tar.gz",
			} {
				receipt, err := sends["document"](tgo.BytesFile(name, []byte("content")))
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				got := ten.query(t, uploaded)
				if len(got) != 1 || got[0][0] != strconv.FormatInt(receipt.ID, 10) || got[0][2] != "7" {
					t.Errorf("%s: stored %q", name, got)
				} else if stored := got[0][4]; stored != want {
					t.Errorf("%s is stored as %s, want %s", name, stored, want)
				}
			}
		})
	}
}

const uploaded = "SELECT id, message_type, media_size, media_sha256, media_name FROM messages ORDER BY id DESC LIMIT 1"
