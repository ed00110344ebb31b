package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Each state of the vendor has its advice, and an unknown one is shown.
func TestSendersOfAllWords(t *testing.T) {
	t.Parallel()
	var numbers, want []string
	for i, c := range [][3]string{
		{"active", "active", "yes"}, {"removed", "active", "it was removed"}, {"suspended", "active", "ask the vendor"}, {"asleep", "active", `"asleep"`},
		{"active", "pending_verification", "one-time code"}, {"active", "rejected", "verification was rejected"}, {"active", "verified", `"verified"`},
	} {
		numbers = append(numbers, fmt.Sprintf(`{"id": "%d", "phone": "+20100000000%d", "status": "%s", "verification_status": "%s"}`, i+1, i, c[0], c[1]))
		want = append(want, c[2])
	}
	env := answering(t, map[string]string{
		"/sender-numbers": `{"data": [` + strings.Join(numbers, ",") + `]}`,
		"/me":             `{"organization": {"id": 1, "name": "Acme"}, "api_key": {"name": "x"}, "subscription": null}`,
	})
	command(t, env, "senders").want(t, exitOK, want...)
	command(t, env, "doctor").want(t, exitOK, "ok   scopes         the server does not say which scopes", "ok   sender 1", "note sender 2", "-> it was removed", "note sender 7", `"verified"`)
}

func TestRegisterASender(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	command(t, env, "senders", "register", "+20 100 118 7190", "--display-name", "Shop").
		want(t, exitOK, "+201001187190 is registered as sender number 2, pending_verification: its owner has received a one-time code")
	r := command(t, env, "senders", "register", "+201001187191", "--json").want(t, exitOK)
	if n := decode[map[string]any](t, r.out); n["id"] != 3.0 || n["ready"] != false || n["phone"] != "+201001187191" {
		t.Errorf("%v", n)
	}
	command(t, env, "senders").want(t, exitOK, "2 ", "+201001187190", "Shop", "no")
	command(t, env, "senders", "list").want(t, exitOK, "2 ", "+201001187190")
	command(t, env, "senders", "--json").want(t, exitOK, `"phone":"+201001187190"`)
	command(t, env, "senders", "register", "010").want(t, exitValidation, "country code")
	reader := fake.NewKey(tgo.ScopeMessagesRead)
	command(t, with(env, "TGO_API_KEY", reader.Reveal()), "senders", "register", "+201001187192").want(t, exitRejected, "messages.send")
	if _, err := fake.Inject(tgotest.Fault{Operation: "registerSenderNumber", Kind: tgotest.FaultCut, Stored: true}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "senders", "register", "+201001187193").want(t, exitUnknown, "may have been registered anyway: check with tgo senders")
}

func TestSenders(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{
			{Phone: "+201001187188", DisplayName: "Acme"},
			{ID: 13, Phone: "+201001187189", VerificationStatus: "pending_account_verification"},
			{ID: 14, Phone: "+201001187190", Status: "suspended"},
		}
	})
	env := envOf(fake)
	command(t, env, "senders").want(t, exitOK, "1 ", "+201001187188", "Acme", "yes", "13", "no", "not verified; its owner must", "14", "no", "not active; it is suspended: ask the vendor why")
	r := command(t, env, "senders", "--json").want(t, exitOK)
	list := decode[[]map[string]any](t, r.out)
	if len(list) != 3 || list[0]["ready"] != true || list[1]["ready"] != false || list[1]["what_to_do"] == "" || list[2]["phone"] != "+201001187190" {
		t.Errorf("%v", list)
	}
}
