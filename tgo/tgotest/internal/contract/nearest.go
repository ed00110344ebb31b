package contract

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/internal/distance"
)

// MaxEcho is how many bytes of a text of a request a response or the log repeats.
const MaxEcho = 100

// Echo is a text of a request as a response or the log repeats it: its first 100 bytes.
func Echo(text string) string {
	if len(text) <= MaxEcho {
		return text
	}
	return strings.ToValidUTF8(text[:MaxEcho], "") + "..."
}

// SaysNoPath says that the contract has no such path, and which one may have been meant. methods are those of its paths.
func SaysNoPath(method, escapedPath string, methods map[string][]string) string {
	text := "The API has no path " + Echo(escapedPath) + "."
	if clean := path.Clean(escapedPath); clean != escapedPath && clean != strings.TrimSuffix(escapedPath, "/") {
		text = strings.TrimSuffix(text, ".") + ": an empty part, . or .. is in it."
	}
	meant := nearest(escapedPath, methods)
	switch {
	case meant == "" && !strings.HasPrefix(escapedPath+"/", BasePath+"/"):
		return text + " Its paths begin with " + BasePath + "."
	case meant == "":
		return text + " Below " + BasePath + " it has " + strings.Join(slices.Sorted(maps.Keys(methods)), ", ") + "."
	}
	with := methods[meant]
	if slices.Contains(with, method) {
		with = []string{method}
	}
	return text + " Did you mean " + strings.Join(with, " or ") + " " + BasePath + meant + "?"
}

// nearest is the path that is most like the one of a request, whatever base the request put before it; empty if none is
// like it.
func nearest(escapedPath string, methods map[string][]string) string {
	given := strings.Split(strings.Trim(path.Clean("/"+strings.ToLower(escapedPath)), "/"), "/")
	for len(given) > 0 && (given[0] == "api" || strings.HasPrefix(given[0], "v") && strings.Trim(given[0], "v0123456789.") == "") {
		given = given[1:]
	}
	if path := strings.Join(given, "/"); path == "" || len(path) > MaxEcho {
		return ""
	}
	best, least := "", 0
	for candidate := range methods {
		// The value of a parameter is like anything, and does not count.
		var askedParts, knownParts []string
		parts := strings.Split(strings.Trim(candidate, "/"), "/")
		for _, part := range parts {
			if !strings.HasPrefix(part, "{") {
				knownParts = append(knownParts, part)
			}
		}
		for i, part := range given {
			if len(given) != len(parts) || !strings.HasPrefix(parts[i], "{") {
				askedParts = append(askedParts, part)
			}
		}
		asked, known := strings.Join(askedParts, "/"), strings.Join(knownParts, "/")
		d := distance.Between(asked, known)
		if d*2 > max(len(asked), len(known)) && !strings.HasPrefix(asked, known+"/") {
			continue
		}
		if best == "" || d < least || d == least && candidate < best {
			best, least = candidate, d
		}
	}
	return best
}
