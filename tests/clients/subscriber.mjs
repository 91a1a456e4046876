// A stock client subscribes: node subscriber.mjs <address> <token> <graphql-ws|graphql-sse> <query> [leave after so many]
// Prints what came, and how it ended.
import { createClient as overEvents } from 'graphql-sse';
import { createClient as overSocket } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token, transport, query, count] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
const client =
  transport === 'graphql-ws'
    ? overSocket({
        url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { authorization },
      })
    : overEvents({ url, retryAttempts: 0, headers: { authorization } });

const answers = [];
let ended = 'complete';
try {
  for await (const answer of client.iterate({ query })) {
    answers.push(answer);
    if (answers.length === Number(count)) {
      ended = 'left';
      break;
    }
  }
} catch (error) {
  ended = error.map?.(({ extensions }) => extensions.code) ?? error.code ?? String(error);
}
await client.dispose();
console.log(JSON.stringify({ answers, ended }));
