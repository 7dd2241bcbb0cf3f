import { waitFor } from '../../e2e/harness/wait.ts'
import type { Lab, SiteName } from '../../netlab/index.ts'

/** Of a Geneve header at the start of a datagram's data: the protocol of disco. */
const discoThroughRelay = 'udp dst port 40000 and udp[10:2] = 0x7a11'

/**
 * Waits until clients have asked one another through this relay whether the path is alive, which they do every 3 s. How long a dead
 * relay is trusted counts from there: two relays that are killed at the same time after it are compared, not two moments.
 */
export async function heartbeatAt(lab: Lab, site: SiteName): Promise<void> {
  const dump = lab.spawn(site, ['tcpdump', '-i', 'any', '-n', '-l', '--immediate-mode', '-q', discoThroughRelay])
  try {
    await dump.seen(/listening on/, 5000)
    const from = dump.output().length
    await waitFor(`a heartbeat through ${site}`, () => (/ IP /.test(dump.output().slice(from)) ? true : undefined), 20_000, 5)
  } finally {
    await dump.stop()
  }
}
