export { MountsError, mountsErrorCodes, type MountsErrorCode, type MountsErrorDetail } from './errors.ts'
export type { MountEvent, MountObserver } from './mount-observer.ts'
export type { MountSnapshot } from './mount-snapshot.ts'
export type {
  MountRejection,
  MountStatus,
  MountWatch,
  ParsedMountOptions,
  PollClock,
  WatchMountOptions,
} from './mount-watch.ts'
export { MAX_MOUNT_FILE_BYTES, MAX_READ_ATTEMPTS, readMount, type ReadMountOptions } from './read-mount.ts'
export { watchDirectory, type DirectoryListener, type WatchDirectory } from './watch-directory.ts'
export { DEFAULT_POLL_INTERVAL_MS, MAX_POLL_INTERVAL_MS, watchMount } from './watch-mount.ts'
export { writeFileWhole, type WriteFileWholeOptions } from './write-file-whole.ts'
