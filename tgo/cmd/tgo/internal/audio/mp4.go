package audio

import (
	"encoding/binary"
	"slices"
	"time"
)

// movie holds what the boxes of a file of the MP4 family say: MP4, M4A, 3GP and QuickTime.
type movie struct {
	s      *stream
	scale  uint64 // of the movie: units a second
	least  uint64 // what the movie says of the length of its fragments
	found  bool   // its index
	data   uint64 // bytes of mdat
	owed   bool   // a fragment came, and its mdat did not
	tracks []*movieTrack

	// Of the fragment of a track that is being read.
	track    *movieTrack
	duration uint64 // of a sample, unless it says otherwise
}

// movieTrack is a track. Times are in units of its scale.
type movieTrack struct {
	id, scale  uint64
	sound      bool
	bytes      uint64 // of the samples in the index
	start, end uint64
	began      bool
	duration   uint64 // of a sample in a fragment, unless the fragment says otherwise
	edits      []movieEdit
}

// movieEdit is a part of a track that is played. Its length is in units of the movie.
type movieEdit struct {
	length uint64 // 0 is all the rest
	from   int64  // -1 is silence
}

// isMovie reports a file that begins like QuickTime or like a fragment, without the box ftyp. A text does not begin like
// this.
func isMovie(head []byte) bool {
	return len(head) >= 8 && head[0] < ' ' && slices.Contains([]string{"moov", "mdat", "wide", "free", "skip", "pnot", "styp", "sidx", "moof"}, string(head[4:8]))
}

// mp4Duration adds up the samples of the sound, in the index and in fragments, and applies the edits.
func mp4Duration(s *stream) (time.Duration, error) {
	m := &movie{s: s}
	if err := m.boxes(s.size, 0); err != nil {
		return 0, err
	}
	if !m.found || m.owed {
		return 0, errCutOff
	}
	var most time.Duration
	var bytes uint64
	for _, t := range m.tracks {
		if t.sound {
			most = max(most, m.length(t))
			bytes += t.bytes
		}
	}
	if bytes > m.data || most < timeOf(m.least, m.scale)-100*time.Millisecond {
		return 0, errCutOff
	}
	return most, nil
}

// maxDepth is more than the depth to which boxes are nested.
const maxDepth = 10

// maxTracks is more than any recording has. It limits the search for the track of each fragment.
const maxTracks = 100

// boxes reads the boxes up to an offset.
func (m *movie) boxes(end int64, depth int) error {
	if depth > maxDepth {
		return noLength("its boxes lie too deep in each other")
	}
	for end-m.s.at >= 8 {
		head, err := m.s.next(8)
		if err != nil {
			return err
		}
		name, size := string(head[4:8]), int64(binary.BigEndian.Uint32(head))-8
		switch size {
		case -8: // to the end
			size = end - m.s.at
		case 1 - 8:
			if head, err = m.s.next(8); err != nil {
				return err
			}
			size = int64(binary.BigEndian.Uint64(head)) - 16 //nolint:gosec // a negative one is refused
		}
		if size < 0 || size > end-m.s.at {
			return errCutOff
		}
		boxEnd := m.s.at + size
		if err := m.box(name, boxEnd, depth); err != nil {
			return err
		}
		if err := m.s.skip(boxEnd - m.s.at); err != nil {
			return err
		}
	}
	if depth == 0 && end != m.s.at {
		return errCutOff
	}
	return m.s.skip(end - m.s.at) // QuickTime ends some boxes with zeros
}

// box reads a box. What has no part in the length is passed over.
func (m *movie) box(name string, end int64, depth int) error {
	f := &fields{s: m.s, end: end}
	switch name {
	case "moov":
		if m.found {
			return errCutOff
		}
		m.found = true
		return m.boxes(end, depth+1)
	case "trak":
		if len(m.tracks) == maxTracks {
			return noLength("it has more than %d tracks", maxTracks)
		}
		m.tracks = append(m.tracks, &movieTrack{})
		return m.boxes(end, depth+1)
	case "traf":
		m.track = nil
		return m.boxes(end, depth+1)
	case "mdia", "minf", "stbl", "edts", "mvex":
		return m.boxes(end, depth+1)
	case "moof":
		m.owed = true
		return m.boxes(end, depth+1)
	case "mdat":
		m.owed = false
		m.data += uint64(end - m.s.at) //nolint:gosec // never negative
	case "mvhd":
		f.times()
		m.scale = f.uint(4)
	case "mehd":
		m.least = f.uint(4 + 4*f.version())
	case "sidx":
		return m.segments(f)
	case "trex":
		f.version()
		id := f.uint(4)
		f.uint(4)
		if t := m.find(id); t != nil {
			t.duration = f.uint(4)
		}
	case "tfhd":
		return m.fragment(f)
	case "tfdt":
		if at := f.uint(4 + 4*f.version()); m.track != nil {
			m.track.begin(at)
		}
	case "trun":
		return m.run(f)
	case "tkhd", "mdhd", "hdlr", "elst", "stts", "stsz":
		if len(m.tracks) == 0 {
			return errCutOff
		}
		return m.tracks[len(m.tracks)-1].box(name, f)
	}
	return f.err
}

