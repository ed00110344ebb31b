package contract

import (
	"testing"
)

func TestCurlShowsTheRequestAndNoKey(t *testing.T) {
	t.Parallel()
	got := Post("", "/messages?a=b", JSONType, []byte("{\"it's\":\"\xff\n\"}")).Curl("http://127.0.0.1:1/api/v1")
	const want = `curl -X POST 'http://127.0.0.1:1/api/v1/messages?a=b' -H 'X-Api-Key: ***' -H 'Accept: application/json' -H 'Content-Type: application/json' --data-binary $'{"it\'s":"\xff\x0a"}'`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
