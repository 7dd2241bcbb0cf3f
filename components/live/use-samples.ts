'use client'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react'
import type { LiveSample } from '../../server/trpc/types.ts'
import { useTRPC } from './trpc.ts'

export interface SampleInput {
  /** Relays to look at; left out: all of them. */
  readonly relayIds?: number[]
  /** Each session's figures too. */
  readonly sessions?: boolean
}

/** Older than this, a figure is no longer "now": three seconds without a sample. */
const freshMs = 3500

function followVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

/**
 * The newest second of live figures, null until the first and again once they stop. Only what is looked at is asked for, and only while
 * the page is visible: agents report seldom when nobody looks.
 */
export function useSamples(input: SampleInput, onSample?: (sample: LiveSample) => void): LiveSample | null {
  const trpc = useTRPC()
  const [sample, setSample] = useState<LiveSample | null>(null)
  const visible = useSyncExternalStore(followVisibility, () => !document.hidden, () => true)
  const heard = useEffectEvent((data: LiveSample) => onSample?.(data))

  useSubscription(trpc.live.samples.subscriptionOptions(input, { enabled: visible, onData: setSample }))

  useEffect(() => {
    if (!sample) return
    heard(sample)
    const timer = setTimeout(() => setSample(null), freshMs)
    return () => clearTimeout(timer)
  }, [sample])

  return sample
}
