import type { ServiceContext } from '../context.ts'
import { ChangeQueue } from '../network/change-queue.ts'
import { approveByPolicy } from './approve.ts'

export interface PolicyApprovals {
  /** What was published before is looked at. */
  settled(): Promise<void>
  dispose(): void
}

/** Has the policy approve what machines offer: at the start, and whenever a machine, a person or the policy changed. Failures are reported, and it is tried again. */
export function createPolicyApprovals(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>, onError: (error: unknown) => void): PolicyApprovals {
  const queue = new ChangeQueue(async (changes) => {
    // The policy that is in force by then: an offer that it was not asked about is there before it is.
    await ctx.network.taken()
    const ids = changes.flatMap((change) => (change.type === 'node' ? [change.nodeId] : []))
    await approveByPolicy(ctx, changes.some(({ type }) => type !== 'node') ? undefined : [...new Set(ids)])
  }, onError)
  const node = ({ nodeId, cause }: { readonly nodeId: number; readonly cause: string }): void => queue.add({ type: 'node', nodeId, cause, isRelay: false })
  const stops = [
    ctx.bus.subscribe('node.changed', node),
    ctx.bus.subscribe('relay.changed', node),
    ctx.bus.subscribe('policy.changed', ({ cause }) => queue.add({ type: 'policy', cause })),
    ctx.bus.subscribe('person.changed', () => queue.add({ type: 'all', cause: 'a person changed' })),
  ]
  queue.add({ type: 'all', cause: 'the control plane started' })
  return {
    settled: () => queue.settled(),
    dispose() {
      queue.dispose()
      for (const stop of stops) stop()
    },
  }
}
