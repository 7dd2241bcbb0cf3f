/** What can change. `cause` is for people: it becomes the reason shown on sessions that the change ends. */
export interface BusEvents {
  /** A machine is new, or its row changed in what others see of it (name, tags, keys, endpoints, home DERP, approval, expiry). */
  'node.changed': { readonly nodeId: number; readonly cause: string }
  'node.removed': { readonly nodeId: number; readonly nodeKey: string; readonly cause: string }
  /** A node's channel came or went; `relayUp` follows from it. */
  'node.presence': { readonly nodeId: number; readonly online: boolean }
  /** What is wanted of a relay, or what it reports of itself. */
  'relay.changed': { readonly nodeId: number; readonly cause: string }
  'policy.changed': { readonly version: number; readonly cause: string }
  /** Published by the live network after it took a change in: these nodes' views differ from before. */
  /** `revokes`: the cause took something away from whom these nodes serve, and is the reason of sessions that end. */
  'views.changed': { readonly nodeIds: readonly number[]; readonly cause: string; readonly revokes?: boolean }
  /** A quota is used up, or has room again. */
  'quota.changed': { readonly cause: string }
  'session.changed': { readonly relayId: number }
  /** A login that waits for a person was decided, or is no more. `id`: its row's. */
  'login.changed': { readonly id: string }
  'auth-key.changed': { readonly id: string }
  'api-token.changed': { readonly id: string }
  'person.changed': { readonly id: string }
  'setting.changed': { readonly key: string }
  'audit.added': { readonly id: string }
  /** The regions, or what is known of them: one was added, the source was asked, our own server has another certificate. */
  'derp.changed': { readonly cause: string }
}
export type BusEventName = keyof BusEvents
