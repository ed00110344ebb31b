package contract_test

const phonePattern = `^\+[1-9][0-9]{6,14}$`

// vendorDifferences are the differences between the contract and the vendor's OpenAPI document that have a reason. The
// first that matches a difference explains it.
//
// A change of openapi.yaml or of the vendor's document may need a change here: TestVendorDocument tells what to add and what
// to take away.
var vendorDifferences = []explanation{
	// Names that the wire does not carry.
	{"GET /me: operationId", "getMe", "getTenantContext", 1, "the wire does not carry it; clients in other languages have methods of this name"},
	{"GET /subscription: operationId", "getSubscription", "getTenantSubscription", 1, "the wire does not carry it; clients in other languages have methods of this name"},

	// Statuses.
	{"* response 401: present", "yes", "no", 4, "the guides have it for every operation"},
	{"* response 403: present", "yes", "no", 10, "the guides answer a missing scope so; the vendor's document counts it into its 401"},
	{"DELETE /api-keys/{} response 404: present", "yes", "no", 1, "the guides have it for an unknown tenant; for an unknown key it is assumed"},
	{"* response 404: present", "yes", "no", 7, "the guides have it for every operation: the tenant is looked for first"},
	{"GET /messages response 422: present", "yes", "no", 1, "the parameter page, which is assumed, may be wrong"},
	{"* response 429: present", "yes", "no", 10, "assumed: nothing is published of a rate limit"},
	{"* response 5XX: present", "yes", "no", 10, "assumed: nothing is published of server trouble"},
	{"POST * response 2XX: present", "yes", "no", 3, "another success than the documented one is a success too: a message must not be sent again for it"},

	// What is in the answers.
	{"* response * application/json*: required", "yes", "no", 55, "the vendor's document marks nothing in any answer as required, not even an id"},
	{"* response 40* application/json errors: present", "yes", "no", 8, "one schema for all errors: errors is there where fields are wrong"},
	{"* response * application/json*id: format", "int64", "no", 10, "ids are 64 bits wide, so that no client cuts one short"},
	{"GET /me response 200 application/json api_key.*: present", "yes*", "no", 7, "assumed: the vendor publishes no field of it; those of a key"},
	{"GET /me response 200 application/json user.*: present", "yes", "no", 2, "assumed: the vendor publishes no field of it"},
	{"GET /me response 200 application/json organization.billing_email: format", "no", "email", 1, "nobody sends to it, and a strict client would refuse the whole answer for a bad one"},
	{"GET /messages response 200 application/json: present", "yes", "no", 1, "the page names the fields of an entry; that they come in pages is assumed"},
	{"GET /usage response 200 application/json: present", "yes", "no", 1, "assumed: the vendor publishes no schema of it"},
	{"GET /contacts/lookup response 200 application/json reason_code: enum", "ok not_found unreachable unverified", "no", 1, "a list that may grow: ok is the page's, the others are assumed"},
	{"GET /subscription response 200 application/json status: enum", "active", "no", 1, "a list that may grow; the word is assumed"},
	{"POST /api-keys response 201 application/json data.scopes[]: enum", "messages.send messages.read contacts.lookup usage.read *", "no", 1, "a list that may grow: the scopes that a key can be made with"},
	{"POST /messages response 201 application/json data.message_type: enum", "text image voice document", "no", 1, "a list that may grow: the types that a message can be sent with"},
	{"POST /messages response 201 application/json data.status: enum", "sent", "no", 1, "a list that may grow; the word is assumed"},
	{"* application/json data*.status: enum pending_account_verification", "yes", "no", 2, "the older site's guides list it as a status"},

	// Requests, to which the contract is stricter.
	{"*: pattern", phonePattern, "no", 7, "the page is stricter: phones are in E.164 form"},
	{"POST * request *: closed", "yes", "no", 4, "ours is stricter: a misspelt field must not be dropped"},
	{"DELETE /api-keys/{} path 1: format", "int64", "no", 1, "ids are 64 bits wide, so that no client cuts one short"},
	{"* sender_number_id: format", "int64", "no", 3, "ids are 64 bits wide, so that no client cuts one short"},
	{"DELETE /api-keys/{} path 1: minimum", "1", "no", 1, "ours is stricter: ids count from 1"},
	{"* sender_number_id: minimum", "1", "no", 3, "ours is stricter: ids count from 1"},
	{"GET /messages query page: present", "yes", "no", 1, "assumed: the vendor calls the log paginated and does not say how a page is chosen"},
	{"POST /api-keys request application/json name: pattern", `\S`, "no", 1, "ours is stricter: a blank name is assumed to be refused"},
	{"POST /api-keys request application/json scopes: minItems", "1", "no", 1, "ours is stricter: an empty list is assumed to be refused"},
	{"POST /api-keys request application/json scopes: uniqueItems", "yes", "no", 1, "ours is stricter: a scope twice is assumed to be refused"},
	{"POST /messages request *: not", "yes", "no", 2, "the page is stricter: one sender, and a duration with a voice note; each type of message has its own fields"},
	{"POST /messages request application/json content: required", "yes", "no", 1, "ours is stricter: a text without a text is assumed to be refused"},
	{"POST /messages request application/json content: pattern", `\S`, "no", 1, "ours is stricter: a blank text is assumed to be refused"},
	{"POST /messages request *: nullable", "no", "yes", 6, "ours is stricter: a client that has no value leaves the field away"},
	{"POST /messages request application/json type: enum document", "no", "yes", 1, "the page is stricter: image, voice and document go as a form, with a file"},
	{"POST /messages request application/json type: enum image", "no", "yes", 1, "the page is stricter: image, voice and document go as a form, with a file"},
	{"POST /messages request application/json type: enum voice", "no", "yes", 1, "the page is stricter: image, voice and document go as a form, with a file"},
	{"POST /messages request application/json duration: present", "no", "yes", 1, "the page is stricter: only what has a file has a duration, and goes as a form"},
	{"POST /messages request application/json file_*: present", "no", "yes", 3, "the page is stricter: what describes a file goes with the file, as a form"},
	{"POST /messages request multipart/form-data file_size: format", "int64", "no", 1, "a file may have more than 2 GiB"},
	{"POST /messages request multipart/form-data file_size: minimum", "0", "no", 1, "ours is stricter: no file has less than nothing"},
}
