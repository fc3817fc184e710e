package fairlead

import "sync"

const (
	// readBufferSize is that of a connection which is no socket, TLS for one: it has
	// buffers of its own. Nobody can tell when a read of it will wait, so the next one
	// is made with shortRead bytes unless the last got more.
	readBufferSize = 4 << 10
	// sharedBufferSize is that of a socket. Many small frames share a read, and
	// the buffer belongs to the connection only while there is something in it.
	sharedBufferSize = 64 << 10
	// bigFrame is the payload from which on bytes are read straight to where
	// they go, and the read that brings the next header is kept to shortRead.
	bigFrame  = 16 << 10
	shortRead = 512
)

var (
	sharedBuffers = sync.Pool{New: func() any { return new([sharedBufferSize]byte) }}
	readBuffers   = sync.Pool{New: func() any { return new([readBufferSize]byte) }}
	shortBuffers  = sync.Pool{New: func() any { return new([shortRead]byte) }}
)

// roomToFill is where the next bytes from the socket go. There is always room:
// what is in the buffer when more is wanted is less than a header.
func (in *receiveSide) roomToFill() []byte {
	if in.sock != nil {
		if in.r == in.w && !in.lent && len(in.buf) != sharedBufferSize {
			in.buf = nil // it came with the handshake and is used up
		}
		if in.buf == nil {
			in.buf = sharedBuffers.Get().(*[sharedBufferSize]byte)[:]
			in.r, in.w = 0, 0
		}
	} else if in.r == in.w && !in.lent {
		in.fitBuffer()
	}
	room := in.buf[in.w:]
	if in.hdr.Length >= bigFrame && !in.inflating && len(room) > shortRead {
		room = room[:shortRead]
	}
	return room
}

// fitBuffer takes another buffer for a connection that is no socket, if the one it has,
// which is empty, is not what it needs.
func (in *receiveSide) fitBuffer() {
	switch {
	case in.burst && len(in.buf) == readBufferSize, !in.burst && len(in.buf) == shortRead:
		return
	case len(in.buf) == readBufferSize:
		readBuffers.Put((*[readBufferSize]byte)(in.buf))
	case len(in.buf) == shortRead:
		shortBuffers.Put((*[shortRead]byte)(in.buf))
	}
	if in.burst {
		in.buf = readBuffers.Get().(*[readBufferSize]byte)[:]
	} else {
		in.buf = shortBuffers.Get().(*[shortRead]byte)[:]
	}
	in.r, in.w = 0, 0
}

// Buffers in which messages of Messages and ReadFrame are gathered. A connection
// has one only while messages come without a pause. None is nil: that would stand
// for none at all, after a message without bytes too.
var scratches = sync.Pool{New: func() any { return &[]byte{} }}

// keepAtMost is the largest of them that is kept for another message.
const keepAtMost = 2 << 20

// scratch returns an empty buffer, if possible the one that was used last.
func (in *receiveSide) scratch() []byte {
	switch {
	case cap(in.data) > keepAtMost:
		return nil
	case in.data == nil:
		box := scratches.Get().(*[]byte)
		in.data, in.box = *box, box
	}
	return in.data[:0]
}

// release gives back, when the socket has nothing more, what is empty and nobody
// else looks into.
func (in *receiveSide) release() {
	if in.sock == nil || in.lent {
		return
	}
	if in.data != nil && in.user == verbNone && cap(in.data) <= keepAtMost {
		box := in.box
		if box == nil {
			box = new([]byte)
		}
		*box = in.data[:0]
		scratches.Put(box)
		in.data, in.box = nil, nil
	}
	if in.r < in.w || len(in.buf) != sharedBufferSize {
		return
	}
	sharedBuffers.Put((*[sharedBufferSize]byte)(in.buf))
	in.buf, in.r, in.w = nil, 0, 0
}
