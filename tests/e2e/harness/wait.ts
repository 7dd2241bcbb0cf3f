/** Asks until the answer is not undefined; fails with what it waited for. */
export async function waitFor<T>(
  what: string | (() => string), ask: () => Promise<T | undefined> | T | undefined, withinMs: number, everyMs = 50,
): Promise<T> {
  const until = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > until) throw new Error(`${typeof what === 'string' ? what : what()}: not within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
