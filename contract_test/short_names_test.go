package contract_test

import (
	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
)

// Short names for what the long tables of this package use most: requests and their parts, operations and examples of the
// document, and exchanges with what they say about an assumption.
type (
	request   = contract.Request
	part      = contract.Part
	exchange  = contract.Exchange
	operation = contract.Operation
	example   = contract.Example
	verdict   = suite.Verdict
)

const (
	notSeen = suite.NotSeen
	held    = suite.Held
	refuted = suite.Refuted

	basePath      = contract.BasePath
	jsonType      = contract.JSONType
	multipartType = contract.FormType

	senderPhone = contract.SenderPhone
	senderID    = contract.SenderID
	recipient   = contract.Recipient

	textUnauthenticated       = contract.TextUnauthenticated
	textMissingScope          = contract.TextMissingScope
	textUnknownTenant         = contract.TextUnknownTenant
	textInvalid               = contract.TextInvalid
	textSenderInactive        = contract.TextSenderInactive
	textSenderInactiveLater   = contract.TextSenderInactiveLater
	textSenderUnverified      = contract.TextSenderUnverified
	textSenderUnverifiedLater = contract.TextSenderUnverifiedLater

	// demoFiles are the files of tgo demo, from this folder.
	demoFiles = "../tgo/cmd/tgo/demo/"
)

// null is a JSON null; nil means absent.
var null = contract.Null

// Requests and their parts.
var (
	post       = contract.Post
	textOf     = contract.TextOf
	jsonOf     = contract.JSONOf
	textParts  = contract.TextParts
	imageParts = contract.ImageParts
	voiceParts = contract.VoiceParts
	field      = contract.Field
	filePart   = contract.FilePart
	formBody   = contract.FormBody
	with       = contract.With
	without    = contract.Without
)

// Responses, and what they show about an assumption.
var (
	at       = contract.At
	toJSON   = contract.ToJSON
	sameJSON = contract.SameJSON
	readFile = suite.ReadFile
	holds    = suite.Holds
)
