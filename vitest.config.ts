import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const exclude = ['node_modules', '.next', 'dist', 'data', '.cache']
const alias = { '@': fileURLToPath(new URL('.', import.meta.url)) }

/** Bounds on real time can be too tight once, when something else has the machine; a test that fails twice fails. Retries are named in the report. */
const retry = 1

/** `fast`: all that needs no installation of the whole. `system`: the running product, one file after the other, as each is several processes. `interop`: it and stock clients in namespaces of their own. */
export default defineConfig({
  test: {
    // One less than the cores is the default: on two cores that is one, and half of the machine waits.
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias },
        test: { name: 'fast', include: ['**/*.test.ts', '**/*.test.tsx'], exclude: [...exclude, 'tests/e2e/**', 'tests/netlab/**', 'tests/interop/**'], testTimeout: 20_000, hookTimeout: 60_000, retry, sequence: { groupOrder: 0 } },
      },
      {
        resolve: { alias },
        test: { name: 'system', include: ['tests/e2e/**/*.test.ts'], exclude, testTimeout: 180_000, hookTimeout: 300_000, retry, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
      {
        resolve: { alias },
        test: {
          name: 'interop', include: ['tests/netlab/**/*.test.ts', 'tests/interop/**/*.test.ts'], exclude,
          // They mostly wait for what clients do each 30 s, so two beside each other cost little more than one.
          testTimeout: 240_000, hookTimeout: 300_000, retry, sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
