// Command tgo is the TGO Business API on the command line: a fake server to develop against, and a demonstration.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/tgo-business/tgo-go/tgo"
)

// Exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

type cli struct {
	Fake    fakeCommand      `cmd:"" help:"Run a fake TGO server that checks every request against the contract."`
	Demo    demoCommand      `cmd:"" help:"Send each type of message to a fake server and show what happens."`
	Version kong.VersionFlag `help:"Show the version."`
}

// streams is where a command reads its settings and writes.
type streams struct {
	out, err io.Writer
	getenv   func(string) string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr, getenv: os.Getenv})
	stop()
	os.Exit(code)
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	exit := -1
	parser, err := kong.New(&cli{},
		kong.Name("tgo"),
		kong.Description("Messages through the TGO Business API."),
		kong.Vars{"version": "tgo " + tgo.Version},
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) {
			if exit < 0 {
				exit = code
			}
		}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		panic(err) // the grammar above is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	switch {
	case exit >= 0: // --help and --version have done their work
		return exit
	case err != nil:
		fmt.Fprintf(s.err, "tgo: %v\nTry tgo --help.\n", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		if !errors.Is(err, errShown) {
			fmt.Fprintf(s.err, "tgo: %v\n", err)
		}
		return exitError
	}
	return exitOK
}

// errShown is an error whose text has been written already.
var errShown = errors.New("shown")
