package audio

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

type made struct {
	file   []byte
	length time.Duration
	kind   error
	says   string
}

func check(t *testing.T, files map[string]made) {
	t.Helper()
	t.Parallel()
	for name, f := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, f.file, f.length, f.kind, f.says)
		})
	}
}

const damaged = "cut off or damaged"

func TestWAV(t *testing.T) {
	// wavFile has a format of codec, channels, bytes of a block, bits and samples of a block, at 8 kHz.
	wavFile := func(codec, channels, align, bits, perBlock uint16, size uint32, chunks string, data int) []byte {
		format := l16(codec) + l16(channels) + l32(8000) + l32(0) + l16(align) + l16(bits) + l16(2) + l16(perBlock)
		rest := "WAVEfmt " + l32(uint32(len(format))) + format + chunks + "data" + l32(size) + strings.Repeat("\x00", data)
		return []byte("RIFF" + l32(uint32(len(rest))) + rest)
	}
	fact := func(n uint32) string { return "fact" + l32(4) + l32(n) }
	streamed := func(riff, size uint32) []byte {
		b := wavFile(1, 1, 2, 16, 0, size, "", 8000)
		copy(b[4:], l32(riff))
		return b
	}
	extensible := bytes.Replace(wavFile(0xFFFE, 2, 4, 16, 0, 8000, "", 8000), []byte("\x14\x00\x00\x00"), []byte("\x28\x00\x00\x00"), 1)
	extensible = bytes.Replace(extensible, []byte("data"), append([]byte("\x00\x00\x00\x00\x01\x00"), []byte("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71data")...), 1)
	w64 := func(size uint64, data int) []byte {
		format := l16(1) + l16(1) + l32(8000) + l32(16000) + l16(2) + l16(16)
		l64 := func(n uint64) string { return l32(uint32(n)) + l32(uint32(n>>32)) }
		return []byte(w64RIFF + l64(0) + "wave" + w64Tail + "junk" + w64Tail + l64(27) + "abc\x00\x00\x00\x00\x00" +
			"fmt " + w64Tail + l64(40) + format + "data" + w64Tail + l64(size) + strings.Repeat("\x00", data))
	}
	ds64 := "ds64" + l32(28) + "\x00\x00\x00\x00\x00\x00\x00\x00" + l32(8000) + l32(0) + l32(0) + l32(0) + l32(0)
	rf64 := join([]byte("RF64\xFF\xFF\xFF\xFFWAVE"+ds64), wavFile(1, 1, 2, 16, 0, math.MaxUint32, "", 8000)[12:])
	empty := append(wavFile(1, 1, 2, 16, 0, 0, "", 0), "LIST\x02\x00\x00\x00ab"...)
	copy(empty[4:], l32(uint32(len(empty)-8)))
	check(t, map[string]made{
		"empty, and more after it": {file: empty, kind: ErrNoLength, says: "no sound"},
		"PCM":                      {file: wavFile(1, 2, 4, 16, 0, 8000, "", 8000), length: 250 * ms},
		"with a fact that is off":  {file: wavFile(1, 2, 4, 16, 0, 8000, fact(1), 8000), length: 250 * ms},
		"odd chunk":                {file: wavFile(1, 1, 1, 8, 0, 8000, "LIST"+l32(3)+"abc\x00", 8000), length: time.Second},
		"more after it":            {file: append(wavFile(1, 1, 1, 8, 0, 8000, "", 8000), "LIST\x02\x00\x00\x00ab"...), length: time.Second},
		"24 bits":                  {file: wavFile(1, 1, 3, 24, 0, 6000, "", 6000), length: 250 * ms},
		"floating point":           {file: wavFile(3, 1, 4, 32, 0, 8000, "", 8000), length: 250 * ms},
		"A-law":                    {file: wavFile(6, 1, 1, 8, 0, 8000, "", 8000), length: time.Second},
		"µ-law":                    {file: wavFile(7, 2, 2, 8, 0, 8000, "", 8000), length: 500 * ms},
		"extensible":               {file: extensible, length: 250 * ms},
		"IMA":                      {file: wavFile(0x11, 1, 256, 4, 505, 4096, "", 4096), length: 1010 * ms},
		"IMA with fact":            {file: wavFile(0x11, 1, 256, 4, 505, 4096, fact(8000), 4096), length: time.Second},
		"IMA, fact of a pipe":      {file: wavFile(0x11, 1, 256, 4, 505, 4096, fact(math.MaxUint32), 4096), length: 1010 * ms},
		"IMA, wrong fact":          {file: wavFile(0x11, 1, 256, 4, 505, 4096, fact(100), 4096), length: 1010 * ms},
		"IMA, stereo":              {file: wavFile(0x11, 2, 512, 4, 505, 4096, "", 4096), length: 505 * ms},
		"IMA, part of a block":     {file: wavFile(0x11, 1, 256, 4, 505, 256+44, "", 256+44), length: (505 + 81) * time.Second / 8000},
		"IMA, streamed":            {file: wavFile(0x11, 1, 256, 4, 505, math.MaxUint32, "", 4096), length: 1010 * ms},
		"IMA, odd":                 {file: wavFile(0x11, 1, 256, 3, 505, 4096, "", 4096), kind: ErrNoLength, says: "unusual"},
		"Microsoft":                {file: wavFile(2, 1, 256, 4, 500, 4096, "", 4096), length: time.Second},
		"Microsoft, too many":      {file: wavFile(2, 1, 256, 4, 501, 4096, "", 4096), kind: ErrNoLength, says: "unusual"},
		"GSM":                      {file: wavFile(0x31, 1, 65, 0, 320, 650, "", 650), length: 400 * ms},
		"GSM, odd":                 {file: wavFile(0x31, 1, 66, 0, 320, 660, "", 660), kind: ErrNoLength, says: "unusual"},
		"MP3 in it":                {file: append(wavFile(0x55, 1, 1, 0, 0, uint32(len(file(t, "noxing.mp3"))), "", 0), file(t, "noxing.mp3")...), length: 792 * ms},
		"another codec":            {file: wavFile(0x45, 1, 1, 4, 0, 8000, "", 8000), kind: ErrNoLength, says: "0x0045"},
		"PCM of odd blocks":        {file: wavFile(1, 1, 5, 16, 0, 8000, "", 8000), kind: ErrNoLength, says: damaged},
		"piped by ffmpeg":          {file: streamed(math.MaxUint32, math.MaxUint32), length: 500 * ms},
		"piped by GStreamer":       {file: streamed(0, 0), length: 500 * ms},
		"piped by sox":             {file: streamed(0x7FFFF024, 0x7FFFF000), length: 500 * ms},
		"piped, size 0":            {file: streamed(math.MaxUint32, 0), length: 500 * ms},
		"cut off":                  {file: wavFile(1, 1, 2, 16, 0, 8000, "", 7999), kind: ErrNoLength, says: damaged},
		"empty":                    {file: wavFile(1, 1, 2, 16, 0, 0, "", 0), kind: ErrNoLength, says: "no sound"},
		"no data":                  {file: []byte("RIFF\x04\x00\x00\x00WAVE"), kind: ErrNoLength, says: damaged},
		"no format":                {file: []byte("RIFF\x04\x00\x00\x00WAVEdata\x04\x00\x00\x00abcd"), kind: ErrNoLength, says: damaged},
		"RF64":                     {file: rf64, length: 500 * ms},
		"RF64, cut off":            {file: rf64[:len(rf64)-1], kind: ErrNoLength, says: damaged},
		"Wave64":                   {file: w64(8024, 8000), length: 500 * ms},
		"Wave64, piped":            {file: w64(math.MaxInt64, 8000), length: 500 * ms},
		"Wave64, cut off":          {file: w64(8024, 7000), kind: ErrNoLength, says: damaged},
	})
}

