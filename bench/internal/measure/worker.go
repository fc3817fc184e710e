package measure

import (
	"bufio"
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
)

// Task is what a worker is started for.
type Task struct {
	Row       Row
	Contender string
	Server    server.Address
}

// request asks a worker for a measurement: of N operations, or for a number of
// operations that takes For.
type request struct {
	N   int           `json:"n,omitempty"`
	For time.Duration `json:"for,omitempty"`
}

type answer struct {
	Sample Sample `json:"sample"`
	Err    string `json:"err,omitempty"`
}

// Work is the process of one contender in one row: it reads a Task, then
// requests, and answers each, until in ends.
func Work(ctx context.Context, in io.Reader, out io.Writer, contenders []client.Contender) error {
	dec, enc := stdjson.NewDecoder(bufio.NewReader(in)), stdjson.NewEncoder(out)
	var t Task
	if err := dec.Decode(&t); err != nil {
		return err
	}
	w, err := newWorker(ctx, t, contenders)
	if err == nil {
		defer func() { _ = w.job.close() }()
		defer w.meter.close()
	}
	for {
		var req request
		if derr := dec.Decode(&req); errors.Is(derr, io.EOF) {
			return nil
		} else if derr != nil {
			return derr
		}
		var a answer
		if err == nil {
			a.Sample, err = w.do(ctx, req)
		}
		if err != nil {
			a.Err = err.Error()
		}
		if err := enc.Encode(a); err != nil {
			return err
		}
	}
}

type worker struct {
	task      Task
	contender client.Contender
	meter     *meter
	job       *job
}

func newWorker(ctx context.Context, t Task, contenders []client.Contender) (*worker, error) {
	w := &worker{task: t}
	for _, c := range contenders {
		if c.Name() == t.Contender {
			w.contender = c
		}
	}
	if w.contender.Dial == nil {
		return nil, fmt.Errorf("no contender %q", t.Contender)
	}
	w.meter = newMeter()
	if t.Row.Kind == Hold {
		w.job = &job{close: func() error { return nil }}
		return w, nil
	}
	var err error
	if w.job, err = newJob(ctx, t.Row, w.contender, t.Server); err != nil {
		w.meter.close()
	}
	return w, err
}

func (w *worker) do(ctx context.Context, req request) (Sample, error) {
	if w.task.Row.Kind == Hold {
		return hold(ctx, w.meter, w.task.Row, w.contender, w.task.Server, req.N)
	}
	if req.N > 0 {
		return w.meter.measure(req.N, func() error { return w.job.run(req.N) })
	}
	// The search for the number is the warming up as well. Two runs must agree:
	// one that another process held up would say that few operations are enough.
	for n, long := 1, 0; ; {
		start := time.Now()
		if err := w.job.run(n); err != nil {
			return Sample{}, err
		}
		took := time.Since(start)
		if took <= req.For/4 {
			n, long = 2*n, 0
			continue
		}
		if long++; long == 2 {
			return Sample{N: max(1, int(float64(n)*float64(req.For)/float64(took)))}, nil
		}
	}
}

// residentBytes is the RSS of this process, 0 where the system does not say.
func residentBytes() int64 {
	p, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int64
	if _, err := fmt.Fscan(strings.NewReader(string(p)), &size, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}
