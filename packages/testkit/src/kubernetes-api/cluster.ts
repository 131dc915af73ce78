import { randomUUID } from 'node:crypto'

/** A service account as the stand-in remembers it. */
export interface ServiceAccountRecord {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** A pod as the stand-in remembers it: only what a token can be bound to. */
export interface PodRecord extends ServiceAccountRecord {
  readonly serviceAccountName: string
  readonly nodeName: string
  readonly nodeUid: string
}

/** What names an object in a namespace. */
export interface ObjectName {
  readonly namespace: string
  readonly name: string
}

/** What a new pod needs. */
export interface NewPod extends ObjectName {
  readonly serviceAccountName: string
  /** Default `node-1`. */
  readonly nodeName?: string
}

/** The objects that tokens stand for: deleting one kills its tokens, making it again does not bring them back (a new UID). */
export interface Cluster {
  createServiceAccount(name: ObjectName): ServiceAccountRecord
  deleteServiceAccount(name: ObjectName): boolean
  serviceAccount(name: ObjectName): ServiceAccountRecord | undefined
  createPod(pod: NewPod): PodRecord
  deletePod(name: ObjectName): boolean
  pod(name: ObjectName): PodRecord | undefined
}

/** Makes a cluster without objects. */
export function createCluster(): Cluster {
  const serviceAccounts = new Map<string, ServiceAccountRecord>()
  const pods = new Map<string, PodRecord>()
  const nodes = new Map<string, string>()

  const nodeUid = (name: string): string => {
    const uid = nodes.get(name) ?? randomUUID()
    nodes.set(name, uid)
    return uid
  }

  return {
    createServiceAccount({ namespace, name }) {
      const existing = serviceAccounts.get(key({ namespace, name }))
      if (existing !== undefined) return existing
      const created = Object.freeze({ namespace, name, uid: randomUUID() })
      serviceAccounts.set(key(created), created)
      return created
    },
    deleteServiceAccount: (name) => serviceAccounts.delete(key(name)),
    serviceAccount: (name) => serviceAccounts.get(key(name)),
    createPod({ namespace, name, serviceAccountName, nodeName = 'node-1' }) {
      const uid = randomUUID()
      const pod = Object.freeze({ namespace, name, uid, serviceAccountName, nodeName, nodeUid: nodeUid(nodeName) })
      pods.set(key(pod), pod)
      return pod
    },
    deletePod: (name) => pods.delete(key(name)),
    pod: (name) => pods.get(key(name)),
  }
}

function key({ namespace, name }: ObjectName): string {
  return `${namespace}/${name}`
}
