import { defineConfig } from 'vitest/config'

export default defineConfig({
  // one copy of graphql, the one that Node itself resolves; two copies refuse each other's types
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/partners.ts'],
    setupFiles: ['test/setup/free-ports.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
