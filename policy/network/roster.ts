import type { BitSet } from './bit-set.ts'
import type { Member, Profile } from './profile.ts'

/** The nodes of sets of profiles: their ids in order, and how many they are. Only nodes that others hear of are in these. */
export class Roster {
  readonly #members: ReadonlyMap<number, Member>
  /** How many of them are in each profile, by slot. */
  #shown = new Uint32Array(64)
  /** How many nodes a profile sees, of one moment. Bounded: profiles. */
  readonly #counts = new Map<Profile, number>()
  /** Ids by the profiles that they are of, of one moment. Bounded: profiles. */
  readonly #lists = new Map<string, readonly number[]>()
  /** Ids ascending, and beside each the slot of its profile as `slotOf` has it: looked through for every list of peers. */
  #sorted: { readonly ids: number[]; readonly slots: number[] } | undefined

  /** `members`: all nodes, by id; what is done to it is told here behind that. */
  constructor(members: ReadonlyMap<number, Member>) {
    this.#members = members
  }

  /** Before nodes of a profile are counted. */
  makeRoom(slot: number): void {
    if (slot < this.#shown.length) return
    const grown = new Uint32Array(2 * this.#shown.length)
    grown.set(this.#shown)
    this.#shown = grown
  }

  /** A node that others hear of came to a profile, or left it. */
  count({ slot }: Profile, by: 1 | -1): void {
    this.#shown[slot] = (this.#shown[slot] ?? 0) + by
    this.#counts.clear()
    this.#lists.clear()
  }

  put(member: Member): void {
    if (this.#sorted === undefined) return
    const { ids, slots } = this.#sorted
    const { id } = member.node
    const at = placeOf(ids, id)
    const isThere = ids[at] === id
    if (!isThere) ids.splice(at, 0, id)
    slots.splice(at, isThere ? 1 : 0, slotOf(member))
  }

  drop(id: number): void {
    if (this.#sorted === undefined) return
    const at = placeOf(this.#sorted.ids, id)
    this.#sorted.ids.splice(at, 1)
    this.#sorted.slots.splice(at, 1)
  }

  idsIn(profiles: BitSet, but: number | undefined): number[] {
    const { ids, slots } = this.#inOrder()
    const found: number[] = []
    for (let i = 0; i < ids.length; i++) {
      const slot = slots[i] ?? -1
      const id = ids[i] ?? 0
      if (slot >= 0 && profiles.has(slot) && id !== but) found.push(id)
    }
    return found
  }

  /** One list for all who ask for the same profiles. */
  sharedIds(profiles: BitSet): readonly number[] {
    const key = profiles.key()
    const known = this.#lists.get(key) ?? this.idsIn(profiles, undefined)
    this.#lists.set(key, known)
    return known
  }

  /** How many nodes are of the profiles that a profile sees. */
  countFor(profile: Profile, peers: BitSet): number {
    const known = this.#counts.get(profile)
    if (known !== undefined) return known
    const count = peers.sum(this.#shown)
    this.#counts.set(profile, count)
    return count
  }

  /** Of all nodes, also those that others do not hear of. */
  idsWhere(isWanted: (id: number, slot: number) => boolean): number[] {
    const { ids, slots } = this.#inOrder()
    return ids.filter((id, i) => isWanted(id, slotIn(slots[i] ?? 0)))
  }

  #inOrder(): { readonly ids: number[]; readonly slots: number[] } {
    if (this.#sorted !== undefined) return this.#sorted
    const all = [...this.#members.values()].sort((a, b) => a.node.id - b.node.id)
    this.#sorted = { ids: all.map(({ node }) => node.id), slots: all.map(slotOf) }
    return this.#sorted
  }
}

/** The slot of its profile; below zero where others do not hear of it. */
const slotOf = ({ profile, standing }: Member): number => (standing.isShown ? profile.slot : ~profile.slot)
const slotIn = (slot: number): number => (slot < 0 ? ~slot : slot)

/** Where an id is, or would be. */
function placeOf(ids: readonly number[], id: number): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ids[middle] ?? 0) < id) low = middle + 1
    else high = middle
  }
  return low
}
