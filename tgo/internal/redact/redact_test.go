package redact

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "tgo_" + "s3cret|Key.Of~The-Tests/+="

func TestText(t *testing.T) {
	for _, c := range []struct{ key, text, want string }{
		{testKey, "", ""},
		{testKey, "nothing of it", "nothing of it"},
		{testKey, "a" + testKey + "z", "atgo_****z"},
		{testKey, testKey + testKey, "tgo_****tgo_****"},
		{testKey, testKey + " and " + testKey, "tgo_**** and tgo_****"},
		{testKey, url.QueryEscape(testKey), "tgo_****"},
		{testKey, fmt.Sprintf("%q", testKey), `"tgo_****"`},
		{"key_a/b/c<d>", `key_a\/b\u002fc\u003Cd\u003e`, "tgo_****"},
		{"key_a/b/c<d>", `"key_a\\/b\\u002fc\\u003Cd\\u003e"`, `"tgo_****"`}, // JSON in JSON, or in %q
		{"tgo_a/b/c<d>", `tgo_a%2fb%2Fc%3cd%3E`, "tgo_****"},
		{"tgo_a/b/c<d>", `&#116;&#x67;&#X6F;&lowbar;a&#x02f;b&sol;c&lt;d&gt;.`, "tgo_****."},
		{"tgo_a/b/c<d>", `&#0116&#x067o_a&#X2F;b/c&LTd&gt`, "tgo_****"}, // without semicolons where HTML needs none
		{"tgo_a/b/c<d>", `t\u0067%6f&#95;a/b\/c&lt;d\u003e`, "tgo_****"},
		{`live&"'\$^key`, `live&amp;&quot;&apos;&bsol;&dollar;&Hat;key`, "tgo_****"},
		{`live&"'\$^key`, `live&amp&#34;&#39;&#92;$^key`, "tgo_****"},
		{`live&"'\$^key`, `live\u0026\"'\\$^key`, "tgo_****"},
		{`live&"'\$^key`, `live%26%22%27%5C%24%5ekey`, "tgo_****"},
		{`live%41live%41`, `live%41live%2541`, "tgo_****"},
		{"tgo_a/b/c<d>", "TGO_A/B/C<D>", "TGO_A/B/C<D>"}, // keys are case-sensitive
		{"tgo_abcdefgh", "tgo_abcdXefgh tgo_abcdefg!", "tgo_abcdXefgh tgo_abcdefg!"},

		// The text ends within the key.
		{testKey, "bad key " + testKey[:8], "bad key tgo_****"},
		{testKey, "bad key " + testKey[:7], "bad key " + testKey[:7]},
		{testKey, "bad key " + testKey[:8] + ".", "bad key " + testKey[:8] + "."},
		{testKey, testKey[:8] + " is the beginning", testKey[:8] + " is the beginning"},
		{testKey, `tgo_s3cr\u0065\u007`, "tgo_****"},
		{testKey, `tgo_s3cr\`, "tgo_****"},
		{testKey, `"tgo_s3cr\\u`, `"tgo_****`},
		{testKey, `tgo_s3cret%7`, "tgo_****"},
		{testKey, `tgo_s3cret%`, "tgo_****"},
		{testKey, `tgo_s3cret&verb`, "tgo_****"},
		{testKey, `tgo&#95;s3cret&#x007`, "tgo_****"},
		{testKey, `tgo_s3&#x`, `tgo_s3&#x`},
		{testKey, `100 %`, `100 %`},

		// Other keys.
		{testKey, "tgo_twelve_chars", "tgo_****"},
		{testKey, "tgo_elevenchars", "tgo_elevenchars"},
		{testKey, `is tgo_abc|def.~+/=\-xyz"`, `is tgo_****"`},
		{testKey, `tgo_ tgo_EXAMPLEONLYEXAMPLE tgo_no`, `tgo_ tgo_**** tgo_no`},
		{testKey, `tgo_EXAMPLEONLYt\u0067o` + testKey[3:], `tgo_********`},
		{testKey, `"{\"k\":\"tgo_EXAMPLEONLYEXAMPLE\"}"`, `"{\"k\":\"tgo_****\"}"`}, // the quote stays escaped
		{"", "tgo_EXAMPLEONLYEXAMPLE, live_EXAMPLEONLY", "tgo_****, live_EXAMPLEONLY"},
	} {
		if got := New(c.key).Text(c.text); got != c.want {
			t.Errorf("Text(%q) with key %q\n got %q\nwant %q", c.text, c.key, got, c.want)
		}
	}
	if got := (Masker{}).Text("tgo_EXAMPLEONLYEXAMPLE"); got != Mask {
		t.Errorf("the zero Masker makes %q", got)
	}
}

// A key of any length is masked up to its end.
func TestLongKey(t *testing.T) {
	key := strings.Repeat("live_0123456789/", 4<<10)
	for _, form := range []string{key, strings.ReplaceAll(key, "/", `\/`), url.QueryEscape(key), key[:len(key)/2]} {
		if got := New(key).Text("key: " + form); got != "key: tgo_****" {
			t.Errorf("%.100q...", got)
		}
	}
}

func TestPhones(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"to +201001187188.":                  "to +***.",
		"?phone=%2B201001187188&x=%2b201001": "?phone=+***&x=%2b201001",
		"%2b2010011 %2B2010011":              "+*** +***",
		"+123456 +1234567":                   "+123456 +***",
		"++12345678901234567890+":            "++***67890+",
		"+20 100 118 7188, 201001187188":     "+20 100 118 7188, 201001187188",
	} {
		if got := Phones(text); got != want {
			t.Errorf("Phones(%q)\n got %q\nwant %q", text, got, want)
		}
	}
}

