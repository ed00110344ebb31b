// Command tgo is the TGO Business API on the command line: it sends messages and reads what was sent, and it is a fake
// server to develop against.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/tgo-business/tgo-go/tgo"
)

type cli struct {
	Send       sendCommand       `cmd:"" help:"Send a message, or one to each row of a list."`
	Outbox     outboxCommand     `cmd:"" help:"Keep messages in a database, and send them from there."`
	Lookup     lookupCommand     `cmd:"" help:"Ask whether a phone can receive messages."`
	Log        logCommand        `cmd:"" help:"Show the messages that were sent."`
	Usage      usageCommand      `cmd:"" help:"Show how much each sender number has sent."`
	Senders    sendersCommand    `cmd:"" help:"List the sender numbers, and register others."`
	Keys       keysCommand       `cmd:"" help:"Create and revoke API keys."`
	Me         meCommand         `cmd:"" help:"Show the account and the API key."`
	Doctor     doctorCommand     `cmd:"" help:"Check domain, key, scopes, senders and clock, and say what to fix."`
	Fake       fakeCommand       `cmd:"" help:"Run a fake TGO server that checks every request against the contract."`
	Demo       demoCommand       `cmd:"" help:"Send each type of message to a fake server and show what happens."`
	API        apiCommand        `cmd:"" name:"api" help:"Make a raw request, and show the response as received."`
	Config     configCommand     `cmd:"" help:"Write and show the profiles of the configuration file."`
	HelpOf     helpCommand       `cmd:"" name:"help" help:"Show the help of a command."`
	VersionOf  versionCommand    `cmd:"" name:"version" help:"Show the version."`
	Completion completionCommand `cmd:"" help:"Write a completion script for your shell."`
	Complete   completeCommand   `cmd:"" hidden:""`
	Version    kong.VersionFlag  `help:"Show the version."`
}

// streams are the input and output of a command, and its environment.
type streams struct {
	in       io.Reader // may be nil
	out, err io.Writer
	getenv   func(string) string
	terminal bool       // err is a terminal
	width    func() int // columns of that terminal; may be nil
	bar      io.Writer  // err without the filter that run puts in front of it
	// interactive is set if there is a person to ask, who sees err and types into in.
	interactive bool
	// secret reads a line from the terminal without showing it. It is set if interactive is.
	secret func(context.Context) (string, error)
	// again is called after the first signal. It returns a channel that the second one closes instead of ending the program.
	again func() <-chan struct{}
}

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, func() { // a second signal ends the program at once
		time.Sleep(oneSignal)
		stop()
	})
	again := func() <-chan struct{} { return secondSignal(signals) }
	code := run(ctx, os.Args[1:], streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv,
		terminal: isTerminal(os.Stderr), width: func() int { return terminalWidth(os.Stderr) },
		interactive: isTerminal(os.Stdin) && isTerminal(os.Stderr), again: again,
		secret: func(ctx context.Context) (string, error) { return readSecret(ctx, os.Stdin) },
	})
	stop()
	os.Exit(code)
}

// run executes a command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	s.bar = s.err
	s.out, s.err = screen{s.out}, screen{s.err}
	if s.in != nil {
		s.in = &input{ctx, s.in}
	}
	exit := -1
	var grammar cli
	parser, err := kong.New(&grammar,
		kong.Name("tgo"),
		kong.Description("Messages through the TGO Business API."),
		kong.Vars{"version": "tgo " + tgo.Version, "variants": strings.Join(variantNames(), ",")},
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
	args = arranged(parser.Model.Node, args)
	var command *kong.Context
	if err = checkUTF8(args); err == nil {
		command, err = parser.Parse(args)
	}
	switch {
	case exit >= 0: // --help and --version are done
		return exit
	case err != nil:
		err = parseError(parser.Model.Node, args, err)
		if wantsJSON(args) {
			_ = writeJSON(s.err, failureOf(err)) // no one is left to report it to
		} else {
			fmt.Fprintf(s.err, "tgo: %v\nTry tgo --help.\n", err)
		}
		return exitUsage
	}
	if word := strayOfSend(parser.Model.Node, args); word != "" && grammar.Send.CSV.File == word {
		err = suggestion(parser.Model.Node, word)
	} else {
		err = command.Run(parser)
	}
	if err != nil && !errors.Is(err, errShown) {
		asked := func(f *kong.Flag) bool { return f.Name == "json" && command.FlagValue(f) == true }
		if slices.ContainsFunc(command.Flags(), asked) {
			_ = writeJSON(s.err, failureOf(err)) // no one is left to report it to
		} else {
			fmt.Fprintf(s.err, "tgo: %s\n", inWordsOf(err))
		}
	}
	return codeOf(err)
}
