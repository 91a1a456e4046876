// GraphQL Code Generator with its client preset: the schema from the address in the first argument, one query.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';

const folder = mkdtempSync(join(tmpdir(), 'codegen-'));
const documents = join(folder, 'me.ts');
writeFileSync(
  documents,
  "import { graphql } from './generated';\nexport const Me = graphql(`query Me { me { id name cars } }`);",
);
const files = await generate(
  { schema: process.argv[2], documents, generates: { [`${folder}/generated/`]: { preset: 'client' } }, silent: true },
  false,
);
const types = files.find(({ filename }) => filename.endsWith('graphql.ts')).content;
console.log(JSON.stringify(types.match(/export type MeQuery = .*/)[0]));
rmSync(folder, { recursive: true });
