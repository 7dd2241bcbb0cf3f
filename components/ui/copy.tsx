'use client'
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from './button.tsx'

/** The clipboard needs HTTPS or loopback; elsewhere a selection and the old command do. */
async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

function useCopied(text: string): { readonly copied: boolean; readonly copy: () => void } {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  return { copied, copy: () => void copyText(text).then(() => setCopied(true), () => setCopied(false)) }
}

/** Copies `text`. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const { copied, copy } = useCopied(text)
  return (
    <>
      <IconButton size="small" icon={copied ? Check : Copy} label={`Copy ${what}`} onClick={copy} />
      <output className="sr-only">{copied ? `Copied ${what}` : ''}</output>
    </>
  )
}

/** A command to copy, one line. `prompt`: `$`, or `#` for root. */
export function Command({ text, what = 'the command', prompt = '$' }: { readonly text: string; readonly what?: string; readonly prompt?: '$' | '#' | '' }) {
  return (
    <div className="flex min-w-0 items-center gap-2 rounded-control border bg-muted py-[3px] pr-1 pl-3 font-mono text-12">
      {prompt && <span aria-hidden="true" className="text-muted-foreground select-none">{prompt}</span>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <code tabIndex={0} className="bare-scroll min-w-0 flex-1 overflow-x-auto py-1 text-12 whitespace-nowrap">{text}</code>
      <CopyButton text={text} what={what} />
    </div>
  )
}
