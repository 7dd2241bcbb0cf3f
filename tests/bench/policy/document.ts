import { groups, people, type Pick, size, tags } from './network.ts'

/** A kind of grant, and how many of a hundred are of it: what operators write most is who reaches which service on which port. */
type Kind = readonly [share: number, make: (pick: Pick) => object]

const ports = ['tcp:443', 'tcp:22', 'tcp:80,443', '5432', 'udp:53', 'tcp:8000-8999', '*', 'icmp:*']
const relay = (values: readonly object[]): object => ({ 'tailscale.com/cap/relay': values })

const kinds: readonly Kind[] = [
  [45, (pick) => ({ src: pick.some(groups, 1 + pick.below(3)), dst: pick.some(tags, 1 + pick.below(2)), ip: pick.some(ports, 1 + pick.below(2)) })],
  [15, (pick) => ({ src: pick.some(tags, 1 + pick.below(2)), dst: [pick.of(tags)], ip: [pick.of(ports)] })],
  [12, (pick) => ({ src: pick.some(people, 1 + pick.below(2)), dst: [pick.of(tags)], ip: [pick.of(ports)] })],
  [6, (pick) => ({ src: [pick.of(groups)], dst: [`10.${pick.below(250)}.0.0/${16 + pick.below(9)}`], ip: [pick.of(ports)] })],
  [5, (pick) => ({ src: [pick.of(groups)], dst: [`host-${1 + pick.below(50)}`], ip: [pick.of(ports)] })],
  [4, (pick) => ({ src: ['autogroup:member'], dst: [pick.of(tags)], ip: ['tcp:443'] })],
  [3, (pick) => ({ src: [pick.of(people)], dst: [pick.of(people)], ip: ['tcp:22'] })],
  [3, (pick) => ({ src: [`100.64.${pick.below(40)}.0/24`], dst: [pick.of(tags)], ip: [pick.of(ports)] })],
  [2, (pick) => ({ src: [pick.of(groups)], dst: [pick.of(tags)], app: relay([{ maxSessions: 20 }]) })],
  [2, (pick) => ({ src: [pick.of(groups)], dst: [`10.${pick.below(250)}.0.0/16`], via: [pick.of(tags)], ip: ['*'] })],
  [1, (pick) => ({ src: ['*'], dst: [pick.of(tags)], ip: ['udp:53'] })],
  [1, (pick) => ({ src: [pick.of(groups)], dst: ['autogroup:self'], ip: ['*'] })],
  [1, (pick) => ({ src: [pick.of(groups)], dst: [pick.of(tags)], app: { 'example.com/cap/console': [{ role: pick.of(['read', 'write']) }] } })],
]

/** A document of the size that the bench holds to. */
export function makeDocument(pick: Pick): string {
  const grants = kinds.flatMap(([share, make]) => Array.from({ length: Math.round((share * size.grants) / 100) }, () => make(pick)))
  return JSON.stringify({
    groups: Object.fromEntries(groups.map((name) => [name, [...new Set(pick.some(people, 2 + pick.below(12)))]])),
    tagOwners: Object.fromEntries(tags.map((name) => [name, ['autogroup:admin']])),
    hosts: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`host-${i + 1}`, `100.64.${pick.below(39)}.${1 + pick.below(250)}`])),
    grants,
  }, null, 1)
}
