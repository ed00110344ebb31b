package tgo_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/measure"
)

// Each benchmark does the same work with this package and by hand with net/http, alternately, with a server in another process. An
// iteration is one such pair. `make bench` prints the results as a table.

func init() { measure.ServeIfAsked() }

const benchText = "Your code is 4821"

// byHand is a good client written with only net/http.
type byHand struct {
	http    *http.Client
	baseURL string
}

// newByHand uses a transport that keeps enough connections; the default transport of net/http would keep two.
func newByHand(baseURL string, config *tls.Config) *byHand {
	return &byHand{&http.Client{Transport: tunedTransport(config)}, baseURL}
}

func tunedTransport(config *tls.Config) *http.Transport {
	return &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 64, TLSClientConfig: config, ForceAttemptHTTP2: config != nil}
}

// do makes a request, checks the status, and reads the JSON response into v.
func (h *byHand) do(req *http.Request, status int, v any) error {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Api-Key", testKey)
	resp, err := h.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != status {
		return fmt.Errorf("status %d: %s", resp.StatusCode, body)
	}
	return json.Unmarshal(body, v)
}

type receiptByHand struct {
	Data tgo.Receipt `json:"data"`
}

func (r *receiptByHand) check() error {
	if r.Data.ID != 1000 {
		return fmt.Errorf("receipt %+v", r.Data)
	}
	return nil
}

func (h *byHand) sendText(ctx context.Context) error {
	body, err := json.Marshal(struct {
		SenderPhone string `json:"sender_phone"`
		ToPhone     string `json:"to_phone"`
		Type        string `json:"type"`
		Content     string `json:"content"`
	}{testSender, testRecipient, "text", benchText})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.baseURL+"/messages", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	var receipt receiptByHand
	if err := h.do(req, http.StatusCreated, &receipt); err != nil {
		return err
	}
	return receipt.check()
}

// sendDocument streams a file and sends its length before it.
func (h *byHand) sendDocument(ctx context.Context, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read from
	info, err := file.Stat()
	if err != nil {
		return err
	}
	var frame bytes.Buffer
	w := multipart.NewWriter(&frame)
	for _, f := range [][2]string{{"sender_phone", testSender}, {"to_phone", testRecipient}, {"type", "document"}} {
		measure.Must(w.WriteField(f[0], f[1]))
	}
	_, err = w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("media", filepath.Base(name))},
		"Content-Type":        {"application/octet-stream"},
	})
	measure.Must(err)
	head := frame.Len()
	measure.Must(w.Close())
	body := io.MultiReader(bytes.NewReader(frame.Bytes()[:head]), file, bytes.NewReader(frame.Bytes()[head:]))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.baseURL+"/messages", body)
	if err != nil {
		return err
	}
	req.ContentLength = int64(frame.Len()) + info.Size()
	req.Header.Set("Content-Type", w.FormDataContentType())
	var receipt receiptByHand
	if err := h.do(req, http.StatusCreated, &receipt); err != nil {
		return err
	}
	return receipt.check()
}

func (h *byHand) lookup(ctx context.Context) error {
	query := url.Values{"sender_phone": {testSender}, "phone": {testRecipient}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.baseURL+"/contacts/lookup?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	var contact tgo.Contact
	if err := h.do(req, http.StatusOK, &contact); err != nil || !contact.CanReceive {
		return fmt.Errorf("%+v: %w", contact, err)
	}
	return nil
}

// readLog decodes each page once and counts the entries.
func (h *byHand) readLog(ctx context.Context) (int, error) {
	for page, entries := 1, 0; ; page++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.baseURL+"/messages?page="+strconv.Itoa(page), nil)
		if err != nil {
			return 0, err
		}
		var answer struct {
			Data []tgo.LogEntry `json:"data"`
			Meta struct {
				LastPage int `json:"last_page"`
			} `json:"meta"`
		}
		if err := h.do(req, http.StatusOK, &answer); err != nil {
			return 0, err
		}
		for _, entry := range answer.Data {
			if entry.ID > 0 {
				entries++
			}
		}
		if page == answer.Meta.LastPage {
			return entries, nil
		}
	}
}

