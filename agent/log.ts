import type { Logger } from 'pino'

/** The part of pino that the agent uses, so that a test may pass its own. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>
