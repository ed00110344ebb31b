package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Each phone of a list is looked up. A cell without a phone gets a result, too.
func TestLookupList(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	fake.SetContact("+201000000002", tgotest.ContactUnreachable)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "phone;name\n01000000001;a\n01000000002;b\nabc;c\n")
	args := []string{"lookup", "--csv", file, "--to", "Phone", "--country", "EG", "--rate", "1000"}
	command(t, envOf(fake), args...).want(t, exitNo, "3 rows: 1 can receive, 1 cannot, 1 without a phone that can be read (the report says why)\n", "Report: "+file+".lookup.report.csv")
	report, err := os.ReadFile(file + ".lookup.report.csv")
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, string(report), "phone,name,tgo_can_receive,tgo_reason\n01000000001,a,yes,\n01000000002,b,no,unreachable\nabc,c,no,", "letters")
	r := command(t, envOf(fake), append(args, "--exclude", "3-4", "--json", "--rate", "1e12")...).want(t, exitOK)
	if v := decode[rowVerdict](t, r.out); !v.CanReceive || v.Row != 2 || v.Phone != "+201000000001" {
		t.Errorf("%+v", v)
	}
	command(t, envOf(fake), "lookup").want(t, exitUsage, "give either a phone or a list")
	command(t, envOf(fake), append(args, "+201000000001")...).want(t, exitUsage, "give either a phone or a list")
	command(t, envOf(fake), append(args, "--report", file)...).want(t, exitUsage, "is the list itself")
}

// The list can be the argument, as with tgo send.
func TestLookupListAsArgument(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	dir := t.TempDir()
	const content = "phone\n+201000000001\n"
	list, plain := writeFile(t, filepath.Join(dir, "r.csv"), content), writeFile(t, filepath.Join(dir, "customers"), content)
	for _, file := range []string{list, plain} {
		command(t, envOf(fake), "lookup", file, "--to", "phone").want(t, exitOK, "1 row: 1 can receive, 0 cannot\n", "Report: "+file+".lookup.report.csv")
	}
	command(t, envOf(fake), "lookup", filepath.Join(dir, "none.xlsx")).want(t, exitUsage, "none.xlsx: no such file")
	command(t, envOf(fake), "lookup", list, "--csv", list).want(t, exitUsage, "give either a phone or a list")
	command(t, envOf(fake), "lookup", "01000000001").want(t, exitValidation, "country code")
}

// --exclude rejects rows that the list does not have, before any lookup.
func TestLookupListExcludesRowsOfTheList(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "to\n+201000000001\n+201000000002\n")
	command(t, envOf(fake), "lookup", file, "--exclude", "3-40").want(t, exitUsage, "--exclude 3-40: the list has no such row; its rows are 2 to 3")
	if _, err := os.Stat(file + ".lookup.report.csv"); err == nil {
		t.Error("it wrote a report")
	}
	command(t, envOf(fake), "lookup", file, "--exclude", "3").want(t, exitOK, "1 row: 1 can receive")
}
