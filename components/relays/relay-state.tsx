import type { RelayRow } from '../../server/trpc/types.ts'
import { State } from '../ui/chamber.tsx'
import { chamberOf, stateWords } from './relay-words.ts'

/** The chamber, the word and the reason. */
export function RelayStateMark({ relay, inline = false }: { readonly relay: Pick<RelayRow, 'state' | 'stateText'>; readonly inline?: boolean }) {
  const { word, reason } = stateWords(relay)
  return <State kind={chamberOf[relay.state]} word={word} {...(inline ? {} : { reason })} />
}
