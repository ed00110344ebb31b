package contract_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
)

// checks has a check for each assumption of the contract, by its name in x-assumed: what does an exchange say about it?
// assumption_checks_examples_test.go shows what each one holds for and what refutes it.
var checks = map[string]func(exchange) verdict{
	"log-pages": func(x exchange) verdict {
		if !x.Succeeded("listMessages") {
			return notSeen
		}
		return holds(len(at(x.JSON(), "links", "next")) == 1 && len(at(x.JSON(), "meta", "last_page")) == 1 && len(at(x.JSON(), "meta", "total")) == 1)
	},
	"log-links": func(x exchange) verdict {
		if !x.Succeeded("listMessages") {
			return notSeen
		}
		links := at(x.JSON(), "links")
		return holds(len(links) == 1 && has(links, "first", "last", "prev", "next"))
	},
	"log-meta": func(x exchange) verdict {
		if !x.Succeeded("listMessages") {
			return notSeen
		}
		meta := at(x.JSON(), "meta")
		return holds(len(meta) == 1 && has(meta, "current_page", "last_page", "per_page", "total"))
	},
	"log-page-refused": refusedInput("listMessages", func(f map[string]string) bool {
		page, given := f["page"]
		n, err := strconv.Atoi(page)
		return given && (err != nil || n < 1)
	}),
	"log-data": func(x exchange) verdict {
		if !x.Succeeded("listMessages") {
			return notSeen
		}
		return listed(x.JSON())
	},
	"log-newest-first": func(x exchange) verdict {
		var times []time.Time
		for _, v := range at(logEntries(x), "sent_at") {
			text, _ := v.(string)
			if t, layout := suite.TimeOf(text); layout != "" {
				times = append(times, t)
			}
		}
		newestFirst := slices.IsSortedFunc(times, func(a, b time.Time) int { return b.Compare(a) })
		if len(times) < 2 || (newestFirst && times[0].Equal(times[len(times)-1])) {
			return notSeen
		}
		return holds(newestFirst)
	},
	"log-nulls": func(x exchange) verdict {
		if !slices.Contains(append(at(logEntries(x), "sent_at"), at(logEntries(x), "content")...), nil) {
			return notSeen // an entry that has both does not show whether others may lack one
		}
		return held
	},
	"message-status": func(x exchange) verdict {
		if !x.Succeeded("listMessages") && !x.Succeeded("sendMessage") {
			return notSeen
		}
		values := at(x.JSON(), "data", "status")
		return present(values, among(values, "sent"))
	},
	"lookup-needs-sender": refusedInput("lookupContact", func(f map[string]string) bool {
		return f["phone"] != "" && f["sender_phone"] == "" && f["sender_number_id"] == ""
	}),
	"lookup-one-sender": refusedInput("lookupContact", func(f map[string]string) bool {
		return f["phone"] != "" && f["sender_phone"] != "" && f["sender_number_id"] != ""
	}),
	"unknown-phone-200": func(x exchange) verdict {
		switch {
		case x.Succeeded("lookupContact") && slices.Contains(at(x.JSON(), "exists"), any(false)):
			return holds(x.Status == http.StatusOK)
		case x.Operation == "lookupContact" && x.Status == http.StatusNotFound && !slices.Contains(at(x.JSON(), "message"), any(textUnknownTenant)):
			return refuted
		}
		return notSeen
	},
	"phone-seven-digits": refusedInput("sendMessage", func(f map[string]string) bool { return shortPhone.MatchString(f["to_phone"]) }),
	"text-required": refusedInput("sendMessage", func(f map[string]string) bool {
		content, given := f["content"]
		return f["type"] == "text" && (!given || content == "<nil>")
	}),
	// A request that is refused for another field does not show it.
	"null-is-absent": func(x exchange) verdict {
		fields, _ := contract.DecodeJSON(x.RequestBody).(map[string]any)
		refused := at(x.JSON(), "errors")
		for _, name := range []string{"sender_phone", "sender_number_id", "display_name", "scopes", "expires_in_days"} {
			value, given := fields[name]
			switch {
			case !given || value != nil:
			case x.Status/100 == 2:
				return held
			case x.Status == http.StatusUnprocessableEntity && len(refused) == 1 && has(refused, name):
				return refuted
			}
		}
		return notSeen
	},
	"text-not-blank": refusedInput("sendMessage", func(f map[string]string) bool {
		content, given := f["content"]
		return f["type"] == "text" && given && blank(content)
	}),
	"key-scopes-once": refusedInput("createApiKey", func(f map[string]string) bool {
		list, given := f["scopes"]
		scopes := strings.Fields(strings.Trim(list, "[]"))
		n := len(scopes)
		slices.Sort(scopes)
		return given && (n == 0 || len(slices.Compact(scopes)) < n)
	}),
	"key-name-not-blank": refusedInput("createApiKey", func(f map[string]string) bool {
		name, given := f["name"]
		return given && blank(name)
	}),
	"reason-codes": func(x exchange) verdict {
		if !x.Succeeded("lookupContact") {
			return notSeen
		}
		values := slices.DeleteFunc(at(x.JSON(), "reason_code"), func(v any) bool { return v == "ok" })
		return present(values, among(values, "not_found", "unreachable", "unverified"))
	},
	"usage-entries": func(x exchange) verdict {
		if !x.Succeeded("getUsage") {
			return notSeen
		}
		return listed(x.JSON())
	},
	"usage-fields": func(x exchange) verdict {
		object, _ := x.JSON().(map[string]any)
		list, _ := object["data"].([]any)
		if !x.Succeeded("getUsage") {
			return notSeen
		}
		return present(list, has(list, "sender_number_id", "sender_phone", "messages_sent"))
	},
	"me-key-fields": func(x exchange) verdict {
		return present(keyOfMe(x), has(keyOfMe(x), "id", "name", "prefix", "scopes"))
	},
	"user-fields": func(x exchange) verdict {
		users := append(at(x.JSON(), "data", "user"), at(x.JSON(), "user")...)
		if !x.Succeeded("getMe") {
			return notSeen
		}
		return present(users, has(users, "id", "name"))
	},
	"subscription-active": func(x exchange) verdict {
		if !x.Succeeded("getSubscription") {
			return notSeen
		}
		values := append(at(x.JSON(), "data", "status"), at(x.JSON(), "status")...)
		values = slices.DeleteFunc(values, func(v any) bool { return v == nil }) // an organization may have no subscription
		return present(values, among(values, "active"))
	},
	"sender-refused-422": func(x exchange) verdict {
		if x.Operation != "sendMessage" {
			return notSeen
		}
		values := at(x.JSON(), "message")
		if len(values) != 1 || !among(values, textSenderInactive, textSenderInactiveLater, textSenderUnverified, textSenderUnverifiedLater) {
			return notSeen
		}
		return holds(x.Status == http.StatusUnprocessableEntity)
	},
	"rate-limit": func(x exchange) verdict {
		if x.Status != http.StatusTooManyRequests {
			return notSeen
		}
		return holds(x.Header.Get("Retry-After") != "")
	},
	"server-error": func(x exchange) verdict {
		if x.Status/100 != 5 {
			return notSeen
		}
		html := strings.HasPrefix(x.Header.Get("Content-Type"), "text/html")
		return holds(html || len(at(x.JSON(), "message")) == 1)
	},
}

