import type { Variables } from '../../server/env.ts'

/** The environment of this machine's agent: it speaks to the control plane alone, and has no use for the database's password. */
export function agentVariables(variables: Variables): Record<string, string | undefined> {
  const { DATABASE_URL: _, ...others } = variables
  return others
}
