import type { SocketBuffers } from '../contract.ts'
import { createFragments } from './fragments.ts'
import { arenaOf, type Libc } from './libc.ts'
import { linux, sizes } from './linux.ts'
import { anySockaddr, decodeSockaddr } from './sockaddr.ts'
import { programBytes, steeringInstructions, steeringProgram } from './steering.ts'

/** Wanted room for bursts; without privileges the system gives what its limit allows. */
const bufferBytes = 4 << 20

/** Words of `SO_MEMINFO`, and the one that counts what came while the buffer was full. */
const memInfoWords = 9
const memInfoDrops = 8

/** `unsupported`: what this system lacks, so that no port would help; else why this port cannot be had. */
interface Failure { readonly ok: false; readonly unsupported?: string; readonly code: string }

export type OpenOutcome = { readonly ok: true; readonly fds: readonly number[]; readonly port: number; readonly buffers: SocketBuffers } | Failure

const codes: Readonly<Record<number, string>> = { [linux.EADDRINUSE]: 'EADDRINUSE', [linux.EACCES]: 'EACCES', [linux.EADDRNOTAVAIL]: 'EADDRNOTAVAIL', [linux.EAFNOSUPPORT]: 'EAFNOSUPPORT' }

const codeOf = (libc: Libc): string => codes[libc.errno()] ?? `errno ${libc.errno()}`

/**
 * `count` UDP sockets for both families on one `port` of all addresses (0: the system's choice), that take merged
 * datagrams; the kernel gives each VNI's to the same one.
 */
export function openSockets(libc: Libc, port: number, count: number): OpenOutcome {
  const fds: number[] = []
  const fail = (failure: Failure): Failure => {
    for (const fd of fds) libc.close(fd)
    return failure
  }
  let bound = port
  for (let i = 0; i < count; i++) {
    const opened = openSocket(libc, bound, i > 0)
    if (!opened.ok) return fail(opened)
    fds.push(opened.fd)
    bound = opened.port
    // The first is bound without it, so that a port which another process has is refused, also one of this user's.
    if (i === 0 && count > 1 && !setOption(libc, opened.fd, linux.SOL_SOCKET, linux.SO_REUSEPORT, 1)) {
      return fail({ ok: false, unsupported: 'this kernel has no SO_REUSEPORT', code: codeOf(libc) })
    }
  }
  const [first] = fds
  if (first === undefined) return { ok: false, code: 'EINVAL' }
  if (count > 1 && !steer(libc, first, count)) return fail({ ok: false, unsupported: 'this kernel has no SO_ATTACH_REUSEPORT_CBPF', code: codeOf(libc) })
  return { ok: true, fds, port: bound, buffers: readBuffers(libc, first) }
}

