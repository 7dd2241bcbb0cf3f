/** One changed thing of an audit entry: what it is called, and what it was and is, in words. Null: it was not there. */
export type Change = { readonly label: string; readonly before: string | null; readonly after: string | null }

type Values = Readonly<Record<string, unknown>> | null

const labels: Readonly<Record<string, string>> = {
  advertised: 'wanted',
  port: 'UDP port',
  staticEndpoints: 'static endpoints',
  maxEndpoints: 'endpoint limit',
  handshakesPerSecond: 'handshakes per second',
  derpMbitPerClient: 'DERP limit per client, Mbit/s',
  derpBitsPerClient: 'DERP limit per client, bit/s',
  networkName: 'network name',
  validDays: 'valid, days',
  expiresAt: 'expires',
  revokedAt: 'revoked',
  authorized: 'approved',
  id: 'number',
}

/** Values of a yes-or-no setting that have better words. */
const yesNo: Readonly<Record<string, readonly [no: string, yes: string]>> = { advertised: ['off', 'on'] }

/** Above this a value is cut: a policy's text, for example, is read on its own page. */
const maxLength = 120

/** What changed, key by key; equal values are left out. */
export function changesOf(before: Values, after: Values): Change[] {
  const keys = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...keys].flatMap((key) => {
    const was = before?.[key]
    const is = after?.[key]
    if (JSON.stringify(was) === JSON.stringify(is)) return []
    return [{ label: labelOf(key), before: valueWords(key, was), after: valueWords(key, is) }]
  })
}

function labelOf(key: string): string {
  return labels[key] ?? key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
}

function valueWords(key: string, value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return (yesNo[key] ?? ['no', 'yes'])[value ? 1 : 0]
  if (typeof value === 'number') return /port$/i.test(key) || key === 'version' ? String(value) : value.toLocaleString('en')
  if (Array.isArray(value)) return value.length === 0 ? 'none' : cut(value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(', '))
  if (value instanceof Date) return valueWords(key, value.toISOString())
  if (typeof value === 'object') return cut(JSON.stringify(value))
  const text = String(value)
  const time = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):[\d.]+Z$/.exec(text)
  if (time) return `${time[1]} ${time[2]} UTC`
  return text === '' ? 'empty' : cut(text)
}

function cut(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text
}
