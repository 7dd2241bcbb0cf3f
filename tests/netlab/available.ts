import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Programs that a lab calls, and the Debian package that each comes with. */
const tools: Readonly<Record<string, string>> = {
  ip: 'iproute2', tc: 'iproute2', nft: 'nftables', conntrack: 'conntrack', ethtool: 'ethtool', ping: 'iputils-ping', iperf3: 'iperf3', tcpdump: 'tcpdump',
  // For the delay line.
  cc: 'build-essential',
}

/** In a network namespace without a name, which ends with the shell: what every lab needs of the kernel. */
const probe = `ip link add b type bridge && ip link add v type veth peer name w && ip link set w master b && tc qdisc add dev v root tbf rate 10mbit burst 5000 latency 50ms
nft 'add table inet lab; add chain inet lab out { type nat hook postrouting priority srcnat; }; add rule inet lab out oifname v masquerade random,fully-random'
nft 'add table bridge lab'`

const lacks = (): string[] => Object.keys(tools).filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)

function install(packages: readonly string[]): string | undefined {
  console.log(`Installing Debian packages for the network lab (once): ${packages.join(' ')}`)
  const apt = (...words: readonly string[]) => spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...words], {
    encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  apt('update')
  const { status, stderr, error } = apt('install', '-y', '--no-install-recommends', ...packages)
  if (status === 0) return undefined
  return `apt-get install ${packages.join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit code ${status}`}`
}

function find(): string | undefined {
  if (process.platform !== 'linux') return `network namespaces are Linux’s, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'network namespaces are made by root alone'
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun'
  const missing = lacks()
  if (missing.length > 0) {
    const failure = install([...new Set(missing.map((tool) => tools[tool] ?? tool))])
    if (failure !== undefined || lacks().length > 0) return `${lacks().join(', ')} not there, and could not be installed: ${failure ?? 'the packages lack them'}`
  }
  const { status, stderr, error } = spawnSync('unshare', ['--net', 'sh', '-e', '-c', probe], { encoding: 'utf8' })
  return status === 0 ? undefined : `the kernel lacks what a lab needs: ${error?.message ?? stderr.trim().split('\n')[0]}`
}

let answer: { readonly reason: string | undefined } | undefined

/** Why no lab can be made here; undefined: one can. Installs missing Debian packages at the first call, saying so in one line. */
export function labUnavailable(): string | undefined {
  answer ??= { reason: find() }
  return answer.reason
}
