package main

import "context"

type csvCommand struct{ connection }

func (c *csvCommand) Run(ctx context.Context, s streams) error { return nil }
