package web

import (
	"encoding/json"
	"slices"
	"strings"

	openapi "github.com/tgo-business/tgo-go"
)

// localContract is the contract with this fake for its only server: what is generated from it must send nothing elsewhere. It has as
// many lines as the contract, so the line numbers stay the same.
func localContract(server string) []byte {
	lines := strings.Split(string(openapi.Document), "\n")
	fake := []string{"  - url: " + server, "    description: " + fakeServer}
	for i := slices.Index(lines, "servers:") + 1; strings.HasPrefix(lines[i], " "); i++ {
		lines[i] = ""
		if len(fake) > 0 {
			lines[i], fake = fake[0], fake[1:]
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

const fakeServer = "This fake."

// localEdition is the same of an edition in JSON.
func localEdition(text []byte, server string) []byte {
	before, rest, _ := strings.Cut(string(text), "\n  \"servers\": [")
	_, after, _ := strings.Cut(rest, "\n  ],")
	servers, _ := json.MarshalIndent([]map[string]string{{"url": server, "description": fakeServer}}, "  ", "  ") // strings
	return []byte(before + "\n  \"servers\": " + string(servers) + "," + after)
}
