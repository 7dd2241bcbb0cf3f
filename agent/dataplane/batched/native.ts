import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { bundled, nativeTargets, type BundledBinary, type NativeTarget } from './bundled.ts'

export type NativeOutcome = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly lacks: string }

/** This machine's binary, in `folder` where it comes out of a bundle. What it lacks is a text for the relay's page. */
export function nativeBinary(folder: string): NativeOutcome {
  const target = nativeTargets.find((name) => name === `${process.platform}_${process.arch}`)
  if (!target) return { ok: false, lacks: `they need Linux on x64 or arm64, not ${process.platform} on ${process.arch}` }
  if (!isGlibc()) return { ok: false, lacks: 'they need glibc' }
  try {
    if (!bundled) return { ok: true, path: packagedBinary(target) }
    return { ok: true, path: unpacked(folder, target, bundled.binaries[target]) }
  } catch (error) {
    return { ok: false, lacks: error instanceof Error ? error.message : String(error) }
  }
}

/** Of a checkout. */
export function packagedBinary(target: NativeTarget): string {
  return path.join(path.dirname(createRequire(import.meta.url).resolve('koffi/package.json')), 'build', 'koffi', target, 'koffi.node')
}

const hashOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** Named by its content, and read again before it is loaded: a half-written or changed file is written anew. */
function unpacked(folder: string, target: NativeTarget, { sha256, gzip }: BundledBinary): string {
  const file = path.join(folder, `${target}-${sha256.slice(0, 16)}.node`)
  if (existsSync(file) && hashOf(readFileSync(file)) === sha256) return file
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.${process.pid}`, gunzipSync(Buffer.from(gzip, 'base64')), { mode: 0o600 })
  renameSync(`${file}.${process.pid}`, file)
  return file
}

function isGlibc(): boolean {
  // Else it asks for the names of whom open sockets are connected to.
  Object.assign(process.report, { excludeNetwork: true })
  const report = process.report.getReport()
  const header: unknown = 'header' in report ? report.header : undefined
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header
}
