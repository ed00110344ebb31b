package tgotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/routers"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// Variant is a way in which the API may differ from what the contract assumes. With a variant, the fake behaves that way, even
// against the contract, which shows whether your code depends on an assumption.
type Variant string

// The variants, each by what it changes.
const (
	// VariantSuccess200 and VariantSuccess202 return 200 or 202 when something is created, instead of 201.
	VariantSuccess200 Variant = "success-200"
	VariantSuccess202 Variant = "success-202"
	// VariantPageBare puts what is in links and meta next to data, as Laravel's bare paginator does.
	VariantPageBare Variant = "page-bare"
	// VariantPageLinks has links and no count of pages, as Laravel's simple paginator does.
	VariantPageLinks Variant = "page-links"
	// VariantPageNone returns the whole log at once, in data and with nothing next to it.
	VariantPageNone Variant = "page-none"
	// VariantPageList returns the whole log at once, as a list without an envelope.
	VariantPageList Variant = "page-list"
	// VariantLenientPage returns the first page of the log if the query asks for a page that cannot exist, as Laravel does.
	VariantLenientPage Variant = "lenient-page"
	// VariantPageOldest has the oldest entry first on each page, and the oldest page first.
	VariantPageOldest Variant = "page-oldest-first"
	// VariantSender403, VariantSender409 and VariantSender400 refuse a sender that cannot send with this status, instead of
	// 422.
	VariantSender403 Variant = "sender-403"
	VariantSender409 Variant = "sender-409"
	VariantSender400 Variant = "sender-400"
	// VariantUsageNames gives the fields of the usage other names.
	VariantUsageNames Variant = "usage-names"
	// VariantUsageMap returns the usage as an object by sender number, not as a list.
	VariantUsageMap Variant = "usage-map"
	// VariantMeData and VariantSubscriptionData wrap the response in a data envelope.
	VariantMeData           Variant = "me-data"
	VariantSubscriptionData Variant = "subscription-data"
	// VariantSubscriptionNull is an organization without a plan: null for the subscription of /me, and for the plan and the
	// status of /subscription, which has neither limits nor a snapshot of the usage.
	VariantSubscriptionNull Variant = "subscription-null"
	// VariantKeyFlat returns the fields of a created key next to plain_text_key, without data.
	VariantKeyFlat Variant = "key-flat"
	// VariantScope401 returns 401 if a key lacks the scope, instead of 403.
	VariantScope401 Variant = "scope-401"
	// VariantNewerWording refuses a sender that cannot send, with the wording of the newer documentation.
	VariantNewerWording Variant = "newer-wording"
	// VariantAccountFields gives the user and the key of /me fields of other names.
	VariantAccountFields Variant = "account-fields"
	// VariantAccountScope requires the scope * if the contract requires none.
	VariantAccountScope Variant = "account-scope"
	// VariantQueued says that a message is queued and, in the log, has not been sent yet.
	VariantQueued Variant = "queued"
	// VariantWords uses other words for what the contract assumes: the state of a subscription, and why a contact cannot
	// receive.
	VariantWords Variant = "words"
	// VariantKeyForever creates keys that never expire.
	VariantKeyForever Variant = "key-forever"
	// VariantRevokeUnknown returns 204 if there is no key to revoke.
	VariantRevokeUnknown Variant = "revoke-unknown-204"
	// VariantNullRefused refuses null in an optional field of a JSON body.
	VariantNullRefused Variant = "null-refused"
	// VariantErrorsBare refuses without saying which field is wrong.
	VariantErrorsBare Variant = "errors-bare"
)

// variants are all of them, with what each does to a response.
var variants = map[Variant]func(*answered){
	VariantSuccess200: func(a *answered) { a.created(http.StatusOK) },
	VariantSuccess202: func(a *answered) { a.created(http.StatusAccepted) },
	VariantPageBare:   (*answered).pageBare,
	VariantPageLinks:  (*answered).pageLinks,
	VariantPageNone: func(a *answered) {
		a.page(func(page map[string]any) any { return map[string]any{"data": page["data"]} })
	},
	VariantPageList:         func(a *answered) { a.page(func(page map[string]any) any { return page["data"] }) },
	VariantLenientPage:      nil, // the page is checked before there is a response
	VariantPageOldest:       nil, // the log itself turns around
	VariantSender403:        func(a *answered) { a.senderRefused(http.StatusForbidden) },
	VariantSender409:        func(a *answered) { a.senderRefused(http.StatusConflict) },
	VariantSender400:        func(a *answered) { a.senderRefused(http.StatusBadRequest) },
	VariantUsageNames:       (*answered).usageNames,
	VariantUsageMap:         (*answered).usageMap,
	VariantMeData:           func(a *answered) { a.enveloped("getMe") },
	VariantSubscriptionData: func(a *answered) { a.enveloped("getSubscription") },
	VariantSubscriptionNull: (*answered).subscriptionNull,
	VariantKeyFlat:          (*answered).keyFlat,
	VariantScope401: func(a *answered) {
		if a.status == http.StatusForbidden && a.says() == contract.MessageMissingScope {
			a.status = http.StatusUnauthorized
		}
	},
	VariantNewerWording: func(a *answered) {
		if newer := newerWording[a.says()]; newer != "" {
			a.value = map[string]any{"message": newer}
		}
	},
	VariantAccountFields: (*answered).accountFields,
	VariantAccountScope:  nil, // scopes are checked before there is a response
	VariantQueued:        (*answered).queued,
	VariantWords:         func(a *answered) { a.value = inOtherWords("", a.value) },
	VariantKeyForever:    func(a *answered) { a.value = forever(a.value) },
	VariantRevokeUnknown: (*answered).revokeUnknown,
	VariantNullRefused:   nil, // it is refused before there is a response
	VariantErrorsBare: func(a *answered) {
		if object, ok := a.value.(map[string]any); ok && a.status/100 == 4 {
			delete(object, "errors")
		}
	},
}

