// Cosmo's command line: the clients' schema in the router configuration that `wgc router compose` makes of the list in
// the first argument.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const list = process.argv[2];
const asked = ['router', 'compose', '--input', list, '--out', `${list}.json`];
execFileSync(process.execPath, [resolve('node_modules/wgc/dist/src/index.js'), ...asked], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, DISABLE_UPDATE_CHECK: 'true' },
});
const { engineConfig, subgraphs } = JSON.parse(readFileSync(`${list}.json`, 'utf8'));
console.log(JSON.stringify({ sdl: engineConfig.graphqlClientSchema, subgraphs: subgraphs.map(({ name }) => name) }));
