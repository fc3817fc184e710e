package fairlead

import "github.com/fairlead-ws/fairlead/handshake"

// Compression says whether a Dialer offers permessage-deflate (RFC 7692). Only
// what the server agrees to is done; Conn.Compression tells.
//
// Compression trades CPU time for bytes: it pays where the network is slower than
// some 100 MB/s for each busy core, and messages are text or JSON of 128 bytes or
// more. Messages that are shorter or look compressed already go out as they are.
//
// Do not compress a secret together with text that an attacker chose: the size
// of what is sent tells how much they have in common, and with context takeover
// even when they are in different messages (RFC 7692, section 8). Send such
// messages with WriteUncompressed.
type Compression uint8

const (
	// CompressionOff offers nothing. It is the default.
	CompressionOff Compression = iota
	// CompressionNoTakeover offers compression of each message on its own. A
	// connection holds no memory for it between messages.
	CompressionNoTakeover
	// CompressionTakeover offers compression that may refer to earlier messages,
	// which makes small messages that are alike many times smaller. It costs
	// 32 KiB for each connection that receives, and about 800 KiB for each that
	// has sent a compressed message; compressed messages are then written one
	// after the other, also those of different goroutines.
	CompressionTakeover
)

// offer returns the extensions that a dial offers. Whatever size the server wants
// the client's window to have can be honoured.
func (m Compression) offer() []handshake.Extension {
	d := handshake.Deflate{ClientMaxWindowBits: 15}
	switch m {
	case CompressionNoTakeover:
		d.ServerNoContextTakeover, d.ClientNoContextTakeover = true, true
	case CompressionTakeover:
	default:
		return nil
	}
	return []handshake.Extension{d.Offer()}
}

// Compression returns the parameters of permessage-deflate that both sides agreed
// on, and false when messages are not compressed.
func (c *Conn) Compression() (handshake.Deflate, bool) {
	if c == nil || c.deflate == nil {
		return handshake.Deflate{}, false
	}
	return c.deflate.agreed, true
}
