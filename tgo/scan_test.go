package tgo

import (
	"regexp"
	"strings"
	"testing"
)

// The expressions that scan.go does without.
var (
	anyKey       = regexp.MustCompile(`tgo_[A-Za-z0-9_|.~+/=\\-]{12,}`)
	anyPhone     = regexp.MustCompile(`(\+|%2B|%2b)[0-9]{7,15}`)
	titleElement = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	notText      = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)>|<[^>]*>`)
	databaseForm = regexp.MustCompile(`("(?:sent_at|phone_verified_at|expires_at|last_used_at)"\s*:\s*"\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)"`)
)

// scanned are texts that each of the functions has something to do with, or nearly.
var scanned = []string{
	"", "nothing of it", "tgo_", "tgo_short", "tgo_elevenchars", "tgo_twelve_chars", "tgo_EXAMPLEONLYEXAMPLEONLYONLY and more",
	"tgo_tgo_tgo_tgo_", "atgo_abc|def.~+/=\\-xyz\"tgo_secondOfTheKeys tgo_no", "tgo_abc tgo_EXAMPLEONLYEXAMPLEONLY",
	"+201001187188", "?phone=%2B201001187188&x=%2b2010000", "+123456", "+1234567", "++12345678901234567890+", "%2", "%2B", "+", "a+20100118718 8",
	"<title>It\n works</title>", "<TITLE lang=en>a</Title><title>b</title>", "<title", "<title>never ends", "<titles>x</title>", "</title><title>y</title>",
	"<p>a</p>b<script>if (a < b) {}</script>c<STYLE>x</style>d", "<scripts>x</scripts>", "<script>open", "<style>a</script>b</style>c", "a < b", "<", "<>", "<script",
	"<script/>x</style", "<style></STYLE><b", "<script>", "<<script>>a</script>",
	`{"sent_at":"2025-01-10 08:00:00"}`, `{"sent_at" : "2025-01-10T08:00:00.123", "expires_at":"2025-01-10 08:00:00","x":1}`,
	`{"sent_at":"2025-01-10 08:00:00Z"}`, `{"sent_at":"2025-01-10 08:00:00."}`, `{"other":"2025-01-10 08:00:00"}`, `{"sent_at":"2025-01-10 08:00:0"}`,
	`"content":"\"sent_at\":\"2025-01-10 08:00:00\""`, `"sent_at":"2025-01-10 08:00:00`, `"sent_at""sent_at":` + "\n\t" + `"2025-01-10 08:00:00.5"`, `"last_used_at":"2025-01-10_08:00:00"`,
	`"phone_verified_at":"2025-01-10 08:00:00""last_used_at":"2025-01-10 08:00:00"`,
}

func checkScan(t *testing.T, s string) {
	t.Helper()
	if strings.ContainsRune(s, 'ſ') { // an old form of s, which is no letter of HTML's
		return
	}
	title := ""
	if m := titleElement.FindStringSubmatch(s); m != nil {
		title = m[1]
	}
	for _, c := range []struct{ what, got, want string }{
		{"maskAnyKey", maskAnyKey(s), anyKey.ReplaceAllString(s, maskedKey)},
		{"maskPhones", maskPhones(s), anyPhone.ReplaceAllString(s, "+***")},
		{"titleOf", titleOf(s), title},
		{"withoutTags", withoutTags(s), notText.ReplaceAllString(s, " ")},
		{"mendTimes", string(mendTimes([]byte(s))), databaseForm.ReplaceAllString(s, `${1}T${2}Z"`)},
	} {
		if c.got != c.want {
			t.Errorf("%s(%q)\n got %q\nwant %q", c.what, s, c.got, c.want)
		}
	}
}

// The hand-written functions do what the expressions do.
func TestScan(t *testing.T) {
	for _, s := range scanned {
		for _, other := range scanned {
			checkScan(t, s+other)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range scanned {
		f.Add(s)
	}
	f.Fuzz(checkScan)
}
