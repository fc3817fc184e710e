package torture_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/chilkat"
)

const maxWaitMs = 3000

// session opens a WebSocket on a connection of a Rest and gives both to use.
func (p *pass) session(rest *chilkat.Rest, options string, use func(ws *chilkat.WebSocket) error) error {
	ws := chilkat.NewWebSocket()
	defer ws.DisposeWebSocket()
	ws.SetContext(p.ctx)
	rest.SetContext(p.ctx)
	ws.SetIdleTimeoutMs(maxWaitMs)
	rest.SetIdleTimeoutMs(maxWaitMs)
	ws.SetUncommonOptions(options)
	switch {
	case !ws.UseConnection(rest), !ws.AddClientHeaders():
		return ws.LastError()
	case rest.FullRequestNoBody("GET", "/") == nil:
		return rest.LastError()
	case !ws.ValidateServerHandshake():
		return ws.LastError()
	}
	return use(ws)
}

// dialled is a session straight to the gauntlet.
func dialled(options string, secure bool, use func(p *pass, ws *chilkat.WebSocket) error) func(*pass) error {
	return func(p *pass) error {
		rest := chilkat.NewRest()
		defer rest.DisposeRest()
		rest.SetContext(p.ctx)
		rest.SetConnectTimeoutMs(maxWaitMs)
		rest.SetTLSConfig(authority().client)
		if !rest.Connect(p.host, p.port, secure, false) {
			return rest.LastError()
		}
		return p.session(rest, options, func(ws *chilkat.WebSocket) error { return use(p, ws) })
	}
}

// failed is the error of a call that returned ok, which must tell of a failure.
func failed(by interface{ LastError() error }, ok bool) error {
	switch err := by.LastError(); {
	case ok:
		return nil
	case err == nil:
		return io.EOF // which judge never takes: the call failed without an error
	default:
		return err
	}
}

// fetch is the data of a frame.
func fetch(form int, ws *chilkat.WebSocket) string {
	switch form % 3 {
	case 0:
		if p := ws.GetFrameData(); p != nil {
			return *p
		}
	case 1:
		sb := chilkat.NewStringBuilder()
		if ws.GetFrameDataSb(sb) {
			if p := sb.GetAsString(); p != nil {
				return *p
			}
		}
	case 2:
		bd := chilkat.NewBinData()
		if ws.GetFrameDataBd(bd) {
			return string(bd.GetBinary())
		}
	}
	return ""
}

// readLetters reads n letters frame by frame.
func readLetters(form, n int, read func(ws *chilkat.WebSocket) error) func(p *pass, ws *chilkat.WebSocket) error {
	return func(p *pass, ws *chilkat.WebSocket) error {
		return each(n, func(int) error {
			for fin := false; !fin; fin = ws.FinalFrame() {
				if err := read(ws); err != nil {
					return err
				}
			}
			p.log.deliver(fetch(form, ws))
			return nil
		})
	}
}

func readFrame(ws *chilkat.WebSocket) error { return failed(ws, ws.ReadFrame()) }

// finish runs a task to its end.
func finish(task *chilkat.Task) error {
	if !task.Run() || !task.Wait(maxWaitMs) {
		return task.LastError()
	}
	if !task.GetResultBool() {
		return fmt.Errorf("the task has failed: %s", task.ResultErrorText())
	}
	return nil
}

// sendLetters sends n letters with send.
func sendLetters(n int, send func(ws *chilkat.WebSocket, i int, text string) bool) func(p *pass, ws *chilkat.WebSocket) error {
	return func(p *pass, ws *chilkat.WebSocket) error {
		err := each(n, func(i int) error {
			if err := failed(ws, send(ws, i, letter("client", i, 60+i*500))); err != nil {
				return err
			}
			p.log.done("client", i)
			return nil
		})
		if err != nil {
			return err
		}
		return goodbye(ws)
	}
}

// goodbye closes and reads up to the server's Close.
func goodbye(ws *chilkat.WebSocket) error {
	if err := failed(ws, ws.SendClose(true, 1000, "bye")); err != nil {
		return err
	}
	for !ws.CloseReceived() {
		if err := readFrame(ws); err != nil {
			return err
		}
	}
	return nil
}

