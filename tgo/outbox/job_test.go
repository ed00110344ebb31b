//go:build !386 && !arm

package outbox

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tgo-business/tgo-go/tgo"
)

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

// What Add writes keeps to the schema, and reads back as what was added.
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

// What the schema refuses, the worker refuses too, before it begins an attempt or when the client checks the message.
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
		if err := box.judge(t, []byte(args)); err != nil {
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
			t.Errorf("the schema takes %s", args)
		}
		if box.judge(t, []byte(args)) == nil {
			t.Errorf("the worker takes %s", args)
		}
	}
}

// judge is the error that a worker would have with a job.
func (b *Box[TTx]) judge(t *testing.T, args []byte) error {
	t.Helper()
	m, noted, err := b.decode(args)
	if err == nil {
		err = (&Worker[TTx]{box: b}).admissible(t.Context(), m, noted)
	}
	if err == nil {
		_, err = b.rehearsal.check(t.Context(), m, b.cfg.Open)
	}
	return err
}

// No arguments make the reader panic, and what it reads is written as it was.
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
