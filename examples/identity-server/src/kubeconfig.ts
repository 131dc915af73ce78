import type { Cluster, KubeConfig } from '@kubernetes/client-node'
import { codedText } from './coded-text.ts'

/** Why a kubeconfig cannot be used, and what to do next. */
export const kubeconfigErrorCodes = {
  KUBECONFIG_LIBRARY_MISSING: 'install @kubernetes/client-node beside this program, or run it in a cluster',
  KUBECONFIG_UNREADABLE: 'check the path and the rights of the file',
  KUBECONFIG_INVALID: 'check current-context, and that its context, cluster and user are in the file',
  KUBECONFIG_INSECURE: 'name the CA of the cluster instead: a server that nobody authenticates could accept any token',
} as const

/** A kubeconfig that cannot be used. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError'
  readonly code: keyof typeof kubeconfigErrorCodes

  constructor(code: keyof typeof kubeconfigErrorCodes, message: string, cause?: unknown) {
    super(`${message}; ${kubeconfigErrorCodes[code]}`, { cause })
    this.code = code
  }
}

/** A kubeconfig of which the current context is whole. */
export interface Kubeconfig {
  readonly config: KubeConfig
  readonly cluster: Cluster
  readonly server: URL
  readonly namespace: string
}

interface Library {
  readonly KubeConfig: new () => KubeConfig
}

/** An optional dependency: who runs in a cluster needs none of it. */
const importLibrary = (): Promise<Library> => import('@kubernetes/client-node')

/**
 * Reads a kubeconfig and takes its current context.
 *
 * Trust: the file decides which server is asked; one that turns the check of its certificate off is refused.
 *
 * @throws KubeconfigError
 */
export async function readKubeconfig(path: string, load: () => Promise<Library> = importLibrary): Promise<Kubeconfig> {
  const { KubeConfig } = await load().catch((cause: unknown) => {
    throw new KubeconfigError('KUBECONFIG_LIBRARY_MISSING', 'expected the library that reads it, found none', cause)
  })
  const config = new KubeConfig()
  try {
    config.loadFromFile(path)
  } catch (cause) {
    const isMissing = cause instanceof Error && 'syscall' in cause
    if (isMissing) throw new KubeconfigError('KUBECONFIG_UNREADABLE', `found ${codedText(cause)}`, cause)
    throw new KubeconfigError('KUBECONFIG_INVALID', 'expected YAML with clusters, contexts and users', cause)
  }
  const cluster = config.getCurrentCluster()
  if (cluster === null || config.getCurrentUser() === null) {
    throw new KubeconfigError('KUBECONFIG_INVALID', 'expected a current context with a cluster and a user, found none')
  }
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? 'default'
  return { config, cluster, server: serverOf(cluster), namespace }
}

function serverOf({ server, skipTLSVerify }: Cluster): URL {
  if (!URL.canParse(server)) throw new KubeconfigError('KUBECONFIG_INVALID', 'expected the URL of a server, found none')
  const url = new URL(server)
  if (url.protocol !== 'https:' || skipTLSVerify) {
    const found = url.protocol === 'https:' ? 'insecure-skip-tls-verify' : url.protocol
    throw new KubeconfigError('KUBECONFIG_INSECURE', `expected https with a verified certificate, found ${found}`)
  }
  return url
}