func bin(text string) *chilkat.BinData {
	bd := chilkat.NewBinData()
	bd.AppendBinary([]byte(text))
	return bd
}

func builder(text string) *chilkat.StringBuilder {
	sb := chilkat.NewStringBuilder()
	sb.Append(text)
	return sb
}

func chilkatSessions() []passage {
	const deflate = "PermessageDeflate"
	letters := []int{40, -900, 3000}
	pushing, plain, squeezed := peer{push: letters}.serve, peer{}.serve, peer{push: letters, deflated: true, echo: true}.serve
	over := func(serve func(*journal, net.Conn)) func(*journal, net.Conn) {
		return func(log *journal, nc net.Conn) { secure(func(nc net.Conn) { serve(log, nc) })(nc) }
	}
	n := len(letters)
	return []passage{
		{name: "ReadFrame, GetFrameData", serve: pushing, run: dialled("", false, readLetters(0, n, readFrame))},
		{name: "ReadFrame, GetFrameDataSb", serve: pushing, run: dialled("", false, readLetters(1, n, readFrame))},
		{name: "ReadFrame, GetFrameDataBd", serve: pushing, run: dialled("", false, readLetters(2, n, readFrame))},
		{name: "ReadFrame over TLS", serve: over(pushing), run: dialled("", true, readLetters(0, n, readFrame))},
		{name: "ReadFrame, compressed", serve: squeezed, run: dialled(deflate, false, readLetters(0, n, readFrame))},
		{name: "ReadFrameAsync", told: true, serve: pushing, run: dialled("", false, readLetters(0, n, func(ws *chilkat.WebSocket) error { return finish(ws.ReadFrameAsync()) }))},
		{name: "PollDataAvailable", serve: pushing, run: dialled("", false, readLetters(0, n, func(ws *chilkat.WebSocket) error {
			for end := time.Now().Add(time.Second); !ws.PollDataAvailable() && time.Now().Before(end); {
				time.Sleep(100 * time.Microsecond)
			}
			return readFrame(ws)
		}))},
		{name: "SendFrame", serve: plain, run: dialled("", false, sendLetters(4, func(ws *chilkat.WebSocket, _ int, text string) bool { return ws.SendFrame(text, true) }))},
		{name: "SendFrame over TLS", serve: over(plain), run: dialled("", true, sendLetters(4, func(ws *chilkat.WebSocket, _ int, text string) bool { return ws.SendFrame(text, true) }))},
		{name: "SendFrameSb, fragments", serve: plain, run: dialled("", false, sendLetters(3, func(ws *chilkat.WebSocket, _ int, text string) bool {
			return ws.SendFrameSb(builder(text[:20]), false) && ws.SendPing("between") && ws.SendFrameSb(builder(text[20:]), true)
		}))},
		{name: "SendFrameBd", serve: plain, run: dialled("", false, sendLetters(3, func(ws *chilkat.WebSocket, _ int, text string) bool { return ws.SendFrameBd(bin(text), true) }))},
		{name: "SendFrameAsync", told: true, serve: plain, run: dialled("", false, sendLetters(3, func(ws *chilkat.WebSocket, _ int, text string) bool {
			return finish(ws.SendFrameAsync(text, true)) == nil
		}))},
		{name: "SendPing and SendPong", serve: pushing, run: dialled("", false, func(_ *pass, ws *chilkat.WebSocket) error {
			ws.SetPingAutoRespond(false)
			ws.SetPongAutoConsume(false)
			if err := failed(ws, ws.SendPing("mine")); err != nil {
				return err
			}
			for pinged, ponged := false, false; !pinged || !ponged; {
				if err := readFrame(ws); err != nil {
					return err
				}
				pinged, ponged = pinged || ws.NeedSendPong(), ponged || ws.FrameOpcode() == "Pong"
			}
			return failed(ws, ws.SendPong())
		})},
		{name: "ShareConnection", serve: peer{push: letters}.serve, run: dialled("", false, func(p *pass, ws *chilkat.WebSocket) error {
			other := chilkat.NewWebSocket()
			defer other.DisposeWebSocket()
			other.SetContext(p.ctx)
			if err := failed(other, other.ShareConnection(ws)); err != nil {
				return err
			}
			sent := make(chan error, 1)
			go func() { sent <- failed(other, other.SendFrame(letter("client", 0, 3000), true)) }()
			err := readLetters(0, n, readFrame)(p, ws)
			return errors.Join(err, <-sent)
		})},
		{name: "CloseConnection", serve: pushing, run: dialled("", false, func(_ *pass, ws *chilkat.WebSocket) error {
			if !ws.CloseConnection() && ws.IsConnected() {
				return errors.New("the connection is still open")
			}
			return nil
		})},
	}
}

