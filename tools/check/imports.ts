import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

interface Rule {
  readonly folder: string
  readonly may: readonly string[]
  /** What Node has built in. */
  readonly node: boolean
  /** Packages, or scopes with a slash; absent: any. */
  readonly npm?: readonly string[]
  readonly why: string
}

/** Who may import whom. The first folder that a file lies in decides; a folder always may import itself. */
const rules: readonly Rule[] = [
  { folder: 'lib', may: [], node: false, npm: [], why: 'lib is at the bottom: everything stands on it' },
  { folder: 'protocol', may: ['lib'], node: false, npm: ['@noble/', 'zod'], why: 'protocol is bytes on the wire and opens no socket' },
  { folder: 'policy', may: ['lib'], node: false, npm: ['jsonc-parser', 'zod'], why: 'policy is a pure compiler, also for the browser' },
  { folder: 'netmap', may: ['policy', 'protocol/tailcfg', 'lib'], node: false, npm: [], why: 'netmap is pure: nodes and policy in, views out' },
  { folder: 'agent/relay', may: ['protocol', 'lib'], node: false, npm: ['@noble/', 'zod'], why: 'the relay core is sans-I/O' },
  { folder: 'agent/dataplane', may: ['agent/relay', 'protocol', 'lib'], node: true, why: 'a data plane executes the relay’s commands' },
  { folder: 'agent', may: ['agent', 'protocol', 'lib'], node: true, why: 'agent and server meet in protocol/channel' },
  { folder: 'server/services', may: ['server/db', 'server/bus', 'server/errors', 'policy', 'netmap', 'protocol', 'lib'], node: true, why: 'verbs know no transport' },
  { folder: 'server/metrics', may: ['server/db', 'server/bus', 'server/errors', 'policy', 'netmap', 'protocol', 'lib'], node: true, why: 'metrics know no transport' },
  { folder: 'server/auth', may: ['server/db', 'server/errors', 'lib'], node: true, why: 'sign-in stands below the verbs' },
  { folder: 'server/db', may: ['server/errors', 'generated/prisma', 'lib'], node: true, why: 'the database folder alone knows the generated client' },
  { folder: 'server/trpc', may: ['server/services', 'server/metrics', 'server/auth', 'server/errors', 'lib'], node: true, why: 'routers call verbs and queries, never the database' },
  { folder: 'server/api', may: ['server/services', 'server/metrics', 'server/auth', 'server/errors', 'server/trpc', 'lib'], node: true, why: 'the API is the router over HTTP, never the database' },
  ...['channel', 'coordination', 'derp', 'stun'].map((name) => ({
    folder: `server/${name}`,
    may: ['server/services', 'server/metrics', 'server/bus', 'server/errors', 'server/listening.ts', 'server/private-files.ts', 'netmap', 'protocol', 'lib'],
    node: true,
    why: 'what talks to nodes goes through the verbs, never the database',
  })),
  { folder: 'server', may: ['server', 'netmap', 'policy', 'protocol', 'lib'], node: true, why: 'server and agent meet in protocol/channel' },
  { folder: 'components', may: ['lib', 'policy', 'server/trpc/types.ts'], node: false, why: 'components run in the browser' },
  { folder: 'app', may: ['components', 'server/trpc', 'lib'], node: true, why: 'pages reach the server through its router' },
]

/** Names may stand on several lines; nothing but names, braces and commas does between `import` and `from`. */
const importLine = /(?:^|\n)\s*(?:import|export)\s+(?:[\w$*{},\s]+?\sfrom\s*)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

function within(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`)
}

function target(file: string, specifier: string): string {
  return specifier.startsWith('@/') ? specifier.slice(2) : path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
}

/** The faults of one file against the table, each as one line; empty when it obeys. Tests may import anything. */
export function importFaults(file: string, text: string): string[] {
  const rule = rules.find(({ folder }) => within(file, folder))
  if (!rule || /\.test\.tsx?$/.test(file)) return []
  const faults: string[] = []
  for (const match of text.matchAll(importLine)) {
    const specifier = match[1] ?? match[2] ?? ''
    if (specifier.startsWith('node:')) {
      if (!rule.node) faults.push(`${file}: may not import ${specifier}: ${rule.why}`)
    } else if (specifier.startsWith('.') || specifier.startsWith('@/')) {
      const to = target(file, specifier)
      if (rule.folder === 'components' && to === 'policy/index.ts' && !/^\s*(?:import|export)\s+type\s/.test(match[0])) {
        faults.push(`${file}: may import types alone from ${to}: its values would bring lint and the network’s index to the browser`)
      }
      if (!within(to, rule.folder) && !rule.may.some((folder) => within(to, folder))) {
        faults.push(`${file}: may not import ${to}: ${rule.why}`)
      }
    } else if (rule.npm?.every((name) => specifier !== name && !specifier.startsWith(name.endsWith('/') ? name : `${name}/`))) {
      faults.push(`${file}: may not import ${specifier}: ${rule.why}`)
    }
  }
  return faults
}

/** All faults below `root`. */
export function checkImports(root: string): string[] {
  const folders = [...new Set(rules.map(({ folder }) => folder.split('/')[0] ?? folder))]
  return folders.flatMap((folder) => {
    let names: string[]
    try {
      names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    } catch {
      return []
    }
    return names
      .filter((name) => /\.tsx?$/.test(name))
      .flatMap((name) => importFaults(`${folder}/${name}`, readFileSync(path.join(root, folder, name), 'utf8')))
  })
}
