// urql against the address in the first argument: queries by GET, a mutation, an error, a subscription by fetch.
import { Client, fetchExchange, gql } from '@urql/core';

const seen = [];
const watched = (address, options) => {
  seen.push([options.method, options.headers.accept]);
  return fetch(address, options);
};
const client = new Client({
  url: process.argv[2],
  exchanges: [fetchExchange],
  fetch: watched,
  fetchSubscriptions: true,
  fetchOptions: { headers: { authorization: `Bearer ${process.argv[3]}` } },
});
const results = {};
results.query = (await client.query(gql`{ me { id name } }`, {}).toPromise()).data;
results.mutation = (await client.mutation(gql`mutation { rename(name: "李雷") { id name } }`, {}).toPromise()).data;
results.refused = (await client.query(gql`{ nothing }`, {}).toPromise()).error.graphQLErrors[0].extensions.code;
results.subscription = await new Promise((resolve) => {
  const events = [];
  client.subscription(gql`subscription { ticks(to: 3) }`, {}).subscribe((result) => {
    events.push(result.data.ticks);
    if (events.length === 3) resolve(events);
  });
});
results.methods = seen.map(([method]) => method);
results.accepts = seen[0][1];
console.log(JSON.stringify(results));
process.exit(0);
