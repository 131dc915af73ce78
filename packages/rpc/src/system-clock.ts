/**
 * The clock of gRPC deadlines: on the wire they are durations, but grpc-js takes and gives them as instants of this
 * machine's clock, so that one must be read here, and only here.
 */

/** The instant, in milliseconds since 1970, at which a call that starts now is out of time. */
export const deadlineAfter = (durationMs: number): number => Date.now() + durationMs

/** Says whether a deadline of grpc-js (Infinity for none) has passed. */
export const isPast = (deadline: Date | number): boolean => Number(deadline) <= Date.now()

/** A clock for durations, in milliseconds: it never jumps. */
export const monotonicMs = (): number => performance.now()
