package main

// #include <stdlib.h>
// #include "fairlead.h"
import "C"

import (
	"math"
	"time"
	"unsafe"

	"github.com/fairlead-ws/fairlead"
)

// goBytes copies; view does not.
func goBytes(p C.fl_chars, n C.size_t) []byte { return append([]byte{}, view(p, n)...) }

func goString(p C.fl_chars, n C.size_t) string { return string(view(p, n)) }

func view(p C.fl_chars, n C.size_t) []byte {
	if p == nil || n > math.MaxInt64 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(p)), int(n))
}

// give puts the data of an outcome into memory of C's.
func give(out outcome, result *C.fl_data) C.int64_t {
	if result == nil {
		return C.int64_t(out.n)
	}
	result.p, result.len = nil, 0
	if out.data == nil {
		return C.int64_t(out.n)
	}
	p := (*C.char)(C.malloc(C.size_t(len(out.data)) + 1)) // never NULL: cgo ends the program then
	copy(unsafe.Slice((*byte)(unsafe.Pointer(p)), len(out.data)+1), out.data)
	unsafe.Slice((*byte)(unsafe.Pointer(p)), len(out.data)+1)[len(out.data)] = 0
	result.p, result.len = p, C.size_t(len(out.data))
	return C.int64_t(out.n)
}

//export fl_free
func fl_free(p *C.char) { C.free(unsafe.Pointer(p)) }

//export fl_release
func fl_release(self C.uint64_t) { release(uint64(self)) }

//export fl_wait
func fl_wait(call, ms C.uint64_t, result *C.fl_data) C.int64_t {
	return give(await(uint64(call), uint64(ms)), result)
}

//export fl_cancel
func fl_cancel(call C.uint64_t) { cancel(uint64(call)) }

//export fl_forget
func fl_forget(call C.uint64_t) { forget(uint64(call)) }

//export fl_count
func fl_count() C.uint64_t {
	handles.RLock()
	n := len(handles.slots)
	handles.RUnlock()
	calls.Lock()
	defer calls.Unlock()
	return C.uint64_t(n + len(calls.going))
}

//export fl_conn_open
func fl_conn_open(options C.fl_chars, optionsLen C.size_t, failure *C.fl_data, call *C.uint64_t) C.uint64_t {
	return C.uint64_t(give(openFor((*uint64)(call), goBytes(options, optionsLen)), failure))
}

//export fl_conn_send
func fl_conn_send(self C.uint64_t, typ C.int32_t, p C.fl_chars, pLen C.size_t, waitMs C.int64_t) C.int64_t {
	return C.int64_t(invoke(uint64(self), outcome{n: wentBad}, func(l *link) outcome {
		kind := fairlead.MessageType(0) // is refused, with a sentence
		if typ == 1 || typ == 2 {
			kind = fairlead.MessageType(typ)
		}
		return outcome{n: l.send(kind, view(p, pLen), time.Duration(waitMs)*time.Millisecond)}
	}).n)
}

//export fl_conn_take
func fl_conn_take(self C.uint64_t, p *C.char, pCap C.size_t, waitMs C.int64_t, socket *C.int32_t) C.int64_t {
	return C.int64_t(invoke(uint64(self), outcome{n: wentBad}, func(l *link) outcome {
		n, number := l.take(view(C.fl_chars(p), pCap), time.Duration(waitMs)*time.Millisecond)
		*socket = C.int32_t(number)
		return outcome{n: n}
	}).n)
}

//export fl_conn_ping
func fl_conn_ping(self C.uint64_t, call *C.uint64_t) C.int64_t {
	return C.int64_t(pingFor(uint64(self), (*uint64)(call)).n)
}

//export fl_conn_close
func fl_conn_close(self C.uint64_t, code C.int64_t, reason C.fl_chars, reasonLen C.size_t, call *C.uint64_t) C.int64_t {
	text := goString(reason, reasonLen)
	return C.int64_t(invokeFor(uint64(self), (*uint64)(call), outcome{n: wentBad}, func(l *link) outcome {
		return outcome{n: l.end(int(code), text)}
	}).n)
}

//export fl_conn_drop
func fl_conn_drop(self C.uint64_t) {
	invoke(uint64(self), failed, func(l *link) outcome { l.drop(); return nothing() })
}

//export fl_conn_fd
func fl_conn_fd(self C.uint64_t) C.int64_t {
	return C.int64_t(invoke(uint64(self), minus1, func(l *link) outcome { return numberOf(l.descriptor()) }).n)
}

//export fl_conn_error
func fl_conn_error(self C.uint64_t, which C.int32_t, result *C.fl_data) C.int64_t {
	return give(failureOf(uint64(self), int(which)), result)
}

//export fl_conn_about
func fl_conn_about(self C.uint64_t, result *C.fl_data) C.int64_t {
	return give(invoke(uint64(self), failed, (*link).about), result)
}
