const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** One series of roll-ups: its table, step, how long it is kept, and what one partition holds. */
export interface Resolution {
  readonly table: string
  readonly stepMs: number
  readonly keepMs: number
  readonly partitionMs: number
}

export const tenSeconds: Resolution = { table: 'relay_traffic_10s', stepMs: 10 * second, keepMs: 2 * day, partitionMs: day }
export const oneMinute: Resolution = { table: 'relay_traffic_1m', stepMs: minute, keepMs: 14 * day, partitionMs: 2 * day }
export const quarterHour: Resolution = { table: 'relay_traffic_15m', stepMs: 15 * minute, keepMs: 90 * day, partitionMs: 15 * day }
export const oneHour: Resolution = { table: 'relay_traffic_1h', stepMs: hour, keepMs: 730 * day, partitionMs: 90 * day }

export const resolutions: readonly Resolution[] = [tenSeconds, oneMinute, quarterHour, oneHour]
