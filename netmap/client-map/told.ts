import type { DisplayMessage } from '../../protocol/tailcfg/index.ts'
import type { NodeView } from '../model.ts'

/** All that a client is told: its view, and what it shows to its person, by id. */
export type Told = { readonly view: NodeView; readonly messages: Readonly<Record<string, DisplayMessage>> }

/** What a client is to show. `joinWarning`: why it would not come back after a lost connection; empty: it would. */
export function messagesFor({ self }: NodeView, joinWarning: string): Readonly<Record<string, DisplayMessage>> {
  return {
    ...(!self.authorized && {
      'towpath-approval': { Title: 'Waiting for approval', Text: 'This machine waits until somebody approves it in the dashboard.', Severity: 'high', ImpactsConnectivity: true },
    }),
    ...(joinWarning !== '' && { 'towpath-login-server': { Title: 'This login server is not reached again', Text: joinWarning, Severity: 'medium' } }),
  }
}
