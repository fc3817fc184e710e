package interop_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

const (
	writers    = 8
	writeFor   = 5 * time.Second
	headerSize = 20
)

// TestWriters lets eight goroutines write and one read at the same time. Each
// message is
//
//	writer    4 bytes, big endian
//	sequence  8
//	length    4, of the payload
//	checksum  4, CRC-32 (IEEE) of the payload
//	payload
//
// The server checks each and sends it back, where it is checked again.
func TestWriters(t *testing.T) {
	server := startPython(t)
	ctx, cancel := context.WithTimeout(t.Context(), writeFor+time.Minute)
	defer cancel()
	conn, err := fairlead.Dial(ctx, server.ws+"?verify=1")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	defer group.Wait()
	defer conn.CloseNow()

	var sent [writers]uint64
	stop := time.Now().Add(writeFor)
	for id := range sent {
		group.Go(func() {
			n, err := writeUntil(ctx, conn, uint32(id), stop)
			if err != nil {
				t.Errorf("writer %d: %v", id, err)
				cancel()
			}
			sent[id] = n
		})
	}
	verdict := make(chan error, 1)
	go func() {
		group.Wait()
		verdict <- conn.WriteText(ctx, "verdict")
	}()

	var got [writers]uint64
	var judged judgement
	for {
		typ, p, err := conn.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if typ == fairlead.Text {
			if err := json.Unmarshal(p, &judged); err != nil {
				t.Fatal(err)
			}
			break
		}
		if err := checkEcho(p, &got); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-verdict; err != nil {
		t.Fatal(err)
	}
	judged.check(t, sent)
	var total uint64
	for id, n := range sent {
		total += n
		if n == 0 {
			t.Errorf("writer %d never had its turn", id)
		}
		if got[id] != n {
			t.Errorf("writer %d sent %d messages, %d came back", id, n, got[id])
		}
	}
	t.Logf("%d messages", total)
	if err := conn.Close(ctx, frame.StatusNormal, ""); err != nil {
		t.Error(err)
	}
}

// writeUntil writes messages of many sizes, with all three forms of the length.
func writeUntil(ctx context.Context, conn *fairlead.Conn, id uint32, stop time.Time) (n uint64, err error) {
	random := rand.New(rand.NewPCG(uint64(id), 1))
	for time.Now().Before(stop) {
		size := random.IntN(100)
		switch random.IntN(50) {
		case 0:
			size = 70_000
		case 1, 2, 3, 4, 5:
			size = random.IntN(5_000)
		}
		payload := bytes.Repeat([]byte{byte(id), byte(n)}, size/2)
		m := binary.BigEndian.AppendUint32(nil, id)
		m = binary.BigEndian.AppendUint64(m, n)
		m = binary.BigEndian.AppendUint32(m, uint32(len(payload)))
		m = binary.BigEndian.AppendUint32(m, crc32.ChecksumIEEE(payload))
		if err := conn.Write(ctx, fairlead.Binary, append(m, payload...)); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func checkEcho(p []byte, got *[writers]uint64) error {
	if len(p) < headerSize {
		return fmt.Errorf("a message of %d bytes came back", len(p))
	}
	id, sequence := binary.BigEndian.Uint32(p), binary.BigEndian.Uint64(p[4:])
	length, sum := binary.BigEndian.Uint32(p[12:]), binary.BigEndian.Uint32(p[16:])
	payload := p[headerSize:]
	if id >= writers || sequence != got[id] || int(length) != len(payload) || sum != crc32.ChecksumIEEE(payload) {
		return fmt.Errorf("came back wrong: writer %d, sequence %d, %d bytes of %d", id, sequence, len(payload), length)
	}
	got[id]++
	return nil
}

// judgement is what the server found.
type judgement struct {
	Messages map[string]uint64 // by writer
	Mistakes []string
}

func (j judgement) check(t *testing.T, sent [writers]uint64) {
	t.Helper()
	for _, m := range j.Mistakes {
		t.Errorf("the server says: %s", m)
	}
	for id, n := range sent {
		if j.Messages[strconv.Itoa(id)] != n {
			t.Errorf("writer %d sent %d messages, the server saw %d", id, n, j.Messages[strconv.Itoa(id)])
		}
	}
}
