package docs_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestAction checks .github/actions/contract, which actionlint does not check: the page uses inputs that it has, each script
// is valid and takes its inputs from the environment, and inputs that do not fit together are reported.
func TestAction(t *testing.T) {
	t.Parallel()
	var action struct {
		Inputs map[string]struct{ Description string }
		Runs   struct {
			Steps []struct {
				Name, Uses, Shell, Run string
				Env                    map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(readFile(t, ".github/actions/contract/action.yaml")), &action); err != nil {
		t.Fatal(err)
	}

	used := 0
	blocks, _ := read(t, "contract_test/README.md")
	for _, b := range blocks {
		if b.language != "yaml" || !strings.Contains(b.text, "/.github/actions/contract@") {
			continue
		}
		var job struct {
			Steps []struct{ With map[string]string }
		}
		if err := yaml.Unmarshal([]byte(b.text), &job); err != nil {
			t.Fatal(err)
		}
		for name := range job.Steps[0].With {
			used++
			if action.Inputs[name].Description == "" {
				t.Errorf("the page uses the input %s, which the action does not have", name)
			}
		}
	}
	if used != 2 {
		t.Errorf("the page uses %d inputs of the action, want 2", used)
	}

	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is missing")
	}
	pinned := regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40}$`)
	read := ""
	scripts := 0
	for _, step := range action.Runs.Steps {
		if step.Uses != "" {
			if !pinned.MatchString(step.Uses) {
				t.Errorf("%s is not pinned by a commit", step.Uses)
			}
			continue
		}
		scripts++
		if step.Shell != "bash" || strings.Contains(step.Run, "${{") {
			t.Errorf("the step %q needs shell: bash, and no expression in its script: an input could be code there", step.Name)
		}
		if out, err := exec.CommandContext(t.Context(), bash, "-n", "-c", step.Run).CombinedOutput(); err != nil {
			t.Errorf("the step %q is not a valid script: %s", step.Name, out)
		}
		for _, expression := range step.Env {
			read += expression
		}
	}
	if scripts != 4 {
		t.Errorf("the action has %d scripts, want 4", scripts)
	}
	for _, name := range []string{"base-url", "key"} {
		if !strings.Contains(read, "inputs."+name+" ") {
			t.Errorf("no step reads the input %s", name)
		}
	}

	check := action.Runs.Steps[0]
	for _, test := range []struct {
		baseURL, key, want string
	}{
		{"", "", ""},
		{"https://acme.example/api/v1", "tgo_key", ""},
		{"https://acme.example/api/v1", "", "::error title=key is missing::"},
		{"", "tgo_key", "::error title=base-url is missing::"},
	} {
		cmd := exec.CommandContext(t.Context(), bash, "-euo", "pipefail", "-c", check.Run)
		cmd.Env = append(os.Environ(), "BASE_URL="+test.baseURL, "KEY="+test.key)
		out, err := cmd.Output() // not stderr: there bash complains of a missing locale
		if (err != nil) != (test.want != "") || !strings.HasPrefix(string(out), test.want) || test.want == "" && len(out) > 0 {
			t.Errorf("base-url %q and key %q: %v, %s; want %q", test.baseURL, test.key, err, out, test.want)
		}
		if strings.Contains(string(out), "tgo_key") {
			t.Errorf("base-url %q: the message has the key", test.baseURL)
		}
	}
}