// ours returns a client of a server.
func ours(tb testing.TB, baseURL string, opts ...tgo.Option) *tgo.Client {
	tb.Helper()
	client, err := tgo.New("", tgo.NewKey(testKey), append([]tgo.Option{tgo.WithBaseURL(baseURL)}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// protocols are the protocols of the plain server.
var protocols = []struct {
	name string
	pair func(testing.TB, *measure.Plain) (*tgo.Client, *byHand)
}{
	{"HTTP1", func(tb testing.TB, plain *measure.Plain) (*tgo.Client, *byHand) {
		baseURL := plain.URL + "/api/v1"
		return ours(tb, baseURL), newByHand(baseURL, nil)
	}},
	{"TLS-HTTP2", func(tb testing.TB, plain *measure.Plain) (*tgo.Client, *byHand) {
		baseURL := plain.TLSURL + "/api/v1"
		config := &tls.Config{RootCAs: plain.Roots}
		client := ours(tb, baseURL, tgo.WithHTTPClient(&http.Client{Transport: tunedTransport(config.Clone())}))
		return client, newByHand(baseURL, config)
	}},
}

// overBoth runs a benchmark over each protocol.
func overBoth(b *testing.B, run func(*testing.B, *tgo.Client, *byHand)) {
	for _, p := range protocols {
		b.Run(p.name, func(b *testing.B) {
			client, hand := p.pair(b, measure.StartPlain(b))
			defer client.CloseIdleConnections()
			defer hand.http.CloseIdleConnections()
			run(b, client, hand)
		})
	}
}

// times returns a function that runs f n times.
func times(b *testing.B, n int, f func() error) func() {
	return func() {
		for range n {
			if err := f(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// report reports the cost of both ways for each unit of work. A round has done n units.
func report(b *testing.B, pair *measure.Pair, unit string, n int) {
	b.ReportMetric(0, "ns/op") // hidden, because a round is not a unit of work
	b.ReportMetric(pair.TimeRatio(), "time-ratio")
	for who, cost := range map[string]measure.Cost{"tgo": pair.Ours(), "hand": pair.Hand()} {
		b.ReportMetric(float64(cost.Time.Nanoseconds())/1e3/float64(n), who+"-µs/"+unit)
		b.ReportMetric(cost.Allocs/float64(n), who+"-allocs/"+unit)
		b.ReportMetric(cost.Bytes/float64(n), who+"-B/"+unit)
	}
}

// warm does the work once in each way, so that connections are open and caches are filled.
func warm(ours, hand func()) {
	ours()
	hand()
}

func BenchmarkSend(b *testing.B) {
	overBoth(b, func(b *testing.B, client *tgo.Client, hand *byHand) {
		const sends = 100
		sender := client.FromPhone(testSender)
		bySelf := times(b, sends, func() error { _, err := sender.SendText(context.Background(), testRecipient, benchText); return err })
		byHand := times(b, sends, func() error { return hand.sendText(context.Background()) })
		warm(bySelf, byHand)
		// The send by hand above has no timeout. This is the same send with one.
		bounded := times(b, sends, func() error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			return hand.sendText(ctx)
		})
		var pair, boundedPair measure.Pair
		for b.Loop() {
			pair.Round(bySelf, byHand)
			boundedPair.Round(bySelf, bounded)
		}
		report(b, &pair, "send", sends)
		b.ReportMetric(boundedPair.TimeRatio(), "with-timeout-ratio")
	})
}

// crowd returns a function that sends from 64 goroutines, beginning without open connections.
func crowd(tb testing.TB, closeIdle func(), send func() error) func() {
	return func() {
		const goroutines = 64
		closeIdle()
		var left atomic.Int64
		left.Store(crowdSends)
		var group sync.WaitGroup
		for range goroutines {
			group.Go(func() {
				for left.Add(-1) >= 0 {
					if err := send(); err != nil {
						tb.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
	}
}

const crowdSends = 4000

// counting returns a function that runs f and appends to list how many connections f opened for each 1000 sends.
func counting(tb testing.TB, plain *measure.Plain, list *[]float64, f func()) func() {
	return func() {
		before, err := plain.Connections()
		if err != nil {
			tb.Error(err)
		}
		f()
		after, err := plain.Connections()
		if err != nil {
			tb.Error(err)
		}
		*list = append(*list, float64(after-before-1)*1000/crowdSends)
	}
}

func BenchmarkSendFrom64Goroutines(b *testing.B) {
	plain := measure.StartPlain(b)
	client, hand := protocols[0].pair(b, plain)
	sender := client.FromPhone(testSender)
	bySelf := crowd(b, client.CloseIdleConnections, func() error { _, err := sender.SendText(context.Background(), testRecipient, benchText); return err })
	byHand := crowd(b, hand.http.CloseIdleConnections, func() error { return hand.sendText(context.Background()) })
	warm(bySelf, byHand)
	var pair measure.Pair
	var opened, openedByHand []float64
	for rounds := 0; b.Loop(); rounds++ {
		if rounds < 50 {
			pair.Round(bySelf, byHand)
		}
		if rounds < 15 { // in separate rounds, because reading the count takes time
			counting(b, plain, &opened, bySelf)()
			counting(b, plain, &openedByHand, byHand)()
		}
	}
	report(b, &pair, "send", crowdSends)
	b.ReportMetric(1/pair.TimeRatio(), "speed-ratio")
	b.ReportMetric(measure.Median(opened), "tgo-conns/1000-sends")
	b.ReportMetric(measure.Median(openedByHand), "hand-conns/1000-sends")
	client.CloseIdleConnections()
	hand.http.CloseIdleConnections()
}

func BenchmarkLookup(b *testing.B) {
	overBoth(b, func(b *testing.B, client *tgo.Client, hand *byHand) {
		const lookups = 100
		sender := client.FromPhone(testSender)
		bySelf := times(b, lookups, func() error { _, err := sender.Lookup(context.Background(), testRecipient); return err })
		byHand := times(b, lookups, func() error { return hand.lookup(context.Background()) })
		warm(bySelf, byHand)
		var pair measure.Pair
		for b.Loop() {
			pair.Round(bySelf, byHand)
		}
		report(b, &pair, "lookup", lookups)
	})
}

// readLog reads a log and returns the number of its entries. If weigh is set, it also returns by how much the memory in use has grown
// between the middle of the second page and the last entry.
func readLog(tb testing.TB, client *tgo.Client, weigh bool) (entries int, growth int64) {
	var before int64
	for entry, err := range client.Messages(tb.Context(), tgo.MessageQuery{}) {
		if err != nil {
			tb.Fatal(err)
		}
		if entry.ID > 0 {
			entries++
		}
		if weigh && entries == measure.PageSize*3/2 {
			before = measure.InUse()
		}
		if weigh && entry.ID == 1 {
			growth = measure.InUse() - before
		}
	}
	return entries, growth
}

func BenchmarkLog(b *testing.B) {
	plain := measure.StartPlain(b)
	ratios := map[int]float64{} // compared with reading by hand, which takes the same time for each page
	for _, entries := range []int{1_000, 10_000, 100_000} {
		b.Run(strconv.Itoa(entries), func(b *testing.B) {
			baseURL := fmt.Sprintf("%s/log/%d", plain.URL, entries)
			client, hand := ours(b, baseURL), newByHand(baseURL, nil)
			defer client.CloseIdleConnections()
			defer hand.http.CloseIdleConnections()
			bySelf := func() {
				if n, _ := readLog(b, client, false); n != entries {
					b.Fatalf("%d entries", n)
				}
			}
			byHand := func() {
				if n, err := hand.readLog(context.Background()); n != entries || err != nil {
					b.Fatalf("%d entries: %v", n, err)
				}
			}
			warm(bySelf, byHand)
			_, growth := readLog(b, client, true)
			var pair measure.Pair
			for rounds := 0; b.Loop(); rounds++ {
				if rounds*entries < 2_000_000 {
					pair.Round(bySelf, byHand)
				}
			}
			report(b, &pair, "entry", entries)
			b.ReportMetric(float64(growth)/1e3, "tgo-growth-KB")
			ratios[entries] = pair.TimeRatio()
			if small := ratios[1_000]; small > 0 {
				b.ReportMetric(ratios[entries]/small, "vs-1000-ratio")
			}
		})
	}
}

// benchFile returns a file of a size. It is sparse, so on most file systems it needs no disk space.
func benchFile(tb testing.TB, size int64) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "report.bin")
	f, err := os.Create(name)
	if err == nil {
		_, err = f.WriteString("\x01\x02\x03 not a type that anybody knows")
	}
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return name
}

// peakGrowth returns by how much f raises the peak memory of this process. ok is false if the system does not report it.
func peakGrowth(f func()) (bytes int64, ok bool) {
	debug.FreeOSMemory()
	f() // so that the memory that f needs is already mapped
	before, _, _ := measure.Resident(0)
	if !measure.ForgetPeak() {
		return 0, false
	}
	f()
	_, peak, ok := measure.Resident(0)
	return max(0, peak-before), ok
}

func BenchmarkUpload(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int64
		most  int // rounds
	}{{"1MiB", 1 << 20, 1000}, {"64MiB", 64 << 20, 150}, {"1GiB", 1 << 30, 5}} {
		b.Run(size.name, func(b *testing.B) {
			name := benchFile(b, size.bytes)
			overBoth(b, func(b *testing.B, client *tgo.Client, hand *byHand) {
				sender := client.FromPhone(testSender)
				bySelf := times(b, 1, func() error {
					_, err := sender.SendDocument(context.Background(), testRecipient, tgo.Document{File: tgo.FilePath(name)})
					return err
				})
				byHand := times(b, 1, func() error { return hand.sendDocument(context.Background(), name) })
				warm(bySelf, byHand)
				var pair measure.Pair
				for rounds := 0; b.Loop(); rounds++ {
					if rounds < size.most {
						pair.Round(bySelf, byHand)
					}
				}
				report(b, &pair, "upload", 1)
				b.ReportMetric(1/pair.TimeRatio(), "speed-ratio")
				megabytes := float64(size.bytes) / 1e6
				b.ReportMetric(megabytes/pair.Ours().Time.Seconds(), "tgo-MB/s")
				b.ReportMetric(megabytes/pair.Hand().Time.Seconds(), "hand-MB/s")
				if growth, ok := peakGrowth(bySelf); ok {
					b.ReportMetric(float64(growth)/(1<<20), "tgo-peak-MiB")
				}
				if growth, ok := peakGrowth(byHand); ok {
					b.ReportMetric(float64(growth)/(1<<20), "hand-peak-MiB")
				}
			})
		})
	}
}
