import { parseAddrPort } from '../../lib/addr-port.ts'

/** The form as it is typed. */
export interface RelayForm {
  readonly port: string
  /** One a line. */
  readonly staticEndpoints: string
  readonly region: string
  readonly maxEndpoints: string
  readonly handshakesPerSecond: string
}
export type RelayFormErrors = Partial<Record<keyof RelayForm, string>>

export interface RelayConfigInput {
  readonly port: number
  readonly staticEndpoints: string[]
  readonly region: string
  readonly maxEndpoints: number
  readonly handshakesPerSecond: number
}

function whole(text: string, least: number, most: number): number | null {
  if (!/^\d{1,9}$/.test(text.trim())) return null
  const value = Number(text)
  return value >= least && value <= most ? value : null
}

/** What is typed as the server takes it, or what is wrong with each field. */
export function readForm(form: RelayForm): { readonly input: RelayConfigInput } | { readonly errors: RelayFormErrors } {
  const errors: RelayFormErrors = {}
  const port = whole(form.port, 1, 65_535)
  if (port === null) errors.port = 'A port is a number from 1 to 65535.'
  const maxEndpoints = whole(form.maxEndpoints, 1, 65_536)
  if (maxEndpoints === null) errors.maxEndpoints = 'A number from 1 to 65,536.'
  const handshakesPerSecond = whole(form.handshakesPerSecond, 1, 10_000)
  if (handshakesPerSecond === null) errors.handshakesPerSecond = 'A number from 1 to 10,000.'
  const staticEndpoints = form.staticEndpoints.split(/[\s,]+/).filter((line) => line !== '')
  const wrong = staticEndpoints.findIndex((text) => !parseAddrPort(text).ok)
  if (wrong >= 0) errors.staticEndpoints = `“${staticEndpoints[wrong] ?? ''}” is not an address with a port, such as 203.0.113.18:40000 or [2001:db8::18]:40000.`
  else if (staticEndpoints.length > 16) errors.staticEndpoints = 'At most 16 static addresses.'
  if (form.region.trim().length > 40) errors.region = 'At most 40 characters.'
  if (port === null || maxEndpoints === null || handshakesPerSecond === null || Object.keys(errors).length > 0) return { errors }
  return { input: { port, staticEndpoints, region: form.region.trim(), maxEndpoints, handshakesPerSecond } }
}

/** The server's complaint at the field it names, `staticEndpoints.0`; undefined: it names none of these. */
export function fieldOf(path: string | undefined): keyof RelayForm | undefined {
  const first = path?.split('.')[0]
  return (['port', 'staticEndpoints', 'region', 'maxEndpoints', 'handshakesPerSecond'] as const).find((name) => name === first)
}
