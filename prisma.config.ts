import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'

// The CLI's native engine is a download at install time; ours comes with the packages.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(new URL('./tools/schema-engine/schema-engine.mjs', import.meta.url))
process.env.CHECKPOINT_DISABLE ??= '1'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  // The figures' tables are partitioned, which a schema cannot say: their migrations are written by hand, and Prisma keeps off them.
  experimental: { externalTables: true },
  tables: {
    external: ['public.relay_presence', 'public.relay_traffic_10s', 'public.relay_traffic_1m', 'public.relay_traffic_15m', 'public.relay_traffic_1h'],
  },
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://memory/dev' },
})
