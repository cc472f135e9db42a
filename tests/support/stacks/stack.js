// SPDX-License-Identifier: Apache-2.0

// The tls module of Node and of Bun as client and server; README.md says how it is asked.
'use strict';
const fs = require('fs');
const readline = require('readline');
const tls = require('tls');

const PATIENCE_MS = 5000;

let session; // what the last visit can be resumed by

function visit([port, chain, key, , alpn, wait, resume]) {
  const options = {
    host: '127.0.0.1', port, servername: 'www.example.com', rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ...(chain !== '-' && {cert: fs.readFileSync(chain), key: fs.readFileSync(key)}),
    ...(resume === 'again' && {session}),
    ...(alpn !== '-' && {ALPNProtocols: [alpn]}),
  };
  return new Promise((resolve) => {
    let answer = 'failed the server hung up';
    const hello = () => end.write('hello\n');
    const end = tls.connect(options, () => Number(wait) ? setTimeout(hello, Number(wait)) : hello());
    end.setTimeout(PATIENCE_MS, () => end.destroy());
    end.on('session', (ticket) => { session = ticket; });
    end.on('data', () => { answer = 'ok'; end.end(); });
    end.on('error', (error) => { answer = 'failed ' + error.message; });
    end.on('close', () => resolve(answer));
  });
}

async function client() {
  for await (const line of readline.createInterface({input: process.stdin}))
    console.log(await visit(line.split('\t')));
}

function server(chain, key, ca, ask) {
  const listener = tls.createServer({
    cert: fs.readFileSync(chain), key: fs.readFileSync(key), ca: fs.readFileSync(ca),
    minVersion: 'TLSv1.3', ALPNProtocols: ['http/1.1'],
    requestCert: ask !== 'never', rejectUnauthorized: false,
  }, (end) => {
    end.on('error', () => {});
    if (ask === 'demands' && !end.getPeerCertificate().raw)
      end.destroy();
    else
      end.pipe(end);
  });
  listener.listen(0, '127.0.0.1', () => console.log('port', listener.address().port));
}

const [kind, chain, key, , ca, ask] = process.argv.slice(2);
if (kind === 'client')
  client();
else
  server(chain, key, ca, ask);
