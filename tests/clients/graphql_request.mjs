// graphql-request against the address in the first argument: a query, an error, a mutation with a token.
import { ClientError, GraphQLClient } from 'graphql-request';

const client = new GraphQLClient(process.argv[2]);
const results = {};
results.query = await client.request('query($text: String!) { echo(text: $text, times: 2) }', { text: '集易' });
try {
  await client.request('{ nothing }');
} catch (error) {
  results.refused = error instanceof ClientError && error.response.errors[0].extensions.code;
}
client.setHeader('authorization', `Bearer ${process.argv[3]}`);
results.mutation = await client.request('mutation { rename(name: "李雷") { id name } }');
console.log(JSON.stringify(results));