// amr are so many frames of AMR that begin with a byte.
func amr(n int, head byte, size int) []byte {
	return join([]byte("#!AMR\n"), bytes.Repeat(append([]byte{head}, make([]byte, size-1)...), n))
}

func TestAMR(t *testing.T) {
	check(t, map[string]made{
		"12.2 kbit/s":      {file: amr(50, 0x3C, 32), length: time.Second},
		"4.75 kbit/s":      {file: amr(10, 0x04, 13), length: 200 * ms},
		"with silence":     {file: append(amr(10, 0x3C, 32), "\x44\x00\x00\x00\x00\x00\x7C"...), length: 240 * ms},
		"cut off":          {file: amr(50, 0x3C, 32)[:1600], kind: ErrNoLength, says: damaged},
		"no such frame":    {file: append(amr(1, 0x3C, 32), 0x64), kind: ErrNoLength, says: damaged},
		"wide":             {file: join([]byte("#!AMR-WB\n"), bytes.Repeat(append([]byte{0x14}, make([]byte, 32)...), 25)), length: 500 * ms},
		"several channels": {file: []byte("#!AMR_MC1.0\n\x00\x00\x00\x02"), kind: ErrNoLength, says: "channels"},
		"no frames":        {file: []byte("#!AMR\n"), kind: ErrNoLength, says: "no sound"},
	})
}

