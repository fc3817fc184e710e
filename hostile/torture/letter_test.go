package torture_test

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"sync"
)

// letter is a message with a number and a checksum, at least 32 bytes long.
func letter(from string, number, size int) string {
	body := fmt.Sprintf("%s %06d ", from, number)
	if pad := size - len(body) - 9; pad > 0 {
		body += strings.Repeat(fmt.Sprintf("%d past the obstacles, ", number), pad/20+1)[:pad]
	}
	return fmt.Sprintf("%s %08x", body, crc32.ChecksumIEEE([]byte(body)))
}

// open reads a letter.
func openLetter(text string) (from string, number int, err error) {
	if len(text) < 10 || text[len(text)-9] != ' ' {
		return "", 0, fmt.Errorf("no letter: %d bytes, %.40q", len(text), text)
	}
	body, sum := text[:len(text)-9], text[len(text)-8:]
	if want := fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(body))); sum != want {
		return "", 0, fmt.Errorf("a letter of %d bytes is damaged: %.40q", len(text), text)
	}
	_, err = fmt.Sscanf(body, "%s %d ", &from, &number)
	return from, number, err
}

// journal is what was delivered, and what was found wrong with it.
type journal struct {
	mu       sync.Mutex
	received map[string][]int // at the server: numbers, by sender
	sent     map[string][]int // writes that the client was told are done
	next     map[string]int   // at the client: the number that is due, by sender
	faulty   []string
}

// arrive notes a message at the server: each sender's come in order, none twice.
func (j *journal) arrive(text string) {
	from, number, err := openLetter(text)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		j.faulty = append(j.faulty, "at the server: "+err.Error())
		return
	}
	before := j.received[from]
	if len(before) > 0 && before[len(before)-1] >= number {
		j.faulty = append(j.faulty, fmt.Sprintf("at the server: %d of %s came after %d", number, from, before[len(before)-1]))
	}
	if j.received == nil {
		j.received = map[string][]int{}
	}
	j.received[from] = append(before, number)
}

// deliver notes a message at the client: it must be the next one.
func (j *journal) deliver(text string) {
	from, number, err := openLetter(text)
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err != nil:
		j.faulty = append(j.faulty, "at the client: "+err.Error())
	case number != j.next[from]:
		j.faulty = append(j.faulty, fmt.Sprintf("at the client: %d of %s came, want %d", number, from, j.next[from]))
	default:
		if j.next == nil {
			j.next = map[string]int{}
		}
		j.next[from]++
	}
}

// done notes that a write has succeeded.
func (j *journal) done(from string, number int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.sent == nil {
		j.sent = map[string][]int{}
	}
	j.sent[from] = append(j.sent[from], number)
}

func (j *journal) wrong(what string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.faulty = append(j.faulty, what)
}

// verdict returns what was wrong. Where reliable, what was written successfully
// must have arrived.
func (j *journal) verdict(reliable bool) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	for from, numbers := range j.sent {
		for _, n := range numbers {
			if reliable && !slices.Contains(j.received[from], n) {
				j.faulty = append(j.faulty, fmt.Sprintf("%d of %s was written and did not arrive", n, from))
			}
		}
	}
	return j.faulty
}
