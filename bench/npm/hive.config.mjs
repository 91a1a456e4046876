// Hive Gateway as it comes, in one process, with its just-in-time compiler.
import { defineConfig } from '@graphql-hive/gateway';

export const gatewayConfig = defineConfig({ fork: 1, jit: true });
