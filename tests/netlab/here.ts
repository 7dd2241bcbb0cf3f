import { createHash } from 'node:crypto'
import { execute, script } from './execute.ts'
import type { Place } from './layout.ts'

/** A cable between this machine's own network and a place of the lab. */
export interface HereCable {
  /** The interface's name in the machine's own network. */
  readonly device: string
  /** The place's address on it. */
  readonly address: string
}

/** Where the cable will be: a /30 of 198.18.0.0/15, which is for tests, that no interface of the machine has; by the lab's name, so that labs of one time differ. */
export async function planHere(id: string, { name }: Place): Promise<HereCable> {
  const digest = createHash('sha256').update(`${id}/${name}`).digest()
  const { stdout: taken } = await execute(['ip', '-4', '-o', 'addr'])
  for (let number = digest.readUInt16BE(0) >> 1; ; number = (number + 1) & 0x7fff) {
    const [third, fourth] = [(number >> 6) & 0xff, (number & 0x3f) << 2]
    const net = `198.${18 + (number >> 14)}.${third}`
    if (!taken.includes(` ${net}.${fourth + 1}/30`)) return { device: `tl${digest.toString('hex', 2, 8)}`, address: `${net}.${fourth + 2}` }
  }
}

export async function plugHere({ device, address }: HereCable, { namespace }: Place): Promise<void> {
  const [a, b, c, fourth] = address.split('.')
  await script([
    `ip link add ${device} type veth peer name here netns ${namespace}`,
    `ip addr add ${a}.${b}.${c}.${Number(fourth) - 1}/30 dev ${device}`,
    `ip link set ${device} up`,
    `ip -n ${namespace} addr add ${address}/30 dev here`,
    `ip -n ${namespace} link set here up`,
  ])
}
