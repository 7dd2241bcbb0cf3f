import { storedHostinfoSchema } from '../../../protocol/tailcfg/index.ts'

const osNames: Readonly<Record<string, string>> = { linux: 'Linux', windows: 'Windows', darwin: 'macOS', android: 'Android', freebsd: 'FreeBSD', openbsd: 'OpenBSD' }

/** What a stock client says that its machine runs: `Debian 12.11`, `macOS 15.1`; empty: it does not say. `hostinfo`: as it is stored. */
export function systemName(hostinfo: unknown): string {
  const { OS = '', OSVersion = '', Distro = '', DistroVersion = '' } = storedHostinfoSchema.parse(hostinfo)
  const [name, version] = Distro === '' ? [osNames[OS] ?? OS, OSVersion] : [Distro.charAt(0).toUpperCase() + Distro.slice(1), DistroVersion]
  return `${name} ${version.split(' ')[0] ?? ''}`.trim()
}

/** What any machine runs, in one form for all pages: an agent says it in words of its own. */
export function systemOf({ kind, os, hostinfo }: { readonly kind: string; readonly os: string; readonly hostinfo: unknown }): string {
  return kind === 'client' ? systemName(hostinfo) || os : os
}
