import type { Case } from '../case.ts'
import { allocationCases } from './allocation.ts'
import { bindHandshakeCases } from './bind-handshake.ts'
import { derpCases } from './derp.ts'
import { discoMessageCases, discoSealedCases } from './disco.ts'
import { geneveCases } from './geneve.ts'
import { noiseCases } from './noise.ts'
import { stunCases } from './stun.ts'
import { keyCases, netipCases } from './texts.ts'

/** Recorded vectors by file name, and what compares each. A file that is not here has no codec yet. */
export const comparers: Readonly<Record<string, (file: unknown) => Case[]>> = {
  'allocation.json': allocationCases,
  'bind-handshake.json': bindHandshakeCases,
  'derp-frames.json': derpCases,
  'disco-messages.json': discoMessageCases,
  'disco-sealed.json': discoSealedCases,
  'geneve.json': geneveCases,
  'keys.json': keyCases,
  'netip.json': netipCases,
  'noise.json': noiseCases,
  'stun.json': stunCases,
}