func cafChunk(name string, content []byte) []byte {
	return append([]byte(name+u64(uint64(len(content)))), content...)
}

func cafHead(packetSize, packetFrames uint32) []byte {
	return join([]byte("caff\x00\x01\x00\x00"), cafChunk("desc", []byte(u64(math.Float64bits(8000))+"lpcm"+u32(0)+u32(packetSize)+u32(packetFrames)+u32(1)+u32(16))))
}

func TestCAF(t *testing.T) {
	data := cafChunk("data", make([]byte, 4+8000))
	unknown := bytes.Clone(data)
	copy(unknown[4:], u64(math.MaxUint64))
	table := func(packets, frames uint64, sizes string) []byte {
		return cafChunk("pakt", []byte(u64(packets)+u64(frames)+u32(0)+u32(0)+sizes))
	}
	check(t, map[string]made{
		"PCM":                 {file: join(cafHead(2, 1), data), length: 500 * ms},
		"PCM, to the end":     {file: join(cafHead(2, 1), unknown), length: 500 * ms},
		"IMA":                 {file: join(cafHead(34, 64), cafChunk("data", make([]byte, 4+3400))), length: 800 * ms},
		"IMA, trimmed":        {file: join(cafHead(34, 64), table(100, 6000, ""), cafChunk("data", make([]byte, 4+3400))), length: 750 * ms},
		"packets":             {file: join(cafHead(0, 160), table(2, 320, "\xBD\x40\x40"), data), length: 40 * ms},
		"packets, after":      {file: join(cafHead(0, 160), data, table(2, 320, "\xBD\x40\x40")), length: 40 * ms},
		"sizes and frames":    {file: join(cafHead(0, 0), table(2, 16000, "\x40\xBE\x40\x40\xBE\x40"), data), length: 2000 * ms},
		"packets are missing": {file: join(cafHead(0, 160), table(2, 320, "\xBE\x40\xBE\x41"), data), kind: ErrNoLength, says: damaged},
		"table is cut":        {file: join(cafHead(0, 160), table(3, 480, "\x40\x40"), data), kind: ErrNoLength, says: damaged},
		"no table":            {file: join(cafHead(0, 160), data), kind: ErrNoLength, says: "packet table"},
		"cut off":             {file: join(cafHead(2, 1), data[:len(data)-1]), kind: ErrNoLength, says: damaged},
		"no data":             {file: cafHead(2, 1), kind: ErrNoLength, says: damaged},
	})
}

