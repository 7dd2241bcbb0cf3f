import type { ServiceContext } from '../services/context.ts'
import { admitNode } from '../services/node/admit.ts'
import { reportApplied } from '../services/node/applied.ts'
import { leaveNetwork } from '../services/node/leave.ts'
import { saveViews } from '../services/node/save-views.ts'
import { reportStatus } from '../services/node/status.ts'
import type { ChannelServices } from './types.ts'
import { channelView } from './view.ts'

/** The verbs and the live network as the hub uses them. */
export function channelServices(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random' | 'network'>): ChannelServices {
  return {
    admit: (claim) => admitNode(ctx, claim),
    status: (nodeId, status) => reportStatus(ctx, nodeId, status),
    applied: (nodeId, revision) => reportApplied(ctx, nodeId, revision),
    leave: (nodeId) => leaveNetwork(ctx, nodeId),
    saveViews: (sent) => saveViews(ctx, sent),
    view(nodeId) {
      const view = ctx.network.view(nodeId)
      return view && channelView(view, ctx.network.relayConfig(nodeId), ctx.network.clientLimits(nodeId))
    },
  }
}
