import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { CannotBench } from '../bench.ts'

/** Compiles a program of this folder into another; its path. */
export function compile(folder: string, name: 'gen' | 'reference', ...options: string[]): string {
  const out = path.join(folder, name)
  try {
    execFileSync('cc', ['-O2', '-w', ...options, '-o', out, path.join(import.meta.dirname, `${name}.c`)], { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    throw new CannotBench(`The load generator and the reference relay are C: install a compiler as "cc" (on Debian: apt install gcc libc6-dev). ${String(error).split('\n')[0]}`)
  }
  return out
}
