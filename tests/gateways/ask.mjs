// Ask gateways the same operations over one supergraph: node ask.mjs <file with {supergraph, operations}>
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { ApolloGateway } from '@apollo/gateway';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { parse } from 'graphql';

const { supergraph, operations } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function apollo() {
  const gateway = new ApolloGateway({ supergraphSdl: supergraph, logger: silent });
  const { executor } = await gateway.load();
  const answers = [];
  for (const { query, variables } of operations) {
    const answer = await executor({
      document: parse(query),
      request: { query, variables, http: { headers: new Map() } },
      operationName: undefined,
      queryHash: createHash('sha256').update(query).digest('hex'),
      context: {},
      logger: silent,
      metrics: {},
      overallCachePolicy: undefined,
    });
    answers.push({ data: answer.data, errors: answer.errors?.map((error) => error.message) });
  }
  await gateway.stop();
  return answers;
}

async function hive() {
  const gateway = createGatewayRuntime({ supergraph, logging: false, maskedErrors: false });
  const answers = [];
  for (const { query, variables } of operations) {
    const response = await gateway.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const answer = await response.json();
    answers.push({ data: answer.data, errors: answer.errors?.map((error) => error.message) });
  }
  await gateway[Symbol.asyncDispose]?.();
  return answers;
}

// Gateways keep timers running: leave once the answers are out.
process.stdout.write(JSON.stringify({ apollo: await apollo(), hive: await hive() }), () => process.exit(0));
