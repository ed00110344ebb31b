package laravel_test

// The reasons for differences.
const (
	// The contract requires more than the tenant, so tests find mistakes.
	stricter = "the contract is stricter: "
	// Laravel, PHP or nginx does so, in any application.
	framework = "the framework: "
	// The application decides. It is not known what the vendor's application does.
	application = "the application: "
	// The fake does so to help developers of clients.
	helps = "the fake helps: "
)

const (
	unlessText    = "The media field is required unless type is in text."
	notAField     = "The * is not a field of this request.*"
	date          = "*time as 2006-01-02T15:04:05Z"
	dateOfLaravel = "*time as 2006-01-02T15:04:05.000000Z"
	trimmed       = framework + "TrimStrings takes white space and zero characters off first"
	onceAField    = stricter + "a field comes once; of two PHP takes the last"
	noOtherField  = stricter + "a misspelt field must not be dropped"
	sentAsTyped   = stricter + "a number is written as a number"
	noSender      = "[errors.sender_number_id: The sender number id field is required when sender phone is not present.] " +
		"[errors.sender_phone: The sender phone field is required when sender number id is not present.]"
	nothingOfMessage = "422 [errors.media: " + unlessText + "] " + noSender +
		" [errors.to_phone: The to phone field is required.] [errors.type: The type field is required.]"
	noPlace     = "404 \"The API has no path /api/v1/*/. Did you mean *?\""
	aSlash      = helps + "a slash too many shows that a base URL is wrong; nginx and Laravel overlook one at the end"
	lowerCase   = framework + "nginx knows no method in lower case"
	overridden  = framework + "a POST may name another method, in _method or X-HTTP-Method-Override"
	emptyIsNull = application + "its rules for the sender are not nullable, so an empty one and null count as present"
)

