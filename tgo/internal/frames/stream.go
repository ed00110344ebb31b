package frames

import (
	"slices"
	"strconv"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Request is what the server knows of a request.
type Request struct {
	// Conn and ID say on which connection it came, the first being 1, and as which stream of it.
	Conn int
	ID   uint32
	// Number counts the requests of all connections, from 1.
	Number int
	// Method and Path are those of the HEADERS frame; the query is part of Path.
	Method, Path string
	// Body is what was read of the body, KeptBody bytes at most, and Length how many bytes were read.
	Body   []byte
	Length int
	// Whole says that the request was read to its end.
	Whole bool
	// Refused says that the server declared it unprocessed, by a RST_STREAM with REFUSED_STREAM or by a GOAWAY, before it
	// had begun to answer.
	Refused bool
	// Status is the last status that was written; 0 is none.
	Status int
}

// Processed reports whether the server had the request whole and did not declare it unprocessed. It does not look at Status.
func (r Request) Processed() bool { return r.Whole && !r.Refused }

// Stream is a request under way. Its methods do nothing once the stream is over: reset by one side, refused, or on a
// connection that has ended.
type Stream struct {
	// Request is the record. Handlers may read Conn, ID, Number, Method and Path of it, which do not change.
	Request

	conn    *conn
	unread  []byte // what has come of the body and nobody has read
	ended   bool   // nothing comes after unread
	granted bool   // the window is open for all of the body
	begun   bool   // the server has begun to answer, or has otherwise decided
	over    bool
	done    chan struct{} // closed when over
}

// ReadSome reads what the client has sent of the body, at least a byte of it or its end. It reports false if the stream is
// over.
func (s *Stream) ReadSome() bool { return s.read(false) }

// ReadAll opens the window and reads the body to its end. It reports false if the stream is over before.
func (s *Stream) ReadAll() bool { return s.read(true) }

func (s *Stream) read(all bool) bool {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	for ; !s.over; c.changed.Wait() {
		if all && !s.ended && !s.granted {
			s.granted = true
			if c.framer.WriteWindowUpdate(s.ID, 1<<30) != nil {
				c.end()
				break
			}
		}
		s.Body = append(s.Body, s.unread[:min(len(s.unread), KeptBody-len(s.Body))]...)
		s.Length += len(s.unread)
		some := len(s.unread) > 0
		s.unread = nil
		s.Whole = s.ended
		if s.Whole || some && !all {
			return true
		}
	}
	return false
}

// Wait returns when the stream is over.
func (s *Stream) Wait() { <-s.done }

// Answer writes a whole answer of JSON.
func (s *Stream) Answer(status int, body string) {
	s.Head(status, "content-type", "application/json")
	s.Data(body, true)
}

// Inform writes the HEADERS frame of an informational status. The server may still refuse the request afterwards.
func (s *Stream) Inform(status int) {
	s.write(func(f *http2.Framer) error { return s.headers(f, false, ":status", strconv.Itoa(status)) })
}

// Head writes the HEADERS frame of an answer that has a body. Fields are names and values in turns.
func (s *Stream) Head(status int, fields ...string) {
	s.write(func(f *http2.Framer) error {
		s.begun, s.Status = true, status
		return s.headers(f, false, append([]string{":status", strconv.Itoa(status)}, fields...)...)
	})
}

// Data writes a part of the answer's body; end says that it is the last one.
func (s *Stream) Data(body string, end bool) {
	for more := true; more; {
		piece := body[:min(len(body), maxFrame)]
		body = body[len(piece):]
		more = body != ""
		s.write(func(f *http2.Framer) error { return f.WriteData(s.ID, end && !more, []byte(piece)) })
	}
}

// Trailer writes the HEADERS frame that ends an answer. Fields are names and values in turns; a name that begins with a
// colon makes it a bad one.
func (s *Stream) Trailer(fields ...string) {
	s.write(func(f *http2.Framer) error { return s.headers(f, true, fields...) })
}

func (s *Stream) headers(f *http2.Framer, end bool, fields ...string) error {
	s.conn.block.Reset()
	for field := range slices.Chunk(fields, 2) {
		_ = s.conn.encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}) // to a buffer, which takes it
	}
	return f.WriteHeaders(http2.HeadersFrameParam{StreamID: s.ID, BlockFragment: s.conn.block.Bytes(), EndStream: end, EndHeaders: true})
}

// Reset writes a RST_STREAM frame. REFUSED_STREAM declares the request unprocessed, unless the answer has begun.
func (s *Stream) Reset(code http2.ErrCode) {
	s.write(func(f *http2.Framer) error {
		if code == http2.ErrCodeRefusedStream && !s.begun {
			s.Refused = true
		}
		s.begun = true
		s.finish()
		return f.WriteRSTStream(s.ID, code)
	})
}

// GoAway writes a GOAWAY frame. It declares unprocessed what comes after the stream last; so last is raised to the highest
// of the other streams that the server has begun to answer.
func (s *Stream) GoAway(last uint32, code http2.ErrCode) {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	for id, other := range c.streams {
		if other.begun && other != s {
			last = max(last, id)
		}
	}
	c.last = min(c.last, last)
	for id, stream := range c.streams {
		if id > c.last && !stream.begun {
			stream.Refused = true
			stream.finish()
		}
	}
	if c.framer.WriteGoAway(c.last, code, nil) != nil {
		c.end()
	}
}

// HangUp ends the connection after what has been written to it: the client reads that, and then an unexpected end.
func (s *Stream) HangUp() {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	s.conn.end()
	_ = s.conn.tcp.CloseWrite() // without TLS's close_notify
}

// Abort resets the connection. What has been written to it last may not arrive.
func (s *Stream) Abort() {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	s.conn.end()
	_ = s.conn.tcp.SetLinger(0)
	_ = s.conn.tcp.Close()
}

// write writes a frame, if the stream is not over.
func (s *Stream) write(frame func(*http2.Framer) error) {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if !s.over && frame(s.conn.framer) != nil {
		s.conn.end()
	}
}

// finish ends the stream, for both sides.
func (s *Stream) finish() {
	if s.over {
		return
	}
	s.over, s.unread = true, nil
	close(s.done)
	s.conn.changed.Broadcast()
}
