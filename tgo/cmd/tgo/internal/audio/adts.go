package audio

import "time"

var aacRates = [13]uint64{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

func isADTS(head []byte) bool {
	return len(head) >= 7 && head[0] == 0xFF && head[1]&0xF6 == 0xF0 && int(head[2]>>2&15) < len(aacRates)
}

// adtsDuration adds up the frames of AAC. The padding that encoders put before the sound is included, since the file
// does not give its length.
func adtsDuration(s *stream) (time.Duration, error) {
	var total time.Duration
	err := walkFrames(s, func(head []byte) (int64, error) {
		if !isADTS(head) {
			return 0, errCutOff
		}
		length := int64(head[3]&3)<<11 | int64(head[4])<<3 | int64(head[5]>>5)
		if length < 7 {
			return 0, errCutOff
		}
		total += timeOf(1024*(1+uint64(head[6]&3)), aacRates[head[2]>>2&15])
		return length, nil
	})
	return total, err
}
