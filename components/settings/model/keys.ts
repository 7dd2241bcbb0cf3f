/** What an auth key is and can, in words: "one-off", "reusable, ephemeral". */
export function keyWords(key: { readonly reusable: boolean; readonly ephemeral: boolean; readonly preApproved: boolean }): string {
  return `${key.reusable ? 'Reusable' : 'One-off'}${key.ephemeral ? ', ephemeral' : ''}${key.preApproved ? '' : ', waits for approval'}`
}

export type KeyState = 'usable' | 'used-up' | 'expired' | 'revoked'

const stateWords: Readonly<Record<KeyState, string>> = { usable: 'Usable', 'used-up': 'Used up', expired: 'Expired', revoked: 'Revoked' }

export function keyStateWord(state: KeyState): string {
  return stateWords[state]
}

/** What a machine that joins with such a key will be, one sentence, before the key is made. */
export function keyPreview(form: { readonly reusable: boolean; readonly ephemeral: boolean; readonly waits: boolean; readonly tags: readonly string[]; readonly days: number }): string {
  const who = form.reusable ? 'Any number of machines can join' : 'One machine can join'
  const days = `${form.days} ${form.days === 1 ? 'day' : 'days'}`
  const as = form.tags.length > 0 ? ` with ${form.tags.join(', ')}` : ' as yours'
  const gone = form.ephemeral ? ' It is removed when it goes offline.' : ''
  const waits = form.waits ? ' A Tailscale client then waits for approval.' : ''
  return `${who} within ${days},${as}.${waits}${gone}`
}
