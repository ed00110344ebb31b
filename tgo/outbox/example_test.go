//go:build !386 && !arm

package outbox_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"database/sql"
	"errors"
	"expvar"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	_ "modernc.org/sqlite"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Each example has its own SQLite database and sends to a fake TGO server, over a real socket. Create your own client with tgo.New. With
// PostgreSQL the driver is riverpgxv5.New(pool), and a transaction is a pgx.Tx; everything else is the same.

// start opens a database and starts the fake.
func start() (db *sql.DB, fake *tgotest.Server, stop func()) {
	dir, err := os.MkdirTemp("", "tgo-outbox-")
	check(err)
	db, err = sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "shop.db"))+
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	check(err)
	db.SetMaxOpenConns(1)
	fake, err = tgotest.Start(tgotest.Config{})
	check(err)
	return db, fake, func() {
		check(fake.Close())
		check(db.Close())
		check(os.RemoveAll(dir))
	}
}

// newBox returns a migrated outbox.
func newBox(db *sql.DB, cfg outbox.Config) *outbox.Box[*sql.Tx] {
	box, err := outbox.New(riversqlite.New(db), cfg)
	check(err)
	check(box.Migrate(context.Background()))
	return box
}

// workUntil sends until the given number of attempts have ended. Your program calls Work, and cancels its context to stop.
func workUntil(attempts int32, box *outbox.Box[*sql.Tx], client *tgo.Client) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var ended atomic.Int32
	check(box.Work(ctx, client, outbox.Workers{OnEnd: func(context.Context, outbox.Record) {
		if ended.Add(1) == attempts {
			stop()
		}
	}}))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// An order and the message about it are stored in one transaction. A worker sends the message after the transaction is committed.
func Example() {
	db, fake, stop := start()
	defer stop()
	ctx := context.Background()

	box, err := outbox.New(riversqlite.New(db), outbox.Config{})
	check(err)
	check(box.Migrate(ctx))
	_, err = db.ExecContext(ctx, `create table orders (id integer primary key, status text not null)`)
	check(err)

	tx, err := db.BeginTx(ctx, nil)
	check(err)
	_, err = tx.ExecContext(ctx, `insert into orders (id, status) values (4821, 'shipped')`)
	check(err)
	added, err := box.AddTx(ctx, tx, outbox.Message{
		From: fake.SenderPhone, To: fake.RecipientPhone, Text: "Your order 4821 has shipped", Key: "order-4821-shipped",
	})
	check(err)
	check(tx.Commit())

	// Work sends until its context ends: here, when the first message has ended.
	working, enough := context.WithCancel(ctx)
	defer enough()
	check(box.Work(working, fake.Client, outbox.Workers{OnEnd: func(context.Context, outbox.Record) { enough() }}))

	record, err := box.Get(ctx, added.ID)
	check(err)
	fmt.Println(record.State, record.Receipt.ID, record.Attempts)
	// Output: sent 1 1
}

// invoice is another job of the program in ExampleBox_Register.
type invoice struct {
	Order int `json:"order"`
}

func (invoice) Kind() string { return "invoice" }

type invoiceWorker struct {
	river.WorkerDefaults[invoice]

	written chan int
}

func (w *invoiceWorker) Work(_ context.Context, job *river.Job[invoice]) error {
	w.written <- job.Args.Order
	return nil
}

// A program that has a river.Client registers the worker for messages next to its own workers.
func ExampleBox_Register() {
	db, fake, stop := start()
	defer stop()
	ctx := context.Background()
	box := newBox(db, outbox.Config{})

	bundle := river.NewWorkers()
	invoices := &invoiceWorker{written: make(chan int, 1)}
	river.AddWorker(bundle, invoices)
	ended := make(chan outbox.Record, 1)
	worker, err := box.Register(bundle, fake.Client, outbox.Workers{OnEnd: func(_ context.Context, r outbox.Record) { ended <- r }})
	check(err)
	client, err := river.NewClient(riversqlite.New(db), &river.Config{
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: 5},
			box.Queue():        {MaxWorkers: 16}, // the concurrency of messages
		},
		Workers: bundle,
	})
	check(err)

	alive, die := context.WithCancel(ctx)
	defer die()
	gone := make(chan error, 1)
	go func() { gone <- worker.Run(alive, client) }() // nothing is sent without it
	check(client.Start(ctx))

	_, err = client.Insert(ctx, invoice{Order: 4821}, nil)
	check(err)
	_, err = box.Add(ctx, outbox.Message{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "Your order 4821 has shipped"})
	check(err)
	fmt.Println("invoice", <-invoices.written)
	fmt.Println("message", (<-ended).State)

	check(client.Stop(ctx)) // River first, so that the worker counts as alive until the last message has ended
	die()
	check(<-gone)
	// Output:
	// invoice 4821
	// message sent
}

// The response to a send was lost, so nobody knows whether the message arrived. It is not sent again. A person decides.
func ExampleBox_Resolve() {
	db, fake, stop := start()
	defer stop()
	ctx := context.Background()
	box := newBox(db, outbox.Config{})

	_, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true})
	check(err)
	_, err = box.Add(ctx, outbox.Message{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "Your order 4821 has shipped"})
	check(err)
	workUntil(1, box, fake.Client)
	fake.ClearFaults()

	unknown, err := box.List(ctx, outbox.Query{State: outbox.Unknown})
	check(err)
	for _, r := range unknown {
		found, err := fake.Client.FromPhone(r.Message.From).Candidates(ctx, tgo.Lost{
			Type: tgo.TypeText, Content: r.Message.Text, Since: r.BegunAt,
		})
		check(err)
		fmt.Printf("message %d is %s; the log has %d that may be it\n", r.ID, r.State, len(found))
		check(box.Resolve(ctx, r.ID, outbox.WasSent)) // a person decided so
		r, err = box.Get(ctx, r.ID)
		check(err)
		fmt.Println(r.State, r.Code)
	}
	// Output:
	// message 1 is unknown; the log has 1 that may be it
	// sent person
}

