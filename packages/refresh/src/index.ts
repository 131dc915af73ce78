export type { Clock } from './clock.ts'
export { MAX_SLEEP_SLICE_MS } from './alarm.ts'
export { RefreshError, refreshErrorCodes, type RefreshErrorCode, type RefreshErrorDetail } from './errors.ts'
export { linkerdSchedule, LINKERD_MIN_REFRESH_MS, type LinkerdScheduleOptions } from './linkerd-schedule.ts'
export type { RefreshEvent, RefreshObserver } from './observer.ts'
export { createRefresher, DEFAULT_RENEW_TIMEOUT_MS } from './create-refresher.ts'
export type { Refresher, RefresherOptions, RefreshState, RefreshStatus } from './refresher.ts'
export {
  DEFAULT_MAX_RETRY_MS,
  DEFAULT_MIN_RETRY_MS,
  DEFAULT_RETRY_FACTOR,
  MAX_RETRY_AFTER_MS,
  retryDelayMs,
  type FailedAttempt,
  type RetryOptions,
} from './retry-delay.ts'
export { DEFAULT_MAX_REFRESH_MS, DEFAULT_REFRESH_FRACTION, type RefreshSchedule, type Validity } from './schedule.ts'
export { FINAL_QUIET_MS, FRUITLESS_SPACING_MS, LEAST_GAIN_FRACTION } from './spaced-delay.ts'
export { type FruitlessRenewal, spacedDelayMs } from './spaced-delay.ts'
export {
  DEFAULT_WHEEL_TICK_MS,
  MAX_WHEEL_CAPACITY,
  MIN_WHEEL_TICK_MS,
  RefreshWheel,
  type RefreshWheelOptions,
  WHEEL_SLOTS,
} from './refresh-wheel.ts'
export {
  DEFAULT_REFRESH_JITTER,
  SPREAD_MIN_REFRESH_MS,
  spreadSchedule,
  type SpreadScheduleOptions,
} from './spread-schedule.ts'
export { createSystemClock, MAX_TIMER_MS, systemClock, type SystemClockOptions } from './system-clock.ts'
export { DEFAULT_WHEEL_BATCH, startRefreshWheel, type StartRefreshWheelOptions } from './start-refresh-wheel.ts'