// Variants lists all variants.
func Variants() []Variant { return slices.Sorted(maps.Keys(variants)) }

// setUpVariants checks the variants, and applies those that change more than the response.
func (c *Config) setUpVariants() error {
	chosen := map[string]Variant{}
	for _, v := range c.Variants {
		if _, ok := variants[v]; !ok {
			return fmt.Errorf("tgotest: there is no variant %q: Variants lists them", v)
		}
		group, _, _ := strings.Cut(string(v), "-")
		if v != VariantPageOldest && slices.Contains([]string{"success", "sender", "page", "usage"}, group) {
			if chosen[group] != "" {
				return fmt.Errorf("tgotest: the variants %q and %q change the same thing: choose one", chosen[group], v)
			}
			chosen[group] = v
		}
		if v == VariantPageNone || v == VariantPageList {
			c.PageSize = math.MaxInt32
		}
	}
	return nil
}

func (c *Config) has(v Variant) bool { return slices.Contains(c.Variants, v) }

// scopesOf are the scopes that a request to this operation needs.
func (c *Config) scopesOf(route *routers.Route) []string {
	scopes := contract.RequiredScopes(route.Operation)
	if len(scopes) == 0 && c.has(VariantAccountScope) {
		return []string{"*"}
	}
	return scopes
}

// answered is a response as JSON has it, to be changed.
type answered struct {
	operation string
	request   *http.Request
	status    int
	value     any
	notFound  string // what the operation says if its path names nothing
}

// vary changes a response by the variants that are on, and reports whether it did.
func (c *Config) vary(call *call, status int, v any) (int, any, bool) {
	if len(c.Variants) == 0 || call.route == nil {
		return status, v, false
	}
	a := answered{call.route.Operation.OperationID, call.Request, status, generic(v), contract.MessageNotFound(call.route)}
	for _, name := range c.Variants {
		if change := variants[name]; change != nil {
			change(&a)
		}
	}
	return a.status, a.value, true
}

// generic is a value as JSON has it.
func generic(v any) any {
	if v == nil {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types of the responses are our own
	}
	var decoded any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&decoded); err != nil {
		panic(err)
	}
	return decoded
}

func (a *answered) created(status int) {
	if a.status == http.StatusCreated {
		a.status = status
	}
}

// page changes a response that is a page of the log.
func (a *answered) page(change func(page map[string]any) any) {
	if page, ok := a.value.(map[string]any); ok && a.operation == "listMessages" && a.status == http.StatusOK {
		a.value = change(page)
	}
}

func (a *answered) pageBare() {
	a.page(func(page map[string]any) any {
		links, _ := page["links"].(map[string]any)
		meta, _ := page["meta"].(map[string]any)
		bare := maps.Clone(meta)
		bare["data"] = page["data"]
		for name, link := range links {
			bare[name+"_page_url"] = link
		}
		bare["path"] = a.request.URL.Path
		bare["links"] = []any{map[string]any{"url": links["next"], "label": "Next", "active": false}} // buttons to draw
		return bare
	})
}

func (a *answered) pageLinks() {
	a.page(func(page map[string]any) any {
		meta, _ := page["meta"].(map[string]any)
		delete(meta, "last_page")
		delete(meta, "total")
		links, _ := page["links"].(map[string]any)
		links["last"] = nil
		return page
	})
}

// newerWording is what the newer documentation has for what the older one says of a sender that cannot send.
var newerWording = map[string]string{
	contract.MessageSenderInactive:   "Sender number is not active.",
	contract.MessageSenderUnverified: "The sender number owner must be verified in Sinjapp before using the messaging API.",
}

