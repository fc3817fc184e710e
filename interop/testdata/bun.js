// Echo server with Bun's own WebSocket, which is uWebSockets. The arguments are
// the files of a certificate and its key; what it prints and which queries it
// knows is in echo.py.
const [cert, key] = process.argv.slice(2).map((name) => Bun.file(name));

function listen(scheme, tls) {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls,
    fetch(request, server) {
      const query = new URL(request.url).searchParams;
      if (!server.upgrade(request, { data: query })) {
        return new Response('a WebSocket is here', { status: 426 });
      }
    },
    websocket: {
      maxPayloadLength: 64 << 20,
      backpressureLimit: 64 << 20,
      perMessageDeflate: true,
      open(socket) {
        if (socket.data.has('close')) {
          socket.close(Number(socket.data.get('close')), socket.data.get('reason') ?? '');
        }
      },
      message(socket, data) {
        socket.send(data, true); // compressed, if that was agreed on
      },
    },
  });
  console.log(scheme, server.port);
}

listen('ws');
listen('wss', { cert, key });
console.log('ready');
