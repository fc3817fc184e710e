// Echo server with Deno. The arguments are the files of a certificate and its
// key; what it prints and which queries it knows is in echo.py. Deno closes with
// 1000 or with 3000 and above only.
const [cert, key] = Deno.args.map((name) => Deno.readTextFileSync(name));

function answer(request) {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    return new Response('a WebSocket is here', { status: 426 });
  }
  const query = new URL(request.url).searchParams;
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = (event) => socket.send(event.data);
  socket.onerror = (event) => console.error(event.message);
  if (query.has('close')) {
    socket.onopen = () => socket.close(Number(query.get('close')), query.get('reason') ?? '');
  }
  return response;
}

function listen(scheme, files) {
  return new Promise((resolve) => {
    const onListen = ({ port }) => {
      console.log(scheme, port);
      resolve();
    };
    Deno.serve({ hostname: '127.0.0.1', port: 0, onListen, ...files }, answer);
  });
}

await Promise.all([listen('ws'), listen('wss', { cert, key })]);
console.log('ready');
