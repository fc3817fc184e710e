package fairlead

import "sync"

const (
	// readBufferSize is that of a connection which is no socket, TLS for one:
	// it has buffers of its own.
	readBufferSize = 4 << 10
	// sharedBufferSize is that of a socket. Many small frames share a read, and
	// the buffer belongs to the connection only while there is something in it.
	sharedBufferSize = 64 << 10
	// bigFrame is the payload from which on bytes are read straight to where
	// they go, and the read that brings the next header is kept short.
	bigFrame  = 16 << 10
	shortRead = 512
)

var sharedBuffers = sync.Pool{New: func() any { return new([sharedBufferSize]byte) }}

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
	}
	room := in.buf[in.w:]
	if in.hdr.Length >= bigFrame && len(room) > shortRead {
		room = room[:shortRead]
	}
	return room
}

// release gives the buffer of a socket back if it is empty and nobody else looks
// into it.
func (in *receiveSide) release() {
	if in.sock == nil || in.r < in.w || in.lent || len(in.buf) != sharedBufferSize {
		return
	}
	sharedBuffers.Put((*[sharedBufferSize]byte)(in.buf))
	in.buf, in.r, in.w = nil, 0, 0
}
