package contract_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// fakeAnswers returns responses of fakes that have all fields that the fake can send.
func fakeAnswers(t *testing.T) []suite.RecordedAnswer {
	t.Helper()
	all := exerciseAssumptions(t)
	all = append(all, exerciseAssumptions(t, func(c *tgotest.Config) {
		c.PageSize = 1
		c.Keys = []tgotest.Key{{Name: "expires", Scopes: fourScopes, ExpiresAt: time.Now().Add(time.Hour)}}
		for len(c.Keys) < 7 {
			c.Keys = append(c.Keys, tgotest.Key{})
		}
	})...)
	return suite.RecordingOf(all)
}

// TestRecordings validates the recordings in testdata/recordings, and compares their responses with those of the fake.
func TestRecordings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/recordings/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/recordings has no recordings: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			against, differs := suite.CheckRecording(t, suite.ReadRecording(t, name), fakeAnswers(t))
			for _, problem := range against {
				t.Errorf("it breaks the contract: %s", problem)
			}
			for _, d := range differs {
				t.Errorf("it differs from the fake: %s", d)
			}
		})
	}
}

// TestDriftIsFound changes a recording as a server may change, and expects that to be reported.
func TestDriftIsFound(t *testing.T) {
	t.Parallel()
	list := suite.ReadRecording(t, "testdata/recordings/fake.json")
	for name, c := range map[string]struct {
		operation, old, new string
		against, differs    string
	}{
		"a field goes":              {"lookupContact", `"exists":true,`, ``, "exists", "lookupContact 200.exists: missing"},
		"a field becomes another":   {"lookupContact", `"exists":true`, `"exists":"yes"`, "exists", "lookupContact 200.exists: text, and the fake has boolean"},
		"a field comes":             {"lookupContact", `{`, `{"blocked_until":"redacted",`, "", "lookupContact 200.blocked_until: text, and the fake has nothing there"},
		"an optional field goes":    {"getUsage", `"messages_sent"`, `"sent"`, "", "getUsage 200.data[].messages_sent: missing"},
		"an envelope comes":         {"lookupContact", `{"can`, `{"data":{},"can`, "", "lookupContact 200.data: object"},
		"a status is not declared":  {"getMe", ``, ``, "status is not supported", ""},
		"a time is no time":         {"sendMessage", `"2025-01-10T`, `"2025-01-10 `, "sent_at", ""},
		"nothing is any more there": {"listMessages", `"data"`, `"items"`, "data", "listMessages 200.data: missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed, done := slices.Clone(list), false
			for i := range changed {
				r := &changed[i]
				if r.Operation != c.operation || r.Status/100 != 2 {
					continue
				}
				var compact strings.Builder
				_ = json.NewEncoder(&compact).Encode(contract.DecodeJSON(r.Body))
				after := compact.String()
				if c.old == "" {
					r.Status = 218
				} else if after = strings.Replace(after, c.old, c.new, 1); after == compact.String() {
					continue
				}
				r.Body, done = json.RawMessage(after), true
			}
			if !done {
				t.Fatal("nothing was changed")
			}
			against, differs := suite.CheckRecording(t, changed, fakeAnswers(t))
			if (len(against) > 0) != (c.against != "") || !strings.Contains(strings.Join(against, "\n"), c.against) {
				t.Errorf("what breaks the contract is %q, want %q", against, c.against)
			}
			if !strings.Contains(strings.Join(differs, "\n"), c.differs) {
				t.Errorf("what differs from the fake is %q, want %q", differs, c.differs)
			}
		})
	}
}

// TestRecordingsHaveNoPersonalData records a run with personal data everywhere.
func TestRecordingsHaveNoPersonalData(t *testing.T) {
	t.Parallel()
	on := suite.FakeTarget(t, func(c *tgotest.Config) {
		c.SenderNumbers[0].DisplayName = "Acme Geheim"
		c.Keys[0].Name = "Mona's key"
	})
	suite.Run(t, on, contractCases())
	on.Do(t, post("", "/messages", jsonType, textOf(map[string]any{"to_phone": "+2010"})), on.Key.Reveal())
	file := filepath.Join(t.TempDir(), "recording.json")
	if err := suite.WriteRecording(file, on); err != nil {
		t.Fatal(err)
	}
	kept := string(readFile(t, file))
	for _, secret := range []string{
		on.Key.Reveal(), strings.TrimPrefix(on.Key.Reveal(), "tgo_")[:6], senderPhone[1:], recipient[1:], "1001187188", "Acme", "Mona", "message 1", testText,
		"127.0.0.1", "Fake user", time.Now().UTC().Format("2006-01-02"),
	} {
		if strings.Contains(kept, secret) {
			t.Errorf("the recording shows %q", secret)
		}
	}
	if list := suite.ReadRecording(t, file); len(list) < 60 {
		t.Errorf("only %d responses were kept", len(list))
	}
}
