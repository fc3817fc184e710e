package deflate

// The sizes in bytes below which Worthwhile says no. A message of JSON on its own
// begins to shrink at 100 bytes or so, and has lost a sixth at 128; next to others
// like it, it shrinks at any size that is not lost in the few bytes that each
// message costs.
const (
	MinSize         = 128
	MinSizeTakeover = 32
)

const (
	sampleChunks = 8
	sampleChunk  = 64
	sampleSize   = sampleChunks * sampleChunk
)

// Worthwhile guesses whether compressing the message p pays. It says no to what
// is shorter than MinSize, or MinSizeTakeover, and to what looks compressed or encrypted already:
// whose bytes, in a sample of 512 from all over it, are spread as evenly as
// chance would.
func (c *Compressor) Worthwhile(p []byte) bool {
	least := MinSize
	if c.takeover {
		least = MinSizeTakeover
	}
	if len(p) < sampleSize {
		return len(p) >= least
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
