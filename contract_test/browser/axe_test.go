package browser_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// violation is a rule of axe that the page breaks.
type violation struct {
	ID     string `json:"id"`
	Help   string `json:"help"`
	Impact string `json:"impact"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (v violation) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&s, "\n  %s\n    %s", n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n    "))
	}
	return s.String()
}

// axe judges what the page shows now by all rules that axe has on by default, and the size of what can be clicked on. It is evaluated in
// the page by the browser's debugger, which the page's policy does not stop.
func (b *tab) axe(t *testing.T) []violation {
	t.Helper()
	source, err := os.ReadFile(installed(t, "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	if !evaluate[bool](t, b, `"axe" in window`) {
		evaluate[bool](t, b, string(source)+"; true")
	}
	// Colours that are on their way would be judged as they are at that moment.
	return evaluate[[]violation](t, b, `(async () => {
		await Promise.all(document.getAnimations().filter((a) => a.effect.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {})));
		const found = await axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}});
		if (found.passes.length === 0) throw new Error("axe has judged nothing");
		return found.violations;
	})()`)
}
