// graphql-sse against the address in the first argument, in both of its modes: a subscription, a query, two at once.
import { createClient } from 'graphql-sse';

async function collect(client, query) {
  const answers = [];
  for await (const answer of client.iterate({ query })) answers.push(answer);
  return answers;
}

const results = {};
for (const singleConnection of [false, true]) {
  const client = createClient({
    url: process.argv[2],
    singleConnection,
    retryAttempts: 0,
    headers: { authorization: `Bearer ${process.argv[3]}` },
  });
  const [subscription, query] = await Promise.all([
    collect(client, 'subscription { ticks(to: 3) }'),
    collect(client, '{ me { id } }'),
  ]);
  const refused = (await collect(client, '{ nothing }'))[0].errors[0].extensions.code;
  results[singleConnection ? 'single' : 'distinct'] = { subscription, query, refused };
  client.dispose();
}
console.log(JSON.stringify(results));
