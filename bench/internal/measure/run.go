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
	"strconv"
	"time"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
)

// Config is how a run is done.
type Config struct {
	Rounds int
	For    time.Duration // of one measurement
	// Procs is GOMAXPROCS of a client. With 1, client and server are kept on one
	// core, the same for both: on two, most of what a small message costs is
	// waking the other core, ten times what any library does, and the same code
	// measures up to 40 % apart. On one, each goes on until it has to wait for
	// the other, so that reads find full buffers, whoever reads. With more,
	// both run wherever the system puts them. A Shared row has two at least:
	// writers that never run at the same time do not meet.
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
	if r.Kind == Shared {
		cfg.Procs = max(cfg.Procs, 2)
	}
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

// StartServer starts the server in a process of its own.
func StartServer(ctx context.Context, cfg Config) (a server.Address, stop func(), err error) {
	p, err := start(ctx, ServerFlag, cfg.core(), 1)
	if err != nil {
		return a, nil, err
	}
	if err := p.out.Decode(&a); err != nil {
		p.stop()
		return a, nil, fmt.Errorf("the server did not say where it is: %w", err)
	}
	return a, p.stop, nil
}

// core is where client and server are kept, -1 for nowhere.
func (cfg Config) core() int {
	if cfg.Procs > 1 {
		return -1
	}
	return 0
}

func startWorker(ctx context.Context, cfg Config, t Task) (*process, error) {
	p, err := start(ctx, WorkerFlag, cfg.core(), cfg.Procs)
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
