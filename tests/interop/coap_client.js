// npm's coap against our server: coap_client.js PORT OPERATION [FILE]
//   info | attest FILE (challenge; prints the evidence) | put FILE | get
// Echo (RFC 9175) is not known to this client: we send the value of a 4.01 again as option 252.
'use strict';
const dgram = require('dgram');
const fs = require('fs');
const coap = require('coap');

const [port, operation, file] = process.argv.slice(2);
const rows = {
  info: { method: 'GET', pathname: '/sekisho/info' },
  attest: { method: 'FETCH', pathname: '/sekisho/attest', format: 60, szx: 3 },
  post: { method: 'POST', pathname: '/sekisho/attest', format: 60, szx: 2 },
  put: { method: 'PUT', pathname: '/sekisho/cert' },
  get: { method: 'GET', pathname: '/sekisho/cert' },
};
const row = rows[operation];
const socket = dgram.createSocket('udp4'); // ours, kept open: one address to be proven
let agent;

function ask(echo) {
  const request = coap.request({
    hostname: '127.0.0.1', port: Number(port), method: row.method, pathname: row.pathname, agent,
  });
  if (echo) request.setOption('252', echo);
  if (row.format !== undefined) request.setOption('Content-Format', Buffer.from([row.format]));
  if (row.szx !== undefined) request.setOption('Block2', Buffer.from([row.szx]));
  if (operation === 'put') request.setOption('Block1', Buffer.from([4]));
  request.on('error', (error) => { console.error(String(error)); process.exit(1); });
  request.on('response', (response) => {
    const told = response.options.find((option) => String(option.name) === '252');
    if (response.code === '4.01' && told && !echo) {
      ask(told.value);
      return;
    }
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => {
      console.error(response.code);
      process.stdout.write(Buffer.concat(chunks), () => process.exit(0));
    });
    response.resume();
  });
  request.end(file ? fs.readFileSync(file) : undefined);
}

setTimeout(() => { console.error('time is over'); process.exit(1); }, 20000);
socket.bind(0, '127.0.0.1', () => {
  agent = new coap.Agent({ type: 'udp4', socket });
  ask(null);
});
