// Echo server with ws for Node. The arguments are the files of a certificate and
// its key; what it prints and which queries it knows is in echo.py. It has the
// same ports on both loopback addresses, as far as the machine knows IPv6.
const fs = require('fs');
const http = require('http');
const https = require('https');
const { WebSocketServer } = require('./npm/node_modules/ws');

const [certFile, keyFile] = process.argv.slice(2);

function serve(server) {
  new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } }).on('connection', (socket, request) => {
    socket.on('error', (error) => console.error(error.message));
    socket.on('message', (data, binary) => socket.send(data, { binary }));
    const query = new URL(request.url, 'ws://localhost').searchParams;
    if (query.has('ping')) {
      socket.ping(query.get('ping'));
    }
    if (query.has('close')) {
      socket.close(Number(query.get('close')), query.get('reason') ?? '');
    }
  });
}

function bind(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address().port);
    });
  });
}

async function listen(scheme, create) {
  for (;;) {
    const four = create();
    const six = create();
    const port = await bind(four, 0, '127.0.0.1');
    try {
      await bind(six, port, '::1');
    } catch (error) {
      if (error.code === 'EADDRINUSE') {
        four.close();
        continue;
      }
    }
    serve(four);
    serve(six);
    console.log(scheme, port);
    return;
  }
}

const secure = () => https.createServer({ cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) });
Promise.all([listen('ws', () => http.createServer()), listen('wss', secure)]).then(() => console.log('ready'));
