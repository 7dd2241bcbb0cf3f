import { listed, listedUpTo } from '../../lib/words.ts'
import type { CompiledGrant } from '../compile.ts'
import { formatIpEntry } from '../ports.ts'
import type { TestOutcome } from './model.ts'
import type { Party } from './party.ts'

/** What holds for one source. */
export type Found = {
  readonly from: Party
  /** Rules that let it through. */
  readonly by: readonly CompiledGrant[]
  /** A rule that joins the two, also for other ports. */
  readonly otherPorts: CompiledGrant | undefined
}

type Verdict = Pick<TestOutcome, 'passed' | 'reason' | 'lines'>

/** `accept` needs every source to be let through, `deny` none. */
export function reachWords(found: readonly Found[], target: string, expected: 'accept' | 'deny'): Verdict {
  const through = found.filter(({ by }) => by.length > 0)
  const not = found.filter(({ by }) => by.length === 0)
  const lines = linesOf(through.flatMap(({ by }) => by))
  if (expected === 'deny') {
    if (through.length === 0) return { passed: true, reason: `No rule lets ${names(found)} reach ${target}.`, lines: [] }
    return { passed: false, reason: `${names(through)} may reach ${target} by ${lineWords(lines)}.`, lines }
  }
  if (not.length === 0) return { passed: true, reason: `${names(through)} may reach ${target} by ${lineWords(lines)}.`, lines }
  const near = not.find(({ otherPorts }) => otherPorts !== undefined)?.otherPorts
  const but = near === undefined ? '' : `: the one on line ${near.line} is for ${near.ip.map(formatIpEntry).join(', ')}`
  return { passed: false, reason: `No rule lets ${names(not)} reach ${target}${but}.`, lines: near === undefined ? [] : [near.line] }
}

export function linesOf(grants: readonly { readonly line: number }[]): number[] {
  return [...new Set(grants.map(({ line }) => line))].toSorted((a, b) => a - b)
}

export function lineWords(lines: readonly number[]): string {
  return lines.length === 1 ? `line ${lines[0]}` : `lines ${lines.slice(0, 5).join(', ')}${lines.length > 5 ? ' and more' : ''}`
}

/** "a, b and 3 more". */
export function names(found: readonly { readonly from: Party }[]): string {
  const all = found.map(({ from }) => from.name)
  return all.length <= 3 ? listed(all) : listedUpTo(2, all)
}
