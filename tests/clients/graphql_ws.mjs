// graphql-ws against the address in the first argument: a subscription, a query, a refused token.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const url = process.argv[2].replace('http', 'ws');
const open = (token) =>
  createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token ? { Authorization: `Bearer ${token}` } : undefined,
  });

async function collect(client, request) {
  const answers = [];
  for await (const answer of client.iterate(request)) answers.push(answer);
  return answers;
}

const client = open('citizen');
const results = {
  subscription: await collect(client, { query: 'subscription($to: Int) { ticks(to: $to) }', variables: { to: 2 } }),
  query: await collect(client, { query: '{ me { id name } }' }),
};
await client.dispose();
try {
  await collect(open('forged'), { query: '{ ping }' });
} catch (event) {
  results.closed = event.code;
}
console.log(JSON.stringify(results));
