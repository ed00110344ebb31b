package tgotest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// Server is a running fake.
type Server struct {
	// URL is the base URL, /api/v1 included.
	URL string
	// Key is the first key of the seed: by default one with all scopes.
	Key tgo.Key
	// Client is a client with Key.
	Client *tgo.Client
	// Sender sends from the first sender number of the seed.
	Sender *tgo.Sender
	// SenderPhone and SenderNumberID name that sender number.
	SenderPhone    tgo.Phone
	SenderNumberID tgo.NumberID
	// RecipientPhone is the first contact of the seed: by default one who can be reached.
	RecipientPhone tgo.Phone

	cfg       Config
	workspace *workspace.Workspace
	traffic   *traffic.Log // empty without Config.Inbox
	guard     *web.Guard
	faults    faults
	http      *http.Server
	warned    struct {
		sync.Mutex
		of map[string]bool
	}

	closed   chan struct{} // by Close
	close    sync.Once
	served   chan struct{} // closed when serving has ended, with serveErr
	serveErr error
}

// TB is the part of testing.TB that this package uses.
type TB interface {
	// Helper is as in testing.TB.
	Helper()
	// Cleanup is as in testing.TB.
	Cleanup(func())
	// Fatalf is as in testing.TB.
	Fatalf(format string, args ...any)
}

// New starts a fake for a test and stops it when the test ends. The functions may change the configuration first.
func New(tb TB, configure ...func(*Config)) *Server {
	tb.Helper()
	var cfg Config
	for _, f := range configure {
		f(&cfg)
	}
	s, err := Start(cfg)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// Start starts a fake outside a test. The caller must call Close or Shutdown.
func Start(cfg Config) (*Server, error) {
	routes, err := contract.Routes()
	if err != nil {
		return nil, err
	}
	if cfg, err = cfg.withDefaults(); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", cfg.Addr) //nolint:noctx // it does not wait
	if err != nil {
		return nil, fmt.Errorf("tgotest: %w", err)
	}
	if len(cfg.Tenants) == 0 {
		host, _, _ := net.SplitHostPort(cfg.Addr)
		cfg.Tenants = []string{"localhost", "127.0.0.1", "::1", host}
	}
	s := &Server{
		URL:            urlOf(listener.Addr()),
		Key:            tgo.NewKey(cfg.Keys[0].PlainText),
		RecipientPhone: cfg.Contacts[0].Phone,
		cfg:            cfg,
		workspace:      workspace.New(cfg.workspace()),
		closed:         make(chan struct{}),
		served:         make(chan struct{}),
	}
	s.warned.of = map[string]bool{}
	s.faults.choose = cfg.Faults
	s.faults.changed = s.changed
	s.faults.operations = map[string]bool{}
	for id := range routes {
		s.faults.operations[id] = true
	}
	first := cfg.SenderNumbers[0]
	s.SenderPhone, s.SenderNumberID = first.Phone, first.ID
	s.guard = &web.Guard{Tenants: cfg.Tenants, UnknownHost: s.warnOfHost}
	s.traffic = traffic.New(s.workspace, traffic.Config{
		MaxMessages: cfg.MaxMessages, DoubledWithin: cfg.DoubledWithin, Now: cfg.Now, Routes: routes, URL: s.URL,
	})
	handler, err := s.handler(routes)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	if cfg.Inbox {
		handler = s.traffic.Watch(handler)
	}
	s.http = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	s.http.RegisterOnShutdown(s.traffic.End)
	if s.Client, err = tgo.New("", s.Key, tgo.WithBaseURL(s.URL)); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.Sender = s.Client.FromPhone(s.SenderPhone)
	go func() {
		s.serveErr = s.http.Serve(listener)
		close(s.served)
	}()
	return s, nil
}

// urlOf is the base URL of a listener. For a listener on all interfaces it is the loopback one.
func urlOf(addr net.Addr) string {
	host, port, _ := net.SplitHostPort(addr.String()) // a listener's address has both
	if ip := net.ParseIP(host); ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + contract.BasePath
}

// Close stops the fake at once and cuts the connections that are open.
func (s *Server) Close() error {
	s.close.Do(func() { close(s.closed) })
	err := s.http.Close()
	return errors.Join(err, s.finished())
}

// Shutdown stops the fake after the requests under way, or when the context ends.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return err
	}
	return s.finished()
}

func (s *Server) finished() error {
	<-s.served
	if !errors.Is(s.serveErr, http.ErrServerClosed) {
		return s.serveErr
	}
	return nil
}
