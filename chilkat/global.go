package chilkat

import "github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"

// Global has the calls with which programs for the reference begin. There is
// nothing to unlock here: they succeed and change nothing.
type Global struct{ object }

// NewGlobal makes a Global.
func NewGlobal() *Global { return &Global{} }

// DisposeGlobal ends the object's life; it may be called twice.
func (g *Global) DisposeGlobal() { g.base().dispose("DisposeGlobal", nil) }

// UnlockBundle returns true for every code and does nothing.
func (g *Global) UnlockBundle(string) bool {
	return g.base().call("UnlockBundle", func(*lasterr.Log) error { return nil }).status()
}

// UnlockStatus is 2: everything may be used.
func (g *Global) UnlockStatus() int {
	return get(g.base(), "UnlockStatus", func() int { return 2 })
}
