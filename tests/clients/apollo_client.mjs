// Apollo Client 4 against the address in the first argument: query, error, multipart subscription, persisted query.
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';

const uri = process.argv[2];
const open = (link) =>
  new ApolloClient({ link, cache: new InMemoryCache(), clientAwareness: { name: 'tests', version: '1' } });
const client = open(new HttpLink({ uri, headers: { authorization: `Bearer ${process.argv[3]}` } }));
const results = {};
results.query = (await client.query({ query: gql`{ me { id name } }` })).data;
try {
  await client.query({ query: gql`{ nothing }` });
} catch (error) {
  results.refused = CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code;
}

results.subscription = await new Promise((resolve, reject) => {
  const events = [];
  client.subscribe({ query: gql`subscription { ticks(to: 3) }` }).subscribe({
    next: ({ data, error }) => (error ? reject(error) : events.push(data.ticks)),
    error: reject,
    complete: () => resolve(events),
  });
});

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const posted = [];
const watched = (address, options) => {
  posted.push(options.method + (String(options.body ?? address).includes('ping') ? ' text' : ' hash'));
  return fetch(address, options);
};
const persisting = ApolloLink.from([
  new PersistedQueryLink({ sha256, useGETForHashedQueries: true }),
  new HttpLink({ uri, fetch: watched }),
]);
for (let round = 0; round < 2; round += 1) {
  results.persisted = (await open(persisting).query({ query: gql`{ ping }` })).data;
}
results.posted = posted;
console.log(JSON.stringify(results));
