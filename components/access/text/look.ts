import { EditorView } from '@codemirror/view'

const mono = 'var(--font-geist-mono), ui-monospace, monospace'
const sans = 'var(--font-geist-sans), ui-sans-serif, system-ui, sans-serif'
const hairline = '1px solid var(--border)'

/** Where a line goes on to the right of the panel, its edge is in shadow; what covers the shadow comes with the text's own end. */
const moreToTheRight = [
  'linear-gradient(to left, var(--surface) 50%, transparent) right / 48px 100% no-repeat local',
  'linear-gradient(to left, color-mix(in srgb, var(--foreground) 22%, transparent), transparent) right / 16px 100% no-repeat scroll',
].join(', ')

const control = {
  height: '24px', margin: '0', padding: '0 8px', border: '1px solid var(--border-strong)', borderRadius: 'var(--radius-control)',
  background: 'var(--surface)', color: 'var(--foreground)', font: `400 12px/16px ${sans}`,
}

/** The text and what surrounds it. Lines are 20 px high, as in the plain text that is shown before the editor is there. */
const textLook = {
  '&': { flex: '1 1 auto', minHeight: '0', backgroundColor: 'transparent', color: 'var(--foreground)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: mono, fontSize: '12px', lineHeight: '20px', overflow: 'auto', background: moreToTheRight },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--foreground)' },
  '.cm-line': { padding: '0 16px 0 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--foreground)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'color-mix(in srgb, var(--accent) 25%, transparent)' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--muted) 60%, transparent)' },
  '.cm-line.cm-changed': { backgroundColor: 'var(--accent-muted)' },
  '.cm-line.cm-marked': { backgroundColor: 'var(--selection)' },
  '&.cm-focused .cm-matchingBracket, .cm-matchingBracket': { backgroundColor: 'var(--selection)', color: 'inherit' },
  '&.cm-focused .cm-nonmatchingBracket, .cm-nonmatchingBracket': { backgroundColor: 'var(--critical-muted)' },
  '.cm-searchMatch': { backgroundColor: 'var(--warning-muted)', outline: '1px solid var(--warning)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--selection)', outlineColor: 'var(--accent)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-muted)' },
  '.cm-foldPlaceholder': { margin: '0 2px', padding: '0 6px', border: hairline, background: 'var(--muted)', color: 'var(--muted-foreground)' },
}

const gutterLook = {
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--muted-foreground)', border: 'none' },
  '.cm-gutterElement.cm-changed, .cm-gutterElement.cm-marked': { backgroundColor: 'var(--accent-muted)' },
  '.cm-gutterElement.cm-marked': { backgroundColor: 'var(--selection)' },
  '.cm-lineNumbers .cm-gutterElement.cm-changed, .cm-lineNumbers .cm-gutterElement.cm-marked': { boxShadow: 'inset 2px 0 0 var(--accent)' },
  '.cm-lineNumbers .cm-gutterElement': { boxSizing: 'border-box', minWidth: '36px', padding: '0 2px 0 14px', position: 'relative' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--foreground)' },
  '.cm-foldGutter .cm-gutterElement': { width: '16px', textAlign: 'center', cursor: 'default' },
  '.cm-lineNumbers .cm-has-error::before, .cm-lineNumbers .cm-has-warning::before': {
    content: '""', position: 'absolute', top: '6px', left: '4px', width: '8px', height: '8px', borderRadius: '50%', background: 'var(--warning)',
  },
  '.cm-lineNumbers .cm-has-error::before': { background: 'var(--critical)' },
}

/** Tooltips, completion, notes. */
const popLook = {
  '.cm-tooltip': {
    zIndex: '50', overflow: 'hidden', border: hairline, borderRadius: 'var(--radius-control)', backgroundColor: 'var(--raised)', color: 'var(--foreground)',
    boxShadow: 'var(--shadow-pop)', font: `400 12px/16px ${sans}`, maxWidth: 'min(420px, calc(100vw - 16px))',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: mono, fontSize: '12px', maxHeight: '220px', minWidth: '200px', maxWidth: 'min(420px, calc(100vw - 16px))' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { display: 'flex', gap: '12px', alignItems: 'baseline', padding: '4px 10px', lineHeight: '16px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--selection)', color: 'var(--foreground)' },
  '.cm-completionLabel': { whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600', color: 'var(--accent)' },
  '.cm-completionDetail': {
    marginLeft: 'auto', fontStyle: 'normal', fontFamily: sans, color: 'var(--muted-foreground)', whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis', minWidth: '0',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail': { color: 'var(--foreground)' },
  '.cm-tooltip.cm-completionInfo': { padding: '6px 10px', width: 'max-content', maxWidth: '300px' },
  '.cm-about': { padding: '6px 10px', whiteSpace: 'pre-line' },
  '.cm-about code': { fontFamily: mono },
}

const lintLook = {
  '.cm-lintRange-error, .cm-lintRange-warning': { backgroundImage: 'none', paddingBottom: '0', textDecoration: 'underline wavy 1px', textUnderlineOffset: '4px' },
  '.cm-lintRange-error': { textDecorationColor: 'var(--critical)' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--warning)' },
  '.cm-lintRange-active': { backgroundColor: 'transparent' },
  '.cm-lintPoint-error::after': { borderBottomColor: 'var(--critical)' },
  '.cm-lintPoint-warning::after': { borderBottomColor: 'var(--warning)' },
  '.cm-diagnostic': { padding: '8px 12px', margin: '0', borderLeft: 'none', font: `400 12px/16px ${sans}` },
  '.cm-diagnostic-error': { background: 'var(--critical-muted)' },
  '.cm-diagnostic-warning': { background: 'var(--warning-muted)' },
  '.cm-diagnosticAction': { ...control, marginLeft: '8px', verticalAlign: 'baseline' },
}

const panelLook = {
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--foreground)', zIndex: '3' },
  '.cm-panels-top': { borderBottom: hairline },
  '.cm-panel.cm-search': { display: 'flex', flexWrap: 'wrap', gap: '6px', alignItems: 'center', padding: '8px 32px 8px 12px', font: `400 12px/16px ${sans}` },
  '.cm-panel.cm-search br': { display: 'none' },
  '.cm-panel.cm-search label': { display: 'inline-flex', gap: '4px', alignItems: 'center', margin: '0', fontSize: '12px', minHeight: '24px' },
  '.cm-panel.cm-search input[type=checkbox]': { margin: '0', accentColor: 'var(--accent)' },
  '.cm-textfield': { ...control, font: `400 12px/16px ${mono}` },
  '.cm-button': { ...control, backgroundImage: 'none' },
  '.cm-button:active': { backgroundImage: 'none', background: 'var(--muted)' },
  '.cm-panel.cm-search [name=close]': { top: '8px', right: '6px', width: '24px', height: '24px', fontSize: '16px', color: 'var(--muted-foreground)' },
}

/** Everything in the theme's own variables, which follow light and dark by themselves. */
export const look = EditorView.theme({ ...textLook, ...gutterLook, ...popLook, ...lintLook, ...panelLook })
