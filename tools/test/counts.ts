export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The suite's last line and its exit code: nothing passed is no success. */
export function closingLine(results: readonly Counts[]): { line: string; status: 0 | 1 } {
  const sum = (pick: (counts: Counts) => number): number => results.reduce((total, counts) => total + pick(counts), 0)
  const passed = sum((counts) => counts.passed)
  const failed = sum((counts) => counts.failed)
  const line = `${passed} passed, ${failed} failed, ${sum((counts) => counts.skipped)} skipped`
  return { line, status: failed === 0 && passed > 0 ? 0 : 1 }
}
