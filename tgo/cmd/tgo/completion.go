package main

import (
	"cmp"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"github.com/tgo-business/tgo-go/tgo"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"bash, zsh, fish or powershell."`
}

// Help is shown by tgo completion --help.
func (completionCommand) Help() string {
	return `Add the line of your shell to its start-up file:

  bash        source <(tgo completion bash)
  zsh         source <(tgo completion zsh)
  fish        tgo completion fish | source
  PowerShell  tgo completion powershell | Out-String | Invoke-Expression

It completes commands, flags, the values of flags that have a fixed set of them, scopes, the names of your profiles, and files where
one is expected.`
}

// fileNames stands for the names of files. Each shell completes these itself, with its own quoting and its own handling
// of ~.
const fileNames = ":files"

// The scripts call tgo complete with the word so far and the words before it, and get the candidates for its place. The
// word is passed in a flag, since Windows PowerShell drops empty arguments.
var completionScripts = map[string]string{
	"bash": `_tgo() {
  local found
  COMPREPLY=()
  while IFS= read -r found; do
    if [[ $found == ` + fileNames + ` ]]; then
      compopt -o default 2>/dev/null
    else
      COMPREPLY+=("$(printf %q "$found")")
    fi
  done < <(tgo complete --last="${COMP_WORDS[COMP_CWORD]}" -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
}
complete -F _tgo tgo
type compopt >/dev/null 2>&1 || complete -o default -F _tgo tgo # bash 3 offers files wherever there is nothing else
`,
	"zsh": `(( $+functions[compdef] )) || { autoload -Uz compinit; compinit }
_tgo() {
  local -a found
  found=("${(@f)$(tgo complete --last="${(Q)PREFIX}" -- "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
  if [[ "$found" == ` + fileNames + ` ]]; then
    compset -P '--*='
    _files
  elif [[ -n "$found" ]]; then
    compadd -a found
  fi
}
compdef _tgo tgo
`,
	"fish": `function __tgo
  set -l last (commandline -ct)
  tgo complete --last="$last" -- (commandline -opc)[2..-1] 2>/dev/null
end
complete -c tgo -f -a '(__tgo | string match -v ` + fileNames + `)'
complete -c tgo -n '__tgo | string match -q ` + fileNames + `' -F
`,
	"powershell": `Register-ArgumentCompleter -Native -CommandName tgo -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object {
    if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
  })
  $found = @(tgo complete "--last=$wordToComplete" -- $words 2>$null)
  if ($found -contains '` + fileNames + `') { return } # PowerShell completes files where there is nothing else
  if ($found.Count -eq 0) { return '' }
  $found | ForEach-Object {
    $text = if ($_ -match '[^\w.=/-]') { "'" + ($_ -replace "'", "''") + "'" } else { $_ }
    [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
  }
}
`,
}

// Run writes the script of a shell.
func (c *completionCommand) Run(s streams) error {
	_, err := io.WriteString(s.out, completionScripts[c.Shell])
	return err
}

// completeCommand is called by the scripts.
type completeCommand struct {
	Last  string   `help:"The word to complete, as typed so far."`
	Words []string `arg:"" optional:"" help:"The words before it."`
}

// Run writes the candidates for the last word, one to a line.
func (c *completeCommand) Run(k *kong.Kong, s streams) error {
	found := candidates(k.Model.Node, s, c.Words, c.Last)
	if len(found) == 0 {
		return nil
	}
	_, err := io.WriteString(s.out, strings.Join(found, "\n")+"\n")
	return err
}

// candidates walks the grammar along the words, and returns the candidates for the last one. Files are offered only
// where there is nothing else.
func candidates(node *kong.Node, s streams, words []string, last string) []string {
	if last == "=" { // bash splits words at =, and completes what follows
		words, last = append(slices.Clone(words), "="), ""
	}
	given := map[string]string{} // the values of flags
	var flag *kong.Flag          // wants its value
	arguments := 0
	for _, word := range words {
		name, value, withValue := strings.Cut(word, "=")
		switch f := findFlag(node, name); {
		case flag != nil && word == "=":
		case flag != nil:
			given[flag.Name] = word
			flag = nil
		case f != nil && withValue:
			given[f.Name] = value
		case f != nil && !f.IsBool():
			flag = f
		case strings.HasPrefix(word, "-") && word != "-":
		default:
			i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == word })
			if i >= 0 && arguments == 0 {
				if node.Children[i].Name != "help" { // help is followed by another command
					node = node.Children[i]
				}
			} else {
				arguments++
			}
		}
	}
	var found []string
	before := "" // the part of the word before the value
	name, _, withValue := strings.Cut(last, "=")
	switch f := findFlag(node, name); {
	case flag != nil:
		found = values(s, flag.Value, given)
	case f != nil && withValue: // other shells than bash keep --flag=value as one word
		before = name + "="
		found = values(s, f.Value, given)
	case strings.HasPrefix(last, "-"):
		flags := flagsOf(node)
		if node.Parent == nil {
			flags = append(flags, connectionFlags(node)...)
		}
		for _, flag := range flags {
			if !flag.Hidden {
				found = append(found, "--"+flag.Name)
			}
		}
	default:
		for _, child := range node.Children {
			if !child.Hidden {
				found = append(found, child.Name)
			}
		}
		if positional := positionalOf(node); len(positional) > 0 {
			if p := positional[min(arguments, len(positional)-1)]; arguments < len(positional) || p.IsCumulative() {
				found = append(found, values(s, p, given)...)
			}
		}
	}
	files := slices.Contains(found, fileNames)
	found = slices.DeleteFunc(found, func(s string) bool { return s == fileNames || !strings.HasPrefix(before+s, last) })
	if len(found) == 0 && files {
		return []string{fileNames}
	}
	for i := range found {
		found[i] = before + found[i]
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// allScopes are the scopes of the contract.
var allScopes = []string{
	string(tgo.ScopeMessagesSend), string(tgo.ScopeMessagesRead), string(tgo.ScopeContactsLookup), string(tgo.ScopeUsageRead),
	string(tgo.ScopeAll),
}

// values returns the possible values of a flag or argument, if they are known without asking the server.
func values(s streams, v *kong.Value, given map[string]string) []string {
	switch {
	case v.Enum != "":
		return slices.DeleteFunc(strings.Split(v.Enum, ","), func(s string) bool { return s == "" })
	case v.Target.Type() == reflect.TypeFor[[]tgo.Scope]():
		return slices.Clone(allScopes)
	case v.Name == "profile":
		return profileNames(s, given["config"])
	case strings.EqualFold(cmp.Or(v.Tag.PlaceHolder, v.Name), "file"), v.Name == "phone-or-file":
		return []string{fileNames}
	}
	return nil
}

// profileNames returns the names of the profiles in the configuration file; none if it cannot be read.
func profileNames(s streams, config string) []string {
	if rest, ok := strings.CutPrefix(config, "~/"); ok { // no shell has expanded it yet
		config = filepath.Join(s.getenv("HOME"), rest)
	}
	b, err := os.ReadFile(cmp.Or(config, s.getenv("TGO_CONFIG"), defaultConfig(s.getenv)))
	var f struct{ Profiles map[string]any }
	if err != nil || yaml.Unmarshal(b, &f) != nil {
		return nil
	}
	return slices.Collect(maps.Keys(f.Profiles))
}

// flagsOf returns the flags of a command, including those of its default command.
func flagsOf(node *kong.Node) []*kong.Flag {
	var flags []*kong.Flag
	if node.DefaultCmd != nil {
		flags = append(flags, node.DefaultCmd.Flags...)
	}
	for n := node; n != nil; n = n.Parent {
		flags = append(flags, n.Flags...)
	}
	return flags
}

// connectionFlags returns the connection flags, which most commands have. They may also stand before the command.
func connectionFlags(node *kong.Node) []*kong.Flag {
	var flags []*kong.Flag
	for _, flag := range node.Flags {
		if flag.Group != nil && flag.Group.Key == "Connection" {
			flags = append(flags, flag)
		}
	}
	for _, child := range node.Children {
		flags = append(flags, connectionFlags(child)...)
	}
	return flags
}

func positionalOf(node *kong.Node) []*kong.Positional {
	if node.DefaultCmd != nil {
		return node.DefaultCmd.Positional
	}
	return node.Positional
}

// findFlag returns the flag that a word names; nil if there is none. A flag may stand before its command.
func findFlag(node *kong.Node, word string) *kong.Flag {
	for _, flag := range flagsOf(node) {
		if word == "--"+flag.Name || (flag.Short != 0 && word == "-"+string(flag.Short)) {
			return flag
		}
	}
	_, flag := anyFlag(node, word)
	return flag
}
