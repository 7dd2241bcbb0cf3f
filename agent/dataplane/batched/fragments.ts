import { arenaOf, type Libc } from './libc.ts'
import { linux } from './linux.ts'

const options = {
  ipv4: [linux.IPPROTO_IP, linux.IP_MTU_DISCOVER],
  ipv6: [linux.IPPROTO_IPV6, linux.IPV6_MTU_DISCOVER],
} as const

export interface Fragments {
  /** Whether a datagram larger than its way's MTU is sent in fragments, or refused with EMSGSIZE. */
  allow(family: 'ipv4' | 'ipv6', on: boolean): void
}

export function createFragments(libc: Libc, fd: number): Fragments {
  const memory = arenaOf(libc, 4)
  return {
    allow(family, on) {
      const [level, option] = options[family]
      memory.words[0] = on ? linux.PMTUDISC_WANT : linux.PMTUDISC_DO
      libc.setsockopt(fd, level, option, memory.address, 4)
    },
  }
}
