// Relay's compiler over the SDL in the third argument, and Relay's runtime with what it compiled, against the address in
// the first argument with the token in the second: pages forward below `node`, pages backward below the root.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import relay from 'relay-runtime';

const [url, token, sdl] = process.argv.slice(2);
const DOCUMENTS = [
  'query ReaderQuery { me { id ...Reader_cases } ...Reader_items }',
  `fragment Reader_cases on Citizen @refetchable(queryName: "ReaderCasesQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
    caseConnection(first: $count, after: $cursor) @connection(key: "Reader_caseConnection") {
      edges { node { receiptNumber item { name } } }
    }
  }`,
  `fragment Reader_items on Query @refetchable(queryName: "ReaderItemsQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
    serviceItemConnection(last: $count, before: $cursor) @connection(key: "Reader_serviceItemConnection") {
      edges { node { code rating { mean count } } }
    }
  }`,
];

const folder = mkdtempSync(join(tmpdir(), 'relay-'));
for (const name of ['src', 'compiled']) mkdirSync(`${folder}/${name}`);
writeFileSync(`${folder}/schema.graphql`, readFileSync(sdl));
writeFileSync(`${folder}/src/Reader.js`, DOCUMENTS.map((each) => `graphql\`${each}\`;`).join('\n'));
const configuration = {
  src: './src', schema: './schema.graphql', language: 'javascript', artifactDirectory: './compiled',
};
writeFileSync(`${folder}/relay.config.json`, JSON.stringify(configuration));
execFileSync(process.execPath, [resolve('node_modules/relay-compiler/cli.js'), 'relay.config.json'], {
  cwd: folder, stdio: ['ignore', 'ignore', 'inherit'],
});

const { ConnectionHandler, Environment, Network, RecordSource, Store, commitLocalUpdate, fetchQuery } = relay;
const environment = new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(async ({ text }, variables) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: text, variables }) })).json();
  }),
});
const artifact = createRequire(`${folder}/compiled/`);
async function ask(name, variables) {
  const query = artifact(`./${name}.graphql.js`);
  environment.retain(relay.createOperationDescriptor(relay.getRequest(query), variables));
  return fetchQuery(environment, query, variables).toPromise();
}

// What the store has gathered of a connection: a field of each element, and what is beside.
function gathered(ownerOf, key, field) {
  let found;
  commitLocalUpdate(environment, (store) => {
    const connection = ConnectionHandler.getConnection(ownerOf(store.getRoot()), key);
    const pageInfo = connection.getLinkedRecord('pageInfo');
    found = {
      elements: connection.getLinkedRecords('edges').map((edge) => edge.getLinkedRecord('node').getValue(field)),
      end: pageInfo.getValue('endCursor'), hasNext: pageInfo.getValue('hasNextPage'),
      start: pageInfo.getValue('startCursor'), hasPrevious: pageInfo.getValue('hasPreviousPage'),
    };
  });
  return found;
}
const cases = () => gathered((root) => root.getLinkedRecord('me'), 'Reader_caseConnection', 'receiptNumber');
const items = () => gathered((root) => root, 'Reader_serviceItemConnection', 'code');

const { me } = await ask('ReaderQuery', {});
while (cases().hasNext) await ask('ReaderCasesQuery', { id: me.id, count: 2, cursor: cases().end });
let pages = 1;
for (; items().hasPrevious; pages += 1) await ask('ReaderItemsQuery', { count: 2, cursor: items().start });
console.log(JSON.stringify({ cases: cases().elements, items: items().elements, pages }));
rmSync(folder, { recursive: true });
