import type { NodeUser } from '../../../netmap/index.ts'
import { emptyRegisterResponse, type RegisterResponse } from '../../../protocol/tailcfg/index.ts'
import type { RegisterOutcome } from '../../services/node/register.ts'

/** Shown as where a login comes from. */
const provider = 'towpath'

function whose({ id, loginName, displayName }: NodeUser): Pick<RegisterResponse, 'User' | 'Login'> {
  return { User: { ID: id, DisplayName: displayName }, Login: { ID: id, Provider: provider, LoginName: loginName, DisplayName: displayName } }
}

/** An outcome as clients read it (spec/coordination.md §2.2). */
export function registerAnswer(outcome: Exclude<RegisterOutcome, { type: 'waiting' }>): RegisterResponse {
  switch (outcome.type) {
    case 'admitted': return { ...emptyRegisterResponse, ...whose(outcome.user), MachineAuthorized: outcome.authorized }
    case 'expired': return { ...emptyRegisterResponse, NodeKeyExpired: true }
    case 'login': return { ...emptyRegisterResponse, AuthURL: outcome.url }
    case 'refused': return { ...emptyRegisterResponse, Error: outcome.text }
  }
}
