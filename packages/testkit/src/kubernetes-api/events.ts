import { randomUUID } from 'node:crypto'
import { field, statusFailure, textField } from './status.ts'
import type { ApiAnswer, ApiRequest } from './request.ts'
import type { KubernetesWorld } from './world.ts'

/** `POST /api/v1/namespaces/<ns>/events`: keeps the event and gives it back with its name and UID. */
export function createEvent({ events, clock }: KubernetesWorld, { params, body }: ApiRequest): ApiAnswer {
  const { namespace = '' } = params
  if (typeof body !== 'object' || body === null || field(body, 'involvedObject') === undefined) {
    const message = 'Event "" is invalid: involvedObject: Required value'
    return statusFailure({ code: 422, reason: 'Invalid', message })
  }
  const generated = `${textField(body, 'metadata', 'generateName') ?? 'event-'}${randomUUID().slice(0, 8)}`
  const metadata = {
    name: textField(body, 'metadata', 'name') ?? generated,
    namespace,
    uid: randomUUID(),
    resourceVersion: String(events.length + 1),
    creationTimestamp: `${clock.now().toISOString().slice(0, 19)}Z`,
  }
  const event = { ...body, kind: 'Event', apiVersion: 'v1', metadata }
  events.push(event)
  return { status: 201, body: event }
}
