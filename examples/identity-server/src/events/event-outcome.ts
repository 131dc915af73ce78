/** What can become of an event. */
export const eventOutcomes = [
  /** The API server has it. */
  'posted',
  /** One like it was still waiting, whose count went up. */
  'merged',
  /** Its kind was posted a moment ago; the next one says how many there were. */
  'suppressed',
  /** Too many wait already, or the server is shutting down. */
  'dropped',
  /** The API server did not take it. */
  'failed',
] as const

/** One of {@link eventOutcomes}. */
export type EventOutcome = (typeof eventOutcomes)[number]
