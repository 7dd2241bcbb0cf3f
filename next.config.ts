import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  serverExternalPackages: ['@prisma/client', '@prisma/adapter-pg', 'pg', 'better-auth', 'pino'],
  experimental: { optimizePackageImports: ['lucide-react', 'radix-ui'] },
}

export default config
