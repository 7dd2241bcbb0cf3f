import { parsePolicy } from '../parse.ts'

/** The problems of a text as lines, for tests. */
export function placedProblems(text: string): string[] {
  return parsePolicy(text).problems.map(({ line, column, severity, code, message }) => `${line}:${column} ${severity} ${code} ${message}`)
}