func TestMP3(t *testing.T) {
	plain, xing := file(t, "noxing.mp3"), file(t, "tone.mp3")
	frame := func(head string, size int) []byte { return append([]byte(head), make([]byte, size-len(head))...) }
	repeated := func(n int, head string, size int) []byte { return bytes.Repeat(frame(head, size), n) }
	id3 := []byte("ID3\x03\x00\x00\x00\x00\x01\x00" + strings.Repeat("\xFF", 128))
	footed := []byte("ID3\x04\x00\x10\x00\x00\x00\x04abcd3DI\x04\x00\x10\x00\x00\x00\x04")
	id3v1 := append([]byte("TAG"), make([]byte, 125)...)
	ape := []byte("APETAGEX\xD0\x07\x00\x00" + l32(36) + l32(0) + l32(0xA0000000) + "\x00\x00\x00\x00\x00\x00\x00\x00abcd" +
		"APETAGEX\xD0\x07\x00\x00" + l32(36) + l32(0) + l32(0x80000000) + "\x00\x00\x00\x00\x00\x00\x00\x00")
	vbri := func(frames uint32) []byte {
		b := frame("\xFF\xFB\x90\x00", 417)
		copy(b[36:], "VBRI\x00\x01\x00\x00\x00\x00"+u32(0)+u32(frames))
		return append(b, repeated(50, "\xFF\xFB\x90\x00", 417)...)
	}
	samples := func(n, rate int64) time.Duration { return time.Duration(n) * time.Second / time.Duration(rate) }
	check(t, map[string]made{
		"tags around it":     {file: join(id3, footed, ape, make([]byte, 100), plain, ape, id3v1), length: 792 * ms},
		"two, one by one":    {file: join(plain, id3v1, id3, plain), length: 2 * 792 * ms},
		"two with Xing":      {file: join(xing, xing), length: 5000 * ms},
		"Xing, cut at frame": {file: xing[:len(xing)-144], kind: ErrNoLength, says: damaged},
		"Xing, then more":    {file: join(xing[:len(xing)-144], xing), kind: ErrNoLength, says: damaged},
		"VBRI":               {file: vbri(50), length: samples(50*1152, 44100)},
		"VBRI, cut off":      {file: vbri(51), kind: ErrNoLength, says: damaged},
		"changing rate":      {file: join(repeated(10, "\xFF\xFB\x90\x00", 417), repeated(10, "\xFF\xFB\x50\x00", 208)), length: samples(20*1152, 44100)},
		"MPEG 2.5":           {file: repeated(20, "\xFF\xE3\x48\xC0", 288), length: samples(20*576, 8000)},
		"padded frame":       {file: repeated(10, "\xFF\xFB\x92\x00", 418), length: samples(10*1152, 44100)},
		"free format":        {file: repeated(10, "\xFF\xFB\x00\x00", 300), kind: ErrNoLength, says: "free format"},
		"junk in it":         {file: join(plain, []byte("junk"), plain), kind: ErrNoLength, says: damaged},
		"junk behind it":     {file: join(plain, []byte("junk")), kind: ErrNoLength, says: damaged},
		"tag is cut":         {file: join(plain, id3v1[:100]), kind: ErrNoLength, says: damaged},
	})
}

func TestADTS(t *testing.T) {
	whole := file(t, "adts.aac")
	id3 := []byte("ID3\x04\x00\x00\x00\x00\x00\x02\xFF\xFB")
	two := []byte("\xFF\xF1\x60\x40\x01\x1F\xFD\x00") // 16 kHz, eight bytes, two blocks
	wide := []byte("\xFF\xF1\x6C\x40\x01\x1F\xFC\x00")
	check(t, map[string]made{
		"tags":          {file: join(id3, whole, append([]byte("TAG"), make([]byte, 125)...)), length: 768 * ms},
		"two blocks":    {file: bytes.Repeat(two, 4), length: 4 * 128 * ms},
		"two rates":     {file: join(two, wide), length: 128*ms + 1024*time.Second/8000},
		"no such rate":  {file: join(two, []byte("\xFF\xF1\x7C\x40\x01\x1F\xFC\x00")), kind: ErrNoLength, says: damaged},
		"no length":     {file: []byte("\xFF\xF1\x60\x40\x00\x1F\xFC\x00"), kind: ErrNoLength, says: damaged},
		"MP3 behind it": {file: join(whole, file(t, "noxing.mp3")), kind: ErrNoLength, says: damaged},
	})
}

func TestFLAC(t *testing.T) {
	whole := file(t, "known.flac")
	with := func(samples uint32) []byte {
		b := bytes.Clone(whole)
		b[21] &= 0xF0
		copy(b[22:], u32(samples))
		return b
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-100] ^= 1
	// Two frames of 4096 samples, the first of which ends where a look ahead does.
	var large []byte
	for _, size := range []int{window - 5, 100} {
		frame := []byte("\xFF\xF8\xC4\x08\x00")
		frame = append(frame, crc8(frame))
		frame = append(frame, make([]byte, size-len(frame)-2)...)
		var crc uint16
		for _, c := range frame {
			crc = crc<<8 ^ crc16Table[byte(crc>>8)^c]
		}
		large = append(large, binary.BigEndian.AppendUint16(frame, crc)...)
	}
	check(t, map[string]made{
		"to a pipe":          {file: with(0), length: 400 * ms},
		"large frames":       {file: join(with(0)[:4], []byte("\x80"), with(0)[5:8+flacInfoSize], large), length: 2 * 4096 * time.Second / 8000},
		"to a pipe, cut off": {file: with(0)[:len(whole)-1], kind: ErrNoLength, says: damaged},
		"claims more":        {file: with(4000), kind: ErrNoLength, says: damaged},
		"damaged":            {file: flipped, kind: ErrNoLength, says: damaged},
		"after ID3":          {file: join([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), whole), length: 400 * ms},
		"no frames":          {file: append([]byte("fLaC\x80\x00\x00\x22"), make([]byte, flacInfoSize)...), kind: ErrNoLength, says: "no sound"},
		"no STREAMINFO":      {file: append([]byte("fLaC\x84\x00\x00\x22"), make([]byte, flacInfoSize)...), kind: ErrNoLength, says: damaged},
	})
}

