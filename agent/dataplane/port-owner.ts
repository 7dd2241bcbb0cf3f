import { readdir, readFile, readlink } from 'node:fs/promises'

/** `pid 812 (name)` of the process that has this UDP port; undefined where the system does not tell. */
export async function udpPortOwner(port: number): Promise<string | undefined> {
  try {
    const inodes = new Set((await Promise.all(['udp', 'udp6'].map((table) => inodesOf(table, port)))).flat())
    if (inodes.size === 0) return undefined
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      if (await hasSocket(pid, inodes)) return `pid ${pid} (${(await readFile(`/proc/${pid}/comm`, 'utf8')).trim()})`
    }
  } catch {
    // No such file system, or the process ended while it was looked at.
  }
  return undefined
}

/** Sockets of /proc/net/udp or udp6 whose local port this is. */
async function inodesOf(table: string, port: number): Promise<string[]> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = (await readFile(`/proc/net/${table}`, 'utf8').catch(() => '')).split('\n').slice(1)
  return lines.map((line) => line.trim().split(/\s+/)).flatMap((fields) => (fields[1]?.endsWith(suffix) && fields[9] ? [fields[9]] : []))
}

async function hasSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  // Another user's process does not show its files.
  const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
  for (const file of files) {
    const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
    if (inode !== undefined && inodes.has(inode)) return true
  }
  return false
}
