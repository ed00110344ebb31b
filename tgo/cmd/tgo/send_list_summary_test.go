package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// --json writes each change of a row.
func TestSendListEvents(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactUnreachable)
	r := sendCSV(t, fake, file, "--text", hello, "--json").want(t, exitRejected)
	last := map[int32]rowEvent{}
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	for _, line := range lines[:len(lines)-1] {
		e := decode[rowEvent](t, line)
		last[e.Row] = e
	}
	if last[2].State != "sent" || last[2].MessageID == 0 || last[3].State != "rejected" || last[3].Reason == "" || last[4].State != "sent" {
		t.Errorf("%+v", last)
	}
	if end := decode[endEvent](t, lines[len(lines)-1]); end.Event != "end" || end.Sent != 2 || end.Rejected != 1 || end.ExitCode != exitRejected {
		t.Errorf("%+v", end)
	}
}

// The status of a campaign shows the rows that must be corrected, with the reason, and the outcome of the others.
func TestSendListStatusShowsRowsToCorrect(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, string(content)+"0100,Person 3,1003\n"+rowPhone(0)+",Person 4,1004\n"+rowPhone(5)+",,1005\n"+rowPhone(6)+",Person 6,1006\n")
	args := []string{"--text", hello, "--status"}
	sendCSV(t, fake, file, args...).want(t, exitValidation, "7 rows: 3 sent (3 before, 0 now), 0 rejected, 0 unknown, 4 not sent\n",
		"To correct, before anything more can be sent:\n", `  row 5: "0100": `, "  row 6: the phone is in row 2 already", "  row 7: there is nothing in the column name",
		"To send to the others without these: --exclude 5-7\n", "Campaign: recipients, queue ")
	events := map[int]map[string]any{}
	lines := strings.Split(strings.TrimSpace(sendCSV(t, fake, file, append(args, "--json")...).want(t, exitValidation).out), "\n")
	for _, line := range lines[:len(lines)-1] {
		e := decode[map[string]any](t, line)
		events[int(e["row"].(float64))] = e
	}
	if e := events[5]; len(events) != 7 || e["state"] != "not sent" || !strings.Contains(fmt.Sprint(e["reason"]), "0100") || events[2]["state"] != "sent" ||
		events[8]["state"] != "not sent" || events[8]["reason"] != nil {
		t.Errorf("%v", events)
	}
	if end := decode[map[string]any](t, lines[len(lines)-1]); end["to_correct"] != 3.0 || end["not_sent"] != 4.0 || end["exit_code"] != float64(exitValidation) {
		t.Errorf("%v", end)
	}
	// To send, they must be corrected, or left out.
	sendCSV(t, fake, file, "--text", hello).want(t, exitValidation, "nothing was sent; 3 of its rows must be corrected")
	sendCSV(t, fake, file, "--text", hello, "--exclude", "5-7").want(t, exitOK, "4 sent (3 before, 1 now)")
	wantMessages(t, fake, 4)
}
