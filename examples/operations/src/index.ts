export {
  type AdminServer,
  type AdminServerOptions,
  type Readiness,
  type ReadinessNote,
  startAdminServer,
} from './admin-server.ts'
export { parseGoDuration } from './go-duration.ts'
export { formatAddress, type ListenAddress, parseListenAddress } from './listen-address.ts'
export { createLogger, type Logger, type LoggerOptions, logLevels, redactTokens } from './logger.ts'
export { stopped, stopSignal } from './stop-signal.ts'
