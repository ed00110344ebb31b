package main

import "context"

type outboxMigrate struct{ outboxFlags }

// Help is shown by tgo outbox migrate --help.
func (outboxMigrate) Help() string {
	return `Example:

  tgo outbox migrate --database postgres://shop@db.example/shop

It can be run at any time and any number of times, also while workers are sending.

` + databaseHelp
}

// Run creates the tables.
func (c *outboxMigrate) Run(ctx context.Context, s streams) error {
	return c.call(ctx, s, func(b openBox) error {
		if err := b.Migrate(ctx); err != nil {
			return err
		}
		return c.say(s, map[string]any{"database": b.where, "migrated": true}, "%s is up to date", printable(b.where))
	})
}
