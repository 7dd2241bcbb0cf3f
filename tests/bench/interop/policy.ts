/** Which tag has which relay, so that what is measured by one relay is never by another. */
export const tags = {
  /** Clients that may use our relay, and it. */
  ours: 'tag:by-ours', ourRelay: 'tag:relay',
  /** Clients that may use the stock relay, and it. */
  stock: 'tag:by-stock', stockRelay: 'tag:stock-relay',
  /** A relay of ours that both kinds may use. */
  spareRelay: 'tag:spare-relay',
  /** Clients without a relay: direct where NATs let them, else DERP. */
  none: 'tag:by-none',
} as const

const relay = (src: readonly string[], dst: string): object => ({ src, dst: [dst], app: { 'tailscale.com/cap/relay': [{}] } })

/** Everybody reaches everybody of the same kind; each kind has its relays. */
export function benchPolicy(): string {
  const { ours, stock, none, ourRelay, stockRelay, spareRelay } = tags
  return JSON.stringify({
    tagOwners: Object.fromEntries(Object.values(tags).map((tag) => [tag, ['autogroup:owner']])),
    grants: [
      ...[ours, stock, none].map((tag) => ({ src: [tag], dst: [tag], ip: ['*'] })),
      relay([ours], ourRelay), relay([stock], stockRelay), relay([ours, stock], spareRelay),
    ],
  }, null, 2)
}
