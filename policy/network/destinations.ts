import { type AddressRange, covers, overlaps, prefixesOf } from '../address.ts'
import type { CompiledPolicy, SelectorUse } from '../compile.ts'
import { inNetwork6, network6, publicSpace } from '../route.ts'
import { literalRanges } from '../selector.ts'
import type { Traits } from './profile.ts'

/** A prefix as rules have it. */
export type Piece = { readonly text: string; readonly range: AddressRange }

/** Where ports are opened on nodes of a profile (spec/policy.md §7.3): at their own addresses, by bits, and as written. */
export type Destinations = {
  readonly own: number
  readonly texts: readonly string[]
  /** Written, too, but only on nodes with an address in it: of a range of several prefixes they have theirs. */
  readonly pieces: readonly Piece[]
}

const publicPieces: readonly Piece[] = publicSpace.flatMap(prefixesOf)
const network6Pieces: readonly Piece[] = prefixesOf(network6)

/** Of each range once. Bounded: gone with the policy. */
const pieces = new WeakMap<AddressRange, readonly Piece[]>()

function piecesOf(range: AddressRange): readonly Piece[] {
  const known = pieces.get(range) ?? prefixesOf(range)
  pieces.set(range, known)
  return known
}

const isRouted = ({ routes }: Traits, range: AddressRange): boolean => routes.some((route) => overlaps(route, range))
/** An exit node forwards to it, whoever may use it as one. */
const isPublic = (range: AddressRange): boolean => publicSpace.some((space) => covers(space, range))

export function portDestinations(compiled: CompiledPolicy, profile: Traits, uses: readonly SelectorUse[]): Destinations {
  let own = 0
  const texts = new Set<string>()
  const here: Piece[] = []
  for (const { selector } of uses) {
    const kind = compiled.selectors[selector]?.kind
    const hit = profile.hits.get(selector) ?? 0
    const ranges = literalRanges(compiled.selectors[selector])
    if (kind === 'any') texts.add('*')
    else if (kind === 'internet') {
      if (profile.exit) for (const { text } of publicPieces) texts.add(text)
    } else if (ranges === undefined) own |= hit
    else if (hit !== 0 || profile.routes.length > 0 || profile.exit) {
      const all = ranges.flatMap(piecesOf)
      for (const piece of all) {
        if (isRouted(profile, piece.range) || (profile.exit && isPublic(piece.range)) || (hit !== 0 && all.length === 1)) texts.add(piece.text)
        else if (hit !== 0) here.push(piece)
      }
    }
  }
  return { own, texts: [...texts], pieces: here }
}

/** On a router with the tag: what lies behind it, as written (spec/policy.md §7.7). */
export function viaDestinations(compiled: CompiledPolicy, profile: Traits, uses: readonly SelectorUse[]): Destinations {
  const texts = new Set<string>()
  for (const { selector } of uses) {
    const kind = compiled.selectors[selector]?.kind
    const behind = kind === 'internet' ? (profile.exit ? publicPieces : [])
      : kind === 'any' ? (profile.routes.some(inNetwork6) ? network6Pieces : [])
        : (literalRanges(compiled.selectors[selector]) ?? []).flatMap(piecesOf).filter(({ range }) => isRouted(profile, range))
    for (const { text } of behind) texts.add(text)
  }
  return { own: 0, texts: [...texts], pieces: [] }
}

/** Prefixes as written that overlap routes: where capabilities hold behind a node. */
export function behindPrefixes(compiled: CompiledPolicy, profile: Traits, uses: readonly SelectorUse[]): string[] {
  if (profile.routes.length === 0) return []
  return [...new Set(uses.flatMap(({ selector }) =>
    (compiled.selectors[selector]?.kind === 'any' ? network6Pieces : (literalRanges(compiled.selectors[selector]) ?? []).flatMap(piecesOf)).filter(({ range }) => isRouted(profile, range)).map(prefixText)))].toSorted()
}

/** With its length, also where it is one address. */
function prefixText({ text, range }: Piece): string {
  return text.includes('/') ? text : `${text}/${range.family === 4 ? 32 : 128}`
}
