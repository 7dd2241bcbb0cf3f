export { createStockRelays, type StockRelays } from './stock-relays.ts'
