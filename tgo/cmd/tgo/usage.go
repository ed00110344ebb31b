package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/tgo-business/tgo-go/gen"
)

type usageCommand struct{ connection }

// Help is shown by tgo usage --help.
func (usageCommand) Help() string {
	return "Example:\n\n  tgo usage\n\nThe API does not document what is counted. --json writes the whole response as received.\n\n" + exitCodes
}

// Run shows the usage.
func (c *usageCommand) Run(ctx context.Context, s streams) error {
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	usage, err := client.Usage(ctx)
	if err != nil {
		return reading(err)
	}
	empty := usage.Senders != nil && len(usage.Senders) == 0
	known := slices.ContainsFunc(usage.Senders, func(n gen.SenderNumberUsage) bool { return n != gen.SenderNumberUsage{} })
	if c.JSON || !known && !empty {
		return writeJSON(s.out, usage.Raw)
	}
	table := newTable(s.out)
	fmt.Fprintln(table, "ID\tPHONE\tSENT")
	for _, n := range usage.Senders {
		fmt.Fprintf(table, "%d\t%s\t%d\n", n.SenderNumberID, printable(n.SenderPhone), n.MessagesSent)
	}
	return table.Flush()
}
