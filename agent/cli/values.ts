import { parseRate } from '../../lib/rate.ts'
import { dataPlaneNames, maxWorkers, type DataPlaneName } from '../dataplane/options.ts'

/** A mistake on the command line: one line, exit code 1. */
export class UsageError extends Error {}

export function port(option: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 65_535) throw new UsageError(`${option} is a port from 1 to 65535, not "${text}"`)
  return value
}

export function workerCount(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > maxWorkers) throw new UsageError(`--workers is a number from 1 to ${maxWorkers}, not "${text}"`)
  return value
}

export function dataPlane(text: string): DataPlaneName {
  return oneOf('--data-plane', dataPlaneNames, text)
}

/** Bits a second. */
export function sessionRate(text: string): number {
  const bits = parseRate(text)
  if (bits === undefined || bits === 0) throw new UsageError(`--session-rate is a rate such as 100mbit (kbit, mbit, gbit), not "${text}"`)
  return bits
}

export function serverUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new UsageError(`--server is an address as http://host:3000, not "${text}"`)
  return text
}

export function hostLabel(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(text)) {
    throw new UsageError(`--name is up to 63 letters, digits and hyphens, a hyphen neither first nor last, not ${JSON.stringify(text)}`)
  }
  return text
}

export function regionText(text: string | undefined): string | undefined {
  const region = text?.trim()
  if (region === '' || (region !== undefined && (region.length > 40 || /\p{Cc}/u.test(region)))) throw new UsageError(`--region is 1 to 40 characters, not ${JSON.stringify(text)}`)
  return region
}

export function oneOf<Known extends string>(option: string, known: readonly Known[], text: string): Known {
  const found = known.find((one) => one === text)
  if (found === undefined) throw new UsageError(`${option} is one of ${known.join(', ')}, not "${text}"`)
  return found
}
