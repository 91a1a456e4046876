// Hive's command line: the SDL that `hive introspect` writes of the address in the first argument.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [url, token] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'hive-'));
const file = join(folder, 'schema.graphql');
const asked = ['introspect', url, '--header', `authorization:Bearer ${token}`, '--write', file];
execFileSync(process.execPath, [resolve('node_modules/@graphql-hive/cli/bin/run'), ...asked], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
console.log(JSON.stringify(readFileSync(file, 'utf8')));
rmSync(folder, { recursive: true });
