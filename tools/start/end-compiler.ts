import * as module from 'node:module'

/**
 * Ends the compiler that loaded these very sources: it would stay as a process as long as npm start runs. Should something
 * be loaded later, it starts again by itself. Where Node has hooks on the main thread, no such process stays.
 */
export function endCompiler(): void {
  if ('registerHooks' in module) return
  module.register('./end-compiler-hook.mjs', { parentURL: import.meta.url, data: import.meta.resolve('esbuild') })
}
