// Package frames is an HTTP/2 server for tests that controls each frame: it can refuse, reset, stall and cut a request at any point, and
// records what it has read.
//
// The server only reads frames. Config.Handle does everything else: it is called for each request when the HEADERS frame is read, and
// calls the methods of [Stream]. The server ignores the client's flow control, so responses must fit into a client's initial windows.
package frames

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// KeptBody is how many bytes of each body the record has at most.
const KeptBody = 1 << 10

// maxFrame is the size of the largest frame that every peer accepts.
const maxFrame = 16 << 10

// Config configures a server.
type Config struct {
	// Handle handles a request. It runs on its own goroutine. If it writes no response, the request gets none.
	Handle func(*Stream)
	// Window is how many bytes of a request's body the client may send before the server has read any. 0 means HTTP/2's default of
	// 65,535. A client may send the first request of a connection before it knows the value.
	Window uint32
	// Streams is how many concurrent requests the server accepts on one connection; 0 means 100.
	Streams uint32
}

// Server is a running server.
type Server struct {
	// URL is its address, with the scheme https.
	URL string

	config   Config
	listener net.Listener
	tls      *tls.Config
	roots    *x509.CertPool
	running  sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	conns   map[*conn]bool
	opened  int
	streams []*Stream
}

// New starts a server for a test, and stops it when the test ends.
func New(tb testing.TB, config Config) *Server {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	certified := httptest.NewTLSServer(nil) // only for its certificate
	certified.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	s := &Server{
		URL:      "https://" + listener.Addr().String(),
		config:   config,
		listener: listener,
		tls:      &tls.Config{Certificates: certified.TLS.Certificates, NextProtos: []string{http2.NextProtoTLS}, MinVersion: tls.VersionTLS12},
		roots:    roots,
		conns:    map[*conn]bool{},
	}
	s.running.Go(s.accept)
	tb.Cleanup(s.Close)
	return s
}

// Transport returns a new transport that trusts the server.
func (s *Server) Transport() *http.Transport {
	return &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12},
	}
}

// Close cuts all connections, and returns when all of the server's goroutines have ended.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		_ = c.tcp.Close()
	}
	s.mu.Unlock()
	_ = s.listener.Close()
	s.running.Wait()
}

// Requests returns the record of all requests, in the order in which they came.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	streams := slices.Clone(s.streams)
	s.mu.Unlock()
	var requests []Request
	for _, stream := range streams {
		stream.conn.mu.Lock()
		requests = append(requests, stream.Request)
		stream.conn.mu.Unlock()
	}
	return requests
}

func (s *Server) accept() {
	for {
		tcp, err := s.listener.Accept()
		if err != nil {
			return
		}
		secure := tls.Server(tcp, s.tls)
		c := &conn{server: s, tcp: tcp.(*net.TCPConn), tls: secure, framer: http2.NewFramer(secure, secure),
			streams: map[uint32]*Stream{}, last: 1<<31 - 1}
		c.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
		c.encoder = hpack.NewEncoder(&c.block)
		c.changed.L = &c.mu
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			_ = tcp.Close()
			return
		}
		s.opened++
		c.number = s.opened
		s.conns[c] = true
		s.mu.Unlock()
		s.running.Go(c.serve)
	}
}

// conn is one connection.
type conn struct {
	server *Server
	number int
	tcp    *net.TCPConn
	tls    *tls.Conn

	mu      sync.Mutex // for everything below and for the streams; of the framer, for writing
	changed sync.Cond  // a stream has received something, or has ended
	framer  *http2.Framer
	encoder *hpack.Encoder
	block   bytes.Buffer // what the encoder writes to
	streams map[uint32]*Stream
	last    uint32 // the last stream that a GOAWAY allows
	over    bool   // nothing more is written, and frames that still come are ignored
}

// serve reads a connection to its end.
func (c *conn) serve() {
	c.readFrames()
	c.mu.Lock()
	c.end()
	c.mu.Unlock()
	_ = c.tcp.Close()
	c.server.mu.Lock()
	delete(c.server.conns, c)
	c.server.mu.Unlock()
}

func (c *conn) readFrames() {
	preface := make([]byte, len(http2.ClientPreface))
	if c.tls.HandshakeContext(context.Background()) != nil { // Close closes the connection
		return
	}
	if _, err := io.ReadFull(c.tls, preface); err != nil || string(preface) != http2.ClientPreface {
		return
	}
	settings := []http2.Setting{{ID: http2.SettingMaxConcurrentStreams, Val: 100}}
	if n := c.server.config.Streams; n > 0 {
		settings[0].Val = n
	}
	if n := c.server.config.Window; n > 0 {
		settings = append(settings, http2.Setting{ID: http2.SettingInitialWindowSize, Val: n})
	}
	c.mu.Lock()
	err := c.framer.WriteSettings(settings...)
	c.mu.Unlock()
	for err == nil {
		var frame http2.Frame
		if frame, err = c.framer.ReadFrame(); err == nil {
			err = c.take(frame)
		} else if errors.As(err, &http2.StreamError{}) {
			err = nil
		}
	}
}

// take handles a frame.
func (c *conn) take(frame http2.Frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return nil
	}
	stream := c.streams[frame.Header().StreamID]
	switch f := frame.(type) {
	case *http2.SettingsFrame:
		if !f.IsAck() {
			return c.framer.WriteSettingsAck()
		}
	case *http2.PingFrame:
		if !f.IsAck() {
			return c.framer.WritePing(true, f.Data)
		}
	case *http2.MetaHeadersFrame:
		if stream == nil {
			c.open(f)
		} else { // the trailers of a request
			stream.ended = f.StreamEnded()
			c.changed.Broadcast()
		}
	case *http2.DataFrame:
		if stream != nil && !stream.over {
			stream.unread = append(stream.unread, f.Data()...)
			stream.ended = f.StreamEnded()
			c.changed.Broadcast()
		}
		if f.Length > 0 { // the connection's window stays open; the handler opens the stream's
			return c.framer.WriteWindowUpdate(0, f.Length)
		}
	case *http2.RSTStreamFrame:
		if stream != nil {
			stream.finish()
		}
	}
	return nil
}

// open starts a stream and its handler.
func (c *conn) open(f *http2.MetaHeadersFrame) {
	stream := &Stream{conn: c, ended: f.StreamEnded(), done: make(chan struct{})}
	stream.Conn, stream.ID, stream.Method, stream.Path = c.number, f.StreamID, f.PseudoValue("method"), f.PseudoValue("path")
	c.streams[f.StreamID] = stream
	c.server.note(stream)
	if f.StreamID > c.last { // the client sent it before it read the GOAWAY
		stream.Refused = true
		stream.finish()
		return
	}
	c.server.running.Go(func() {
		c.server.config.Handle(stream)
		c.mu.Lock()
		stream.begun = true
		c.mu.Unlock()
	})
}

// note adds a request to the record.
func (s *Server) note(stream *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams = append(s.streams, stream)
	stream.Number = len(s.streams)
}

// end finishes all streams of the connection.
func (c *conn) end() {
	c.over = true
	for _, stream := range c.streams {
		stream.finish()
	}
}
