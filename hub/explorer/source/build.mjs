// Bundles the explorer into ../assets: one script, one style sheet, the licences of everything inside.
// Run `npm ci && npm run build` here after changing explorer.jsx or a version, and commit the assets.
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';

const { metafile } = await build({
  entryPoints: { explorer: 'explorer.jsx' },
  outdir: '../assets',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none',
  metafile: true,
});

const folders = new Set(
  Object.keys(metafile.inputs)
    .map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter(Boolean),
);
const notices = [...folders].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const text = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE', 'LICENSE-MIT.txt']
    .map((file) => {
      try {
        return readFileSync(`${folder}/${file}`, 'utf8');
      } catch {
        return undefined;
      }
    })
    .find(Boolean);
  return `${name} ${version} (${license})\n\n${(text ?? `Licence: ${license}`).trim()}\n`;
});
writeFileSync('../assets/licences.txt', notices.join(`\n${'-'.repeat(80)}\n\n`));
