/** The page's sentence: how many machines may use a relay, the decisive part first. */
export function accessAnswer(machines: number, users: { readonly named: number; readonly wildcardOnly: number }): { readonly strong: string; readonly rest: string } {
  const all = users.named + users.wildcardOnly
  const count = (n: number): string => `${n} ${n === 1 ? 'machine' : 'machines'}`
  if (machines < 2) return { strong: machines === 0 ? 'No machine has joined yet,' : 'Only one machine has joined,', rest: 'so nobody uses these grants yet.' }
  if (all === 0) return { strong: 'No machine may use a relay:', rest: 'every pair without a direct path uses DERP.' }
  const of = all === machines ? `All ${count(machines)} may use a relay` : `${all} of ${count(machines)} may use a relay`
  if (users.wildcardOnly === 0) return { strong: `${of}.`, rest: '' }
  return users.named === 0 ? { strong: `${of},`, rest: 'by a wildcard.' } : { strong: `${of},`, rest: `${users.wildcardOnly} of them only by a wildcard.` }
}
