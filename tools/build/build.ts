import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { bundleAgent } from '../../agent/bundle.ts'
import { lockHolder, takeOwnerLock } from '../../server/db/owner-lock.ts'
import { StartError } from '../../server/errors/index.ts'
import { pagesFolder } from '../../server/http/pages-folder.ts'
import { hashSources } from './sources.ts'

const root = path.resolve(import.meta.dirname, '../..')
const dist = path.join(root, 'dist')

interface Product {
  readonly name: string
  readonly saying: string
  /** What it is made of: it is made again when any of this changes. */
  readonly sources: readonly string[]
  /** What must be there for the stamp to be believed. */
  result(hash: string): string
  make(hash: string): Promise<void>
}

const shared = ['lib', 'protocol', 'policy', 'netmap', 'package-lock.json', 'tools/build']

const products: readonly Product[] = [
  {
    name: 'dashboard',
    saying: 'Building the dashboard (about 20 s, once) …',
    sources: [...shared, 'app', 'components', 'server', 'public', 'prisma/schema.prisma', 'next.config.ts', 'postcss.config.mjs', 'tsconfig.json'],
    result: (hash) => path.join(root, pagesFolder(hash), 'BUILD_ID'),
    make: buildDashboard,
  },
  {
    name: 'server',
    saying: 'Bundling the control plane …',
    sources: [...shared, 'server', 'prisma/schema.prisma'],
    result: () => path.join(dist, 'server.mjs'),
    make: bundleServer,
  },
  {
    name: 'agent',
    saying: 'Bundling the agent …',
    sources: [...shared, 'agent'],
    result: () => path.join(dist, 'agent.mjs'),
    make: async () => void await bundleAgent(path.join(dist, 'agent.mjs')),
  },
]

/** Our own code in one file, with packages left where they are installed. */
async function bundleServer(): Promise<void> {
  await build({
    entryPoints: [path.join(root, 'server', 'main.ts')],
    outfile: path.join(dist, 'server.mjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
  })
}

/** Keeps the pages of these sources and of the two before: older starts may still serve them. */
function forgetOldPages(current: string): void {
  const others = readdirSync(dist).filter((name) => name.startsWith('dashboard-') && name !== path.basename(current))
  const newestFirst = others.map((name) => path.join(dist, name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  for (const folder of newestFirst.slice(2)) rmSync(folder, { recursive: true, force: true })
}

async function buildDashboard(hash: string): Promise<void> {
  await nextBuild()
  const [made, target] = [path.join(root, '.next'), path.join(root, pagesFolder(hash))]
  rmSync(target, { recursive: true, force: true })
  renameSync(made, target)
  // What makes the next build faster stays where that looks for it.
  mkdirSync(made)
  if (existsSync(path.join(target, 'cache'))) renameSync(path.join(target, 'cache'), path.join(made, 'cache'))
  forgetOldPages(target)
}

/** `next build`; what it prints matters only when it fails. */
function nextBuild(): Promise<void> {
  const next = path.join(root, 'node_modules', 'next', 'dist', 'bin', 'next')
  return new Promise((resolve, reject) => {
    const { TOWPATH_PAGES: _, ...inherited } = process.env
    const env = { ...inherited, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' }
    const child = spawn(process.execPath, [next, 'build'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output = (output + chunk).slice(-65_536)
      })
    }
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${output}\nBuilding the dashboard failed: see the lines above`))
    })
  })
}

/** Waits while another process builds in this checkout, then makes this one the builder. */
async function takeTurn(say: (line: string) => void) {
  mkdirSync(dist, { recursive: true })
  let said = false
  for (;;) {
    if (!lockHolder(dist)) {
      try {
        return takeOwnerLock(dist)
      } catch (error) {
        // Another was faster: it is asked again.
        if (!(error instanceof StartError)) throw error
      }
    }
    if (!said) say('Another start is building in this folder: waiting for it …')
    said = true
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const stampOf = ({ name }: Product): string => path.join(dist, `${name}.stamp`)

function isMade(product: Product, wanted: string): boolean {
  const stamp = stampOf(product)
  return existsSync(product.result(wanted)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
}

/** Makes what is not there or older than its sources; says what takes time. Throws with the tool's own output. */
export async function buildAll(say: (line: string) => void, force = false): Promise<void> {
  // Where all is made, nothing is written: the checkout may be another user's.
  if (!force && products.every((product) => isMade(product, hashSources(root, product.sources)))) return
  const lock = await takeTurn(say)
  try {
    for (const product of products) {
      const wanted = hashSources(root, product.sources)
      if (!force && isMade(product, wanted)) continue
      say(product.saying)
      rmSync(stampOf(product), { force: true })
      await product.make(wanted)
      writeFileSync(stampOf(product), wanted)
    }
  } finally {
    lock.release()
  }
}
