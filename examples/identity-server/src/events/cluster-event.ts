/** The object that an event is about. */
export interface InvolvedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid?: string
}

/** Something that happened here and that `kubectl get events` should show, by Linkerd's reasons. */
export interface ClusterEvent {
  readonly involved: InvolvedObject
  readonly type: 'Normal' | 'Warning'
  readonly reason: 'IssuerUpdated' | 'IssuerUpdateSkipped' | 'IssuerValidationFailed' | 'IssuedLeafCertificate'
  readonly message: string
}

/** How often it happened, and when. */
export interface EventSeries {
  readonly count: number
  readonly first: Date
  readonly last: Date
}

/** The source of all events of an identity service. */
export const EVENT_COMPONENT = 'linkerd-identity'

/** The longest message that the API takes, in characters. */
export const MAX_EVENT_MESSAGE_LENGTH = 1024

const LOOKS_LIKE_A_TOKEN = /eyJ[\w-]*(?:\.[\w-]*)+/g

/** The JSON of a core/v1 Event; the API server makes its name. A stranger's text in it is printable and no token (Q7). */
export function encodeEvent(
  { involved, type, reason, message }: ClusterEvent,
  { series, instance }: { readonly series: EventSeries; readonly instance: string },
): string {
  const safe = message.replace(LOOKS_LIKE_A_TOKEN, '[redacted]').replace(/[^\x20-\x7e]/g, '?')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${involved.name}.`, namespace: involved.namespace },
    involvedObject: involved,
    type,
    reason,
    message: safe.slice(0, MAX_EVENT_MESSAGE_LENGTH),
    source: { component: EVENT_COMPONENT },
    firstTimestamp: kubernetesTime(series.first),
    lastTimestamp: kubernetesTime(series.last),
    count: series.count,
    reportingComponent: EVENT_COMPONENT,
    reportingInstance: instance,
  })
}

/** Times of core/v1 have whole seconds. */
function kubernetesTime(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, 'Z')
}