// historyChecks has the checks of assumptions that a single exchange does not show. They see all exchanges in their order.
var historyChecks = map[string]func([]exchange) map[int]verdict{
	// A page says that it is the one that was asked for, or at least does not have the entries of the first one.
	"log-page-parameter": func(all []exchange) map[int]verdict {
		first, found := []any(nil), map[int]verdict{}
		for i, x := range all {
			ids := at(logEntries(x), "id")
			if page, _ := strconv.Atoi(x.Query.Get("page")); page < 2 {
				if len(ids) > 0 {
					first = ids
				}
			} else if is := append(at(x.JSON(), "meta", "current_page"), at(x.JSON(), "current_page")...); x.Succeeded("listMessages") && len(is) > 0 {
				found[i] = holds(slices.Contains(is, any(json.Number(strconv.Itoa(page)))))
			} else if len(ids) > 0 && slices.Equal(ids, first) {
				found[i] = refuted
			}
		}
		return found
	},
	// A key that was revoked here no longer exists.
	"unknown-key-404": func(all []exchange) map[int]verdict {
		gone, found := map[string]bool{}, map[int]verdict{}
		for i, x := range all {
			if x.Operation != "revokeApiKey" {
				continue
			}
			if gone[x.Target] {
				found[i] = holds(x.Status == http.StatusNotFound)
			}
			gone[x.Target] = gone[x.Target] || x.Status/100 == 2
		}
		return found
	},
	// After a send the log has an entry with its id, and not the same message under another id.
	"log-id": func(all []exchange) map[int]verdict {
		found := map[int]verdict{}
		var pending []map[string]any // the receipts since the first page of the log was read
		var before []any             // the ids on that page
		for i, x := range all {
			for _, v := range at(x.JSON(), "data") {
				if sent, ok := v.(map[string]any); ok && x.Succeeded("sendMessage") && before != nil {
					pending = append(pending, sent)
				}
			}
			if page := x.Query.Get("page"); !x.Succeeded("listMessages") || (page != "" && page != "1") {
				continue
			}
			ids := at(logEntries(x), "id")
			for _, sent := range pending {
				if slices.Contains(ids, sent["id"]) {
					found[i] = held
					continue
				}
				for _, v := range logEntries(x) {
					entry, _ := v.(map[string]any)
					same := func(name string) bool { return entry[name] == sent[name] }
					if !slices.Contains(before, entry["id"]) && same("message_type") && same("sender_number_id") && same("content") {
						found[i] = refuted
					}
				}
			}
			pending, before = nil, append([]any{}, ids...)
		}
		return found
	},
}

