package network_test

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"math/big"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

const (
	senderPhone = "+201001187188"
	recipient   = "+201010000000"
)

// certificate is the self-signed certificate of all servers here.
var certificate tls.Certificate

func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "network tests"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

func newClient(t *testing.T, serverURL string, opts ...tgo.Option) *tgo.Client {
	t.Helper()
	client, err := tgo.New("", tgo.NewKey("key-of-the-network-tests"), append(opts, tgo.WithBaseURL(serverURL))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// send sends message i, with a file if size is above 0.
func send(ctx context.Context, client *tgo.Client, i, size int) error {
	content := "message " + strconv.Itoa(i)
	s := client.FromPhone(senderPhone)
	if size == 0 {
		_, err := s.SendText(ctx, recipient, content)
		return err
	}
	file := tgo.BytesFile("a.bin", make([]byte, size))
	_, err := s.SendDocument(ctx, recipient, tgo.Document{File: file, Caption: content})
	return err
}

// upstream is the application behind the proxies. It counts how often it received each message completely.
type upstream struct {
	*httptest.Server
	arrived []atomic.Int32
	// received, if set, is called after a message was read and before the response.
	received func()
	// protocols has the protocols that the client used: with nginx, according to nginx, or with this server.
	protocols sync.Map
}

// newUpstream makes an upstream. It is not started yet, so that TLS and other settings can be added.
func newUpstream(t *testing.T, messages int) *upstream {
	up := &upstream{arrived: make([]atomic.Int32, messages)}
	up.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i, err := readMessage(r)
		if err != nil { // the proxy or the client closed the connection
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		up.arrived[i].Add(1)
		up.protocols.Store(cmp.Or(r.Header.Get("X-Client-Protocol"), r.Proto), true)
		if up.received != nil {
			up.received()
		}
		accept(w)
	}))
	up.Config.ErrorLog = log.New(io.Discard, "", 0) // killed proxies are expected
	up.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	t.Cleanup(up.Close)
	return up
}

// spoke fails the test if the client did not use this protocol, or also used another one.
func (up *upstream) spoke(t *testing.T, want string) {
	t.Helper()
	if _, ok := up.protocols.Load(want); !ok {
		t.Errorf("the client did not use %s", want)
	}
	up.protocols.Range(func(protocol, _ any) bool {
		if protocol != want {
			t.Errorf("the client used %v, want %s", protocol, want)
		}
		return true
	})
}

// accept responds that the message was accepted.
func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"data":{"id":1,"sender_number_id":1,"recipient_user_id":1,"conversation_id":1,"message_id":1,`+
		`"message_type":"text","content":null,"status":"sent","sent_at":"2025-01-10T08:00:00Z"}}`)
}

// readMessage reads a request to its end and returns the number of its message.
func readMessage(r *http.Request) (int, error) {
	var content string
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return 0, err
	case mediaType == "application/json":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return 0, err
		}
		var message struct{ Content string }
		if err := json.Unmarshal(body, &message); err != nil {
			return 0, err
		}
		content = message.Content
	default:
		if err := r.ParseMultipartForm(16 << 20); err != nil {
			return 0, err
		}
		content = r.FormValue("content")
		if err := r.MultipartForm.RemoveAll(); err != nil {
			return 0, err
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return 0, err
		}
	}
	return strconv.Atoi(strings.TrimPrefix(content, "message "))
}

// judge compares the delivery that the client reported for each message with how often the message arrived.
type judge struct {
	verdicts []error // the results of the sends, by the number of the message
	arrived  []atomic.Int32
	// refused reports whether a proxy refused a message. The delivery of such a message may be unknown.
	refused func(error) bool
}

// numbers matches what differs between errors of the same kind.
var numbers = regexp.MustCompile(`(127\.0\.0\.1|stream ID)[: ]\d+`)

// check fails the test if the client reported a wrong delivery. It returns how many messages were reported as unknown and never arrived,
// without those that were refused. It logs all counts.
func (j judge) check(t *testing.T) (needless int) {
	t.Helper()
	var said [4]int
	attempts := map[int]int{}
	causes := map[string]int{}
	var doubled, lost, denied, refused, refusedArrived int
	for i, err := range j.verdicts {
		verdict, n := tgo.DeliveryOf(err), j.arrived[i].Load()
		said[verdict]++
		var failed *tgo.SendError
		if errors.As(err, &failed) {
			attempts[failed.Attempts]++
			causes[fmt.Sprintf("%v, arrived %d times: %s", verdict, n, numbers.ReplaceAllString(failed.Err.Error(), "$1 N"))]++
		}
		if n > 1 {
			doubled++
		}
		if j.refused != nil && j.refused(err) {
			refused++
			if n > 0 {
				refusedArrived++
			}
			continue
		}
		switch verdict {
		case tgo.DeliveryAccepted:
			if n == 0 {
				lost++
			}
		case tgo.DeliveryNotSent, tgo.DeliveryRejected:
			if n > 0 {
				denied++
			}
		case tgo.DeliveryUnknown:
			if n == 0 {
				needless++
			}
		}
	}
	t.Logf("%d sends; said: %d accepted, %d rejected, %d not sent, %d unknown; attempts of those that failed: %v", len(j.verdicts),
		said[tgo.DeliveryAccepted], said[tgo.DeliveryRejected], said[tgo.DeliveryNotSent], said[tgo.DeliveryUnknown], attempts)
	t.Logf("doubled: %d; called accepted and never arrived: %d; called not sent or rejected and arrived: %d; refused on the way: %d, "+
		"of which arrived: %d; unknown and never arrived: %d", doubled, lost, denied, refused, refusedArrived, needless)
	for n, cause := range slices.Sorted(maps.Keys(causes)) {
		if n == 10 {
			t.Logf("... and %d more causes", len(causes)-n)
			break
		}
		t.Logf("%6d %s", causes[cause], cause)
	}
	if doubled+lost+denied+refusedArrived > 0 {
		t.Error("the client reported a wrong delivery, or sent a message twice")
	}
	return needless
}
