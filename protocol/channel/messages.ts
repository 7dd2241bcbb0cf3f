import { sha256 } from '@noble/hashes/sha2.js'
import { z } from 'zod'
import { toHex } from '../../lib/bytes.ts'
import { reportSchema, relayStatusSchema } from './report.ts'
import { viewSchema } from './view.ts'

/** What a node says of itself when it connects. */
export const hostSchema = z.object({
  hostname: z.string().min(1).max(253),
  os: z.string().max(80),
  version: z.string().max(40),
})

/**
 * The conversation: the node says `hello`, the control plane sends a `challenge`, the node `prove`s its machine key by an
 * Ed25519 signature over `challengeText`, and is `welcome`d (then `view`, `watch` and `ack` follow) or `refused`.
 */
export const fromNodeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), version: z.number().int(), machineKey: z.string() }),
  z.object({
    type: z.literal('prove'),
    /** Hex of the 64 bytes. */
    signature: z.string(),
    kind: z.enum(['agent', 'simulated']),
    nodeKey: z.string(),
    discoKey: z.string(),
    host: hostSchema,
    /** Only to enrol; a node that is known needs none. */
    authKey: z.string().max(200).optional(),
    /** The name asked for; made unique by the control plane. */
    name: z.string().max(63).optional(),
    /** Where its relay is, in its owner's words; taken when it is new, and changed on its page from then on. */
    region: z.string().max(40).optional(),
    /** The last revision that this node applied: an unchanged view is not sent again. */
    revision: z.number().int().nonnegative(),
    /** The node's clock, ms: the times in its reports are put on the control plane's by it. Absent: judged by the reports alone. */
    now: z.number().optional(),
  }),
  z.object({ type: z.literal('applied'), revision: z.number().int().nonnegative() }),
  z.object({ type: z.literal('status'), homeDerp: z.number().int(), endpoints: z.array(z.string()).max(64), relay: relayStatusSchema.optional() }),
  z.object({ type: z.literal('report'), report: reportSchema }),
  /** A node that leaves for good: an ephemeral one is removed at once. */
  z.object({ type: z.literal('leave') }),
])
export type FromNode = z.infer<typeof fromNodeSchema>

export const toNodeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), version: z.number().int(), nonce: z.string(), now: z.number() }),
  z.object({
    type: z.literal('welcome'),
    id: z.number().int(),
    stableId: z.string(),
    name: z.string(),
    addresses: z.array(z.string()),
    /** False: it joined without an auth key and waits for somebody's approval; absent: it takes part. A view tells later changes. */
    authorized: z.boolean().optional(),
  }),
  z.object({ type: z.literal('refused'), code: z.string(), text: z.string(), fix: z.string() }),
  /** The whole view at a revision, and why it changed (shown as the reason of sessions that it ends). */
  z.object({ type: z.literal('view'), revision: z.number().int(), cause: z.string(), view: viewSchema }),
  /** Report each second (somebody looks) or each ten. */
  z.object({ type: z.literal('watch'), on: z.boolean() }),
  z.object({ type: z.literal('ack'), boot: z.string(), sequence: z.number().int() }),
])
export type ToNode = z.infer<typeof toNodeSchema>

/** What a proof binds to the machine key; keys in canonical text form. */
export interface ProvenKeys {
  readonly nodeKey: string
  readonly discoKey: string
  readonly authKey?: string | undefined
}

/**
 * The bytes that a node signs (UTF-8): bound to this use, to this nonce and to the keys that it brings. Over plain ws://
 * somebody in the middle could otherwise pass the challenge on and put keys of their own beside the signature.
 */
export function challengeText(nonce: string, machineKey: string, { nodeKey, discoKey, authKey }: ProvenKeys): string {
  const authKeyHash = authKey === undefined ? '' : toHex(sha256(new TextEncoder().encode(authKey)))
  return ['towpath channel challenge v1', nonce, machineKey, nodeKey, discoKey, authKeyHash].join('\n')
}
