package measure

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
)

// Config is how a run is done.
type Config struct {
	Rounds int
	For    time.Duration // of one measurement
	// Procs is GOMAXPROCS of a client. 0 means 1 where there are two cores, so
	// that the server has one of its own.
	Procs int
	Seed  uint64
}

// Entry is a contender of a run. Twin is set on the second of two that are the
// same.
type Entry struct {
	client.Contender
	Twin bool
}

// ID names the entry among those of its row.
func (e Entry) ID() string {
	if e.Twin {
		return e.Name() + "'"
	}
	return e.Name()
}

// Result is what an entry did in a row: one sample for each round, or an error.
type Result struct {
	Entry   Entry    `json:"-"`
	ID      string   `json:"contender"`
	Samples []Sample `json:"samples,omitempty"`
	Err     string   `json:"error,omitempty"`
}

// workerTimeout bounds one answer of a worker.
const workerTimeout = 2 * time.Minute

// RunRow measures the entries in turn, in another order each round, every one in
// a process of its own that lives as long as the row does.
func RunRow(ctx context.Context, cfg Config, r Row, entries []Entry, a server.Address) []Result {
	random := rand.New(rand.NewPCG(cfg.Seed, uint64(len(r.Name))))
	results := make([]Result, len(entries))
	procs := make([]*process, len(entries))
	counts := make([]int, len(entries))
	for i, e := range entries {
		results[i] = Result{Entry: e, ID: e.ID()}
		if r.Kind == Hold {
			continue // a process for each round: what it has grown to stays
		}
		p, err := startWorker(ctx, cfg, Task{r, e.Name(), a})
		if err == nil {
			procs[i] = p
			defer p.stop()
			counts[i], err = p.count(cfg, r)
		}
		if err != nil {
			results[i].Err = err.Error()
		}
	}
	for range cfg.Rounds {
		for _, i := range random.Perm(len(entries)) {
			res := &results[i]
			if res.Err != "" {
				continue
			}
			s, err := measureOnce(ctx, cfg, r, entries[i], a, procs[i], counts[i])
			if err != nil {
				res.Err = err.Error()
				continue
			}
			res.Samples = append(res.Samples, s)
		}
	}
	return results
}

func measureOnce(ctx context.Context, cfg Config, r Row, e Entry, a server.Address, p *process, n int) (Sample, error) {
	if r.Kind != Hold {
		return p.ask(request{N: n})
	}
	p, err := startWorker(ctx, cfg, Task{r, e.Name(), a})
	if err != nil {
		return Sample{}, err
	}
	defer p.stop()
	return p.ask(request{N: r.Count})
}

// process is a child that answers requests.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *stdjson.Decoder
}

// Flags with which the program starts itself again.
const (
	WorkerFlag = "-worker"
	ServerFlag = "-server"
)

func start(ctx context.Context, flag string, core, procs int) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, flag)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(procs))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if core < 0 {
		err = cmd.Start()
	} else {
		err = startOn(core, cmd)
	}
	if err != nil {
		return nil, err
	}
	return &process{cmd: cmd, in: in, out: stdjson.NewDecoder(out)}, nil
}

// stop ends the child by the end of its input.
func (p *process) stop() {
	_ = p.in.Close()
	kill := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	_ = p.cmd.Wait()
}

// StartServer starts the server in a process of its own, on the second core
// where there is one.
func StartServer(ctx context.Context) (a server.Address, stop func(), err error) {
	core := -1
	if runtime.NumCPU() > 1 {
		core = 1
	}
	p, err := start(ctx, ServerFlag, core, 1)
	if err != nil {
		return a, nil, err
	}
	if err := p.out.Decode(&a); err != nil {
		p.stop()
		return a, nil, fmt.Errorf("the server did not say where it is: %w", err)
	}
	return a, p.stop, nil
}

func startWorker(ctx context.Context, cfg Config, t Task) (*process, error) {
	core, procs := 0, cfg.Procs
	if procs == 0 {
		procs = 1
	}
	if procs > 1 || runtime.NumCPU() < 2 {
		core = -1
	}
	p, err := start(ctx, WorkerFlag, core, procs)
	if err != nil {
		return nil, err
	}
	if err := stdjson.NewEncoder(p.in).Encode(t); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// count is how many operations a measurement has. The worker is warm afterwards.
func (p *process) count(cfg Config, r Row) (int, error) {
	s, err := p.ask(request{For: cfg.For})
	if err == nil && r.Count > 0 {
		return r.Count, nil
	}
	return s.N, err
}

func (p *process) ask(req request) (Sample, error) {
	if err := stdjson.NewEncoder(p.in).Encode(req); err != nil {
		return Sample{}, err
	}
	kill := time.AfterFunc(workerTimeout, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	var a answer
	if err := p.out.Decode(&a); err != nil {
		return Sample{}, fmt.Errorf("the process of the contender ended: %w", err)
	}
	if a.Err != "" {
		return Sample{}, errors.New(a.Err)
	}
	return a.Sample, nil
}
