package audio

// opusSamples is how long a packet of Opus is, in samples of 48 kHz. It needs the first two bytes of the packet.
func opusSamples(packet []byte) int64 {
	if len(packet) == 0 {
		return 0
	}
	config, frames := packet[0]>>3, int64(2)
	switch packet[0] & 3 {
	case 0:
		frames = 1
	case 3:
		if len(packet) < 2 {
			return 0
		}
		frames = int64(packet[1] & 63)
	}
	switch {
	case config < 12: // SILK: 10, 20, 40 and 60 ms
		return frames * []int64{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10 and 20 ms
		return frames * []int64{480, 960}[config&1]
	default: // CELT: 2.5, 5, 10 and 20 ms
		return frames * (120 << (config & 3))
	}
}
