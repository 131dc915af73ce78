import * as certManager from '@kubernetes-models/cert-manager/cert-manager.io/v1'
import * as trustManager from '@kubernetes-models/cert-manager/trust.cert-manager.io/v1alpha1'
import * as apps from 'kubernetes-models/apps/v1'
import * as autoscaling from 'kubernetes-models/autoscaling/v2'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as policy from 'kubernetes-models/policy/v1'
import * as rbac from 'kubernetes-models/rbac.authorization.k8s.io/v1'
import * as core from 'kubernetes-models/v1'

/** An object of the Kubernetes API, read from a file. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

interface Model {
  readonly apiVersion: string
  readonly kind: string
  readonly prototype: { validate(): void }
}

const groups = [core, apps, autoscaling, networking, policy, rbac, certManager, trustManager]
const models: ReadonlyMap<string, Model> = new Map(
  groups
    .flatMap((group) => Object.values(group) as unknown as readonly Partial<Model>[])
    .filter((value): value is Model => typeof value.kind === 'string' && typeof value.apiVersion === 'string')
    .map((model) => [`${model.apiVersion} ${model.kind}`, model]),
)

/**
 * What is wrong with an object by the OpenAPI types that Kubernetes, cert-manager and trust-manager publish; nothing is an empty
 * list. Fields that the types do not know are wrong, as for `kubectl apply`.
 */
export function faultsOf(object: KubernetesObject): readonly string[] {
  const model = models.get(`${object.apiVersion} ${object.kind}`)
  if (model === undefined) return [`${object.apiVersion} ${object.kind}: no such kind`]
  const read = new Map<object, Set<string>>()
  try {
    model.prototype.validate.call(recordReads(object, read))
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
  return unreadFields(object, read, `${object.kind}/${object.metadata.name}`)
}

/** A validator that is compiled from a schema reads each field that the schema knows, and no other. */
function recordReads<Value>(value: Value, read: Map<object, Set<string>>): Value {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, key, receiver) {
      const field: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol') return field
      read.set(target, (read.get(target) ?? new Set()).add(key))
      return recordReads(field, read)
    },
  })
}

function unreadFields(value: unknown, read: ReadonlyMap<object, ReadonlySet<string>>, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, field]) => {
    const at = `${path}/${key}`
    if (read.get(value)?.has(key) !== true) return [`${at}: no such field`]
    return unreadFields(field, read, at)
  })
}
