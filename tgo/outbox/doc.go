// Package outbox is a transactional outbox. A program adds a message in the same database transaction as the change that causes it.
// Workers, on one machine or on many, send what was committed, and a record has the state of each message. The package uses River
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
// The tests quote these numbers.
//
//  1. A message is in the outbox if and only if the transaction that added it was committed.
//  2. The beginning of an attempt is committed, by compare-and-set, before its first byte is sent. At most one attempt of a message is in
//     progress at any time. If an attempt began and did not end (a crash, a lost database, a machine that slept), nothing is sent again: the
//     message is unknown, and is set aside for a person to review.
//  3. A message is attempted again automatically only if it was not sent, or was refused for a reason that is not its own (too many
//     requests, or a refusal that pauses the queue). Everything else needs a person.
//  4. Every message ends as sent (with a receipt, unless a person decided that it was sent), rejected (with the reason), unknown or
//     cancelled, and its record outlives River's job.
//  5. Two messages with the same key are one message: the second Add returns the id of the first one.
//  6. Unless a person resolved it, the API accepted every message that is sent, and no message that is rejected, cancelled or waiting.
package outbox
