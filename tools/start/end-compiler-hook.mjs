// Runs where the compiler does, on the thread of the loader's hooks: nowhere else is its service to be had.
/** @param {string} compiler URL of the esbuild that the loader uses */
export async function initialize(compiler) {
  const { stop } = await import(compiler)
  await stop()
}
