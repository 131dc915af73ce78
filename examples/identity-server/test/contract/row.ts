import type { World } from '../world.ts'
import type { Draft } from './draft.ts'

/** gRPC statuses by name, with their numbers on the wire. */
export const grpc = {
  OK: 0,
  Unknown: 2,
  InvalidArgument: 3,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Internal: 13,
  Unavailable: 14,
} as const

/** The name of a status. */
export type GrpcStatus = keyof typeof grpc

/** An event that the API server must have been sent. */
export interface ExpectedEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: 'IssuerValidationFailed' | 'IssuerUpdateSkipped' | 'IssuedLeafCertificate'
  readonly involvedObject: { readonly kind: string; readonly namespace: string; readonly name: string }
  readonly message: RegExp
}

/** How a row differs from Linkerd, and why. */
export interface Deviation {
  /** The quirk of Linkerd that is mended, or the reason why the row cannot be the same. */
  readonly because: string
  /** What Linkerd does. */
  readonly linkerd: string
}

/** Where a row happens. */
export type Place =
  /** The server, a process of its own. */
  | 'server'
  /** The server, with its clock set past the end of the issuer. */
  | 'server after the issuer'
  /** The same, of a server that was started with --issuer-invalid-status=unknown. */
  | 'server with Unknown after the issuer'
  /** The start of a server that may not create token reviews. */
  | 'start without rights'
  /** The same parts in this process, as no process can be brought into this state. */
  | 'parts without an issuer'
  | 'parts with a signer that fails'
  | 'parts with an issuer without bytes'
  | 'parts with a full queue'

/** One row of sections 4 and 5 of Linkerd's behaviour. */
export interface Row {
  /** As the sections number it. */
  readonly id: string
  readonly of: string
  /** Default `server`. */
  readonly place?: Place
  /** What is wrong with the request; default nothing. */
  readonly change?: (draft: Draft) => Draft
  /** What is done to the world before; what it returns undoes that. */
  readonly arrange?: (world: World) => void | Promise<() => Promise<void>>
  /** Absent where the server ends before anybody can ask it. */
  readonly status?: GrpcStatus
  /** The status message, word for word where it is a text. */
  readonly message?: string | RegExp
  /** Whether the caller is told how long to wait. */
  readonly retryAfter?: true
  readonly log?: { readonly level: 'debug' | 'info' | 'warning' | 'error' | 'fatal'; readonly msg: RegExp }
  readonly event?: ExpectedEvent
  /** How many token reviews the API server is asked for; default 0. */
  readonly reviews?: number
  readonly deviation?: Deviation
}

/** For a message in a pattern. */
export const quoted = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
