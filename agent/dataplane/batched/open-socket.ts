import { anySockaddr, decodeSockaddr } from './sockaddr.ts'
import { arenaOf, loadLibc, type Libc } from './libc.ts'
import { linux, sizes } from './linux.ts'

/** Wanted room for bursts; without privileges the system gives what its limit allows. */
const bufferBytes = 4 << 20

export type OpenOutcome =
  | { readonly ok: true; readonly fd: number; readonly port: number }
  /** `unsupported`: what this system lacks, so that no port would help; else why this port cannot be had. */
  | { readonly ok: false; readonly unsupported?: string; readonly code: string }

const codes: Readonly<Record<number, string>> = { [linux.EADDRINUSE]: 'EADDRINUSE', [linux.EACCES]: 'EACCES', [linux.EADDRNOTAVAIL]: 'EADDRNOTAVAIL', [linux.EAFNOSUPPORT]: 'EAFNOSUPPORT' }

/** One UDP socket for both families, that takes merged datagrams, on `port` of all addresses; 0: the system's choice. */
export function openSocket(libc: Libc, port: number): OpenOutcome {
  const memory = arenaOf(libc, 64)
  const codeOf = (): string => codes[libc.errno()] ?? `errno ${libc.errno()}`
  const fd: number = libc.socket(linux.AF_INET6, linux.SOCK_DGRAM | linux.SOCK_CLOEXEC, 0)
  if (fd < 0) return { ok: false, unsupported: 'this machine has no IPv6', code: codeOf() }
  const fail = (unsupported?: string): OpenOutcome => {
    const code = codeOf()
    libc.close(fd)
    return { ok: false, code, ...(unsupported !== undefined && { unsupported }) }
  }
  const set = (level: number, option: number, value: number): boolean => {
    memory.words[0] = value
    return libc.setsockopt(fd, level, option, memory.address, 4) === 0
  }
  if (!set(linux.IPPROTO_IPV6, linux.IPV6_V6ONLY, 0)) return fail('this kernel has no sockets of both families')
  if (!set(linux.SOL_UDP, linux.UDP_GRO, 1)) return fail('this kernel has no UDP_GRO')
  if (!set(linux.SOL_UDP, linux.UDP_SEGMENT, 0)) return fail('this kernel has no UDP_SEGMENT')
  if (!set(linux.SOL_SOCKET, linux.SO_RCVBUFFORCE, bufferBytes)) set(linux.SOL_SOCKET, linux.SO_RCVBUF, bufferBytes)
  if (!set(linux.SOL_SOCKET, linux.SO_SNDBUFFORCE, bufferBytes)) set(linux.SOL_SOCKET, linux.SO_SNDBUF, bufferBytes)
  memory.bytes.set(anySockaddr(port))
  if (libc.bind(fd, memory.address, sizes.sockaddrIn6) !== 0) return fail()
  memory.words[15] = sizes.sockaddrIn6
  if (libc.getsockname(fd, memory.address, memory.address + 60) !== 0) return fail()
  return { ok: true, fd, port: decodeSockaddr(memory.bytes).port }
}

/** What this system lacks for such a socket; undefined: nothing. Throws where the binary does not load. */
export function whatSocketsLack(nativePath: string): string | undefined {
  const libc = loadLibc(nativePath)
  const opened = openSocket(libc, 0)
  if (opened.ok) libc.close(opened.fd)
  return opened.ok ? undefined : (opened.unsupported ?? opened.code)
}
