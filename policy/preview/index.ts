export { type Named } from './names.ts'
export { type PathMove, type Preview, type PreviewRow, type PreviewSide, previewPolicy } from './preview.ts'
export { reachBetween } from './reach.ts'
