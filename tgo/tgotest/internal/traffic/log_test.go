package traffic

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// Of a refused form everything counts that is kept, in every form in which it is.
func TestSizeOfARefusedForm(t *testing.T) {
	routes, err := contract.Routes()
	if err != nil {
		t.Fatal(err)
	}
	l := New(workspace.New(workspace.Config{Now: time.Now}), Config{Now: time.Now, Routes: routes})
	refuse := l.Watch(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = "POST " + contract.BasePath + "/messages"
		NoteForm(r, contract.ReadForm(r, 0))
		w.WriteHeader(http.StatusUnprocessableEntity)
	}))
	text := strings.Repeat("\x01", 500_000) // longer wherever it is shown
	body := "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\n" + text + "\r\n--b--\r\n"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, contract.BasePath+"/messages", strings.NewReader(body))
	r.Header = http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}
	refuse.ServeHTTP(httptest.NewRecorder(), r)
	one := l.Find(1)
	if kept := len(one.form.fields["content"]) + len(one.sent.text) + len(one.body); kept < 1_000_000 || one.size < kept {
		t.Errorf("%d bytes count of %d", one.size, kept)
	}
}
