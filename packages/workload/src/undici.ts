export { createMtlsDispatcher, type MtlsDispatcherOptions } from './adapters/undici-dispatcher.ts'