// List returns the records in pages.
func ExampleBox_List() {
	db, fake, stop := start()
	defer stop()
	ctx := context.Background()
	box := newBox(db, outbox.Config{})

	fake.SetContact("+201066666666", tgotest.ContactUnreachable)
	_, err := box.AddMany(ctx, []outbox.Message{
		{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "Your order 4821 has shipped"},
		{From: fake.SenderPhone, To: "+201066666666", Text: "Your order 4822 has shipped"},
		{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "How was it?", At: time.Now().AddDate(0, 0, 1), Priority: outbox.Bulk},
	})
	check(err)
	workUntil(2, box, fake.Client)

	query := outbox.Query{Limit: 2}
	for {
		records, err := box.List(ctx, query)
		check(err)
		if len(records) == 0 {
			break
		}
		for _, r := range records {
			fmt.Printf("%d %s %q\n", r.ID, r.State, r.Code)
		}
		query.After = records[len(records)-1].ID
	}
	// Output:
	// 1 sent ""
	// 2 rejected "422"
	// 3 waiting ""
}

// OnEnd is for metrics. It is not called for messages that end without an attempt of this process, such as those of a worker that died: also
// monitor the number of unknown messages in Status.
func ExampleWorkers() {
	db, fake, stop := start()
	defer stop()
	box := newBox(db, outbox.Config{})
	_, err := box.Add(context.Background(), outbox.Message{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "Your code is 4821"})
	check(err)

	outcomes := new(expvar.Map).Init() // or a CounterVec of Prometheus
	var latency expvar.Float
	ctx, enough := context.WithCancel(context.Background())
	defer enough()
	check(box.Work(ctx, fake.Client, outbox.Workers{
		OnEnd: func(_ context.Context, r outbox.Record) {
			outcomes.Add(string(r.State), 1) // also waiting: an attempt that failed and will be repeated
			if r.State == outbox.Sent {
				latency.Set(r.EndedAt.Sub(r.AddedAt).Seconds())
			}
			enough()
		},
	}))
	fmt.Println(outcomes, latency.Value() > 0)
	// Output: {"sent": 1} true
}

// With Ciphers, the database contains no texts and phones in the clear.
func ExampleConfig_ciphers() {
	db, fake, stop := start()
	defer stop()
	ctx := context.Background()
	block, err := aes.NewCipher([]byte("32 random bytes out of a vault..")) // use your own random key
	check(err)
	gcm, err := cipher.NewGCM(block)
	check(err)

	box := newBox(db, outbox.Config{Ciphers: []cipher.AEAD{gcm}})
	added, err := box.Add(ctx, outbox.Message{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "Your code is 4821"})
	check(err)

	var args string
	check(db.QueryRowContext(ctx, `select json(args) from river_job where id = ?`, added.ID).Scan(&args))
	fmt.Println("in the database:", strings.Contains(args, "4821"), strings.Contains(args, string(fake.RecipientPhone)))
	record, err := box.Get(ctx, added.ID)
	check(err)
	fmt.Println("with the key:", record.Message.Text)
	record, err = newBox(db, outbox.Config{}).Get(ctx, added.ID)
	check(err)
	fmt.Println("without:", record.State, record.Message)
	// Output:
	// in the database: false false
	// with the key: Your code is 4821
	// without: waiting <nil>
}

// Media stay where they are, here in a map instead of an object store. A file that has changed since it was added is not sent.
func ExampleOpener() {
	db, fake, stop := start()
	defer stop()
	ctx := context.Background()
	store := fstest.MapFS{
		"invoices/4821.pdf": {Data: []byte("%PDF-1.7 order 4821")},
		"invoices/4822.pdf": {Data: []byte("%PDF-1.7 order 4822")},
	}
	var open outbox.Opener = func(_ context.Context, ref string) (io.ReadCloser, int64, error) {
		f, err := store.Open(ref) // an error that is fs.ErrNotExist rejects the message
		if err != nil {
			return nil, 0, err
		}
		info, err := f.Stat()
		if err != nil {
			return nil, 0, errors.Join(err, f.Close())
		}
		return f, info.Size(), nil
	}
	box := newBox(db, outbox.Config{Open: open})
	var messages []outbox.Message
	for _, ref := range []string{"invoices/4821.pdf", "invoices/4822.pdf"} {
		messages = append(messages, outbox.Message{
			From: fake.SenderPhone, To: fake.RecipientPhone, Text: "Your invoice",
			Media: &outbox.Media{Type: tgo.TypeDocument, Ref: ref},
		})
	}
	_, err := box.AddMany(ctx, messages)
	check(err)
	store["invoices/4822.pdf"] = &fstest.MapFile{Data: []byte("%PDF-1.7 order 9999")}
	workUntil(2, box, fake.Client)

	records, err := box.List(ctx, outbox.Query{})
	check(err)
	for _, r := range records {
		fmt.Printf("%s %s %q\n", r.Message.Media.Ref, r.State, r.Reason)
	}
	// Output:
	// invoices/4821.pdf sent ""
	// invoices/4822.pdf rejected "the file has changed since the message was added"
}
