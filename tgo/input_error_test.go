package tgo_test

import (
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// An InputError lists all invalid fields with their rules, wraps their causes, and says that nothing was sent.
func TestInputError(t *testing.T) {
	sender := clientOf(t, "http://"+closedPort).FromNumber(1)
	_, err := sender.SendVoice(t.Context(), "0101", tgo.Voice{File: tgo.FilePath("x"), Duration: 301 * time.Second, Caption: "\xff"})
	var input *tgo.InputError
	if !errors.As(err, &input) {
		t.Fatal(err)
	}
	const want = "tgo: send voice: duration must be at most 300 s; " +
		"to_phone must be in E.164 form, such as +201010000000: it has no plus sign and country code at its start; content must be UTF-8 text"
	if input.Error() != want || input.Op != "send voice" || len(input.Fields) != 3 || input.Fields[2].Field != "content" {
		t.Errorf("the error is\n%v\nwant\n%s", input, want)
	}
	if !errors.Is(input, tgo.ErrValidation) || !errors.Is(input, tgo.ErrNotSent) || errors.Is(input, tgo.ErrServer) {
		t.Errorf("%v is not only an ErrValidation and an ErrNotSent", input)
	}
	_, err = sender.SendDocument(t.Context(), testRecipient, tgo.Document{File: tgo.FilePath("no-such-file")})
	if !errors.As(err, &input) || len(input.Fields) != 1 || input.Fields[0].Field != "media" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error of a missing file is %v", err)
	}
}
