// Package outbox makes messages durable. A program adds a message in the transaction that gives rise to it; workers, on one machine
// or on many, send what was committed, and a record tells what became of each message. It stands on River
// (https://riverqueue.com): a message is a River job of the kind [Kind], in SQLite or in PostgreSQL.
//
//	box, err := outbox.New(riverpgxv5.New(pool), outbox.Config{})
//	err = box.Migrate(ctx)
//	added, err := box.AddTx(ctx, tx, outbox.Message{From: "+201001187188", To: "+201010000000",
//		Text: "Your order 4821 has shipped", Key: "order-4821-shipped"})
//	err = box.Work(ctx, client, outbox.Workers{})
//
// # Invariants
//
// The tests carry these numbers.
//
//  1. A message is in the outbox if and only if the transaction that added it was committed.
//  2. That an attempt begins is committed, by compare-and-set, before its first byte leaves; at most one attempt of a message is ever
//     under way. Where an attempt began and did not end (a crash, a lost database, a machine that slept), nothing is sent again: the
//     message is unknown, and is set aside for a person.
//  3. Only a message that was not sent, or was refused for a reason that is not its own (too many requests, or a refusal that pauses
//     the queue), is attempted again without a person.
//  4. Every message ends as sent (with a receipt), rejected (with the reason), unknown or cancelled, and its record outlives River's job.
//  5. Two messages with one key are one message: the second Add returns the first one's id.
//  6. What the outbox calls sent was accepted by the API, and of what it calls rejected, cancelled or waiting nothing was accepted.
package outbox