// differences has the differences between the fake and the tenant, with their reasons. The first row that matches a difference explains
// it. A row that explains no difference is an error.
//
// A change of the fake, of the tenant or of a case may need a change here: TestFakeAgainstLaravel reports what to add and what to
// remove.
var differences = []explanation{
	// The content of responses.
	{"*", "type of *_at", date, dateOfLaravel, framework + "it writes a time with microseconds; both are RFC 3339"},
	{"*", "type of data.conversation_id", "integer", "null",
		application + "it has no conversations, and null where the vendor has one"},
	{"*", "type of data.message_id", "integer", "null",
		application + "it has no conversations, and null where the vendor has one"},
	{"*", "type of data[].conversation_id | type of data[].message_id", "none", "null",
		application + "one resource for the log and for what was sent; the page names fewer fields for the log"},
	{"*", "type of data[].recipient_user_id", "none", "integer",
		application + "one resource for the log and for what was sent; the page names fewer fields for the log"},
	{"*", "type of meta.links*", "none", "list | object | boolean | string | null or string",
		framework + "its pages have more in meta than the contract assumes"},
	{"*", "type of meta.path", "none", "string", framework + "its pages have more in meta than the contract assumes"},
	{"*", "type of meta.from", "none", "integer | null", framework + "its pages have more in meta than the contract assumes"},
	{"*", "type of meta.to", "none", "integer | null", framework + "its pages have more in meta than the contract assumes"},
	{"*", "type of user.email", "none", "string", application + "the vendor does not say what a user has"},
	{"*", "type of subscription.id", "none", "integer", application + "the vendor does not say what a subscription has"},
	{"*", "type of usage_snapshot.messages_sent", "none", "integer", application + "the vendor does not say what the usage counts"},
	{"*", "value of usage_snapshot.messages_sent", "none", "18", application + "the vendor does not say what the usage counts"},
	{"*", "type of usage_snapshot.messages_this_month", "integer", "none",
		application + "the vendor does not say what the usage counts"},
	{"*", "value of links.*", `"BASE/messages?page=*"`, `"http://127.0.0.*/api/v1/messages?page=*"`,
		framework + "nginx, as Debian sets it up, gives PHP the host without its port"},
	{"*: getMe", "type of api_key.last_used_at", "null", dateOfLaravel, application + "the request itself counts as a use"},
	{"empty tenant: /me", "type of api_key.expires_at | type of api_key.last_used_at", "null", dateOfLaravel,
		"the fake's key is another, that never expires and was not used"},
	{"empty tenant: /me", "value of api_key.expires_at", "none", "in 90 days",
		"the fake's key is another, that never expires and was not used"},
	{"empty tenant: /sender-numbers | empty tenant: /usage", "type of data[]*",
		"object | integer | string | null | time as 2006-01-02T15:04:05Z", "none", "a fake has one sender number at the least"},
	{"empty tenant: /sender-numbers | empty tenant: /usage", "value of data[].*", "[*]", "none",
		"a fake has one sender number at the least"},

	// Requests that both refuse, with different messages.
	{"*", "message", `"The sender number is not active."`, `"Sender number is not active."`,
		application + "the words of the vendor's newer site; the fake has the page's"},
	{"*", "message", `"يجب أن يكون *"`, `"The sender number owner must be verified in Sinjapp before using the messaging API."`,
		application + "the words of the vendor's newer site; the fake has the page's"},
	{"*", "message", `"API key not found."`, `"No query results for model *"`,
		framework + "a bound model that is not there; the vendor publishes no 404 of a key"},
	{"*", "message", `"The API has no path *"`, `""`, helps + "it says which path was meant"},
	{"*", "message", `"This path allows only *"`, `"The * method is not supported for this route.*"`,
		helps + "in its own words, as those of the framework change with its version"},
	{"*", "errors.to_phone", "This phone cannot receive messages: *", "The recipient cannot receive messages.",
		application + "the vendor does not say how this is worded"},
	{"*", "errors.media", "The media field is required.", unlessText, application + "a file is asked for by required_unless"},
	{"*", "errors.media", "none", unlessText,
		application + "a file is asked for by required_unless, even if the type is wrong or missing"},
	{"*", "errors.*", "The * must be a string.", "The * format is invalid. The * must be a string.",
		framework + "it continues with the next rule"},
	{"*", "errors.scopes.*", "The selected * is invalid.", "The * must be a string. The selected * is invalid.",
		framework + "it continues with the next rule"},
	{"*", "errors.expires_in_days", "The expires in days must be an integer.",
		"The expires in days must be an integer. The expires in days must be between 1 and 365.",
		framework + "it continues with the next rule"},
	{"*", "errors.phone", "none", "The phone has already been taken.",
		framework + "it reports all fields at once; the fake checks what it stores after the contract"},
	{"*", "errors.sender_phone", "The sender phone format is invalid.", "The selected sender phone is invalid.",
		application + "it has no format for a sender's phone, only whether there is one"},
	{"*", "errors.sender_number_id", "The sender number id must be *", "The selected sender number id is invalid.",
		application + "it has no least id, and takes true for 1"},
	{"*", "errors.phone", "The phone field is required.", "The phone format is invalid. The phone must be a string.",
		framework + "brackets make a list of a parameter"},

	// Bodies that the fake does not read, and of which the tenant reads a part.
	{"*", "fields", "422 [errors.body: The Content-Type must be one of *", "422 [errors.*]",
		framework + "of a body of another type it reads nothing"},
	{"*", "fields", "422 [errors.body: The body *", "422 [errors.*]",
		framework + "of JSON that is none, or no object, it reads nothing"},
	{"*", "fields", "422 [errors.body: The multipart body *", "422 [errors.*]",
		framework + "it reads of a form what comes before the fault"},
	{"*", "fields", "422 [errors.body: A part of the multipart body has no name.]*", "422 [errors.*]",
		framework + "a part without a name is not there"},
	{"*", "fields", "422 [errors.query: *", "422 [errors.*]", framework + "it reads any query somehow"},

	// Requests that the fake refuses and the tenant accepts.
	{"form: single quotation marks | form: a name with a space", "status", "422 [errors.*media*: The *media* is not a field of this " +
		"request. The *media* must be a string.] [errors.media: The media field is required.]", "201",
		framework + "PHP takes other quotation marks and spaces around a name"},
	{"*", "status", "422 [errors.*: " + notAField + "]", "201", noOtherField},
	{"*", "errors.*", notAField, "none", noOtherField},
	{"JSON: *", "errors.*", notAField, "The * must be *", noOtherField},
	{"form: two files | form: a field and a file | form: a file and a field | *twice*", "status",
		"422 [errors.*: *The * is given twice.*]", "200 | 201", onceAField},
	{"refusal: form: to_phone twice", "errors.to_phone", "The to_phone is given twice.", "The recipient cannot receive messages.",
		onceAField},
	{"form: the type twice, the first good", "errors.type", "The selected type is invalid. The type is given twice.",
		"The selected type is invalid.", onceAField},
	{"lookup: phone twice, the first good", "errors.phone", "The phone is given twice.", "The phone format is invalid.", onceAField},
	{"*JSON*: sender number * | form: sender number \" 12\" | lookup: sender number in spaces", "status",
		"422 [errors.sender_number_id: The sender number id must be an integer.]", "200 | 201", sentAsTyped},
	{"create key: expiry * | refusal: key: expires in * | negative type: createApiKey expires_in_days type true", "status",
		"422 [errors.expires_in_days: The expires in days must be an integer.]", "201", sentAsTyped},
	{"form: voice of \" 19 \" seconds | refusal: form: voice of \" 45\" seconds | refusal: form: voice of \"45\\n\" seconds",
		"status", "422 [errors.duration: The duration must be an integer.]", "201", trimmed},
	{"form: file_size \" 5 \"", "status", "422 [errors.file_size: The file size must be an integer.]", "201", trimmed},
	{"*phone in spaces | *: line break before | *: line break after | *: space before | *: space after | " +
		"*: a zero character | lookup: spaces around | lookup: a line break after",
		"status", "422 [errors.*phone: The * format is invalid.]", "200 | 201", trimmed},
	{"*sender_phone: line break * | *sender_phone: space * | *sender_phone: a zero character", "errors.sender_phone",
		"The sender phone format is invalid.", "none", trimmed},
	{"*sender_phone: line break * | *sender_phone: space * | *sender_phone: a zero character", "message",
		`"The given data was invalid."`, `"Sender number is not active."`, trimmed},
	{"refusal: register: line break * | refusal: register: space *", "errors.phone", "The phone format is invalid.",
		"The phone has already been taken.", trimmed},
	{"JSON: type in spaces | *type \"* | *type enum *", "status", "422 [errors.type: The selected type is invalid.]", "201",
		trimmed},
	{"negative enum: sendMessage part type enum *", "errors.type", "The selected type is invalid.", "none", trimmed},
	{"negative enum: sendMessage part type enum *", "errors.*", "none", "The * field is *", trimmed},
	{"create key: a scope with spaces | negative enum: createApiKey scopes enum *", "status",
		"422 [errors.scopes.0: The selected scopes.0 is invalid.]", "201", trimmed},
	{"JSON: content of * | refusal: *: blank content *", "status",
		"422 [errors.content: The content field is required when type is text.]", "201",
		framework + "its version 8 trims ASCII alone; newer ones trim as the fake does"},
	{"JSON: content that is an empty *", "errors.content", "The content must be a string.",
		"The content field is required when type is text.", framework + "to the rule required an empty list is nothing"},
	{"log: page * | refusal: log: page * | refusal: query: a page with a leading zero | " +
		"negative *: listMessages parameter page *",
		"status", "422 [errors.page: The page must be *]", "200", framework + "a page that is none is the first; the contract is stricter"},
	{"refusal: key: scopes is empty | negative minItems: createApiKey scopes minItems []", "status",
		"422 [errors.scopes: The scopes must have at least 1 items.]", "201",
		application + "it takes a key without scopes; the contract assumes a refusal"},
	{"refusal: key: scope twice | negative uniqueItems: createApiKey scopes uniqueItems *", "status", "422 [errors.scopes.0: The " +
		"scopes.0 field has a duplicate value.] [errors.scopes.1: The scopes.1 field has a duplicate value.]", "201",
		application + "it takes a scope twice; the contract assumes a refusal"},
	{"create key: an object of scopes", "status", "422 [errors.scopes: The scopes must be an array.]", "201",
		framework + "the rule array takes an object"},
	{"negative type: createApiKey scopes type *", "errors.scopes", "The scopes must be an array.", "none",
		framework + "the rule array takes an object"},
	{"negative type: createApiKey scopes type *", "errors.scopes.*", "none",
		"The scopes.* must be a string. The selected scopes.* is invalid.", framework + "the rule array takes an object"},
	{"*JSON: as * | URL-encoded text | *media type: * | refusal: text/json", "status",
		"422 [errors.body: The Content-Type must be one of *.]", "201",
		framework + "it reads any type with /json or +json in it, and URL-encoded forms; the contract has two types"},
	{"the message in the query", "status", "422 [errors.body: The body is missing.]", "201",
		framework + "the query is input as much as the body"},
	{"a field in the query that the body lacks", "status",
		"422 [errors.content: The content field is required when type is text.]", "201",
		framework + "the query is input as much as the body"},
	{"lookup: in a body", "status", "422 [errors.phone: The phone field is required.] " + noSender, "200",
		framework + "the body is input as much as the query"},
	{"refusal: query: *", "status", "422 [errors.query: The query is not well formed: *]", "200",
		framework + "it reads any query somehow"},
	{"JSON: a text of 1 MiB", "status", "422 [errors.body: The body is larger than 1048576 bytes.]", "201",
		"the fake keeps its memory small; the tenant takes what PHP's post_max_size lets through"},
	{"negative malformed JSON: *", "errors.sender_*", "none", "The sender * field is required *",
		framework + "of JSON that is none, or no object, it reads nothing"},
	{"JSON: good, and deep in a field", "errors.*", "none", "The * field is required*",
		framework + "PHP reads no JSON deeper than 512 levels"},

	// Forms that PHP reads differently.
	{"form: cut * | refusal: form cut *", "status", "422 [errors.body: The multipart body is *]", "201",
		framework + "PHP takes a form whose last boundary is not whole, and a text field that does not end"},
	{"form: a quotation mark that does not end | form: an attachment | form: a zero character in the name", "status",
		"422 [errors.body: A part of the multipart body has no name.] [errors.media: The media field is required.] | " +
			"422 [errors.body: The multipart body is not well formed.] [errors.media: The media field is required.]", "201",
		framework + "PHP takes a part that is not well formed"},
	{"form: spaces around the equals sign", "status", "201", "422 [errors.media: " + unlessText + "]",
		framework + "PHP takes no space before the equals sign"},
	{"form: spaces after the boundary", "status", "201", nothingOfMessage,
		framework + "PHP knows no space after a boundary, which RFC 2046 allows"},
	{"form: brackets*", "errors.media", "The media field is required.", "The media must be a file.",
		framework + "brackets make a list of a field"},
	{"form: the content as a list", "errors.content", "none", "The content must be a string.",
		framework + "brackets make a list of a field"},
	{"form: the sender as a list", "errors.sender_*", "none", "The sender * field prohibits sender *",
		framework + "brackets make a list of a field"},
	{"form: content that is not UTF-8 | form: content in Latin 1, as it says", "status",
		"422 [errors.content: The content is not UTF-8.]", `500 "Server Error"`,
		framework + "no JSON can be made of it; the message was stored before"},

	// Requests that the tenant refuses and the fake accepts.
	{"collection: lookup | lookup: bare plus*", "status", "200", "422 [errors.phone: The phone format is invalid.] | " +
		"422 [errors.phone: The phone format is invalid.] [errors.sender_phone: The selected sender phone is invalid.]",
		helps + "it reads a bare plus as the vendor's page writes it, and warns; to PHP it is a space"},
	{"lookup: an empty sender beside a number", "errors.sender_*", "none | The sender phone format is invalid.",
		"The sender * field prohibits sender *", emptyIsNull},
	{"JSON: an empty other sender | " +
		"accepted: form: image with an empty sender_number_id",
		"status", "201", "422 [errors.sender_number_id: The sender number id field prohibits *] [errors.sender_phone: The sender phone " +
			"field prohibits *]", emptyIsNull},
	{"JSON: null for the other sender | accepted: text: null for the *", "status", "201",
		"422 [errors.sender_number_id: The sender number id field prohibits *] [errors.sender_phone: The sender phone field prohibits *]",
		emptyIsNull},
	{"create key: null scopes", "status", "201", "422 [errors.scopes: The scopes must be an array.]",
		application + "its rule for the scopes is not nullable; that null counts as absent is assumed"},
	{"JSON: null for the other sender | refusal: JSON: one sender and the other null | refusal: JSON: sender * null | " +
		"*: sendMessage sender_* nullable null | JSON: sender number null | JSON: sender number empty",
		"errors.sender_*", "none | The sender number id must be an integer. | The sender phone must be a string.",
		"The sender * field is required when * | The sender * field prohibits sender *", emptyIsNull},
	{"accepted: text: Content-Type Application/JSON", "status", "201", nothingOfMessage,
		framework + "it looks for /json in lower case"},
	{"*: too long a name", "status", "201", "422 [errors.*name: The * must not be greater than 255 characters.]",
		application + "its columns hold 255 characters; the vendor publishes no limit"},
	{"form: a file of a text", "status", "201", "422 [errors.media: The media field is prohibited when type is text.]",
		application + "the vendor does not say what becomes of a text's file"},
	{"*", "errors.media", "The media must be a file.",
		"The media field is prohibited when type is text. The media must be a file.",
		application + "the vendor does not say what becomes of a text's file"},
	{"lookup: all wrong", "errors.sender_phone",
		"The sender phone field prohibits sender number id from being present. The sender phone format is invalid.",
		"The sender phone field prohibits sender number id from being present.",
		application + "it has no format for a sender's phone, only whether there is one"},
	{"sender unknown and a bad phone", "errors.sender_phone", "none", "The selected sender phone is invalid.",
		framework + "it reports all fields at once; the fake checks what it stores after the contract"},

	// Revoked keys.
	{"revoke: again | revoke: one that was revoked long ago | example: revokeApiKey example", "status",
		`404 "API key not found."`, "204", application + "it revokes what is revoked; the contract assumes a 404"},
	{"revoke: an encoded slash", "message", `"API key not found."`, `""`,
		framework + "an encoded slash separates as any other"},

	// Paths and methods.
	{"route: /me/ | route: /messages/ | route: /subscription/ | route: /usage/", "status", noPlace, "200", aSlash},
	{"route: POST /messages/", "status", noPlace, "201", aSlash},
	{"route: /contacts/lookup/", "status", noPlace, "422 [errors.phone: The phone field is required.] " + noSender, aSlash},
	{"route: /api-keys/", "status", noPlace, `405 "The GET method is not supported for this route. Supported methods: POST."`,
		aSlash},
	{"route: /api-keys/", "header Allow", "none", "POST", aSlash},
	{"method: OPTIONS *", "status", `405 "This path allows only *"`, "200", framework + "it responds to OPTIONS itself"},
	{"method: get *", "status", `404 "The API has no path *" | 405 "This path allows only *"`, "400 HTML", lowerCase},
	{"method: get *", "header Allow", "GET, HEAD | POST | GET, HEAD, POST | DELETE", "none", lowerCase},
	{"method: TRACE", "header Allow", "GET, HEAD", "none", framework + "nginx refuses TRACE"},
	{"method: TRACE", "content type", "application/json", "text/html", framework + "nginx refuses TRACE"},
	{"method: overridden by *", "status", "201", `405 "The PUT method is not supported for this route.*"`, overridden},
	{"form: a method in a field", "status", "422 [errors._method: The _method is not a field of this request.]",
		`405 "The DELETE method is not supported for this route.*"`, overridden},
	{"method: overridden by * | form: a method in a field", "header Allow", "none", "GET, HEAD, POST", overridden},
	{"host: acme.localhost.", "status", `404 "Tenant could not be identified for this domain."`, "200",
		framework + "nginx takes the last dot off a host"},

	// Without an Accept header for JSON, which the contract requires.
	{"Accept not of JSON *", "content type", "application/json", "text/html UTF-8",
		framework + "who does not ask for JSON gets a page"},
	{"Accept not of JSON *: no key", "status", `401 "Unauthenticated."`, "500 HTML",
		framework + "who does not ask for JSON is sent to a login page, which an API does not have"},
	{"Accept not of JSON *: invalid", "status", "422 " + noSender + " [errors.to_phone: The to phone field is required.] " +
		"[errors.type: The type field is required.]", "302 HTML", framework + "a client that does not ask for JSON is redirected to a form"},
	{"Accept not of JSON *: invalid query", "status", "422 [errors.phone: The phone field is required.] " + noSender, "302 HTML",
		framework + "a client that does not ask for JSON is redirected to a form"},
	{"Accept not of JSON *: invalid*", "header Location", "none", "http://127.0.0.1",
		framework + "a client that does not ask for JSON is redirected to a form"},

	// Limits.
	{"limits: * | trouble: *", "header X-RateLimit-*", "none", "present",
		framework + "its throttle adds headers to the response of each request that it allows; the contract has Retry-After alone"},

	// Failures of the server.
	{"trouble: 502", "content type", "text/html utf-8", "text/html", framework + "nginx's page names no charset"},
}
