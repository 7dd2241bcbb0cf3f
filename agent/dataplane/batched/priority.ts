import { readdirSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** Steps of nice(2) by which forwarding threads stand behind the rest of the process. */
const lead = 10

/**
 * Puts all threads that the process has now before those that will forward: at full load these fill a core, and handshakes,
 * reports and the collector must not wait for it. Lowering those that forward would need no right, but put them behind
 * every other program. Returns the priority that a forwarding thread gives itself, as it inherits the new one; undefined:
 * this user may not (CAP_SYS_NICE), all stay equal.
 */
export function comeBeforeForwarding(): number | undefined {
  const before = getPriority(process.pid)
  const raise = (thread: number): void => setPriority(thread, Math.max(before - lead, -20))
  try {
    raise(process.pid)
  } catch {
    return undefined
  }
  // The collector's helpers too: the main thread waits for them.
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      raise(Number(thread))
    } catch {
      // It has ended meanwhile.
    }
  }
  return before
}
