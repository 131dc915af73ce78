/** A pod of the demo and the account that it runs as. */
export interface Pod {
  readonly name: string
  readonly namespace: string
  readonly serviceAccount: string
}

/** The trust domain of the demo. */
export const trustDomain = 'cluster.local'

/** `web` asks, `voting` answers. */
export const web: Pod = { name: 'web-0', namespace: 'emojivoto', serviceAccount: 'web' }
export const voting: Pod = { name: 'voting-0', namespace: 'emojivoto', serviceAccount: 'voting' }
export const pods: readonly Pod[] = [web, voting]

/** The SPIFFE ID that the pod's account gives it. */
export const spiffeIdOf = ({ namespace, serviceAccount }: Pod): string =>
  `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`
