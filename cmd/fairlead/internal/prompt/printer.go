package prompt

import "sync"

// printer prints above the prompt in the order of the calls. The model must not
// wait for the program that it belongs to, so printing has a goroutine.
type printer struct {
	print func(text string)
	done  chan struct{}

	mu     sync.Mutex
	cond   *sync.Cond
	texts  []string
	closed bool
}

// backlog is how much may wait before whoever prints has to.
const backlog = 100

func newPrinter(print func(text string)) *printer {
	p := &printer{print: print, done: make(chan struct{})}
	p.cond = sync.NewCond(&p.mu)
	return p
}

// add queues text. With wait it returns only when few others wait.
func (p *printer) add(text string, wait bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for wait && len(p.texts) >= backlog && !p.closed {
		p.cond.Wait()
	}
	p.texts = append(p.texts, text)
	p.cond.Broadcast()
}

// run prints until close was called and all is printed.
func (p *printer) run() {
	defer close(p.done)
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for len(p.texts) == 0 {
			if p.closed {
				return
			}
			p.cond.Wait()
		}
		text := p.texts[0]
		p.texts = p.texts[1:]
		p.cond.Broadcast()
		p.mu.Unlock()
		p.print(text)
		p.mu.Lock()
	}
}

// close ends the printer and waits until all is printed.
func (p *printer) close() {
	p.mu.Lock()
	p.closed = true
	p.cond.Broadcast()
	p.mu.Unlock()
	<-p.done
}
