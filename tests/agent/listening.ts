import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface ListeningSocket {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  readonly isLoopback: boolean
}

const loopbacks = new Set(['0100007F', '00000000000000000000000001000000'])

/** What a process can be reached at, as the kernel tells it: listening TCP sockets and unconnected UDP ones. */
export function listeningSockets(pid: number): ListeningSocket[] {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? '']
    } catch {
      return []
    }
  }))
  const open: ListeningSocket[] = []
  for (const [table, protocol, state] of [['tcp', 'tcp', '0A'], ['tcp6', 'tcp', '0A'], ['udp', 'udp', '07'], ['udp6', 'udp', '07']] as const) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      const [ip = '', port = ''] = (fields[1] ?? '').split(':')
      if (fields[3] !== state || !inodes.has(fields[9] ?? 'none')) continue
      open.push({ protocol, port: Number.parseInt(port, 16), isLoopback: loopbacks.has(ip) })
    }
  }
  return open
}
