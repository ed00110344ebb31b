//go:build !386 && !arm

package outbox

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tgo-business/tgo-go/tgo"
)

// With Ciphers, the database contains neither text nor phone in the clear, and keys can be replaced.
func TestCiphers(t *testing.T) {
	each(t, testCiphers[*sql.Tx], testCiphers[pgx.Tx])
}

func testCiphers[TTx any](t *testing.T, b *bed[TTx]) {
	aead := func(key byte) cipher.AEAD {
		block, err := aes.NewCipher([]byte(strings.Repeat(string(key), 32)))
		if err != nil {
			t.Fatal(err)
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		return gcm
	}
	added, err := b.box(Config{Ciphers: []cipher.AEAD{aead('a')}}).Add(t.Context(), b.message("secret words"))
	if err != nil {
		t.Fatal(err)
	}
	job, err := b.river.JobGet(t.Context(), added.ID)
	if err != nil {
		t.Fatal(err)
	}
	if args := string(job.EncodedArgs); strings.Contains(args, "secret") || strings.Contains(args, string(b.fake.RecipientPhone[1:])) {
		t.Errorf("the job holds %s", args)
	}
	both := b.box(Config{Ciphers: []cipher.AEAD{aead('b'), aead('a')}})
	if record, err := both.Get(t.Context(), added.ID); err != nil || record.Message.Text != "secret words" {
		t.Errorf("%+v, %v", record, err)
	}
	b.workOn(both, b.fake.Client, Workers{})
	b.until(added.ID, Sent)
	b.fake.ExpectMessage(t, withContent("secret words"))
	if record, err := b.Get(t.Context(), added.ID); err != nil || record.Message != nil || record.State != Sent {
		t.Errorf("without the key: %+v, %v", record, err)
	}
}

// A worker that cannot read a message, because it has no key or no Opener, pauses the queue. Another worker sends the message.
func TestWrongWorker(t *testing.T) {
	each(t, testWrongWorker[*sql.Tx], testWrongWorker[pgx.Tx])
}

func testWrongWorker[TTx any](t *testing.T, b *bed[TTx]) {
	file := filepath.Join(t.TempDir(), "invoice.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.7 invoice"), 0o600); err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	for _, right := range []Config{{Open: OpenPath}, {Open: OpenPath, Ciphers: []cipher.AEAD{gcm}}} {
		m := b.message("")
		m.Media = &Media{Type: tgo.TypeDocument, Ref: file}
		added, err := b.box(right).Add(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		stop := b.workOn(b.box(Config{}), b.fake.Client, Workers{})
		if status, err := b.pausedStatus(); err != nil || !strings.Contains(status.PauseReason, "this worker cannot read them") {
			t.Errorf("%+v, %v", status, err)
		}
		stop()
		if record := b.until(added.ID, Waiting); record.Attempts != 0 {
			t.Errorf("%+v", record)
		}
		if err := b.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		stop = b.workOn(b.box(right), b.fake.Client, Workers{})
		b.until(added.ID, Sent)
		stop()
	}
}

// Invariant 4: an encrypted message of another program may contain text that no column can store. It is rejected. A response of the API may
// contain such text too. It is recorded.
func TestOddContent(t *testing.T) {
	each(t, testOddContent[*sql.Tx], testOddContent[pgx.Tx])
}

func testOddContent[TTx any](t *testing.T, b *bed[TTx]) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	from, random := string(b.fake.SenderPhone), make([]byte, 4000)
	_, _ = rand.Read(random)
	var odd []int64
	for _, w := range []wire{
		{From: `+20"1`}, {From: `+20\1`}, {From: "+20\x001"}, {From: "1"}, {From: from, Key: hex.EncodeToString(random)}, {From: from, Key: "a\x00"},
	} {
		w.Version, w.Type, w.To, w.Text = jobVersion, tgo.TypeText, string(b.fake.RecipientPhone), "hello"
		plain, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		args, err := json.Marshal(wire{Version: jobVersion, Sealed: seal(gcm, plain)})
		if err != nil {
			t.Fatal(err)
		}
		result, err := b.river.Insert(t.Context(), jobArgs{args}, &river.InsertOpts{Queue: b.Queue(), Priority: 2})
		if err != nil {
			t.Fatal(err)
		}
		odd = append(odd, result.Job.ID)
	}
	box := b.box(Config{Ciphers: []cipher.AEAD{gcm}})
	stop := b.workOn(box, b.fake.Client, Workers{Rate: 100, SenderRate: 100})
	for _, id := range odd {
		if record := b.until(id, Rejected); record.Code != "input" {
			t.Errorf("%+v", record)
		}
	}
	stop()
	b.fake.ExpectNoMessage(t)

	for state, transport := range map[State]answering{
		Rejected: {422, `{"message":"a\u0000b"}`},
		Sent:     {201, `{"data":{"id":5,"status":"a\u0000b"}}`},
	} {
		client, err := tgo.New("odd.invalid", tgo.NewKey("tgo_none"), tgo.WithHTTPClient(&http.Client{Transport: transport}))
		if err != nil {
			t.Fatal(err)
		}
		stop := b.workOn(box, client, Workers{})
		b.until(b.add(b.message("hello")), state)
		stop()
	}
}

func jobSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("job", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("job")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func holds(t *testing.T, schema *jsonschema.Schema, args []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(args))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// The arguments that Add writes are valid by the schema, and decode to the message that was added.
func TestJobsKeepToTheSchema(t *testing.T) {
	t.Parallel()
	schema := jobSchema(t)
	box, err := New(riversqlite.New(openSQLite(t, filepath.Join(t.TempDir(), "a.db"))), Config{Open: OpenPath})
	if err != nil {
		t.Fatal(err)
	}
	text := Message{From: "+201001187188", To: "+201010000000", Text: "hello", Key: "k"}
	number := Message{FromNumber: 12, To: "+201010000000", Text: "hello"}
	voice := Message{From: "+201001187188", To: "+201010000000", Media: &Media{Type: tgo.TypeVoice, Name: "a.ogg", Data: []byte("OggS\x00"), Duration: 12500 * time.Millisecond}}
	document := Message{
		From: "+201001187188", To: "+201010000000", Text: "caption",
		Media: &Media{Type: tgo.TypeDocument, Ref: "job.schema.json", ContentType: "application/schema+json"},
	}
	for _, m := range []Message{text, number, voice, document} {
		raw, err := box.prepare(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if err := holds(t, schema, raw); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		read, noted, err := box.decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		if m.Media != nil {
			if read.Media.ContentType == "" || noted.Size == 0 || len(noted.SHA256) != 64 {
				t.Errorf("noted %+v of %s", noted, raw)
			}
			read.Media.ContentType = m.Media.ContentType
		}
		want, _ := json.Marshal(m)
		got, _ := json.Marshal(read)
		if !bytes.Equal(want, got) {
			t.Errorf("added %s, read %s", want, got)
		}
	}
	sealed, err := json.Marshal(wire{Version: jobVersion, Sealed: []byte("sealed")})
	if err != nil {
		t.Fatal(err)
	}
	if err := holds(t, schema, sealed); err != nil {
		t.Errorf("%s: %v", sealed, err)
	}
}

// The worker refuses everything that the schema refuses, before it begins an attempt or when the client validates the message.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema := jobSchema(t)
	box, err := New(riversqlite.New(openSQLite(t, filepath.Join(t.TempDir(), "a.db"))), Config{Open: OpenPath})
	if err != nil {
		t.Fatal(err)
	}
	const good = `{"version":1,"from":"+201001187188","to":"+201010000000","type":"text","text":"hello"}`
	const voice = `{"version":1,"from":"+201001187188","to":"+201010000000","type":"voice","media":{"data":"T2dnUwA=","name":"a.ogg","duration":12}}`
	for _, args := range []string{good, voice} {
		if err := holds(t, schema, []byte(args)); err != nil {
			t.Errorf("%s: %v", args, err)
		}
		if err := box.validate(t, []byte(args)); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
	for _, change := range [][3]string{
		{good, `"version":1,`, ``},
		{good, `"version":1`, `"version":2`},
		{good, `"from":"+201001187188",`, ``},
		{good, `"from":"+201001187188",`, `"from":"+201001187188","from_number":1,`},
		{good, `"from":"+201001187188",`, `"from_number":-1,`},
		{good, `"to":"+201010000000",`, ``},
		{good, `"to":"+201010000000"`, `"to":"01010000000"`},
		{good, `"type":"text"`, `"type":"film"`},
		{good, `"type":"text"`, `"type":"image"`},
		{good, `,"text":"hello"`, ``},
		{good, `"text":"hello"`, `"texts":"hello"`},
		{good, `"text":"hello"`, `"text":1`},
		{good, `"text":"hello"`, `"text":"hello","key":"` + strings.Repeat("k", 256) + `"`},
		{good, `"text":"hello"`, `"text":"hello","media":{"ref":"a"}`},
		{voice, `,"duration":12`, ``},
		{voice, `"duration":12`, `"duration":301`},
		{voice, `"duration":12`, `"duration":0`},
		{voice, `"duration":12`, `"duration":0.0009`},
		{voice, `"duration":12`, `"duration":12,"ref":"a"`},
		{voice, `"name":"a.ogg",`, ``},
		{voice, `"data":"T2dnUwA=",`, ``},
		{voice, `"type":"voice"`, `"type":"document"`},
		{voice, `"duration":12`, `"duration":12,"bitrate":1`},
	} {
		args := strings.Replace(change[0], change[1], change[2], 1)
		if args == change[0] {
			t.Fatalf("%q is not in %s", change[1], args)
		}
		if holds(t, schema, []byte(args)) == nil {
			t.Errorf("the schema accepts %s", args)
		}
		if box.validate(t, []byte(args)) == nil {
			t.Errorf("the worker accepts %s", args)
		}
	}
}

// validate returns the error that a worker would have with a job.
func (b *Box[TTx]) validate(t *testing.T, args []byte) error {
	t.Helper()
	m, noted, err := b.decode(args)
	if err == nil {
		err = (&Worker[TTx]{box: b}).admissible(t.Context(), m, noted)
	}
	if err == nil {
		_, err = b.validator.check(t.Context(), m, b.cfg.Open)
	}
	return err
}

// No arguments make decode panic, and what it decodes is encoded as it was.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"version":1,"from":"+201001187188","to":"+201010000000","type":"text","text":"hello","key":"k"}`))
	f.Add([]byte(`{"version":1,"to":"","type":"voice","media":{"ref":"a","duration":0.5,"size":1,"sha256":"00"}}`))
	f.Add([]byte(`{"version":1,"sealed":"AAAA"}`))
	box := &Box[int]{}
	f.Fuzz(func(t *testing.T, args []byte) {
		m, noted, err := box.decode(args)
		if err != nil {
			return
		}
		raw, err := box.encode(m, noted)
		if err != nil {
			t.Fatal(err)
		}
		again, notedAgain, err := box.decode(raw)
		first, _ := json.Marshal(m)
		second, _ := json.Marshal(again)
		if err != nil || notedAgain != noted || !bytes.Equal(first, second) {
			t.Errorf("%s became %s: %v", args, raw, err)
		}
	})
}