// restServer answers every request with a body in two pieces.
func restServer(_ *journal, nc net.Conn) {
	const body = "Content-Length: 2000\r\n\r\n"
	p := peer{answer: func(*http.Request) string {
		return "HTTP/1.1 200 OK\r\n" + body + letter("server", 0, 2000)
	}}
	p.serve(&journal{}, nc)
}

// asked judges the body of a response.
func asked(rest *chilkat.Rest, ok bool, body string) error {
	if err := failed(rest, ok); err != nil {
		return err
	}
	if _, _, err := openLetter(body); err != nil {
		return fmt.Errorf("%w: %w", io.EOF, err) // judge takes no io.EOF
	}
	return nil
}

func connected(use func(p *pass, rest *chilkat.Rest) error) func(*pass) error {
	return func(p *pass) error {
		rest := chilkat.NewRest()
		defer rest.DisposeRest()
		rest.SetContext(p.ctx)
		rest.SetConnectTimeoutMs(maxWaitMs)
		rest.SetIdleTimeoutMs(maxWaitMs)
		if err := failed(rest, rest.Connect(p.host, p.port, false, false)); err != nil {
			return err
		}
		if err := use(p, rest); err != nil {
			return err
		}
		rest.Disconnect(maxWaitMs)
		return nil
	}
}

func rests() []passage {
	text := func(rest *chilkat.Rest, p *string) error {
		if p == nil {
			return failed(rest, false)
		}
		return asked(rest, true, *p)
	}
	return []passage{
		{name: "FullRequestNoBody", serve: restServer, run: connected(func(_ *pass, rest *chilkat.Rest) error {
			return each(2, func(int) error { return text(rest, rest.FullRequestNoBody("GET", "/")) })
		})},
		{name: "FullRequestNoBodySb", serve: restServer, run: connected(func(_ *pass, rest *chilkat.Rest) error {
			sb := chilkat.NewStringBuilder()
			ok := rest.FullRequestNoBodySb("GET", "/", sb)
			if !ok {
				return failed(rest, ok)
			}
			return text(rest, sb.GetAsString())
		})},
		{name: "FullRequestNoBodyBd", serve: restServer, run: connected(func(_ *pass, rest *chilkat.Rest) error {
			bd := chilkat.NewBinData()
			ok := rest.FullRequestNoBodyBd("GET", "/", bd)
			return asked(rest, ok, string(bd.GetBinary()))
		})},
		{name: "SendReqNoBody, ReadRespBodyString", serve: restServer, run: connected(func(_ *pass, rest *chilkat.Rest) error {
			if !rest.SendReqNoBody("GET", "/") || rest.ReadResponseHeader() < 0 {
				return failed(rest, false)
			}
			return text(rest, rest.ReadRespBodyString())
		})},
		{name: "SendReqNoBody, ReadRespBd", serve: restServer, run: connected(func(_ *pass, rest *chilkat.Rest) error {
			bd := chilkat.NewBinData()
			if !rest.SendReqNoBody("GET", "/") || rest.ReadResponseHeader() < 0 {
				return failed(rest, false)
			}
			ok := rest.ReadRespBd(bd)
			return asked(rest, ok, string(bd.GetBinary()))
		})},
	}
}

// through is a session through a Socket.
func through(prepare func(p *pass, s *chilkat.Socket) error, backend *rig) func(*pass) error {
	return func(p *pass) error {
		s := chilkat.NewSocket()
		defer s.DisposeSocket()
		s.SetContext(p.ctx)
		host, port := p.host, p.port
		if backend != nil {
			addr := backend.listener.Addr().(*net.TCPAddr)
			host, port = addr.IP.String(), addr.Port
		}
		if err := prepare(p, s); err != nil {
			return err
		}
		if err := failed(s, s.Connect(host, port, false, maxWaitMs)); err != nil {
			return err
		}
		return p.over(s)
	}
}

