package frames

import (
	"slices"
	"strconv"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Request is the server's record of a request.
type Request struct {
	// Conn is the number of its connection, counted from 1, and ID is its stream there.
	Conn int
	ID   uint32
	// Number is its number among the requests of all connections, counted from 1.
	Number int
	// Method and Path are those of the HEADERS frame; the query is part of Path.
	Method, Path string
	// Body is what was read of the body, at most KeptBody bytes. Length is how many bytes were read.
	Body   []byte
	Length int
	// Whole is whether the request was read to its end.
	Whole bool
	// Refused is whether the server declared it unprocessed, with a RST_STREAM with REFUSED_STREAM or with a GOAWAY, before it
	// started to respond.
	Refused bool
	// Status is the last status that was written; 0 if none was.
	Status int
}

// Processed reports whether the server has read the whole request and has not declared it unprocessed. It ignores Status.
func (r Request) Processed() bool { return r.Whole && !r.Refused }

// Stream is a request that is being handled. Its methods do nothing after the stream has ended: after one side has reset it, after it
// was refused, or after its connection has ended.
type Stream struct {
	// Request is the record. Handlers may read only Conn, ID, Number, Method and Path, which do not change.
	Request

	conn    *conn
	unread  []byte // what has come of the body and has not been read
	ended   bool   // nothing comes after unread
	granted bool   // the window is open for the whole body
	begun   bool   // the server has started to respond, or has decided otherwise
	over    bool
	done    chan struct{} // closed when over
}

// ReadSome reads what the client has sent of the body: at least one byte, or the end. It returns false if the stream has ended.
func (s *Stream) ReadSome() bool { return s.read(false) }

// ReadAll opens the window and reads the body to its end. It returns false if the stream ends before that.
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

// Wait returns when the stream has ended.
func (s *Stream) Wait() { <-s.done }

// Answer writes a whole response with JSON.
func (s *Stream) Answer(status int, body string) {
	s.Head(status, "content-type", "application/json")
	s.Data(body, true)
}

// Inform writes the HEADERS frame of an informational status. The server can still refuse the request afterwards.
func (s *Stream) Inform(status int) {
	s.write(func(f *http2.Framer) error { return s.headers(f, false, ":status", strconv.Itoa(status)) })
}

// Head writes the HEADERS frame of a response with a body. Fields are alternating names and values.
func (s *Stream) Head(status int, fields ...string) {
	s.write(func(f *http2.Framer) error {
		s.begun, s.Status = true, status
		return s.headers(f, false, append([]string{":status", strconv.Itoa(status)}, fields...)...)
	})
}

// Data writes a part of the response's body. end is whether it is the last part.
func (s *Stream) Data(body string, end bool) {
	for more := true; more; {
		piece := body[:min(len(body), maxFrame)]
		body = body[len(piece):]
		more = body != ""
		s.write(func(f *http2.Framer) error { return f.WriteData(s.ID, end && !more, []byte(piece)) })
	}
}

// Trailer writes the HEADERS frame that ends a response. Fields are alternating names and values. A name that starts with a colon makes
// the frame invalid.
func (s *Stream) Trailer(fields ...string) {
	s.write(func(f *http2.Framer) error { return s.headers(f, true, fields...) })
}

func (s *Stream) headers(f *http2.Framer, end bool, fields ...string) error {
	s.conn.block.Reset()
	for field := range slices.Chunk(fields, 2) {
		_ = s.conn.encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}) // writing to a buffer does not fail
	}
	return f.WriteHeaders(http2.HeadersFrameParam{StreamID: s.ID, BlockFragment: s.conn.block.Bytes(), EndStream: end, EndHeaders: true})
}

// Reset writes a RST_STREAM frame. REFUSED_STREAM declares the request unprocessed, unless the response has started.
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

// GoAway writes a GOAWAY frame, which declares all streams after last unprocessed. Therefore last is raised to the highest of the other
// streams that the server has started to respond to.
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

// HangUp closes the connection after what has been written to it. The client reads that, and then an unexpected end.
func (s *Stream) HangUp() {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	s.conn.end()
	_ = s.conn.tcp.CloseWrite() // without TLS's close_notify
}

// Abort resets the connection. What was last written to it may not arrive.
func (s *Stream) Abort() {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	s.conn.end()
	_ = s.conn.tcp.SetLinger(0)
	_ = s.conn.tcp.Close()
}

// write writes a frame, if the stream has not ended.
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
