import type { RelayDetail } from '../../server/trpc/types.ts'

/** The relay's own counters in words. One that is not listed is shown by its name, hyphens as spaces. */
const words: Readonly<Record<string, string>> = {
  congestion: 'The machine’s network took no more',
  'receive-buffer': 'The socket’s receive buffer was full',
  'control-flood': 'Too many control packets at once',
  'rate-limit': 'Beyond the rate that the grant or the relay allows',
  'fair-share': 'Beyond the session’s share while the relay was overloaded',
  'socket-error': 'The system refused to send',
  short: 'Too short',
  'bad-version': 'Unknown Geneve version',
  'has-options': 'Geneve options',
  'bad-protocol': 'Neither disco nor WireGuard',
  'unknown-vni': 'No such VNI',
  'not-open': 'Session not open yet',
  'wrong-source': 'Source not bound',
  draining: 'New on a relay that drains',
  'ended-revoked': 'After its grant ended',
  'ended-expired': 'After its lifetime ended',
  'ended-idle': 'After both sides were silent',
  'ended-drained': 'After the relay drained',
  'not-disco': 'Control packet that is not disco',
  'unknown-sender': 'Handshake by a stranger',
  'wrong-family': 'Handshake from the family that its grant leaves out',
  'handshake-rate': 'Too many handshakes from one source',
  'not-opened': 'Handshake that does not open',
  'disco-short': 'Disco message too short',
  'disco-unknown-type': 'Unknown disco message',
  'unexpected-message': 'Disco message out of turn',
  'vni-mismatch': 'Handshake for another VNI',
  'wrong-remote': 'Handshake for another peer',
  'zero-generation': 'Handshake without a generation',
  'wrong-generation': 'Handshake of an older generation',
  'bad-mac': 'Handshake answer wrong or too late',
  'allocate-not-disco': 'Request that is not disco',
  'allocate-not-opened': 'Request that does not open',
  'allocate-short': 'Request too short',
  'allocate-unknown-type': 'Request of an unknown type',
  'allocate-unexpected-message': 'Request out of turn',
  'allocate-off': 'Refused: the relay is off',
  'allocate-unknown-source': 'Refused: unknown machine',
  'allocate-expired-source': 'Refused: the machine’s key has expired',
  'allocate-wrong-disco-key': 'Refused: another disco key than its machine’s',
  'allocate-not-a-party': 'Refused: asked for others',
  'allocate-server-key': 'Refused: asked with the relay’s own key',
  'allocate-unknown-peer': 'Refused: unknown peer',
  'allocate-expired-peer': 'Refused: the peer’s key has expired',
  'allocate-not-granted': 'Refused: no grant',
  'allocate-no-address': 'Refused: the relay has no address',
  'allocate-no-family-address': 'Refused: the relay has no address of the grant’s family',
  'allocate-session-limit': 'Refused: the client has all sessions that its grant allows',
  'allocate-limit': 'Refused: the endpoint limit is reached',
}

export function dropWords(reason: string): string {
  return words[reason] ?? reason.replaceAll('-', ' ')
}

/** What somebody can do about it, where that is something on the machine; undefined: nothing. */
export function dropAdvice(reason: string, buffers: RelayDetail['buffers']): string | undefined {
  if (reason !== 'receive-buffer') return undefined
  return buffers !== null && buffers.receive >= buffers.asked
    ? 'It has all that was asked for: the machine is too slow for what comes at once'
    : 'Raise net.core.rmem_max on the machine and restart the agent'
}
