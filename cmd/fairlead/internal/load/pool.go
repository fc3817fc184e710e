package load

import "sync"

// job is one thing to do on a connection.
type job struct {
	c    *client
	what func(c *client, buf []byte)
}

// pool runs jobs that may block. A job never waits for another: when no worker
// is free there will be one more, which stays.
type pool struct {
	jobs    chan job
	running sync.WaitGroup
	text    []byte // of which each worker has a copy
}

func newPool(text []byte) *pool { return &pool{jobs: make(chan job), text: text} }

func (p *pool) do(j job) {
	select {
	case p.jobs <- j:
	default:
		p.running.Go(func() { p.work(j) })
	}
}

func (p *pool) work(j job) {
	buf := append([]byte(nil), p.text...)
	for ok := true; ok; j, ok = <-p.jobs {
		j.what(j.c, buf)
	}
}

// end waits for the jobs under way. No other may come.
func (p *pool) end() {
	close(p.jobs)
	p.running.Wait()
}