type codeError struct{ text string }

func (e *codeError) Error() string { return e.text }

func TestError(t *testing.T) {
	m := New(testKey)
	plain := errors.New("connection refused")
	if got := m.Error(plain); got != plain { //nolint:errorlint // it must be the same error
		t.Errorf("an error without a secret became %v", got)
	}
	cause := &codeError{"cannot send " + testKey}
	inner := &url.Error{Op: "Get", URL: "https://x.test/contacts?phone=%2B201010000000&sender=%2B201001187188", Err: cause}
	got := m.Error(fmt.Errorf("the proxy says: %w", inner))
	if want := `the proxy says: Get "https://x.test/contacts?phone=+***&sender=+***": cannot send tgo_****`; got.Error() != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	var urlError *url.Error
	if !errors.Is(got, cause) || !errors.As(got, &urlError) || urlError != inner {
		t.Error("the cause is lost")
	}
}

// A dump shows what reflection can see. Reflection sees no key: neither in a Masker, used or unused, nor in an error of one.
func TestNothingToDump(t *testing.T) {
	m := New(testKey)
	err := m.Error(errors.New("cannot send " + testKey))
	for _, v := range []any{New(testKey), m, reflect.ValueOf(err).Elem().Interface()} {
		for i := range reflect.TypeOf(v).NumField() {
			field := reflect.ValueOf(v).Field(i)
			if kind := field.Kind(); kind != reflect.Func && (kind != reflect.String || strings.Contains(field.String(), "s3cret")) {
				t.Errorf("%T has a %v", v, kind)
			}
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "s3cret") || strings.Contains(text, fmt.Sprintf("%x", "s3cret")) {
				t.Errorf("%s of %T shows the key: %s", verb, v, text)
			}
		}
	}
}

// A program whose calls all succeed compiles no expression.
func TestNewIsCheap(t *testing.T) {
	if n := testing.AllocsPerRun(10, func() { New(testKey) }); n > 20 { // compiling takes more than a thousand
		t.Errorf("New allocates %v times", n)
	}
}
