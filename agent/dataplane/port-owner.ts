import { readdir, readFile, readlink } from 'node:fs/promises'

/** Of another process's command line, as it goes into one line of a page. */
const commandLength = 60

/** `pid 812 (its command line, cut)` of the process that has this UDP port; undefined where the system does not tell. */
export async function udpPortOwner(port: number): Promise<string | undefined> {
  try {
    const inodes = new Set((await Promise.all(['udp', 'udp6'].map((table) => inodesOf(table, port)))).flat())
    if (inodes.size === 0) return undefined
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      if (await hasSocket(pid, inodes)) return `pid ${pid} (${await commandOf(pid)})`
    }
  } catch {
    // No such file system, or the process ended while it was looked at.
  }
  return undefined
}

/** `node agent.mjs`: the program and its words, without folders, as far as there is room; the bare name where they do not show. */
async function commandOf(pid: string): Promise<string> {
  const [program = '', ...words] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').filter((word) => word !== '')
  if (program === '') return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim()
  // An option's value may be a key: words end at the first option, and of those behind it only a script's name counts.
  const optionAt = words.findIndex((word) => word.startsWith('-'))
  const plain = optionAt === -1 ? words : words.slice(0, optionAt)
  const script = words.find((word) => /^[^-=:][^=:]*\.[cm]?(js|ts|py|rb|pl|sh)$/.test(word))
  const shown = [program, ...(plain.length === 0 && script !== undefined ? [script] : plain)]
  const text = shown.map((word) => word.slice(word.lastIndexOf('/') + 1)).join(' ').replaceAll(/\p{Cc}/gu, ' ')
  return text.length <= commandLength ? text : `${text.slice(0, commandLength - 1)}…`
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
