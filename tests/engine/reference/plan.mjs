// Compose and plan with the reference implementation. A line of JSON in, {subgraphs, operations}; a line out.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const { composeServices } = require("@apollo/composition");
const { Supergraph, operationFromDocument } = require("@apollo/federation-internals");
const { QueryPlanner } = require("@apollo/query-planner");
const { parse } = require("graphql");

function answer({ subgraphs, operations }) {
  const services = Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: name, typeDefs: parse(sdl) }));
  const composed = composeServices(services);
  if (composed.errors) return { refused: composed.errors.map((error) => error.extensions?.code), plans: [] };
  const supergraph = Supergraph.build(composed.supergraphSdl);
  const planner = new QueryPlanner(supergraph);
  const planned = (text) => {
    try {
      const plan = planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(text)));
      return { node: plan.node ?? null };
    } catch (error) {
      return { error: String(error.message) };
    }
  };
  return { refused: [], plans: operations.map(planned) };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
