package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tgo-business/tgo-go/contract_test/languages/go/scenario"
	"github.com/tgo-business/tgo-go/gen"
)

// newClient is the generated client with a key. It follows no redirects: a redirect would send the key to another host. net/http
// repeats a POST only if nothing of it was sent.
func newClient(url, key string) (*gen.ClientWithResponses, error) {
	direct := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return gen.NewClientWithResponses(url, gen.WithHTTPClient(direct), gen.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("X-Api-Key", key)
		r.Header.Set("Accept", "application/json")
		return nil
	}))
}

// refusal turns a response that is not a success into an error.
func refusal(operation string, response *http.Response, body []byte) error {
	var said gen.Error
	if err := json.Unmarshal(body, &said); err != nil {
		return fmt.Errorf("TGO returned %d without JSON: %w", response.StatusCode, err)
	}
	e := &scenario.Error{Status: response.StatusCode, Message: said.Message, Fields: said.Errors}
	if e.Status == http.StatusForbidden {
		for _, scope := range gen.RequiredScopes(operation) {
			e.RequiredScopes = append(e.RequiredScopes, string(scope))
		}
	}
	return e
}

// form is a message to send as a form, with a file or without.
type form struct {
	gen.MessageForm
	File string
}

// sendForm sends a form. oapi-codegen generates the type MessageForm, but no code that writes it as multipart/form-data.
func sendForm(ctx context.Context, client *gen.ClientWithResponses, m form) (*gen.SendMessageHTTPResponse, error) {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, value := range map[string]string{
		"type": string(m.Type), "sender_phone": m.SenderPhone, "sender_number_id": number(m.SenderNumberID),
		"to_phone": m.ToPhone, "content": m.Content, "duration": number(int64(m.Duration)),
		"file_name": m.FileName, "file_size": number(m.FileSize), "file_type": m.FileType,
	} {
		if value != "" {
			_ = parts.WriteField(name, value) // writing to a buffer does not fail
		}
	}
	if m.File != "" {
		content, err := os.ReadFile(m.File)
		if err != nil {
			return nil, err
		}
		part, _ := parts.CreateFormFile("media", filepath.Base(m.File))
		_, _ = part.Write(content)
	}
	_ = parts.Close()
	return client.SendMessageWithBodyWithResponse(ctx, parts.FormDataContentType(), &body)
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
