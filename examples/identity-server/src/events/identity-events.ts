import type { CertifyObserver } from '@meshid/identity'
import type { ReviewedAccount } from '@meshid/token-review'
import { issuedText } from '../certify-log.ts'
import type { IssuerObserver } from '../follow-issuer.ts'
import type { InvolvedObject } from './cluster-event.ts'
import { createEventRecorder, type EventRecorderOptions } from './event-recorder.ts'

/** The Deployment of the chart, which events about the issuer are on. */
const DEPLOYMENT = 'linkerd-identity'

/** What of the server's life becomes events. */
export interface IdentityEvents {
  readonly certify: CertifyObserver
  readonly issuer: IssuerObserver
  close(): Promise<void>
}

export interface IdentityEventsOptions extends Omit<EventRecorderOptions, 'instance'> {
  /** That of the control plane. */
  readonly namespace: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Turns what happens into events, by Linkerd's reasons and words (sections 4, 9 and 13 of its behaviour). */
export function createIdentityEvents({ namespace, env, ...options }: IdentityEventsOptions): IdentityEvents {
  const recorder = createEventRecorder({ ...options, instance: env['HOSTNAME'] ?? DEPLOYMENT })
  const involved: InvolvedObject = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: DEPLOYMENT }
  return {
    certify(event) {
      if (event.type === 'issued') {
        const message = issuedText(event)
        recorder.record({ involved: accountOf(event), type: 'Normal', reason: 'IssuedLeafCertificate', message })
      }
      if (event.type === 'refused' && event.code === 'IDENTITY_ISSUER_INVALID') {
        const message = `${event.reason} - CSR Identity : ${event.identity}`
        recorder.record({ involved, type: 'Warning', reason: 'IssuerValidationFailed', message })
      }
    },
    issuer({ type, text: message }) {
      if (type === 'updated') recorder.record({ involved, type: 'Normal', reason: 'IssuerUpdated', message })
      else recorder.record({ involved, type: 'Warning', reason: 'IssuerUpdateSkipped', message })
    },
    close: () => recorder.close(),
  }
}

function accountOf({ account }: { readonly account: ReviewedAccount }): InvolvedObject {
  const { serviceAccount, uid } = account
  const { namespace, name } = serviceAccount
  return { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name, ...(uid === undefined ? {} : { uid }) }
}
