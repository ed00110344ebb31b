package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/tgo-business/tgo-go/tgo/internal/distance"
)

// helpCommand and versionCommand exist for the help and for completion. arranged turns them into flags.
type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command, such as send text."`
}

type versionCommand struct{}

// arranged rewrites a command line for kong: it moves flags that stand before the command behind it, and turns the
// commands help and version into flags.
func arranged(root *kong.Node, args []string) []string {
	var before []string
	rest := args
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' && rest[0] != "--" {
		name, _, withValue := strings.Cut(rest[0], "=")
		_, flag := anyFlag(root, name)
		if flag == nil || flag.Group == nil && flag.Name != "json" {
			return args // kong reports the error, or shows the help or the version
		}
		n := 1
		if !flag.IsBool() && !withValue {
			n = min(2, len(rest))
		}
		before, rest = append(before, rest[:n]...), rest[n:]
	}
	if len(rest) == 0 {
		return args
	}
	switch rest[0] {
	case "help":
		return append(slices.DeleteFunc(slices.Clone(rest[1:]), func(s string) bool { return strings.HasPrefix(s, "-") }), "--help")
	case "version":
		if len(rest) == 1 {
			return []string{"--version"}
		}
	}
	words := 0
	for node := root; words < len(rest); words++ {
		i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == rest[words] })
		if i < 0 {
			break
		}
		node = node.Children[i]
	}
	return slices.Concat(rest[:words], before, rest[words:])
}

// anyFlag returns the flag that a word names, and the first command that has it.
func anyFlag(node *kong.Node, word string) (*kong.Node, *kong.Flag) {
	for _, f := range node.Flags {
		if word == "--"+f.Name {
			return node, f
		}
	}
	for _, child := range node.Children {
		if owner, f := anyFlag(child, word); f != nil {
			return owner, f
		}
	}
	return nil, nil
}

// checkUTF8 rejects arguments that are not UTF-8, which kong would silently change.
func checkUTF8(args []string) error {
	for i, arg := range args {
		if !utf8.ValidString(arg) {
			return fmt.Errorf("argument %d, %q, is not UTF-8 text", i+1, arg)
		}
	}
	return nil
}

// wantsJSON reports whether there is a --json among arguments that could not be parsed.
func wantsJSON(args []string) bool {
	for _, arg := range args {
		switch arg {
		case "--":
			return false
		case "--json", "--json=true":
			return true
		}
	}
	return false
}

var (
	unknownFlag     = regexp.MustCompile(`^unknown flag (--?[^\s,=]+)`)
	keyFlag         = regexp.MustCompile(`(?i)^--?(api[-_]?key|key|token|x-api-key)$`)
	unexpectedWord  = regexp.MustCompile(`^unexpected argument (\S+)$`)
	notANumber      = regexp.MustCompile(`expected a valid \d+ bit u?int but got (".*")`)
	noSuchInputFile = regexp.MustCompile(`: stat (.*): no such file or directory$`)
)

const howToGiveAKey = "there is no flag for the key, since others on this machine can see the arguments of a process: " +
	"put it into TGO_API_KEY, or into a file that only you can read and name that by --key-file, or run tgo config set; " +
	"--key-file - reads it from stdin. Revoke a key that was an argument, as the history of your shell has it too"

// parseError turns an error of kong into one for the person who typed the command.
func parseError(root *kong.Node, args []string, err error) error {
	text := err.Error()
	if found := unknownFlag.FindStringSubmatch(text); found != nil {
		flag := found[1]
		switch owner, known := anyFlag(root, flag); {
		case keyFlag.MatchString(flag):
			text = "unknown flag " + flag + ": " + howToGiveAKey
		case known != nil && strings.HasPrefix(args[0], "-"):
			text = flag + " must stand after the command"
		case known != nil:
			text = "unknown flag " + flag + " (it belongs to " + owner.FullPath() + ")"
		case !strings.Contains(text, "did you mean"):
			if near := nearFlag(root, flag); near != "" {
				text += `, did you mean "` + near + `"?`
			}
		}
	}
	if word := strayOfSend(root, args); word != "" && unexpectedWord.MatchString(text) {
		return suggestion(root, word)
	}
	text = notANumber.ReplaceAllString(text, "must be a number, not $1")
	text = noSuchInputFile.ReplaceAllString(text, ": there is no file $1")
	return usageError(withoutPassword(maskedText(text)))
}

// nearFlag returns the flag of any command that is most similar to a word; empty if none is.
func nearFlag(root *kong.Node, word string) string {
	best, least := "", 3
	var look func(*kong.Node)
	look = func(n *kong.Node) {
		for _, f := range n.Flags {
			if d := distance.Between(word, "--"+f.Name); !f.Hidden && d < least {
				best, least = "--"+f.Name, d
			}
		}
		for _, child := range n.Children {
			look(child)
		}
	}
	look(root)
	return best
}

// strayOfSend returns the word after send if it is similar to a command of send and names no file. Otherwise it returns
// an empty text.
func strayOfSend(root *kong.Node, args []string) string {
	if len(args) < 2 || args[0] != "send" || strings.HasPrefix(args[1], "-") {
		return ""
	}
	_, err := os.Stat(args[1]) //nolint:gosec // looking for the file that the user names is the purpose
	if !errors.Is(err, os.ErrNotExist) || nearKind(root, args[1]) == "" {
		return ""
	}
	return args[1]
}

// nearKind returns the command of send that is similar to a word; empty if the word is a command itself or similar to
// none.
func nearKind(root *kong.Node, word string) string {
	best, least := "", 3
	for _, n := range root.Children {
		if n.Name != "send" {
			continue
		}
		for _, kind := range n.Children {
			if d := distance.Between(word, kind.Name); d < least {
				best, least = kind.Name, d
			}
		}
	}
	if least == 0 {
		return ""
	}
	return best
}

func suggestion(root *kong.Node, word string) error {
	return usageError("there is no command send " + printable(word) + " and no list of this name, did you mean \"send " + nearKind(root, word) + "\"?")
}
