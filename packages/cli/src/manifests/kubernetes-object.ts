/** An object of the Kubernetes API, as it is applied. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    /** Absent for what belongs to the whole cluster. */
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** An object and why it is as it is. */
export interface Manifest {
  /** Sentences for whoever reads the YAML. */
  readonly comment: string
  readonly object: KubernetesObject
}
