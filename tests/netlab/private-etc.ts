import { cpSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * A copy of /etc for one namespace, as clients write their own resolv.conf and a backup beside it. Only the network is a namespace of its own:
 * without the copy they would write the machine's.
 */
export function copyEtc(folder: string, hosts: Readonly<Record<string, string>>): string {
  const etc = path.join(folder, 'etc')
  cpSync('/etc', etc, { recursive: true, verbatimSymlinks: true })
  rmSync(path.join(etc, 'resolv.conf'), { force: true })
  // Refused at once there, rather than unanswered.
  writeFileSync(path.join(etc, 'resolv.conf'), 'nameserver 198.51.100.1\n')
  const lines = ['127.0.0.1 localhost', '::1 localhost', ...Object.entries(hosts).map(([name, address]) => `${address} ${name}`)]
  writeFileSync(path.join(etc, 'hosts'), `${lines.join('\n')}\n`)
  return etc
}

/** The command in the namespace and with that /etc; the process that is started becomes the command itself. */
export function inNamespace(namespace: string, etc: string, argv: readonly string[]): [string, ...string[]] {
  return ['ip', 'netns', 'exec', namespace, 'sh', '-c', 'mount --bind "$0" /etc && exec "$@"', etc, ...argv]
}
