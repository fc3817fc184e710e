package main

import (
	"context"
	"sync"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// A slot is what a handle stands for.
type slot struct {
	object any // of a class of package chilkat, or a *link

	mu     sync.Mutex
	cancel context.CancelFunc // of the context that the object has; nil before its first call that can be canceled
	broken string             // what a call that panicked has left for LastErrorText
}

// Handles count up and are never used again, so that one that was released is
// told from every other for ever.
var handles = struct {
	sync.RWMutex
	last  uint64
	slots map[uint64]*slot
}{slots: map[uint64]*slot{}}

// enter puts an object into the table.
func enter(object any) uint64 {
	handles.Lock()
	defer handles.Unlock()
	handles.last++
	handles.slots[handles.last] = &slot{object: object}
	return handles.last
}

// find returns nil when there is no such handle.
func find(handle uint64) *slot {
	handles.RLock()
	defer handles.RUnlock()
	return handles.slots[handle]
}

// release takes the handle out of the table. Calls under way go on.
func release(handle uint64) {
	handles.Lock()
	defer handles.Unlock()
	delete(handles.slots, handle)
}

// argument is the object of a handle, nil when it has none of this class: the
// members say by name which of their arguments is nil.
func argument[T any](handle uint64) (object T) {
	if s := find(handle); s != nil {
		object, _ = s.object.(T)
	}
	return object
}

// A cancelable object ends its calls with a context.
type cancelable interface{ SetContext(context.Context) }

// arm gives the object a context, so that its calls can be canceled.
func (s *slot) arm() {
	o, ok := s.object.(cancelable)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel == nil {
		s.renew(o)
	}
}

func (s *slot) renew(o cancelable) {
	ctx, cancel := context.WithCancel(context.Background())
	o.SetContext(ctx)
	s.cancel = cancel
}

// interrupt ends the calls of the object that are under way. Those that come have a
// context of their own already, and the log is that of the calls that end.
func (s *slot) interrupt() {
	if task, ok := s.object.(*chilkat.Task); ok {
		task.Cancel()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		end := s.cancel
		s.renew(s.object.(cancelable))
		end()
	}
}
