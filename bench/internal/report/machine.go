package report

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// About says where and with what a run was done.
type About struct {
	Date      string   `json:"date"`
	CPU       string   `json:"cpu"`
	Cores     int      `json:"cores"`
	Kernel    string   `json:"kernel"`
	System    string   `json:"system"`
	Go        string   `json:"go"`
	Libraries []string `json:"libraries"`
	Rounds    int      `json:"rounds"`
	For       string   `json:"for"`
	Procs     int      `json:"procs"`
	Took      string   `json:"took"`
}

// Here describes this machine and this program.
func Here(now time.Time) About {
	a := About{
		Date: now.UTC().Format(time.DateOnly), Cores: runtime.NumCPU(), CPU: "unknown CPU",
		System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
	}
	if p, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(p)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				a.CPU = strings.TrimSpace(value)
				break
			}
		}
	}
	if p, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		a.Kernel = strings.TrimSpace(string(p))
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if slices.Contains([]string{
				"github.com/gorilla/websocket", "github.com/coder/websocket", "github.com/gobwas/ws", "github.com/lxzan/gws", "golang.org/x/net",
			}, m.Path) {
				a.Libraries = append(a.Libraries, fmt.Sprintf("%s %s", m.Path, m.Version))
			}
		}
	}
	return a
}
