package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The journal of a run: lines of JSON, only ever appended. A row's begin is safely on disk before its message leaves, and
// its end before anything else is done with the row. So whatever stops the run, each row is one of these: without a begin
// (nothing left), with an end (it says what became of it), or begun and not ended (nobody knows).

const journalVersion = 1

// journalHeader is the first line. A journal is only ever continued for the same file, message, sender and server.
type journalHeader struct {
	Version     int    `json:"tgo_journal"`
	Fingerprint string `json:"fingerprint"`
	Rows        int    `json:"rows"`
	Server      string `json:"server"`
	From        string `json:"from"`
}

const (
	eventBegin    = "begin"
	eventEnd      = "end"
	eventReleased = "released" // a person lets the row be sent again
)

const (
	outcomeSent     = "sent"
	outcomeRejected = "rejected"
	outcomeNotSent  = "not sent"
	outcomeUnknown  = "unknown"
)

// entry is one of the other lines.
type entry struct {
	Row     int       `json:"row"`
	Event   string    `json:"event"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome,omitempty"`
	ID      int64     `json:"id,omitempty"`
	Error   string    `json:"error,omitempty"`
}

type journal struct {
	file     *os.File
	unlock   func()
	requests chan write
	done     chan struct{}

	aside []int // rows that openJournal put aside, since the run before ended with them on their way

	mu   sync.Mutex
	last map[int]entry // of each row
}

// write is a line on its way to the disk.
type write struct {
	line []byte
	err  chan error
}

// openJournal opens a journal to go on with, or begins one.
func openJournal(name string, header journalHeader) (*journal, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // writing the file that the user names is the purpose
	if err != nil {
		return nil, err
	}
	unlock, err := lockFile(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", name, err), f.Close())
	}
	j := &journal{file: f, unlock: unlock, requests: make(chan write), done: make(chan struct{}), last: map[int]entry{}}
	err = j.load(header)
	if err == nil {
		err = syncDir(filepath.Dir(name))
	}
	if err != nil {
		unlock()
		return nil, errors.Join(fmt.Errorf("journal %s: %w", name, err), f.Close())
	}
	go j.write()
	for number, e := range j.last { // begun, and not ended
		if e.Event != eventBegin {
			continue
		}
		aside := entry{Row: number, Event: eventEnd, Outcome: outcomeUnknown, Error: "the run ended while the message was on its way"}
		if err := j.append(aside); err != nil {
			j.close()
			return nil, err
		}
		j.aside = append(j.aside, number)
	}
	return j, nil
}

// load reads what is there, checks that the journal is the right one, and cuts off a last line that did not come to its end.
func (j *journal) load(header journalHeader) error {
	content, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(content, '\n') + 1
	if whole == 0 {
		return j.start(header, content)
	}
	lines := bytes.Split(content[:whole-1], []byte("\n"))
	var found journalHeader
	if err := json.Unmarshal(lines[0], &found); err != nil || found.Version != journalVersion {
		return errNoJournal
	}
	if found != header {
		what := "the CSV file or the message"
		if found.Fingerprint == header.Fingerprint {
			what = "the server or the sender"
		}
		return fmt.Errorf("it belongs to another run: %s has changed since. Going on could send somebody a message twice; begin a new one by --journal if that is what you want", what)
	}
	for i, line := range lines[1:] {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil || e.Row < 2 {
			return fmt.Errorf("line %d is damaged, so what became of its row cannot be told", i+2)
		}
		j.note(e)
	}
	return j.cut(int64(whole))
}

var errNoJournal = errors.New("it is no journal of tgo send; name another by --journal")

// start writes the first line. Of one that did not come to its end there may be a piece, and of nothing else: the file may
// be somebody's letter, named by mistake.
func (j *journal) start(header journalHeader, piece []byte) error {
	line, err := json.Marshal(header)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, piece) && !bytes.HasPrefix(piece, []byte(`{"tgo_journal"`)) {
		return errNoJournal
	}
	if err := j.cut(0); err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	return j.file.Sync()
}

// cut takes off what comes after the last whole line. Nothing was done on the strength of that: it had not been synced.
func (j *journal) cut(whole int64) error {
	_, err := j.file.Seek(whole, io.SeekStart)
	return errors.Join(err, j.file.Truncate(whole))
}

func (j *journal) note(e entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last[e.Row] = e
}

// outcome is the end of a row; without one, or where the row is to be sent again, it is empty. Nobody asks for it while the
// row is on its way: one that is begun and not ended is one whose end the disk did not take.
func (j *journal) outcome(number int) entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch e := j.last[number]; e.Event {
	case eventEnd:
		return e
	case eventBegin:
		return entry{Row: number, Outcome: outcomeUnknown, Error: "its end could not be written down"}
	}
	return entry{Row: number}
}

// append returns when the line is on disk.
func (j *journal) append(e entry) error {
	e.At = time.Now().UTC()
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	w := write{append(line, '\n'), make(chan error, 1)}
	j.requests <- w
	if err := <-w.err; err != nil {
		return fmt.Errorf("journal %s: %w", j.file.Name(), err)
	}
	j.note(e)
	return nil
}

// write writes lines, as many as wait at once, since a sync costs the same for one and for all. After an error nothing is
// written any more: what the file holds then cannot be told.
func (j *journal) write() {
	defer close(j.done)
	var broken error
	for first := range j.requests {
		batch := []write{first}
		for more := true; more; {
			select {
			case next, ok := <-j.requests:
				if more = ok; ok {
					batch = append(batch, next)
				}
			default:
				more = false
			}
		}
		var lines []byte
		for _, w := range batch {
			lines = append(lines, w.line...)
		}
		if broken == nil {
			if _, broken = j.file.Write(lines); broken == nil {
				broken = j.file.Sync()
			}
		}
		for _, w := range batch {
			w.err <- broken
		}
	}
}

func (j *journal) close() {
	close(j.requests)
	<-j.done
	j.unlock()
	_ = j.file.Close() // everything in it is on disk
}
