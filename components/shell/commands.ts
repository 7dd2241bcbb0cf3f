/** A command of the control plane's own machine, whole: `flag` says where its data is, where that is not the default. */
export function npmRun(script: string, flag: string, ...rest: readonly string[]): string {
  const given = [flag, ...rest].filter((word) => word !== '')
  return ['npm run', script, ...(given.length > 0 ? ['--', ...given] : [])].join(' ')
}
