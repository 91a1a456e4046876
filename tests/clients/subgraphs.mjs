// Subgraphs on the stock servers from npm: three announce products, over graphql-ws, as Server-Sent Events by
// graphql-sse, and over the older protocol by subscriptions-transport-ws; one knows what is in stock; and the register
// whose schema is the first argument, over graphql-ws.
// Prints their addresses as one line of JSON, and serves until its standard input ends.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSchema, execute, parse, subscribe } from 'graphql';
import { createHandler as answering } from 'graphql-http/lib/use/http';
import { createHandler as streaming } from 'graphql-sse/lib/use/http';
import { useServer } from 'graphql-ws/use/ws';
import { SubscriptionServer } from 'subscriptions-transport-ws';
import { WebSocketServer } from 'ws';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
const NEWS = `${LINK}
type Query { listeners: Int! }
type Subscription { announced: Product! watched: Product! lost: Product! refused: Product! }
type Product @key(fields: "upc") { upc: ID! announcedTo: String introducedAs: String }
`;
const STOCK = `${LINK}
type Query { shelves: Int! }
type Product @key(fields: "upc") { upc: ID! inStock: Boolean! askedBy: String }
`;
const MACHINERY = `
scalar _Any
type _Service { sdl: String! }
union _Entity = Product
extend type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
directive @key(fields: String!) on OBJECT
directive @link(url: String!, import: [String!]) on SCHEMA
`;
const schemaOf = (sdl) => buildSchema(sdl.startsWith(LINK) ? sdl.replace(LINK, '') + MACHINERY : sdl);

// A reader as resolvers see it: what it is authorised by, its connection, and when that is gone.
const readerOf = (request) => ({
  authorization: request.headers.authorization,
  cut: () => request.socket.destroy(),
  left: once(request.socket, 'close'),
});

function news() {
  let listeners = 0;
  async function* announce(field, count, reader, andThen) {
    listeners += 1;
    try {
      for (let upc = 1; upc <= count; upc += 1) {
        const { authorization: announcedTo, introducedAs } = reader;
        yield { [field]: { upc: String(upc), announcedTo, introducedAs } };
      }
      await andThen?.();
    } finally {
      listeners -= 1;
    }
  }
  return {
    _service: { sdl: NEWS },
    listeners: () => listeners,
    announced: (_, reader) => announce('announced', 2, reader),
    watched: (_, reader) => announce('watched', 1, reader, () => reader.left),
    lost: (_, reader) => announce('lost', 1, reader, () => sleep(50).then(reader.cut)),
    refused: () => { throw new Error('Not today.'); },
  };
}

const stock = () => ({
  _service: { sdl: STOCK },
  shelves: 3,
  _entities: ({ representations }, reader) =>
    representations.map(({ upc }) => ({
      __typename: 'Product', upc, inStock: upc !== '2', askedBy: reader.authorization,
    })),
});

// `me` is whoever asks; `ticks` counts to three.
const register = () => {
  const me = ({ authorization }) =>
    authorization ? JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url')).sub : null;
  return {
    ping: 'pong',
    echo: ({ text, times }) => text.repeat(times),
    me: (_, reader) => (me(reader) ? { id: me(reader), name: '王小明' } : null),
    rename: ({ name }, reader) => ({ id: me(reader), name }),
    ticks: async function* ({ to = 3 }) {
      for (let tick = 1; tick <= to; tick += 1) yield { ticks: tick };
    },
  };
};

// Answers of one value; `open` adds what keeps a connection open.
async function serve(sdl, rootValue, open) {
  const schema = schemaOf(sdl);
  const whole = answering({ schema, rootValue, context: ({ raw }) => readerOf(raw) });
  const server = createServer();
  const streamed = open?.(server, schema, rootValue);
  server.on('request', (request, response) => {
    const wantsEvents = request.headers.accept?.includes('text/event-stream');
    (wantsEvents && streamed ? streamed : whole)(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}/graphql`;
}

function overWebSocket(server, schema, rootValue) {
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const context = ({ extra, connectionParams }) => ({
    ...readerOf(extra.request), introducedAs: connectionParams?.authorization,
  });
  const onConnect = ({ connectionParams }) => connectionParams?.authorization !== 'Bearer nobody';
  useServer({ schema, context, onConnect, roots: { subscription: rootValue } }, sockets);
}

function asEvents(_server, schema, rootValue) {
  return streaming({
    onSubscribe: ({ raw }, { query, variables, operationName }) => ({
      schema,
      document: parse(query),
      variableValues: variables,
      operationName,
      rootValue,
      contextValue: readerOf(raw),
    }),
  });
}

function overTheOlderProtocol(server, schema, rootValue) {
  SubscriptionServer.create({ schema, rootValue, execute, subscribe }, { server, path: '/graphql' });
}

const addresses = await Promise.all([
  serve(NEWS, news(), overWebSocket),
  serve(NEWS, news(), asEvents),
  serve(NEWS, news(), overTheOlderProtocol),
  serve(STOCK, stock()),
  serve(process.argv[2], register(), overWebSocket),
]);
// What is written to a connection that was cut is lost on purpose.
process.on('unhandledRejection', () => {});
const names = ['graphql-ws', 'graphql-sse', 'legacy', 'stock', 'register'];
console.log(JSON.stringify(Object.fromEntries(names.map((name, place) => [name, addresses[place]]))));
process.stdin.resume().on('end', () => process.exit(0));
