export { type Named } from './names.ts'
export { type Preview, type PreviewRow, type PreviewSide, previewPolicy } from './preview.ts'
