import { relayAccess } from '../access.ts'
import type { Subject } from '../compile.ts'
import type { RelayTest } from '../model.ts'
import { type Cast, partiesOf, unknownPerson } from './cast.ts'
import type { TestOutcome } from './model.ts'
import { lineWords, linesOf, names } from './words.ts'

/** Ours: whether `src` may allocate on `via`. Of several machines and relays, `accept` needs each pair and `deny` none. */
export function testRelay(cast: Cast, entry: number, { place, src, via, expected }: RelayTest): TestOutcome {
  const outcome = { entry, place, kind: 'relay', src: src.text, target: via.text, expected } as const
  const unknown = unknownPerson(cast, src) ?? unknownPerson(cast, via)
  if (unknown !== undefined) return { ...outcome, passed: false, reason: unknown, lines: [] }
  const clients = partiesOf(cast, src)
  const relays = partiesOf(cast, via).flatMap(({ machines }) => machines.map(({ subject }) => subject))
  const missing = clients.find(({ machines }) => machines.length === 0)?.name ?? (relays.length === 0 ? via.text : undefined)
  if (missing !== undefined) return { ...outcome, passed: false, reason: `No machine has the address ${missing}: a relay test needs machines.`, lines: [] }
  const [only, ...others] = relays
  if (others.length === 0 && clients.every(({ machines }) => machines.every(({ subject }) => subject.node === only?.node))) {
    return { ...outcome, passed: false, reason: `${src.text} and ${via.text} are one machine: no relay is of use to itself.`, lines: [] }
  }
  const found = clients.map((from) => ({ from, ...accessOf(cast, from.machines.map(({ subject }) => subject), relays) }))
  const may = found.filter(({ allowed }) => allowed.length > 0)
  const mayNot = found.filter(({ denied }) => denied.length > 0)
  const lines = linesOf(may.flatMap(({ allowed }) => allowed))
  const wrong = expected === 'accept' ? mayNot : may
  if (wrong.length === 0) {
    const reason = expected === 'accept' ? `${names(may)} may use ${via.text} by ${lineWords(lines)}.` : `No grant lets ${names(found)} use ${via.text}.`
    return { ...outcome, passed: true, reason, lines }
  }
  if (expected === 'deny') return { ...outcome, passed: false, reason: `${names(may)} may use ${via.text} by ${lineWords(lines)}.`, lines }
  const near = linesOf(mayNot.flatMap(({ denied }) => denied).flatMap((line) => (line === undefined ? [] : [{ line }])))
  const but = near.length === 0 ? '' : `; near is ${lineWords(near)}`
  return { ...outcome, passed: false, reason: `No grant lets ${names(mayNot)} use ${via.text}${but}.`, lines: near }
}

/** Grants that let some machine use some relay, and for each pair that none does the line that comes nearest. A relay is of no use to itself. */
function accessOf({ compiled }: Cast, clients: readonly Subject[], relays: readonly Subject[]) {
  const pairs = clients.flatMap((client) => relays.filter(({ node }) => node !== client.node).map((relay) => relayAccess(compiled, client, relay)))
  return {
    allowed: pairs.flatMap((access) => (access.allowed ? access.lines : [])),
    denied: pairs.flatMap((access) => (access.allowed ? [] : [access.nearest?.line])),
  }
}
