/** Milliseconds since the Unix epoch. Cores take it as an argument; only composition roots read it from the system. */
export type Millis = number

export interface Clock {
  now(): Millis
}

export const systemClock: Clock = { now: () => Date.now() }

/** Random bytes as an argument, so that tests can seed them. */
export type RandomBytes = (length: number) => Uint8Array
