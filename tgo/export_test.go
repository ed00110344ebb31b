package tgo

// Unexported values that the tests of package tgo_test compare with the contract and with comments.
const (
	BasePath        = basePath
	ClockSlack      = clockSlack
	DefaultAttempts = defaultAttempts
	DefaultMaxWait  = defaultMaxWait
	DefaultTimeout  = defaultTimeout
	MaxDigits       = maxDigits
	MaxKeyDays      = maxKeyDays
	MaxOdd          = maxOdd
	MaxOffset       = maxOffset
	MaxPages        = maxPages
	MaxVoice        = maxVoice
	MinDigits       = minDigits
)

var (
	AllScopes       = allScopes
	ReadConditions  = readConditions
	WriteConditions = writeConditions
)

// DeliveryOfStatus returns the verdict on a response with this status and without a receipt.
func DeliveryOfStatus(status int) Delivery { return deliveryOf(status, false) }

// IsPhone reports whether a phone number is in E.164 form.
func IsPhone(p Phone) bool { return p.validate("phone") == nil }
