import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { DataFolder } from '../config.ts'
import { lockHolder } from '../lock.ts'

/** How to restart the agent that uses this folder, as the end of a line; empty where none runs. */
export function restartText(folder: DataFolder): string {
  const pid = lockHolder(folder.path)?.pid
  if (pid === undefined) return ''
  const unit = unitOf(textOf(`/proc/${pid}/cgroup`))
  if (unit !== undefined) return `; restart it: systemctl restart ${unit}`
  // The installer's, where no systemd runs: run again it starts the agent anew.
  const { server } = folder.config()
  if (server !== undefined && textOf(join(folder.path, 'agent.pid')).trim() === String(pid)) {
    const program = dirname(realpathSync(process.argv[1] ?? '.'))
    return `; restart it: curl -fsSL ${server}/agent/install.sh | sh -s -- --no-systemd --prefix ${word(program)} --data ${word(resolve(folder.path))}`
  }
  return `; process ${pid} runs as it was started until then`
}

/** The service that a process belongs to, from its /proc/PID/cgroup; undefined: none of the system's. */
export function unitOf(cgroup: string): string | undefined {
  return /:\/system\.slice\/([\w@.:-]+)\.service$/m.exec(cgroup)?.[1]
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** As a shell reads it; the installer takes no folder with a quote in its name. */
function word(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text}'`
}