function openSocket(libc: Libc, port: number, isShared: boolean): { readonly ok: true; readonly fd: number; readonly port: number } | Failure {
  const fd: number = libc.socket(linux.AF_INET6, linux.SOCK_DGRAM | linux.SOCK_CLOEXEC, 0)
  if (fd < 0) return { ok: false, unsupported: 'this machine has no IPv6', code: codeOf(libc) }
  const set = (level: number, option: number, value: number): boolean => setOption(libc, fd, level, option, value)
  const fail = (unsupported?: string): Failure => {
    const code = codeOf(libc)
    libc.close(fd)
    return { ok: false, code, ...(unsupported !== undefined && { unsupported }) }
  }
  if (!set(linux.IPPROTO_IPV6, linux.IPV6_V6ONLY, 0)) return fail('this kernel has no sockets of both families')
  if (!set(linux.SOL_UDP, linux.UDP_GRO, 1)) return fail('this kernel has no UDP_GRO')
  if (!set(linux.SOL_UDP, linux.UDP_SEGMENT, 0)) return fail('this kernel has no UDP_SEGMENT')
  // DSCP and ECN of a datagram go on with it; and none is fragmented before that is counted.
  set(linux.IPPROTO_IP, linux.IP_RECVTOS, 1)
  set(linux.IPPROTO_IPV6, linux.IPV6_RECVTCLASS, 1)
  const fragments = createFragments(libc, fd)
  fragments.allow('ipv4', false)
  fragments.allow('ipv6', false)
  if (isShared && !set(linux.SOL_SOCKET, linux.SO_REUSEPORT, 1)) return fail('this kernel has no SO_REUSEPORT')
  if (!set(linux.SOL_SOCKET, linux.SO_RCVBUFFORCE, bufferBytes)) set(linux.SOL_SOCKET, linux.SO_RCVBUF, bufferBytes)
  if (!set(linux.SOL_SOCKET, linux.SO_SNDBUFFORCE, bufferBytes)) set(linux.SOL_SOCKET, linux.SO_SNDBUF, bufferBytes)
  const memory = arenaOf(libc, 64)
  memory.bytes.set(anySockaddr(port))
  if (libc.bind(fd, memory.address, sizes.sockaddrIn6) !== 0) return fail()
  memory.words[15] = sizes.sockaddrIn6
  if (libc.getsockname(fd, memory.address, memory.address + 60) !== 0) return fail()
  return { ok: true, fd, port: decodeSockaddr(memory.bytes).port }
}

function setOption(libc: Libc, fd: number, level: number, option: number, value: number): boolean {
  const memory = arenaOf(libc, 4)
  memory.words[0] = value
  return libc.setsockopt(fd, level, option, memory.address, 4) === 0
}

function steer(libc: Libc, fd: number, sockets: number): boolean {
  const program = steeringProgram(sockets)
  const memory = arenaOf(libc, programBytes + program.length)
  memory.bytes.set(program, programBytes)
  memory.halves[0] = steeringInstructions
  memory.words[2] = memory.low + programBytes
  memory.words[3] = memory.high
  return libc.setsockopt(fd, linux.SOL_SOCKET, linux.SO_ATTACH_REUSEPORT_CBPF, memory.address, programBytes) === 0
}

/** Words of an option that the kernel writes; zeros where it has none such. */
function readOption(libc: Libc, fd: number, option: number, words: number): Uint32Array {
  const memory = arenaOf(libc, words * 4 + 4)
  memory.words[words] = words * 4
  libc.getsockopt(fd, linux.SOL_SOCKET, option, memory.address, memory.address + words * 4)
  return memory.words.subarray(0, words)
}

/** The kernel says twice what it was asked for, as it counts its own records too. */
function readBuffers(libc: Libc, fd: number): SocketBuffers {
  const read = (option: number): number => (readOption(libc, fd, option, 1)[0] ?? 0) / 2
  return { asked: bufferBytes, receive: read(linux.SO_RCVBUF), send: read(linux.SO_SNDBUF) }
}

/** `''` where the system gave what was asked for. */
export function bufferNote({ asked, receive, send }: SocketBuffers): string {
  if (Math.min(receive, send) >= asked) return ''
  const kib = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`
  return `Socket buffers of ${kib(receive)} in and ${kib(send)} out, of ${kib(asked)} asked for: raise net.core.rmem_max and net.core.wmem_max, or bursts are lost`
}

/** Datagrams that came while this socket's buffer was full, since it was opened (what SO_RXQ_OVFL tells with each datagram, for nothing per datagram). */
export function readKernelDrops(libc: Libc, fd: number): number {
  return readOption(libc, fd, linux.SO_MEMINFO, memInfoWords)[memInfoDrops] ?? 0
}

/** What this system lacks for such sockets; undefined: nothing. */
export function whatSocketsLack(libc: Libc): string | undefined {
  const opened = openSockets(libc, 0, 1)
  if (opened.ok) for (const fd of opened.fds) libc.close(fd)
  return opened.ok ? undefined : (opened.unsupported ?? opened.code)
}
