package deflate

// MinSize is the size in bytes below which Worthwhile says no: there a message
// on its own shrinks by too little, if at all, to pay for its time.
const MinSize = 128

const (
	sampleChunks = 8
	sampleChunk  = 64
	sampleSize   = sampleChunks * sampleChunk
)

// Worthwhile guesses whether compressing the message p pays. It says no to what
// is shorter than MinSize and to what looks compressed or encrypted already:
// whose bytes, in a sample of 512 from all over it, are spread as evenly as
// chance would.
func Worthwhile(p []byte) bool {
	if len(p) < MinSize {
		return false
	}
	if len(p) < sampleSize {
		return true
	}
	var count [256]uint16
	stride := (len(p) - sampleChunk) / (sampleChunks - 1)
	for i := range sampleChunks {
		for _, b := range p[i*stride:][:sampleChunk] {
			count[b]++
		}
	}
	same := 0 // ordered pairs of equal bytes
	for _, n := range count {
		same += int(n) * (int(n) - 1)
	}
	// Among random bytes one pair in 256 is equal; the deviation of that number
	// is a twentieth of it.
	const pairs = sampleSize * (sampleSize - 1)
	return same > pairs/256*5/4
}
