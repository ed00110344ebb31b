package contract_test

import (
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

const (
	phonePattern = `^\+[1-9][0-9]{6,14}$`

	everyOperation = "{DELETE /api-keys/{},GET /contacts/lookup,GET /me,GET /messages,GET /sender-numbers,GET /subscription,GET /usage," +
		"POST /api-keys,POST /messages,POST /sender-numbers}"
	sendBodies = "POST /messages request {application/json,multipart/form-data}"
)

// known explains differences: their keys, one a line, with alternatives in braces; what the contract says and what the vendor's
// document says; and the reason.
func known(keys, ours, theirs, reason string) contract.Explanation {
	return contract.Explanation{Keys: keys, Ours: ours, Theirs: theirs, Reason: reason}
}

// vendorDifferences are the differences between the contract and the vendor's OpenAPI document that have a reason.
//
// After a change of openapi.yaml or of the vendor's document this may need a change: TestVendorDocument says what to add and what to
// remove.
var vendorDifferences = []contract.Explanation{
	known("document: servers", "https://{}/api/v1", "{https://}/api/v1", "the vendor's variable is the tenant's whole address with its scheme, ours the domain in it"),

	// Names that the wire does not carry.
	known("GET /me: operationId", "getMe", "getTenantContext", "the wire does not carry it; clients in other languages have methods of this name"),
	known("GET /subscription: operationId", "getSubscription", "getTenantSubscription", "the wire does not carry it; clients in other languages have methods of this name"),

	// Statuses.
	known("{GET /contacts/lookup,POST /api-keys,POST /messages,POST /sender-numbers} response 401: present", "yes", "no", "the guides have it for every operation"),
	known(everyOperation+" response 403: present", "yes", "no", "the guides return it for a missing scope; the vendor's document counts it into its 401"),
	known("DELETE /api-keys/{} response 404: present", "yes", "no", "the guides have it for an unknown tenant; for an unknown key it is assumed"),
	known(`GET {/contacts/lookup,/messages,/sender-numbers,/usage} response 404: present
		POST {/api-keys,/messages,/sender-numbers} response 404: present`, "yes", "no", "the guides have it for every operation: the tenant is looked for first"),
	known("GET /messages response 422: present", "yes", "no", "the parameter page, which is assumed, may be wrong"),
	known(everyOperation+" response 429: present", "yes", "no", "assumed: nothing is published of a rate limit"),
	known(everyOperation+" response 5XX: present", "yes", "no", "assumed: nothing is published of server trouble"),
	known("POST {/api-keys,/messages,/sender-numbers} response 2XX: present", "yes", "no", "another success than the documented one is a success too: a message must not be sent again for it"),

	// What is in the responses.
	known(`GET /contacts/lookup response 200 application/json {can_receive,exists,is_verified,phone_verified_at,reason_code,recipient_id}: required
		GET /me response 200 application/json {api_key,organization,subscription,user}: required
		GET /sender-numbers response 200 application/json data{,[].display_name,[].id,[].phone,[].status,[].verification_status}: required
		GET /subscription response 200 application/json {limits,plan,status,usage_snapshot}: required
		POST /api-keys response 201 application/json {data.expires_at,data.id,data.last_used_at,data.name,data.prefix,data.scopes,plain_text_key}: required
		POST /messages response 201 application/json data{,.content,.conversation_id,.id,.message_id,.message_type}: required
		POST /messages response 201 application/json data.{recipient_user_id,sender_number_id,sent_at,status}: required
		POST /sender-numbers response 201 application/json data{,.display_name,.id,.phone,.status,.verification_status}: required
		{DELETE /api-keys/{},GET /me,GET /messages,GET /sender-numbers} response 401 application/json message: required
		{GET /subscription,GET /usage} response 401 application/json message: required
		{GET /me,GET /subscription} response 404 application/json message: required
		{GET /contacts/lookup,POST /api-keys,POST /messages,POST /sender-numbers} response 422 application/json message: required`,
		"yes", "no", "the vendor's document marks nothing in any response as required, not even an id"),
	known(`{DELETE /api-keys/{},GET /me,GET /messages,GET /sender-numbers} response 401 application/json errors: present
		{GET /subscription,GET /usage} response 401 application/json errors: present
		{GET /me,GET /subscription} response 404 application/json errors: present`, "yes", "no", "one schema for all errors: errors is there if fields are wrong"),
	known(`GET /contacts/lookup response 200 application/json recipient_id: format
		GET /me response 200 application/json organization.id: format
		GET /sender-numbers response 200 application/json data[].id: format
		POST /api-keys response 201 application/json data.id: format
		POST /messages response 201 application/json data.{conversation_id,id,message_id,recipient_user_id,sender_number_id}: format
		POST /sender-numbers response 201 application/json data.id: format`, "int64", "no", "ids are 64 bits wide, so no client cuts one short"),
	known(`GET /sender-numbers response 200 application/json data[].daily_limit_override: format
		POST /sender-numbers response 201 application/json data.daily_limit_override: format`, "int64", "no", "no client is to cut a number short"),
	known("GET /me response 200 application/json api_key.{expires_at,id,last_used_at,name,prefix,scopes,status}: present", "yes", "no", "assumed: the vendor publishes no field of it; those of a key"),
	known("GET /me response 200 application/json user.{id,name}: present", "yes", "no", "assumed: the vendor publishes no field of it"),
	known("GET /me response 200 application/json organization.billing_email: format", "no", "email", "no one sends to it, and a strict client would refuse the whole response for a bad one"),
	known("GET /messages response 200 application/json: present", "yes", "no", "the page names the fields of an entry; that they come in pages is assumed"),
	known("GET /usage response 200 application/json: present", "yes", "no", "assumed: the vendor publishes no schema of it"),
	known("GET /contacts/lookup response 200 application/json reason_code: enum", "ok not_found unreachable unverified", "no", "a list that may grow: ok is the page's, the others are assumed"),
	known("GET /subscription response 200 application/json status: enum", "active", "no", "a list that may grow; the word is assumed"),
	known("POST /api-keys response 201 application/json data.scopes[]: enum", "messages.send messages.read contacts.lookup usage.read *", "no", "a list that may grow: the scopes that a key can be made with"),
	known("POST /messages response 201 application/json data.message_type: enum", "text image voice document", "no", "a list that may grow: the types that a message can be sent with"),
	known("POST /messages response 201 application/json data.status: enum", "sent", "no", "a list that may grow; the word is assumed"),
	known("{GET /sender-numbers response 200 application/json data[],POST /sender-numbers response 201 application/json data}.status: enum pending_account_verification", "yes", "no", "the older site's guides list it as a status"),

	// Requests, to which the contract is stricter.
	known(`GET /contacts/lookup query {phone,sender_phone}: pattern
		POST /messages request {application/json,multipart/form-data} {sender_phone,to_phone}: pattern
		POST /sender-numbers request application/json phone: pattern`, phonePattern, "no", "the page is stricter: phones are in E.164 form"),
	known("POST {/api-keys,/sender-numbers} request application/json: closed\n"+sendBodies+": closed", "yes", "no", "ours is stricter: a misspelt field must not be dropped"),
	known("{DELETE /api-keys/{} path 1,GET /contacts/lookup query sender_number_id}: format\n"+sendBodies+" sender_number_id: format", "int64", "no", "ids are 64 bits wide, so no client cuts one short"),
	known("{DELETE /api-keys/{} path 1,GET /contacts/lookup query sender_number_id}: minimum\n"+sendBodies+" sender_number_id: minimum", "1", "no", "ours is stricter: ids count from 1"),
	known("GET /messages query page: present", "yes", "no", "assumed: the vendor calls the log paginated and does not say how a page is chosen"),
	known("POST /api-keys request application/json name: pattern", `\S`, "no", "ours is stricter: a blank name is assumed to be refused"),
	known("POST /api-keys request application/json scopes: minItems", "1", "no", "ours is stricter: an empty list is assumed to be refused"),
	known("POST /api-keys request application/json scopes: uniqueItems", "yes", "no", "ours is stricter: a scope twice is assumed to be refused"),
	known(sendBodies+": not", "yes", "no", "the page is stricter: one sender, and a duration with a voice note; each type of message has its own fields"),
	known("POST /messages request application/json content: required", "yes", "no", "ours is stricter: a text without a text is assumed to be refused"),
	known("POST /messages request application/json content: pattern", `\S`, "no", "ours is stricter: a blank text is assumed to be refused"),
	known(`POST /messages request application/json content: nullable
		POST /messages request multipart/form-data {content,duration,file_name,file_size,file_type}: nullable`, "no", "yes", "ours is stricter: a client that has no value leaves the field away"),
	known("POST /messages request application/json type: enum {document,image,voice}", "no", "yes", "the page is stricter: image, voice and document go as a form, with a file"),
	known("POST /messages request application/json duration: present", "no", "yes", "the page is stricter: only what has a file has a duration, and goes as a form"),
	known("POST /messages request application/json file_{name,size,type}: present", "no", "yes", "the page is stricter: what describes a file goes with the file, as a form"),
	known("POST /messages request multipart/form-data duration: format", "int32", "no", "at most 300: generators take the width from the format"),
	known("POST /api-keys request application/json expires_in_days: format", "int32", "no", "at most 365: generators take the width from the format"),
	known("POST /messages request multipart/form-data file_size: format", "int64", "no", "a file may have more than 2 GiB"),
	known("POST /messages request multipart/form-data file_size: minimum", "0", "no", "ours is stricter: no file has less than nothing"),
}

// TestVendorDifferencesAreOfTheContract: each reason is for something that openapi.yaml says.
func TestVendorDifferencesAreOfTheContract(t *testing.T) {
	t.Parallel()
	said, reasons := contract.Compare(contract.Document(), contract.Document()).Said, map[string]string{}
	for _, e := range vendorDifferences {
		for _, d := range e.Differences() {
			if e.Reason == "" || reasons[d.Key] != "" {
				t.Errorf("%s has the reasons %q and %q", d.Key, reasons[d.Key], e.Reason)
			}
			reasons[d.Key] = e.Reason
			if says := said[d.Key]; says != d.Ours && (says != "" || d.Ours != "no") && says != d.Ours+", required" {
				t.Errorf("%s: the contract says %q, and the explanation says %q: correct the explanation", d.Key, says, d.Ours)
			}
		}
	}
}
