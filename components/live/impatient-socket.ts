/** How long a peer may take to answer a close, and to open. */
const closeMs = 500
const openMs = 6000

let heard: number | null = null
/** When any socket last got anything, milliseconds since the epoch; null: never. */
export function lastHeard(): number | null {
  return heard
}

/**
 * A WebSocket that is over when we say so. A browser waits a minute for a peer that vanished to answer the close; a page that
 * is not live must know sooner. Made on demand, as there is no WebSocket where pages are rendered.
 */
export function impatientSocket(): typeof WebSocket {
  return class ImpatientSocket extends WebSocket {
    #end: Event | null = null

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      for (const kind of ['open', 'message'] as const) this.addEventListener(kind, () => { heard = Date.now() })
      // First in line: nobody hears of the same end twice.
      for (const kind of ['close', 'error'] as const) {
        this.addEventListener(kind, (event) => {
          if (this.#end !== null && this.#end !== event) event.stopImmediatePropagation()
          else if (kind === 'close') this.#end = event
        })
      }
      setTimeout(() => {
        if (this.readyState === WebSocket.CONNECTING) super.close()
      }, openMs)
    }

    override close(code?: number, reason?: string): void {
      super.close(code, reason)
      setTimeout(() => {
        if (this.#end !== null) return
        const end = new CloseEvent('close', { code: 1006 })
        this.#end = end
        this.dispatchEvent(end)
      }, closeMs)
    }
  }
}
