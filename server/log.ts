import { pino, type Logger } from 'pino'

/** The part of pino that the control plane uses, so that a test may pass its own. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/** One JSON object a line on standard error, written at once: the last line before an end is there. */
export function createLog(): Log {
  return pino({ name: 'control-plane', level: 'info', base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }))
}
