package main

import (
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestMeOfSubscriptions(t *testing.T) {
	t.Parallel()
	for subscription, want := range map[string][]string{
		"null":                 {"subscription  none\n"},
		"[]":                   {"subscription  none\n"},
		`"trial"`:              {"subscription  trial\n"},
		`{"status": "active"}`: {"subscription  active\n"},
		`{"status": null, "plan": {"name": "Pro", "price": 1000000}, "limits": [{"name": "daily", "value": 50}, {"name": "monthly", "value": null}]}`: {
			"subscription  -\n", "  limits      name daily, value 50; name monthly, value -\n", "  plan        name Pro, price 1000000\n",
		},
	} {
		env := answering(t, map[string]string{"/me": `{"user": [], "api_key": null, "organization": {"id": "1", "name": "Acme", "status": "trialing"}, "subscription": ` + subscription + `}`})
		command(t, env, "me").want(t, exitOK, append([]string{"user          -\n", "organization  Acme, trialing\n"}, want...)...)
	}
}

func TestMe(t *testing.T) {
	t.Parallel()
	env := envOf(tgotest.New(t))
	command(t, env, "me").want(t, exitOK, "organization", "Fake organization", "key", "all scopes", "scopes", "*")
	command(t, env, "me", "--json").want(t, exitOK, `"api_key":{`, `"scopes":["*"]`)
}