// box reads a box of a track of the index.
func (t *movieTrack) box(name string, f *fields) error {
	switch name {
	case "tkhd":
		f.times()
		t.id = f.uint(4)
	case "mdhd":
		f.times()
		t.scale = f.uint(4)
	case "hdlr":
		f.version()
		f.uint(4)
		switch f.uint(4) { // QuickTime has another handler in a track, for where its data are
		case 0x76696465: // vide
			return ErrVideo
		case 0x736F756E: // soun
			t.sound = true
		}
	case "elst":
		version := f.version()
		for n := f.uint(4); n > 0 && f.err == nil; n-- {
			e := movieEdit{length: f.uint(4 + 4*version)}
			if e.from = int64(f.uint(4 + 4*version)); version == 0 { //nolint:gosec // it is signed
				e.from = int64(int32(e.from)) //nolint:gosec // it is signed
			}
			if rate := f.uint(4); rate != 1<<16 && f.err == nil && e.from >= 0 {
				return noLength("it is played at another speed")
			}
			t.edits = append(t.edits, e)
		}
	case "stts":
		f.version()
		for n := f.uint(4); n > 0 && f.err == nil; n-- {
			count := f.uint(4)
			t.end += count * f.uint(4)
			if t.end > maxUnits {
				return errCutOff
			}
		}
		t.began = t.end > 0
	case "stsz":
		f.version()
		size, n := f.uint(4), f.uint(4)
		if size != 0 {
			t.bytes = size * n
			break
		}
		for ; n > 0 && f.err == nil; n-- {
			t.bytes += f.uint(4)
		}
	}
	return f.err
}

// maxUnits is more than any track has, and small enough that sums do not overflow.
const maxUnits = 1 << 60

// begin says when the fragment of a track begins.
func (t *movieTrack) begin(at uint64) {
	if !t.began {
		t.began = true
		t.start = at
	}
	t.end = max(t.end, min(at, maxUnits))
}

func (m *movie) find(id uint64) *movieTrack {
	for _, t := range m.tracks {
		if t.id == id {
			return t
		}
	}
	return nil
}

// fragment reads which track a fragment is of.
func (m *movie) fragment(f *fields) error {
	f.version()
	id := f.uint(4)
	if m.track = m.find(id); m.track == nil {
		return errCutOff
	}
	m.duration = m.track.duration
	if f.flags&1 != 0 { // where its data are
		f.uint(8)
	}
	if f.flags&2 != 0 { // their description
		f.uint(4)
	}
	if f.flags&8 != 0 {
		m.duration = f.uint(4)
	}
	return f.err
}

// run reads the samples of a fragment.
func (m *movie) run(f *fields) error {
	f.version()
	n := f.uint(4)
	t := m.track
	if t == nil {
		return errCutOff
	}
	t.began = true
	if f.flags&1 != 0 { // where its data are
		f.uint(4)
	}
	if f.flags&4 != 0 { // flags of the first one
		f.uint(4)
	}
	if f.flags&0x100 == 0 {
		t.end += n * m.duration
	} else {
		other := 4 * (f.flags >> 9 & 1) // the size, flags and the offset of each
		other += 4*(f.flags>>10&1) + 4*(f.flags>>11&1)
		for ; n > 0 && f.err == nil; n-- {
			t.end += f.uint(4)
			for i := uint64(0); i < other; i += 4 {
				f.uint(4)
			}
		}
	}
	if t.end > maxUnits {
		return errCutOff
	}
	return f.err
}

// segments reads an index of what follows it, which must be there.
func (m *movie) segments(f *fields) error {
	wide := 4 + 4*f.version()
	f.uint(4)
	f.uint(4)
	f.uint(wide)
	total := f.uint(wide)
	f.uint(2)
	for n := f.uint(2); n > 0 && f.err == nil; n-- {
		total += f.uint(4) & (1<<31 - 1)
		f.uint(4)
		f.uint(4)
	}
	if f.err == nil && total > uint64(m.s.size-f.end) { //nolint:gosec // never negative
		return errCutOff
	}
	return f.err
}

// length is how long a track plays.
func (m *movie) length(t *movieTrack) time.Duration {
	if t.scale == 0 {
		return 0
	}
	if len(t.edits) == 0 {
		return timeOf(t.end-min(t.start, t.end), t.scale)
	}
	var total time.Duration
	for _, e := range t.edits {
		if total > longest*time.Second {
			return 0
		}
		if e.from < 0 {
			total += timeOf(e.length, m.scale)
			continue
		}
		from := max(uint64(e.from), t.start)
		rest := timeOf(t.end-min(from, t.end), t.scale)
		if length := timeOf(e.length, m.scale); length > 0 {
			rest = min(rest, length)
		}
		total += rest
	}
	return total
}

// fields reads the numbers in a box. After the first error all are 0.
type fields struct {
	s     *stream
	end   int64
	flags uint64
	err   error
}

// uint reads a number of so many bytes.
func (f *fields) uint(bytes int) uint64 {
	if f.err == nil && f.s.at+int64(bytes) > f.end {
		f.err = errCutOff
	}
	if f.err != nil {
		return 0
	}
	var b []byte
	if b, f.err = f.s.next(bytes); f.err != nil {
		return 0
	}
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// version reads the version of a box and its flags. Numbers that may be wide have eight bytes in version 1, and else four.
func (f *fields) version() int {
	n := f.uint(4)
	f.flags = n & 0xFFFFFF
	return int(min(n>>24, 1))
}

// times reads the version of a header, and when it was made and changed.
func (f *fields) times() {
	wide := 4 + 4*f.version()
	f.uint(wide)
	f.uint(wide)
}