// oggPages cuts a file into its pages.
func oggPages(t testing.TB, b []byte) (pages [][]byte) {
	t.Helper()
	s, err := newStream(bytes.NewReader(b))
	for err == nil && s.left() > 0 {
		var page []byte
		if page, err = oggPage(s); err == nil {
			pages = append(pages, bytes.Clone(page))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// sealed puts a page's checksum right.
func sealed(page []byte) []byte {
	copy(page[22:], "\x00\x00\x00\x00")
	var crc uint32
	for _, c := range page {
		crc = crc<<8 ^ oggCRCTable[byte(crc>>24)^c]
	}
	binary.LittleEndian.PutUint32(page[22:], crc)
	return page
}

// oggFirst is a page that begins a stream.
func oggFirst(serial uint32, packet string) []byte {
	return sealed([]byte("OggS\x00\x02" + strings.Repeat("\x00", 8) + l32(serial) + l32(0) + l32(0) + "\x01" + string(rune(len(packet))) + packet))
}

func TestOgg(t *testing.T) {
	opus, vorbis := file(t, "tone.opus"), file(t, "tone.vorbis.ogg")
	a, b := oggPages(t, opus), oggPages(t, vorbis)
	for _, page := range b {
		copy(page[14:], "othe")
		sealed(page)
	}
	if len(a) < 4 || len(b) < 4 {
		t.Fatal(len(a), len(b))
	}
	beside := join(a[0], b[0], join(a[1:3]...), join(b[1:]...), join(a[3:]...))
	later := func(pages [][]byte) (moved []byte) { // a stream that did not begin at 0
		for i, page := range pages {
			page = bytes.Clone(page)
			if position := binary.LittleEndian.Uint64(page[6:]); i >= 2 && position != math.MaxUint64 {
				binary.LittleEndian.PutUint64(page[6:], position+48000*100)
			}
			moved = append(moved, sealed(page)...)
		}
		return moved
	}
	back := bytes.Clone(a[len(a)-1])
	copy(back[6:], u64(0))
	check(t, map[string]made{
		"chained":                        {file: join(opus, opus, opus), length: 7500 * ms},
		"chained, others":                {file: join(opus, vorbis), length: 5000 * ms},
		"chain is cut":                   {file: join(opus, vorbis[:len(vorbis)-1]), kind: ErrNoLength, says: damaged},
		"beside":                         {file: beside, length: 2500 * ms},
		"with a skeleton":                {file: join(oggFirst(7, "fishead\x00"), opus), length: 2500 * ms},
		"begins late":                    {file: later(a), length: 2500 * ms},
		"Vorbis begins late":             {file: later(b), kind: ErrNoLength, says: "part of a longer"},
		"page is missing":                {file: join(a[0], a[1], join(a[3:]...)), kind: ErrNoLength, says: damaged},
		"goes back":                      {file: join(join(a[:len(a)-1]...), sealed(back)), kind: ErrNoLength, says: damaged},
		"of a stream that did not begin": {file: join(opus, b[len(b)-1]), kind: ErrNoLength, says: damaged},
		"Theora":                         {file: join(oggFirst(7, "\x80theora\x03"), opus), kind: ErrVideo},
		"another codec":                  {file: oggFirst(7, "PCM     "), kind: ErrNoLength, says: "none of Opus"},
		"head alone":                     {file: a[0], kind: ErrNoLength, says: "no sound"},
		"junk behind it":                 {file: append(bytes.Clone(opus), 0), kind: ErrNoLength, says: damaged},
	})
}

func box(name, content string) []byte { return []byte(u32(uint32(len(content)+8)) + name + content) }

func TestMP4(t *testing.T) {
	ftyp := box("ftyp", "M4A \x00\x00\x00\x00")
	full := func(name string, version, flags uint32, content string) string {
		return string(box(name, u32(version<<24|flags)+content))
	}
	zeros := func(n int) string { return strings.Repeat("\x00", n) }
	mvhd := full("mvhd", 0, 0, zeros(8)+u32(1000)+u32(0))
	in := func(name string, content ...string) string { return string(box(name, strings.Join(content, ""))) }
	track := func(kind, more string) string {
		return in("trak", full("tkhd", 0, 0, zeros(8)+u32(1)), more,
			in("mdia", full("mdhd", 0, 0, zeros(8)+u32(8000)+u32(0)), full("hdlr", 0, 0, "mhlr"+kind),
				in("minf", full("hdlr", 0, 0, "dhlrurl "),
					in("stbl", full("stts", 0, 0, u32(2)+u32(10)+u32(1600)+u32(1)+u32(800)), full("stsz", 0, 0, u32(0)+u32(2)+u32(60)+u32(40))))))
	}
	edits := func(list ...string) string {
		return string(box("edts", full("elst", 0, 0, u32(uint32(len(list)))+strings.Join(list, ""))))
	}
	edit := func(length, from uint32) string { return u32(length) + u32(from) + u32(1<<16) }
	movie := func(tracks string) []byte { return join(ftyp, box("moov", mvhd+tracks), box("mdat", zeros(100))) }
	wide := in("trak", full("tkhd", 1, 0, zeros(16)+u32(1)),
		in("mdia", full("mdhd", 1, 0, zeros(16)+u32(8000)+u64(0)), full("hdlr", 0, 0, zeros(4)+"soun"),
			in("minf", in("stbl", full("stts", 0, 0, u32(1)+u32(10)+u32(1600))))))

	deep := ""
	for range 20 {
		deep = in("minf", deep)
	}

	// Fragments of a track whose index has no samples.
	empty := strings.ReplaceAll(wide, u32(1)+u32(10)+u32(1600), u32(0)+u32(0)+u32(0))
	head := func(mvex string) []byte {
		return join(ftyp, box("moov", mvhd+empty+string(box("mvex", mvex+full("trex", 0, 0, u32(1)+u32(1)+u32(160)+u32(0)+u32(0))))))
	}
	fragment := func(content ...string) []byte {
		return join(box("moof", string(box("traf", strings.Join(content, "")))), box("mdat", zeros(10)))
	}
	tfhd := full("tfhd", 0, 0x20000, u32(1))
	run := full("trun", 0, 1, u32(50)+u32(0))
	timed := full("trun", 0, 0x705, u32(2)+u32(0)+u32(0)+u32(4000)+u32(9)+u32(0)+u32(4000)+u32(9)+u32(0))
	sidx := func(size uint32) []byte {
		return []byte(full("sidx", 0, 0, u32(1)+u32(8000)+u32(0)+u32(0)+"\x00\x00\x00\x01"+u32(size)+u32(8000)+u32(0)))
	}
	two := join(fragment(tfhd, full("tfdt", 0, 0, u32(0)), run), fragment(tfhd, full("tfdt", 1, 0, u64(8000)), run))
	check(t, map[string]made{
		"samples":                {file: movie(track("soun", "")), length: 2100 * ms},
		"without ftyp":           {file: movie(track("soun", ""))[len(ftyp):], length: 2100 * ms},
		"data first":             {file: join(ftyp, box("mdat", zeros(100)), box("moov", mvhd+track("soun", ""))), length: 2100 * ms},
		"wide numbers":           {file: movie(wide), length: 2000 * ms},
		"64-bit size":            {file: join(ftyp, []byte(u32(1)+"mdat"+u64(116)+zeros(100)), box("moov", mvhd+track("soun", ""))), length: 2100 * ms},
		"to the end":             {file: join(ftyp, box("moov", mvhd+track("soun", "")), []byte(u32(0)+"mdat"+zeros(100))), length: 2100 * ms},
		"to the end, cut off":    {file: join(ftyp, box("moov", mvhd+track("soun", "")), []byte(u32(0)+"mdat"+zeros(99))), kind: ErrNoLength, says: damaged},
		"index alone":            {file: join(ftyp, box("moov", mvhd+track("soun", ""))), kind: ErrNoLength, says: damaged},
		"data alone":             {file: join(ftyp, box("mdat", zeros(100))), kind: ErrNoLength, says: damaged},
		"edit":                   {file: movie(track("soun", edits(edit(1500, 1600)))), length: 1500 * ms},
		"edit to the end":        {file: movie(track("soun", edits(edit(0, 1600)))), length: 1900 * ms},
		"edit longer than it is": {file: movie(track("soun", edits(edit(9000, 1600)))), length: 1900 * ms},
		"edit behind its end":    {file: movie(track("soun", edits(edit(9000, 99999)))), kind: ErrNoLength, says: "no sound"},
		"silence and an edit":    {file: movie(track("soun", edits(edit(500, math.MaxUint32), edit(1000, 0)))), length: 1500 * ms},
		"double speed":           {file: movie(track("soun", edits(u32(1000)+u32(0)+u32(2<<16)))), kind: ErrNoLength, says: "speed"},
		"endless edits":          {file: movie(track("soun", edits(slices.Repeat([]string{edit(9e8, math.MaxUint32)}, 25_000)...))), kind: ErrNoLength},
		"boxes in boxes":         {file: movie(deep), kind: ErrNoLength, says: "too deep"},
		"very many tracks":       {file: movie(strings.Repeat(track("soun", ""), 101)), kind: ErrNoLength, says: "100 tracks"},
		"video":                  {file: movie(track("soun", "") + track("vide", "")), kind: ErrVideo},
		"text beside it":         {file: movie(track("soun", "") + strings.Replace(track("text", ""), u32(1600), u32(9999), 1)), length: 2100 * ms},
		"text alone":             {file: movie(track("text", "")), kind: ErrNoLength, says: "no sound"},
		"two indexes":            {file: join(movie(track("soun", "")), box("moov", mvhd)), kind: ErrNoLength, says: damaged},
		"junk behind it":         {file: append(movie(track("soun", "")), 'x'), kind: ErrNoLength, says: damaged},
		"fragments":              {file: join(head(""), two), length: 2000 * ms},
		"fragments, no times":    {file: join(head(""), fragment(tfhd, run), fragment(tfhd, run)), length: 2000 * ms},
		"fragment with times":    {file: join(head(""), fragment(tfhd, timed)), length: 1000 * ms},
		"fragment's own default": {file: join(head(""), fragment(full("tfhd", 0, 0x2000B, u32(1)+u64(0)+u32(1)+u32(80)), run)), length: 500 * ms},
		"fragments begin late":   {file: join(head(""), fragment(tfhd, full("tfdt", 0, 0, u32(80000)), run)), length: 1000 * ms},
		"a gap":                  {file: join(head(""), fragment(tfhd, full("tfdt", 0, 0, u32(0)), run), fragment(tfhd, full("tfdt", 0, 0, u32(16000)), run)), length: 3000 * ms},
		"fragment without data":  {file: join(head(""), two, box("moof", string(box("traf", tfhd+run)))), kind: ErrNoLength, says: damaged},
		"fragment of no track":   {file: join(head(""), fragment(full("tfhd", 0, 0, u32(9)), run)), kind: ErrNoLength, says: damaged},
		"mehd":                   {file: join(head(full("mehd", 0, 0, u32(2000))), two), length: 2000 * ms},
		"mehd, cut off":          {file: join(head(full("mehd", 0, 0, u32(3000))), two), kind: ErrNoLength, says: damaged},
		"sidx":                   {file: join(head(""), sidx(uint32(len(two))), two), length: 2000 * ms},
		"sidx, cut off":          {file: join(head(""), sidx(uint32(len(two)+1)), two), kind: ErrNoLength, says: damaged},
		"fragment alone":         {file: join([]byte(string(box("styp", "msdh\x00\x00\x00\x00"))), two), kind: ErrNoLength, says: damaged},
	})
}

func TestWebM(t *testing.T) {
	element := func(id, content string) string {
		return id + string([]byte{0x40 | byte(len(content)>>8), byte(len(content))}) + content
	}
	const open = "\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF" // a size that is not known
	head := element("\x1A\x45\xDF\xA3", element("\x42\x82", "webm"))
	track := func(kind byte, codec, more string) string {
		return element("\x16\x54\xAE\x6B", element("\xAE", element("\xD7", "\x01")+element("\x83", string([]byte{kind}))+element("\x86", codec)+more))
	}
	cluster := func(at byte, blocks ...string) string {
		return "\x1F\x43\xB6\x75" + open + element("\xE7", string([]byte{at, 0})) + strings.Join(blocks, "")
	}
	block := func(at uint16, flags, content string) string {
		return element("\xA3", "\x81"+string([]byte{byte(at >> 8), byte(at)})+flags+content)
	}
	opus20 := func(at uint16) string { return block(at, "\x80", "\x78\x00") }
	webm := func(content ...string) []byte {
		return []byte(head + "\x18\x53\x80\x67" + open + strings.Join(content, ""))
	}
	opus, other := track(2, "A_OPUS", ""), track(2, "A_AAC", "")
	info := func(length float64) string {
		return element("\x15\x49\xA9\x66", element("\x2A\xD7\xB1", "\x0F\x42\x40")+element("\x44\x89", u64(math.Float64bits(length))))
	}
	group := func(content ...string) string { return element("\xA0", strings.Join(content, "")) }
	b := func(at uint16) string {
		return element("\xA1", "\x81"+string([]byte{byte(at >> 8), byte(at)})+"\x00\x78\x00")
	}
	check(t, map[string]made{
		"blocks":             {file: webm(opus, cluster(0, opus20(0), opus20(20)), cluster(1, opus20(0), opus20(20))), length: 296 * ms},
		"rounded times":      {file: webm(opus, cluster(0, opus20(0), opus20(21), opus20(41), opus20(61))), length: 80 * ms},
		"begins late":        {file: webm(opus, cluster(9, opus20(0), opus20(20))), length: 40 * ms},
		"unknown elements":   {file: webm(element("\xEC", "abc"), opus, element("\x4F\xFF", "new"), cluster(0, opus20(0), opus20(20))), length: 40 * ms},
		"delay and discard":  {file: webm(track(2, "A_OPUS", element("\x56\xAA", u64(6.5e6))), cluster(0, opus20(0), group(b(20), element("\x75\xA2", u32(13.5e6))))), length: 20 * ms},
		"length of a block":  {file: webm(other, cluster(0, group(b(0)), group(b(100), element("\x9B", "\x32")))), length: 150 * ms},
		"length of frames":   {file: webm(track(2, "A_AAC", element("\x23\xE3\x83", u64(25e6))), cluster(0, block(0, "\x80", "ab"), block(100, "\x80", "ab"))), length: 125 * ms},
		"laces":              {file: webm(track(2, "A_AAC", element("\x23\xE3\x83", u64(25e6))), cluster(0, block(0, "\x84", "\x03abcd"))), length: 100 * ms},
		"laces of Opus":      {file: webm(opus, cluster(0, block(0, "\x84", "\x03abcd"))), kind: ErrNoLength, says: "several frames"},
		"no lengths":         {file: webm(other, cluster(0, block(0, "\x80", "ab"), block(100, "\x80", "ab"))), length: 200 * ms},
		"a length":           {file: webm(info(40), opus, cluster(0, opus20(0), opus20(20))), length: 40 * ms},
		"a length, cut off":  {file: webm(info(4000), opus, cluster(0, opus20(0), opus20(20))), kind: ErrNoLength, says: damaged},
		"video":              {file: webm(track(1, "V_VP8", "")), kind: ErrVideo},
		"subtitles":          {file: webm(track(17, "S_TEXT", ""), cluster(0, opus20(0), opus20(20))), kind: ErrNoLength, says: "no sound"},
		"times go back":      {file: webm(opus, cluster(1, opus20(0)), cluster(0, opus20(0))), kind: ErrNoLength, says: damaged},
		"block of no track":  {file: webm(cluster(0, opus20(0))), kind: ErrNoLength, says: damaged},
		"two files":          {file: join(webm(opus, cluster(0, opus20(0))), webm(opus, cluster(0, opus20(0)))), kind: ErrNoLength, says: "several recordings"},
		"cut off":            {file: webm(opus, cluster(0, opus20(0), opus20(20)[:4])), kind: ErrNoLength, says: damaged},
		"no blocks":          {file: webm(opus), kind: ErrNoLength, says: "no sound"},
		"block without size": {file: webm(opus, cluster(0, "\xA3"+open)), kind: ErrNoLength, says: damaged},
	})
}

// The lengths that the table in section 3.1 of RFC 6716 gives.
func TestOpusSamples(t *testing.T) {
	t.Parallel()
	for packet, want := range map[string]int64{
		"\x00": 480, "\x08": 960, "\x10": 1920, "\x18": 2880, // SILK
		"\x60": 480, "\x68": 960, "\x70": 480, "\x78": 960, // hybrid
		"\x80": 120, "\x88": 240, "\x90": 480, "\x98": 960, "\xF8": 960, // CELT
		"\x99": 1920, "\x9A": 1920, "\x9B\x03": 2880, "\x9B\x83": 2880, "\x9B": 0, "": 0, // several frames
	} {
		if got := opusSamples([]byte(packet)); got != want {
			t.Errorf("%x: %d, want %d", packet, got, want)
		}
	}
}
