import { pino, type Logger } from 'pino'
import type { LogLevel } from './log-levels.ts'

/** The part of pino that the agent uses, so that a test may pass its own. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/** One JSON object a line on standard error, written at once: the last line before an end is there. */
export function createLog(level: LogLevel): Log {
  return pino({ name: 'agent', level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }))
}
