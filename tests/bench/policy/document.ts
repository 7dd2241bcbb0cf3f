import { groups, people, type Pick, size, tags } from './network.ts'

/** A kind of grant, and how many of a thousand are of it. */
type Kind = readonly [share: number, make: (pick: Pick) => object]

const ports = ['tcp:443', 'tcp:22', 'tcp:80,443', '5432', 'udp:53', 'tcp:8000-8999', '*', 'icmp:*']
const relay = (values: readonly object[]): object => ({ 'tailscale.com/cap/relay': values })

/**
 * What operators write most is which team reaches which service on which port, then services each other. Of 1,000 sources 590 are groups,
 * 190 tags, 120 people, 70 addresses or subnets, 25 autogroups, 5 `*`; of destinations 857 tags, 110 subnets or hosts, 25 people, 5 one's own
 * machines, 3 `*`.
 */
const kinds: readonly Kind[] = [
  [450, (pick) => ({ src: pick.some(groups, 1 + pick.below(3)), dst: pick.some(tags, 1 + pick.below(2)), ip: pick.some(ports, 1 + pick.below(2)) })],
  [190, (pick) => ({ src: pick.some(tags, 1 + pick.below(2)), dst: [pick.of(tags)], ip: [pick.of(ports)] })],
  [95, (pick) => ({ src: pick.some(people, 1 + pick.below(2)), dst: [pick.of(tags)], ip: [pick.of(ports)] })],
  [60, (pick) => ({ src: [pick.of(groups)], dst: [subnet(pick)], ip: [pick.of(ports)] })],
  [40, (pick) => ({ src: [pick.of(groups)], dst: [host(pick)], ip: [pick.of(ports)] })],
  [30, (pick) => ({ src: [host(pick)], dst: [pick.of(tags)], ip: [pick.of(ports)] })],
  [30, (pick) => ({ src: [subnet(pick)], dst: [pick.of(tags)], ip: [pick.of(ports)] })],
  [10, (pick) => ({ src: [`100.64.${pick.below(39)}.0/24`], dst: [pick.of(tags)], ip: [pick.of(ports)] })],
  [25, (pick) => ({ src: ['autogroup:member'], dst: [pick.of(tags)], ip: ['tcp:443'] })],
  [25, (pick) => ({ src: [pick.of(people)], dst: [pick.of(people)], ip: ['tcp:22'] })],
  [20, (pick) => ({ src: [pick.of(groups)], dst: [pick.of(tags)], app: relay([{ maxSessions: 20 }]) })],
  [10, (pick) => ({ src: [pick.of(groups)], dst: [subnet(pick)], via: [pick.of(tags)], ip: ['*'] })],
  [5, () => ({ src: ['*'], dst: [tags[0]], ip: ['udp:53'] })],
  [5, (pick) => ({ src: [pick.of(groups)], dst: ['autogroup:self'], ip: ['*'] })],
  [3, (pick) => ({ src: [pick.of(groups)], dst: ['*'], ip: ['*'] })],
  [2, (pick) => ({ src: [pick.of(groups)], dst: [pick.of(tags)], app: { 'example.com/cap/console': [{ role: pick.of(['read', 'write']) }] } })],
]

const subnet = (pick: Pick): string => `10.${pick.below(250)}.0.0/${16 + pick.below(9)}`
const host = (pick: Pick): string => `host-${1 + pick.below(hosts)}`
const hosts = 50

/** A document of the size that the bench holds to. */
export function makeDocument(pick: Pick): string {
  const grants = kinds.flatMap(([share, make]) => Array.from({ length: Math.round((share * size.grants) / 1000) }, () => make(pick)))
  return JSON.stringify({
    groups: Object.fromEntries(groups.map((name) => [name, [...new Set(pick.some(people, 2 + pick.below(12)))]])),
    tagOwners: Object.fromEntries(tags.map((name) => [name, ['autogroup:admin']])),
    hosts: Object.fromEntries(Array.from({ length: hosts }, (_, i) => [`host-${i + 1}`, `100.64.${pick.below(39)}.${1 + pick.below(250)}`])),
    grants,
  }, null, 1)
}
