import type { KubernetesObject } from './model.ts'

interface KeyToPath {
  readonly key?: string
  readonly path: string
}

/** The parts of a container that the tests look at. */
export interface Container {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: {
      readonly fieldRef?: { readonly fieldPath: string }
      readonly configMapKeyRef?: { readonly name: string; readonly key: string }
    }
  }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly livenessProbe?: { readonly httpGet: object }
  readonly readinessProbe?: { readonly httpGet: object }
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } }
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
}

/** The parts of a volume that the tests look at. */
export interface Volume {
  readonly name: string
  readonly secret?: { readonly secretName: string; readonly items?: readonly { key: string; path: string }[] }
  readonly configMap?: { readonly name: string }
  readonly emptyDir?: { readonly medium: string }
  readonly projected?: {
    readonly sources: readonly {
      readonly serviceAccountToken?: { readonly path: string; readonly audience?: string }
      readonly configMap?: { readonly items: readonly KeyToPath[] }
      readonly downwardAPI?: { readonly items: readonly KeyToPath[] }
    }[]
  }
}

/** The parts of a pod that the tests look at. */
export interface Pod {
  readonly automountServiceAccountToken?: boolean
  readonly serviceAccountName: string
  readonly terminationGracePeriodSeconds?: number
  readonly containers: readonly Container[]
  readonly volumes: readonly Volume[]
}

/** What a Deployment makes its pods from. */
export interface PodTemplate {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> }
  readonly spec: Pod
}

/** The template of a Deployment. */
export function templateOf({ spec }: KubernetesObject): PodTemplate {
  return (spec as { readonly template: PodTemplate }).template
}

/** The pod that a Deployment makes. */
export function podOf(deployment: KubernetesObject): Pod {
  return templateOf(deployment).spec
}
