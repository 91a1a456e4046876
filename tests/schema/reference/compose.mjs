// Reads a JSON list of graphs, each {subgraph: SDL}, and prints for each the sorted codes of its errors;
// null where the composer breaks instead of telling one.
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const codes = (graph) => {
  const services = Object.entries(graph).map(([name, sdl]) => ({ name, typeDefs: parse(sdl), url: "" }));
  try {
    const { errors = [] } = composeServices(services);
    return [...new Set(errors.map((error) => String(error.extensions.code)))].sort();
  } catch {
    return null;
  }
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(codes)));
