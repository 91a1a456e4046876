// Compose sets of subgraphs: node compose.mjs <file with [{name: sdl}]>; answers {apollo, hive}, SDL or null each
import { readFileSync } from 'node:fs';
import { composeServices as apollo } from '@apollo/composition';
import { composeServices as hive } from '@theguild/federation-composition';
import { parse } from 'graphql';

const sets = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const services = (set) => Object.entries(set).map(([name, sdl]) => ({ name, url: `http://${name}`, typeDefs: parse(sdl) }));
const composed = (compose, set) => compose(services(set)).supergraphSdl ?? null;
console.log(JSON.stringify(sets.map((set) => ({ apollo: composed(apollo, set), hive: composed(hive, set) }))));
