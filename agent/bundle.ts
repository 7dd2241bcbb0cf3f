import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { packagedBinary, type Bundled, type BundledBinary, type NativeTarget } from './dataplane/index.ts'

export interface AgentBundle {
  readonly path: string
  /** Hex of the file's SHA-256. */
  readonly sha256: string
}

/** Packages in CommonJS call `require` for what Node has built in: an ES module must make one. */
const banner = [
  '#!/usr/bin/env node',
  "import { createRequire as towpathRequire } from 'node:module'",
  'const require = towpathRequire(import.meta.url)',
].join('\n')

/** The batched plane's worker is a program of its own, and its system calls a binary: both go into the one file. */
async function batchedParts(): Promise<Bundled> {
  const worker = await build({
    entryPoints: [path.join(import.meta.dirname, 'dataplane', 'batched', 'worker.ts')],
    bundle: true, write: false, platform: 'node', target: 'node20.19', format: 'cjs', minify: true, logLevel: 'warning',
  })
  const binary = (target: NativeTarget): BundledBinary => {
    const content = readFileSync(packagedBinary(target))
    return { sha256: createHash('sha256').update(content).digest('hex'), gzip: gzipSync(content, { level: 9 }).toString('base64') }
  }
  return { workerProgram: worker.outputFiles[0]?.text ?? '', binaries: { linux_x64: binary('linux_x64'), linux_arm64: binary('linux_arm64') } }
}

/**
 * Writes the whole agent as one ES module that runs on plain Node 20.19 or newer, with nothing beside it; next to it
 * `<outfile>.sha256` in the form of sha256sum. The same sources give the same bytes.
 */
export async function bundleAgent(outfile: string): Promise<AgentBundle> {
  mkdirSync(path.dirname(outfile), { recursive: true })
  await build({
    entryPoints: [path.join(import.meta.dirname, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    banner: { js: banner },
    define: { towpathBundled: JSON.stringify(await batchedParts()) },
    // Faster with them where they are; ws works without.
    external: ['bufferutil', 'utf-8-validate'],
    legalComments: 'inline',
    logLevel: 'warning',
  })
  const sha256 = createHash('sha256').update(readFileSync(outfile)).digest('hex')
  writeFileSync(`${outfile}.sha256`, `${sha256}  ${path.basename(outfile)}\n`)
  return { path: outfile, sha256 }
}
