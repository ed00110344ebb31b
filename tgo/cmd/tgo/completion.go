package main

import (
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is shown by tgo completion --help.
func (completionCommand) Help() string {
	return `Put the right one into your shell's start-up file:

  bash  source <(tgo completion bash)
  zsh   source <(tgo completion zsh)
  fish  tgo completion fish | source`
}

// Where tgo has no candidates, each shell completes files, in its own way of quoting and of ~.
var completionScripts = map[string]string{
	"bash": `_tgo() {
  local IFS=$'\n'
  COMPREPLY=($(tgo complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _tgo tgo
`,
	"zsh": `(( $+functions[compdef] )) || { autoload -Uz compinit; compinit }
_tgo() {
  local -a candidates
  candidates=("${(@f)$(tgo complete -- "${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
  if [[ -n "${candidates[1]}" ]]; then compadd -a candidates; else _files; fi
}
compdef _tgo tgo
`,
	"fish": `function __tgo
  set -l found (tgo complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
  if test -n "$found[1]"
    printf '%s\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c tgo -f -a '(__tgo)'
`,
}

// Run writes the script of a shell.
func (c *completionCommand) Run(s streams) error {
	_, err := io.WriteString(s.out, completionScripts[c.Shell])
	return err
}

// completeCommand is what the scripts call.
type completeCommand struct {
	Words []string `arg:"" optional:""`
}

// Run writes what may stand in the place of the last word.
func (c *completeCommand) Run(k *kong.Kong, s streams) error {
	_, err := io.WriteString(s.out, strings.Join(candidates(k.Model.Node, c.Words), "\n")+"\n")
	return err
}

// candidates walks the grammar along the words before the last one.
func candidates(node *kong.Node, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	before, last := words[:len(words)-1], words[len(words)-1]
	if last == "=" { // bash makes a word of it, and completes what follows
		before, last = words, ""
	}
	var wantsValue *kong.Flag
	for _, word := range before {
		switch flag := findFlag(node, word); {
		case word == "=" && wantsValue != nil:
		case wantsValue != nil:
			wantsValue = nil
		case flag != nil && !flag.IsBool() && !strings.Contains(word, "="):
			wantsValue = flag
		case strings.HasPrefix(word, "-"):
		default:
			for _, child := range node.Children {
				if child.Name == word {
					node = child
					break
				}
			}
		}
	}
	var found []string
	name, _, withValue := strings.Cut(last, "=")
	switch flag := findFlag(node, last); {
	case wantsValue != nil:
		found = values(wantsValue, "")
	case flag != nil && withValue: // a word by itself in the other shells
		found = values(flag, name+"=")
	case strings.HasPrefix(last, "-"):
		for n := node; n != nil; n = n.Parent {
			for _, flag := range n.Flags {
				if !flag.Hidden {
					found = append(found, "--"+flag.Name)
				}
			}
		}
	default:
		for _, child := range node.Children {
			if !child.Hidden {
				found = append(found, child.Name)
			}
		}
		for _, argument := range node.Positional {
			if argument.Enum != "" {
				found = append(found, strings.Split(argument.Enum, ",")...)
			}
		}
	}
	found = slices.DeleteFunc(found, func(s string) bool { return !strings.HasPrefix(s, last) })
	slices.Sort(found)
	return slices.Compact(found)
}

// values are what a flag takes, where that is known.
func values(flag *kong.Flag, before string) []string {
	if flag.Enum == "" {
		return nil
	}
	found := strings.Split(flag.Enum, ",")
	for i := range found {
		found[i] = before + found[i]
	}
	return found
}

func findFlag(node *kong.Node, word string) *kong.Flag {
	name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
	if !strings.HasPrefix(word, "-") || name == "" {
		return nil
	}
	for n := node; n != nil; n = n.Parent {
		for _, flag := range n.Flags {
			if flag.Name == name || (len(name) == 1 && flag.Short == rune(name[0])) {
				return flag
			}
		}
	}
	return nil
}