// assumptionReport checks all assumptions against all exchanges.
func assumptionReport(all []exchange) map[string]suite.Finding {
	return suite.CheckAssumptions(all, checks, historyChecks)
}

// has reports whether every object in a list of values has all these names.
func has(values []any, names ...string) bool {
	for _, v := range values {
		object, _ := v.(map[string]any)
		for _, name := range names {
			if _, ok := object[name]; !ok {
				return false
			}
		}
	}
	return true
}

// among reports whether all values are in the list.
func among(values []any, words ...any) bool {
	return !slices.ContainsFunc(values, func(v any) bool { return !slices.Contains(words, v) })
}

// refusedInput returns a check that an input is refused. applies reports whether a request has that input, and is valid
// otherwise.
func refusedInput(op string, applies func(fields map[string]string) bool) func(exchange) verdict {
	return func(x exchange) verdict {
		if x.Operation != op || (x.Status != http.StatusUnprocessableEntity && x.Status/100 != 2) || !applies(x.RequestFields()) {
			return notSeen
		}
		return holds(x.Status == http.StatusUnprocessableEntity)
	}
}

var shortPhone = regexp.MustCompile(`^\+[1-9][0-9]{0,5}$`)

// present returns whether a condition holds, or notSeen if there are no values.
func present(values []any, condition bool) verdict {
	if len(values) == 0 {
		return notSeen
	}
	return holds(condition)
}

// keyOfMe returns the key in a response of /me, with or without an envelope. There may be none.
func keyOfMe(x exchange) []any {
	if !x.Succeeded("getMe") {
		return nil
	}
	keys := append(at(x.JSON(), "data", "api_key"), at(x.JSON(), "api_key")...)
	return slices.DeleteFunc(keys, func(v any) bool { return v == nil })
}

// logEntries returns the entries in a response with a page of the log, which may be a bare list or have them in data.
func logEntries(x exchange) []any {
	if !x.Succeeded("listMessages") {
		return nil
	}
	list, bare := x.JSON().([]any)
	if !bare {
		list = at(x.JSON(), "data")
	}
	return list
}

// listed returns whether data is a list.
func listed(v any) verdict {
	object, _ := v.(map[string]any)
	_, list := object["data"].([]any)
	return holds(list)
}

// blank reports whether a text is only white space.
func blank(s string) bool { return strings.TrimSpace(s) == "" }
