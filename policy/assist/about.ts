import { formatIpEntry, hasPorts, parseIpEntry, splitPorts } from '../ports.ts'
import { type Cursor, readAt } from './cursor.ts'
import type { Known } from './known.ts'
import { describeSelector } from './machines.ts'
import { type Place, placeAt } from './places.ts'
import { attributeWords, capabilityWords, keyWords } from './words.ts'

/** What something in the text means, and where it stands. */
export type About = { readonly from: number; readonly to: number; readonly text: string }

/** What the selector, key or capability at `offset` means here; undefined: nothing is to say. */
export function aboutAt(text: string, offset: number, known: Known): About | undefined {
  const at = stringAt(text, offset)
  const place = at === undefined ? undefined : placeAt(at)
  const words = at === undefined || place === undefined ? undefined : wordsOf(place, at, known)
  return at === undefined || words === undefined || words === '' ? undefined : { from: at.from, to: at.to, text: words }
}

/** What stands between two quotes, also for who is right before or behind them. */
function stringAt(text: string, offset: number): Cursor | undefined {
  for (const near of [offset, offset + 1, offset - 1]) {
    const { cursor } = readAt(text, near)
    if (cursor !== undefined && cursor.form !== 'nothing') return cursor
  }
  return undefined
}

function wordsOf(place: Place, { content }: Cursor, known: Known): string | undefined {
  const text = content.trim()
  switch (place.kind) {
    case 'key': return keyAbout(place, text)
    case 'relay-parameter': return keyWords.relayParameters[place.name]?.about
    case 'name': return place.of === 'capability' ? capabilityAbout(text) : describeSelector(text, known)
    case 'relay':
    case 'address': return describeSelector(text, known)
    case 'selector': {
      if (place.ports === undefined) return describeSelector(text, known)
      const split = splitPorts(text)
      return split.ok ? describeSelector(split.value.selector, known) : undefined
    }
    case 'ipset-entry': return describeSelector(text.replace(/^(add|remove)\s+/, '').replace(/^host:/, ''), known)
    case 'ip': return ipAbout(text)
    case 'attribute': return attributeWords[text] ?? `"${text}" is passed on to the machines as it is.`
    case 'value': return keyWords[place.of][place.key]?.about
    default: return undefined
  }
}

function keyAbout({ of }: Extract<Place, { kind: 'key' }>, key: string): string | undefined {
  return Object.entries(keyWords[of]).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1].about
}

function capabilityAbout(name: string): string {
  return capabilityWords[name] ?? 'The destinations are told that the sources have this capability, with its values unchanged.'
}

function ipAbout(text: string): string | undefined {
  const entry = parseIpEntry(text)
  if (!entry.ok) return undefined
  const { protocol } = entry.value
  const written = formatIpEntry(entry.value)
  const ports = written.slice(written.indexOf(':') + 1)
  const where = ports === '*' ? 'every port' : `${/[,-]/.test(ports) ? 'ports' : 'port'} ${ports.replaceAll(',', ', ')}`
  if (protocol === undefined) return `${where[0]?.toUpperCase()}${where.slice(1)}, by TCP, UDP and ICMP.`
  const name = written.slice(0, written.indexOf(':'))
  return !hasPorts(protocol) ? `Protocol ${name}.` : `${name.toUpperCase()}, ${where}.`
}
