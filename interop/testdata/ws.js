// Echo server with ws for Node. The arguments are the files of a certificate and
// its key; what it prints and which queries it knows is in echo.py.
const fs = require('fs');
const http = require('http');
const https = require('https');
const { WebSocketServer } = require('./npm/node_modules/ws');

const [certFile, keyFile] = process.argv.slice(2);

function listen(scheme, server) {
  new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } }).on('connection', (socket, request) => {
    socket.on('error', (error) => console.error(error.message));
    socket.on('message', (data, binary) => socket.send(data, { binary }));
    const query = new URL(request.url, 'ws://localhost').searchParams;
    if (query.has('close')) {
      socket.close(Number(query.get('close')), query.get('reason') ?? '');
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      console.log(scheme, server.address().port);
      resolve();
    });
  });
}

Promise.all([
  listen('ws', http.createServer()),
  listen('wss', https.createServer({ cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) })),
]).then(() => console.log('ready'));