// over echoes a letter in a session on a connected Socket.
func (p *pass) over(s *chilkat.Socket) error {
	rest := chilkat.NewRest()
	defer rest.DisposeRest()
	if err := failed(rest, rest.UseConnection(s, false)); err != nil {
		return err
	}
	return p.session(rest, "", func(ws *chilkat.WebSocket) error {
		if err := failed(ws, ws.SendFrame(letter("client", 0, 2000), true)); err != nil {
			return err
		}
		p.log.done("client", 0)
		if err := readFrame(ws); err != nil {
			return err
		}
		p.log.deliver(fetch(0, ws))
		return goodbye(ws)
	})
}

func proxied(serve func(net.Conn)) func(*journal, net.Conn) {
	return func(_ *journal, nc net.Conn) { serve(nc) }
}

func sockets(backend *rig) []passage {
	viaProxy := func(s *chilkat.Socket, p *pass) {
		s.SetHttpProxyHostname(p.host)
		s.SetHttpProxyPort(p.port)
		s.SetHttpProxyForHttp(true)
	}
	viaSocks := func(version int) func(p *pass, s *chilkat.Socket) error {
		return func(p *pass, s *chilkat.Socket) error {
			s.SetSocksHostname(p.host)
			s.SetSocksPort(p.port)
			s.SetSocksVersion(version)
			s.SetSocksUsername(user)
			if version == 5 {
				s.SetSocksPassword(secret)
			}
			return nil
		}
	}
	return []passage{
		{name: "Socket", serve: peer{echo: true}.serve, run: through(func(*pass, *chilkat.Socket) error { return nil }, nil)},
		{name: "Socket, CONNECT", backend: backend, serve: proxied(connectProxy(backend.reach, "")), run: through(func(p *pass, s *chilkat.Socket) error {
			viaProxy(s, p)
			return nil
		}, backend)},
		{name: "Socket, CONNECT, Basic", backend: backend, serve: proxied(connectProxy(backend.reach, `Basic realm="r"`)), run: through(func(p *pass, s *chilkat.Socket) error {
			viaProxy(s, p)
			s.SetHttpProxyUsername(user)
			s.SetHttpProxyPassword(secret)
			return nil
		}, backend)},
		{name: "Socket, SOCKS4", backend: backend, serve: proxied(socksProxy(backend.reach, 4, false)), run: through(viaSocks(4), backend)},
		{name: "Socket, SOCKS5", backend: backend, serve: proxied(socksProxy(backend.reach, 5, true)), run: through(viaSocks(5), backend)},
		{name: "Socket, SSH", backend: backend, lossy: true, told: true, serve: proxied(sshServer(backend.reach)), run: func(p *pass) error {
			s := chilkat.NewSocket()
			defer s.DisposeSocket()
			s.SetContext(p.ctx)
			s.SetSshHostKeyFingerprint(ssh.FingerprintSHA256(sshKey().PublicKey()))
			if err := failed(s, s.SshOpenTunnel(p.host, p.port) && s.SshAuthenticatePw(user, secret)); err != nil {
				return err
			}
			host, port, _ := net.SplitHostPort(backend.listener.Addr().String())
			number, _ := strconv.Atoi(port)
			channel := s.SshOpenChannel(host, number, false, maxWaitMs)
			if channel == nil {
				return failed(s, false)
			}
			defer channel.DisposeSocket()
			channel.SetContext(p.ctx)
			return p.over(channel)
		}},
		{name: "Socket, throttled", serve: peer{echo: true}.serve, run: through(func(_ *pass, s *chilkat.Socket) error {
			s.SetBandwidthThrottleUp(1 << 20)
			s.SetBandwidthThrottleDown(1 << 20)
			return nil
		}, nil)},
	}
}

// TestChilkat: every verb of package chilkat that uses the network.
func TestChilkat(t *testing.T) {
	backend := newRig(t, "tcp", peer{echo: true}.serve)
	for _, group := range [][]passage{chilkatSessions(), rests(), sockets(backend)} {
		for _, p := range group {
			t.Run(p.name, func(t *testing.T) {
				p.name = "chilkat: " + p.name
				p.walk(t)
			})
		}
	}
}
