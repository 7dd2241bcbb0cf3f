import type { Case } from '../case.ts'
import { comparePolicyCase } from './compare.ts'

/** The cases of one file: a list, a list under `cases`, or a single one. */
export function policyCases(file: unknown): Case[] {
  if (Array.isArray(file)) return file.map(comparePolicyCase)
  if (typeof file === 'object' && file !== null && 'cases' in file && Array.isArray(file.cases)) return file.cases.map(comparePolicyCase)
  return [comparePolicyCase(file, 0)]
}
