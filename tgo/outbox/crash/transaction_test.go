//go:build unix && !386 && !arm

package crash_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/postgrestest"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// ending is the way in which a transaction that adds messages ends.
type ending string

const (
	committed ending = "commit"
	rollback  ending = "rollback"
	killed    ending = "killed inside"     // it is not committed
	racing    ending = "killed committing" // it may or may not be committed
)

// order is one transaction of a program: it inserts an order into its own table, and adds 1 to 3 messages about it.
type order struct {
	id       int
	ending   ending
	messages []outbox.Message
	before   bool          // the messages are added before the order is inserted
	after    time.Duration // from the beginning of the commit to the kill
}

// orders returns the same number of orders with each ending, in random order. Half of the killed transactions are killed while they commit. The
// same seed gives the same orders in every process.
func orders(seed uint64, each int) []order {
	dice := rand.New(rand.NewPCG(seed, 2))
	var list []order
	for i := range each {
		kill := killed
		if i%2 == 1 {
			kill = racing
		}
		list = append(list, order{ending: committed}, order{ending: rollback}, order{ending: kill})
	}
	dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for i := range list {
		list[i].id = i
		list[i].messages = newMessages(fmt.Sprintf("order-%d-", i), 0, 1+dice.IntN(3))
		list[i].before = dice.IntN(2) == 0
		list[i].after = time.Duration(dice.Int64N(int64(300 * time.Microsecond)))
	}
	return list
}

// addMessages is the main function of the process: it executes the transactions from r.From on, and prints the id of each one that has ended. It
// kills itself if the order says so.
func (r role) addMessages(ctx context.Context, s *store) error {
	for _, o := range orders(r.Seed, r.Endings)[r.From:] {
		if err := o.carryOut(ctx, s); err != nil {
			return fmt.Errorf("order %d: %w", o.id, err)
		}
		fmt.Println(o.id)
	}
	return nil
}

func (o order) carryOut(ctx context.Context, s *store) error {
	tx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	note := func() error { return tx.exec(fmt.Sprintf("insert into orders (id) values (%d)", o.id)) }
	add := func() error { return tx.add(o.messages) }
	if o.before {
		err = errors.Join(add(), note())
	} else {
		err = errors.Join(note(), add())
	}
	if err != nil {
		return err
	}
	kill := func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) } // does not return
	switch o.ending {
	case committed:
		return tx.commit()
	case rollback:
		return tx.rollback()
	case killed:
		kill()
	case racing:
		time.AfterFunc(o.after, kill)
		err = tx.commit()
	}
	if err != nil {
		return err
	}
	select {}
}

// Messages are in the outbox if and only if the transaction that added them was committed: after commits, after rollbacks, and after the program
// was killed inside its transaction or while it committed. Invariant 1.
func TestEndings(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { endings(t, sqliteAddress(t)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		postgres := postgrestest.Start(t)
		t.Run("pgx", func(t *testing.T) { endings(t, postgres.Database(t)) })
		t.Run("database/sql", func(t *testing.T) { endings(t, kindPostgresSQL+postgres.Database(t)) })
	})
}

func endings(t *testing.T, address string) {
	_, seed := newDice(t)
	s := openMigrated(t, address)
	if err := s.exec(t.Context(), "create table orders (id integer primary key)"); err != nil {
		t.Fatal(err)
	}
	all := orders(seed, *endingsFlag)
	told := map[int]bool{} // the orders that the process printed
	for from := 0; from < len(all); {
		p := startProcess(t, 0, role{Database: address, Seed: seed, Endings: *endingsFlag, From: from})
		lines := bufio.NewScanner(p.stdout)
		last := from - 1
		for lines.Scan() {
			if _, err := fmt.Sscan(lines.Text(), &last); err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			told[last] = true
		}
		<-p.ended
		from = last + 1
		if from == len(all) {
			break
		}
		status, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
		if e := all[from].ending; status.Signal() != syscall.SIGKILL || e != killed && e != racing {
			t.Fatalf("at order %d (%s): %v: %s", from, e, p.cmd.ProcessState, p.stderr)
		}
		from++
	}
	// In PostgreSQL, the session of a killed program continues until the server notices.
	if !strings.HasPrefix(address, kindSQLite) {
		await(t, time.Minute, "the end of all sessions", func(ctx context.Context) (bool, error) {
			n, err := s.count(ctx, "select count(*) from pg_stat_activity where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()")
			return n == 0, err
		})
	}
	there := map[string]bool{}
	for _, r := range s.records(t) {
		there[r.Key] = true
		if r.State != outbox.Waiting || r.Message == nil || r.Message.Text != r.Key {
			t.Errorf("%s: %+v", r.Key, r)
		}
	}
	counts, lateCommits := map[ending]int{}, 0
	for _, o := range all {
		counts[o.ending]++
		n, err := s.count(t.Context(), fmt.Sprintf("select count(*) from orders where id = %d", o.id))
		if err != nil {
			t.Fatal(err)
		}
		noted := n == 1
		switch {
		case o.ending == committed && (!noted || !told[o.id]), (o.ending == rollback || o.ending == killed) && noted:
			t.Errorf("order %d: %s, and it is noted: %v", o.id, o.ending, noted)
		case o.ending == racing && noted:
			lateCommits++
		}
		for _, m := range o.messages {
			if there[m.Key] != noted {
				t.Errorf("order %d: %s, noted %v, message %s there: %v", o.id, o.ending, noted, m.Key, there[m.Key])
			}
			delete(there, m.Key)
		}
	}
	if len(there) > 0 {
		t.Errorf("messages of nobody: %v", there)
	}
	jobs, err := s.count(t.Context(), "select count(*) from river_job")
	if records := len(s.records(t)); err != nil || jobs != int64(records) {
		t.Errorf("%d jobs and %d records, %v", jobs, records, err)
	}
	t.Logf("transactions: %v; of those killed while they committed, %d were committed", counts, lateCommits)
}
