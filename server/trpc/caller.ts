import type { Caller } from './router.ts'

/** Makes a caller for a page's request. Next bundles its own copies of modules, so the process's one is found on `globalThis`. */
export type CallerFactory = (headers: Headers) => Promise<Caller>

const key: unique symbol = Symbol.for('towpath.caller')
// The one place where this property is set, below.
const slot = globalThis as typeof globalThis & { [key]?: CallerFactory | undefined }

/** By the composition root, before pages are served. */
export function setCallerFactory(factory: CallerFactory): void {
  slot[key] = factory
}

/** The router as the person of these headers may call it, for server components: no HTTP, the same checks. */
export async function callerFor(headers: Headers): Promise<Caller> {
  const factory = slot[key]
  if (factory === undefined) throw new Error('The control plane is not running in this process: start with npm start')
  return factory(headers)
}
