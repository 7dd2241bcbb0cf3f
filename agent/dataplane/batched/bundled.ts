/** Where a binary is carried for: glibc alone, as the C library is loaded by its name there. */
export const nativeTargets = ['linux_x64', 'linux_arm64'] as const
export type NativeTarget = (typeof nativeTargets)[number]

export interface BundledBinary {
  /** Hex, of the content. */
  readonly sha256: string
  /** In base64. */
  readonly gzip: string
}

/** What a bundle, a single file, has of this plane's other files (written by agent/bundle.ts). */
export interface Bundled {
  /** The worker in one piece, as CommonJS. */
  readonly workerProgram: string
  readonly binaries: Readonly<Record<NativeTarget, BundledBinary>>
}

declare const towpathBundled: Bundled | undefined

/** Undefined in a checkout: there the files themselves are. */
export const bundled: Bundled | undefined = typeof towpathBundled === 'undefined' ? undefined : towpathBundled
