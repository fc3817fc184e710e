package deflate_test
import ("testing";"bytes";"github.com/fairlead-ws/fairlead/deflate")
func TestQuick(t *testing.T) {
	for kind, p := range corpus(100000) {
	 for _, level := range []int{-2,0,1,6,9} {
	  wire := message(t, level, p)
	  for _, io := range [][2]int{{1<<20,1<<20},{1,1},{7,3},{100,300},{5000,70000},{3,70000}} {
	    d := deflate.NewDecompressor(15, false)
	    got, err := inflate(d, wire, io[0], io[1])
		if err != nil || !bytes.Equal(got,p) { t.Fatalf("%s level %d %v: %v, %d of %d", kind, level, io, err, len(got), len(p)) }
	  }
	 }
	}
}
