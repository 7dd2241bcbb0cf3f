'use client'
import { useMutation } from '@tanstack/react-query'
import { useTRPC } from '../live/trpc.ts'

/** Asks a client for its path to another machine; takes up to 12 s. */
export function usePathCheck() {
  const trpc = useTRPC()
  const { mutate, data, error, isPending, reset } = useMutation(trpc.machine.checkPath.mutationOptions())
  return { ask: mutate, path: data, error, isPending, reset }
}
