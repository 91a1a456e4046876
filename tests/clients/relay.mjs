// Relay's compiler over the SDL file in the first argument: a query with a fragment, both as Relay compiles them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'relay-'));
for (const name of ['src', 'compiled']) mkdirSync(`${folder}/${name}`);
writeFileSync(`${folder}/schema.graphql`, readFileSync(process.argv[2]));
writeFileSync(
  `${folder}/src/Items.js`,
  'graphql`query ItemsQuery($search: String) { serviceItems(search: $search) { ...Items_item } }`;' +
    'graphql`fragment Items_item on ServiceItem { code name rating { mean count } }`;',
);
const configuration = {
  src: './src', schema: './schema.graphql', language: 'javascript', artifactDirectory: './compiled',
};
writeFileSync(`${folder}/relay.config.json`, JSON.stringify(configuration));
execFileSync(process.execPath, [resolve('node_modules/relay-compiler/cli.js'), 'relay.config.json'], {
  cwd: folder, stdio: ['ignore', 'ignore', 'inherit'],
});
const compiled = readFileSync(`${folder}/compiled/ItemsQuery.graphql.js`, 'utf8');
console.log(JSON.stringify(/"text": "(.*)"/.exec(compiled)[1].replaceAll('\\n', ' ').replace(/ +/g, ' ')));
rmSync(folder, { recursive: true });
