import type { LiveSample, RelayRow } from '../../server/trpc/types.ts'
import { needsAttention } from './relay-words.ts'

export const shows = ['all', 'relaying', 'attention', 'off'] as const
export type Show = (typeof shows)[number]

export function toShow(value: string): Show {
  return shows.find((show) => show === value) ?? 'all'
}

const passes: Readonly<Record<Show, (relay: RelayRow) => boolean>> = {
  all: () => true,
  relaying: ({ state }) => state === 'relaying',
  attention: needsAttention,
  off: ({ advertised, approved, state }) => approved && (!advertised || state === 'draining'),
}

/** By part of a name, tag, region or address; busiest first, then by name. */
export function visibleRelays(relays: readonly RelayRow[], show: Show, text: string): RelayRow[] {
  const wanted = text.trim().toLowerCase()
  return relays
    .filter(passes[show])
    .filter(({ name, tags, region, addresses }) => wanted === '' || [name, region, ...tags, ...addresses.map(({ address }) => address)].some((word) => word.toLowerCase().includes(wanted)))
    .toSorted((one, other) => (other.rateOut ?? -1) - (one.rateOut ?? -1) || one.name.localeCompare(other.name))
}

export function countShows(relays: readonly RelayRow[]): Record<Show, number> {
  const count = (show: Show) => relays.filter(passes[show]).length
  return { all: count('all'), relaying: count('relaying'), attention: count('attention'), off: count('off') }
}

/** The rows with this second's figures. Order stays with the rows: a table that reshuffles each second cannot be clicked. */
export function withSample(relays: readonly RelayRow[], sample: LiveSample | null): RelayRow[] {
  if (!sample) return [...relays]
  const byId = new Map(sample.relays.map((relay) => [relay.id, relay]))
  return relays.map((row) => {
    const now = byId.get(row.id)
    return now && row.state !== 'offline' && row.state !== 'off' ? { ...row, rateIn: now.bitsIn, rateOut: now.bitsOut, sessions: now.sessions } : row
  })
}
