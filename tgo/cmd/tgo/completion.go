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

var completionScripts = map[string]string{
	"bash": `_tgo() {
  local IFS=$'\n'
  COMPREPLY=($(tgo complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [ "${#COMPREPLY[@]}" -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _tgo tgo
`,
	"zsh": `_tgo() {
  local -a candidates
  candidates=("${(@f)$(tgo complete -- "${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
  if [[ -n "${candidates[1]}" ]]; then compadd -a candidates; else _files; fi
}
compdef _tgo tgo
`,
	"fish": `complete -c tgo -a '(tgo complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
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
	var wantsValue *kong.Flag
	for _, word := range before {
		switch flag := findFlag(node, word); {
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
	switch {
	case wantsValue != nil:
		if wantsValue.Enum != "" {
			found = strings.Split(wantsValue.Enum, ",")
		}
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
