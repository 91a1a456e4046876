// Hive Gateway with the query planner in Rust, in one process.
import { defineConfig } from '@graphql-hive/gateway';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';

export const gatewayConfig = defineConfig({ fork: 1, unifiedGraphHandler });
