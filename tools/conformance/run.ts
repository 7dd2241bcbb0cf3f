import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Case } from './case.ts'
import { policyCases } from './policy/index.ts'
import { comparers } from './vectors/index.ts'

export interface Outcome {
  readonly lines: readonly string[]
  readonly agreed: number
  readonly counted: number
  readonly differing: number
}

type Compare = (file: unknown) => Case[]

/** Compares a folder of recorded vectors; throws a person's text where the folder cannot be read. */
export function compareVectors(folder: string): Outcome {
  const names = filesIn(folder)
  if (!names.some((name) => comparers[name])) throw new Error(`${folder}: none of its .json files holds vectors that are known here; give the folder with the vectors`)
  return compareFiles(folder, names, (name) => comparers[name])
}

/** Compares a folder of recorded policies, whatever its files are called. */
export function comparePolicies(folder: string): Outcome {
  return compareFiles(folder, filesIn(folder), () => policyCases)
}

function filesIn(folder: string): string[] {
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json')).toSorted()
  } catch {
    throw new Error(`${folder}: not a folder that can be read; give the folder with the vectors`)
  }
  if (names.length === 0) throw new Error(`${folder}: no .json file in it; give the folder with the vectors`)
  return names
}

function compareFiles(folder: string, names: readonly string[], comparer: (name: string) => Compare | undefined): Outcome {
  const lines: string[] = []
  const all: Case[] = []
  for (const name of names) {
    const compare = comparer(name)
    if (!compare) {
      lines.push(`${name}: no codec yet, not counted`)
      continue
    }
    const cases = casesOf(name, path.join(folder, name), compare)
    all.push(...cases)
    const agreed = cases.filter(({ verdict }) => verdict.kind === 'agrees').length
    lines.push(`${name}: ${agreed} of ${cases.length} agree`)
    for (const { name: label, verdict } of cases) {
      if (verdict.kind === 'stricter') lines.push(`  on purpose: ${label}: ${verdict.reason}`)
      if (verdict.kind === 'differs') lines.push(`  differs: ${label}: ${verdict.reason}`)
    }
  }
  const agreed = all.filter(({ verdict }) => verdict.kind === 'agrees').length
  lines.push(`${agreed} of ${all.length} agree`)
  return { lines, agreed, counted: all.length, differing: all.filter(({ verdict }) => verdict.kind === 'differs').length }
}

function casesOf(name: string, file: string, compare: Compare): Case[] {
  try {
    const cases = compare(JSON.parse(readFileSync(file, 'utf8')))
    return cases.length > 0 ? cases : [{ name, verdict: { kind: 'differs', reason: 'no case in it' } }]
  } catch (error) {
    return [{ name, verdict: { kind: 'differs', reason: `not in the vectors’ form: ${error instanceof Error ? error.message : String(error)}` } }]
  }
}
