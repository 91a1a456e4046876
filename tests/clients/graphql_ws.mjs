// graphql-ws against the address in the first argument, with the token in the second: a subscription and a query,
// pings, a connection that breaks and is made again, and the code by which each mistake in the third is closed.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [address, token, mistakes] = process.argv.slice(2);
const MANY = { query: 'subscription { ticks(to: 10000) }' };
const open = (options) =>
  createClient({
    url: address.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { Authorization: `Bearer ${token}` },
    ...options,
  });

async function collect(client, request) {
  const answers = [];
  for await (const answer of client.iterate(request)) answers.push(answer);
  return answers;
}

function closeCode(options) {
  const client = open({ ...options, lazy: false, onNonLazyError() {} });
  for (let time = 0; time < 2; time += 1) client.subscribe(MANY, { next() {}, error() {}, complete() {} });
  return new Promise((resolve) => client.on('closed', (event) => resolve(event.code)));
}

const saying = (event, message) => ({ on: { [event]: (socket) => socket.send(JSON.stringify(message)) } });
const MISTAKES = {
  4400: () => closeCode(saying('connected', { type: 'nonsense' })),
  4401: () => closeCode(saying('opened', { type: 'subscribe', id: '1', payload: MANY })),
  4403: () => closeCode({ connectionParams: { Authorization: 'Bearer forged' } }),
  4408: () => closeCode({ connectionParams: () => new Promise(() => {}) }),
  4409: () => closeCode({ generateID: () => 'same' }),
  4429: () => closeCode(saying('connected', { type: 'connection_init' })),
};

const closed = await Promise.all(mistakes.split(' ').map((code) => MISTAKES[code]()));
const client = open({});
const results = {
  closed,
  subscription: await collect(client, { query: 'subscription($to: Int) { ticks(to: $to) }', variables: { to: 2 } }),
  query: await collect(client, { query: '{ me { id name } }' }),
};
await client.dispose();

const pinging = open({ keepAlive: 20, lazy: false });
await new Promise((resolve) => pinging.on('pong', resolve));
await pinging.dispose();

// The first connection is torn down in the middle; the client makes another and subscribes again.
let connections = 0;
let socket;
const reconnecting = open({
  retryAttempts: 1,
  retryWait: async () => {},
  on: {
    message: ({ type }) => type === 'next' && connections === 1 && socket.terminate(),
    connected: (opened) => { connections += 1; socket = opened; },
  },
});
for await (const _ of reconnecting.iterate(MANY)) if (connections === 2) break;
results.connections = connections;
console.log(JSON.stringify(results));
process.exit(0);
