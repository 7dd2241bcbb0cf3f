#!/usr/bin/env node
// Prisma's CLI starts this file in place of its native engine, so it must be executable by itself: it only lets Node read TypeScript.
import { register } from 'tsx/esm/api'

register()
await import('./engine.ts')
