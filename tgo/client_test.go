package tgo_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

func TestNewTellsEverythingAtOnce(t *testing.T) {
	_, err := tgo.New("https://acme.tgo-eg.com", tgo.Key{}, tgo.WithTimeout(-1), tgo.WithHTTPClient(nil), tgo.WithUserAgent("a\nb"),
		tgo.WithRetryLimits(0, 0), tgo.WithReadRetries(99), tgo.WithWriteRetries(tgo.OnBadGateway), tgo.WithLimiter(nil), tgo.WithLogger(nil),
		tgo.WithBaseURL("ftp://x"))
	_, tenantErr := tgo.New("https://acme.tgo-eg.com", tgo.Key{})
	if tenantErr == nil || !strings.Contains(tenantErr.Error(), "tenant") || !strings.Contains(tenantErr.Error(), "key") {
		t.Errorf("%v", tenantErr)
	}
	var inputError *tgo.InputError
	if !errors.As(err, &inputError) {
		t.Fatal(err)
	}
	var named []string
	for _, f := range inputError.Fields {
		named = append(named, f.Field)
		if f.Rule == "" || !strings.Contains(err.Error(), f.Rule) {
			t.Errorf("the error does not have the rule of %s", f.Field)
		}
	}
	want := "key WithTimeout WithHTTPClient WithUserAgent WithRetryLimits WithReadRetries WithWriteRetries WithLimiter WithLogger base URL"
	if got := strings.Join(named, " "); got != want {
		t.Errorf("named %s\nwant  %s", got, want)
	}
}
