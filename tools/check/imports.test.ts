import { expect, test } from 'vitest'
import { checkImports, importFaults } from './imports.ts'

test.each([
  ['lib/result.ts', `import { x } from 'node:fs'`, 'lib/result.ts: may not import node:fs: lib is at the bottom: everything stands on it'],
  ['agent/relay/relay.ts', `import { x } from '../dataplane/dgram.ts'`, 'agent/relay/relay.ts: may not import agent/dataplane/dgram.ts: the relay core is sans-I/O'],
  ['agent/main.ts', `import { x } from '../server/main.ts'`, 'agent/main.ts: may not import server/main.ts: agent and server meet in protocol/channel'],
  ['server/trpc/relays.ts', `import { x } from '../db/client.ts'`, 'server/trpc/relays.ts: may not import server/db/client.ts: routers call verbs and queries, never the database'],
  ['server/derp/server.ts', `import { x } from '../db/client.ts'`, 'server/derp/server.ts: may not import server/db/client.ts: what talks to nodes goes through the verbs, never the database'],
  ['components/a.tsx', `import { x } from '@/server/db/db'`, 'components/a.tsx: may not import server/db/db: components run in the browser'],
  ['components/b.tsx', `import { appRouter } from '../server/trpc/router.ts'`, 'components/b.tsx: may not import server/trpc/router.ts: components run in the browser'],
  ['components/c.tsx', `import { parsePolicy } from '@/policy/index.ts'`, 'components/c.tsx: may import types alone from policy/index.ts: its values would bring lint and the network’s index to the browser'],
  ['policy/parse.ts', `import { z } from 'zod'\nimport {\n  a,\n  type B,\n} from '../netmap/index.ts'`, 'policy/parse.ts: may not import netmap/index.ts: policy is a pure compiler, also for the browser'],
  ['protocol/derp/frame.ts', `import { WebSocket } from 'ws'`, 'protocol/derp/frame.ts: may not import ws: protocol is bytes on the wire and opens no socket'],
  ['netmap/view.ts', `export * from 'fs'`, 'netmap/view.ts: may not import fs: netmap is pure: nodes and policy in, views out'],
])('%s with %s is a fault', (file, text, fault) => {
  expect(importFaults(file, text)).toEqual([fault])
})

test.each([
  ['protocol/channel/codec.ts', `import { ok } from '../../lib/result.ts'`],
  ['agent/dataplane/dgram.ts', `import dgram from 'node:dgram'\nimport { r } from '../relay/commands.ts'`],
  ['components/c.tsx', `import type { Policy } from '@/policy/index.ts'\nimport { parsePolicy } from '@/policy/parse.ts'`],
  ['netmap/view.ts', `import { c } from '../policy/index.ts'`],
  ['protocol/disco/box.ts', `import { x25519 } from '@noble/curves/ed25519.js'\nexport function f() {\n  return './x'\n}`],
  ['lib/result.test.ts', `import { x } from '../server/main.ts'`],
])('%s with %s obeys', (file, text) => {
  expect(importFaults(file, text)).toEqual([])
})

test('this tree obeys its table', () => {
  expect(checkImports(new URL('../..', import.meta.url).pathname)).toEqual([])
})
