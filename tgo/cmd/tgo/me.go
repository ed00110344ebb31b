package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
)

type meCommand struct{ connection }

// Help is shown by tgo me --help.
func (meCommand) Help() string { return "Example:\n\n  tgo me\n\n" + exitCodes }

// Run shows the account and the API key.
func (c *meCommand) Run(ctx context.Context, s streams) error {
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	me, err := client.Me(ctx)
	if err != nil {
		return reading(err)
	}
	if c.JSON {
		return writeJSON(s.out, me)
	}
	table := newTable(s.out)
	row := func(name, value string) { fmt.Fprintf(table, "%s\t%s\n", name, printable(cmp.Or(value, "-"))) }
	row("user", me.User.Name)
	organization := me.Organization.Name
	if me.Organization.Status != "" {
		organization += ", " + me.Organization.Status
	}
	row("organization", organization)
	status, rest := subscriptionOf(me)
	row("subscription", status)
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		row("  "+name, words(rest[name]))
	}
	if k := me.APIKey; k != nil {
		row("key", fmt.Sprintf("%s (%s..., id %d), %s", k.Name, k.Prefix, k.ID, k.Status))
		row("scopes", strings.Join(k.Scopes, ", "))
		row("expires", localTime(k.ExpiresAt))
	}
	return table.Flush()
}

// subscriptionOf returns the status of a subscription and its other fields, which are not documented.
func subscriptionOf(me tgo.Me) (status string, rest map[string]json.RawMessage) {
	if words(me.Subscription) == "-" {
		return "none", nil
	}
	if json.Unmarshal(me.Subscription, &rest) != nil {
		return words(me.Subscription), nil
	}
	status = words(rest["status"])
	delete(rest, "status")
	return status, rest
}

// words converts JSON to text: the elements of lists and objects one after another, and "-" for nothing.
func words(raw json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // keeps numbers as they are
	var v any
	if d.Decode(&v) != nil {
		return "-"
	}
	return inWords(v)
}

func inWords(v any) string {
	var parts []string
	separator := ", "
	switch v := v.(type) {
	case nil:
	case []any:
		separator = "; "
		for _, element := range v {
			parts = append(parts, inWords(element))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+" "+inWords(v[name]))
		}
	default:
		parts = append(parts, fmt.Sprint(v))
	}
	if text := strings.Join(parts, separator); text != "" {
		return text
	}
	return "-"
}
