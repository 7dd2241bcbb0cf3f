/** The channel's version: one number, raised when a message changes so that an older side could misread it. */
export const channelVersion = 1

/** WebSocket subprotocol and path of the channel on the dashboard's port. */
export const channelSubprotocol = 'towpath-channel'
export const channelPath = '/agent/channel'

/** Close codes of the channel (4000–4999 are an application's own, RFC 6455 section 7.4.2). */
export const closeCodes = {
  badFrame: 4000,
  refused: 4001,
  replaced: 4002,
  tooSlow: 4003,
  shuttingDown: 4004,
  tooFast: 4005,
} as const

/** The text for a peer that speaks another version: which side to update. */
export function versionMismatch(theirs: number): string {
  return theirs > channelVersion
    ? `The other side speaks channel version ${theirs}, this side ${channelVersion}: update this side`
    : `The other side speaks channel version ${theirs}, this side ${channelVersion}: update the other side`
}
