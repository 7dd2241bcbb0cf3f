import type { RelayRow } from '../../server/trpc/types.ts'
import { useStateWords } from './relay-state.tsx'
import { isWanted, needsAttention } from './relay-words.ts'

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** Which machines relay? In one sentence, what needs somebody by name. */
export function RelaysAnswer({ relays }: { readonly relays: readonly RelayRow[] }) {
  const stateWords = useStateWords()
  const count = (state: RelayRow['state']) => relays.filter((relay) => relay.state === state).length
  if (relays.length === 0) return <><b>No machine can relay yet.</b> Every pair without a direct path uses DERP until one joins.</>
  if (relays.every(({ approved }) => !approved)) return <><b>{relays.length === 1 ? 'One machine waits' : `${relays.length} machines wait`} for approval.</b> Every pair without a direct path uses DERP until a relay is on.</>
  if (!relays.some((relay) => isWanted(relay) || relay.state === 'draining')) {
    return <><b>No relay is on yet.</b> {relays.length === 1 ? 'This machine is enrolled and ready' : 'They are enrolled and ready'}; every pair without a direct path uses DERP until one is on.</>
  }
  const others = [[count('starting'), 'starting'], [count('draining'), 'draining']].filter(([many]) => many !== 0).map(([many, word]) => `${many} ${word}`)
  const bad = relays.filter(needsAttention)
  return (
    <>
      <b>{count('relaying')} relaying{others.length ? ',' : '.'}</b>
      {others.length > 0 && ` ${others.join(', ')}.`}
      {bad.slice(0, 2).map((relay) => (
        <span key={relay.id}> <b>{relay.name}</b>: {lowerFirst(stateWords(relay).word)}.</span>
      ))}
      {bad.length > 2 && ` ${bad.length - 2} more need attention.`}
    </>
  )
}
