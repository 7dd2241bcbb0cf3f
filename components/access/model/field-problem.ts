/** What is wrong with a field, by the label that it has in its form. */
export type FieldProblem = { readonly label: string; readonly reason: string }

/** Those of the fields that have one, in the order given. */
export function fieldProblems(reasons: readonly (readonly [label: string, reason: string | undefined])[]): FieldProblem[] {
  return reasons.flatMap(([label, reason]) => (reason === undefined ? [] : [{ label, reason }]))
}