// says is the message of a refusal; empty for any other response.
func (a *answered) says() string {
	object, _ := a.value.(map[string]any)
	message, _ := object["message"].(string)
	return message
}

func (a *answered) senderRefused(status int) {
	for older, newer := range newerWording {
		if message := a.says(); a.status == contract.StatusInvalid && (message == older || message == newer) {
			a.status = status
		}
	}
}

// usage lists the entries of a response that is the usage.
func (a *answered) usage() []any {
	object, ok := a.value.(map[string]any)
	if !ok || a.operation != "getUsage" || a.status != http.StatusOK {
		return nil
	}
	list, _ := object["data"].([]any)
	return list
}

func (a *answered) usageNames() {
	for _, entry := range a.usage() {
		if e, ok := entry.(map[string]any); ok {
			e["id"], e["phone"], e["sent_count"] = e["sender_number_id"], e["sender_phone"], e["messages_sent"]
			delete(e, "sender_number_id")
			delete(e, "sender_phone")
			delete(e, "messages_sent")
		}
	}
}

func (a *answered) usageMap() {
	if a.operation != "getUsage" || a.status != http.StatusOK {
		return
	}
	byNumber := map[string]any{}
	for _, entry := range a.usage() {
		if e, ok := entry.(map[string]any); ok {
			byNumber[fmt.Sprint(e["sender_number_id"])] = map[string]any{"messages": e["messages_sent"]}
		}
	}
	a.value = map[string]any{"data": byNumber}
}

func (a *answered) enveloped(operation string) {
	if a.operation == operation && a.status == http.StatusOK {
		a.value = map[string]any{"data": a.value}
	}
}

// account is a response about the account, inside data or not; nil for any other.
func (a *answered) account(operation string) map[string]any {
	object, _ := a.value.(map[string]any)
	if a.operation != operation || a.status != http.StatusOK {
		return nil
	}
	if inner, ok := object["data"].(map[string]any); ok {
		return inner
	}
	return object
}

func (a *answered) subscriptionNull() {
	if me := a.account("getMe"); me != nil {
		me["subscription"] = nil
	}
	if subscription := a.account("getSubscription"); subscription != nil {
		subscription["plan"], subscription["status"] = nil, nil
		subscription["limits"], subscription["usage_snapshot"] = []any{}, []any{} // PHP has one empty array for both
	}
}

func (a *answered) keyFlat() {
	object, _ := a.value.(map[string]any)
	key, ok := object["data"].(map[string]any)
	if a.operation != "createApiKey" || !ok {
		return
	}
	delete(object, "data")
	maps.Copy(object, key)
}

func (a *answered) accountFields() {
	me := a.account("getMe")
	if me == nil {
		return
	}
	me["user"] = map[string]any{"uuid": "9a8b", "full_name": "Fake user"}
	me["api_key"] = map[string]any{"uuid": "5e4f", "label": "Fake key"}
}

func (a *answered) queued() {
	object, _ := a.value.(map[string]any)
	switch data := object["data"].(type) {
	case map[string]any:
		if a.operation == "sendMessage" && a.status/100 == 2 {
			data["status"] = "queued"
		}
	case []any:
		if a.operation != "listMessages" {
			return
		}
		for _, entry := range data {
			if e, ok := entry.(map[string]any); ok {
				e["status"], e["sent_at"] = "queued", nil
			}
		}
	}
}

func (a *answered) revokeUnknown() {
	object, _ := a.value.(map[string]any)
	if a.operation == "revokeApiKey" && a.status == http.StatusNotFound && object["message"] == a.notFound {
		a.status, a.value = http.StatusNoContent, nil
	}
}

// otherWords are words for those that the contract assumes. What the vendor documents keeps its word.
var otherWords = map[string]string{
	"reason_code not_found":   "no_account",
	"reason_code unreachable": "blocked",
	"reason_code unverified":  "phone_pending",
}

// inOtherWords changes the words below a field of this name.
func inOtherWords(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		_, isPlan := v["plan"]
		for field, inner := range v {
			v[field] = inOtherWords(field, inner)
			if field == "status" && isPlan {
				v[field] = "in_force"
			}
		}
	case []any:
		for i := range v {
			v[i] = inOtherWords(name, v[i])
		}
	case string:
		if word, ok := otherWords[name+" "+v]; ok {
			return word
		}
		if name == "to_phone" { // a refusal says the reason too
			for words, other := range otherWords {
				_, word, _ := strings.Cut(words, " ")
				v = strings.ReplaceAll(v, word, other)
			}
			return v
		}
	}
	return v
}

// forever takes the expiry off every key in a response.
func forever(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for field, inner := range v {
			v[field] = forever(inner)
			if field == "expires_at" {
				v[field] = nil
			}
		}
	case []any:
		for i := range v {
			v[i] = forever(v[i])
		}
	}
	return v
}
