import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KubernetesApi, type KubernetesApiOptions, startKubernetesApi } from '@meshid/testkit'
import {
  type ClusterRequestReport,
  type ClusterTransport,
  type ClusterTransportOptions,
  createClusterTransport,
} from '@meshid/token-review/node'

/** An API server, the files of a process that may ask it, and a transport made of both. */
export interface TestCluster extends AsyncDisposable {
  readonly api: KubernetesApi
  readonly transport: ClusterTransport
  readonly caFile: string
  readonly tokenFile: string
  /** Everything that the transport has reported. */
  readonly reports: ClusterRequestReport[]
}

/** Options of {@link startTestCluster}. */
export interface TestClusterOptions {
  readonly api?: KubernetesApiOptions
  readonly transport?: Partial<ClusterTransportOptions>
}

/** Starts the stand-in with the account and the pod of emojivoto/web. */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const api = await startKubernetesApi(options.api)
  api.createServiceAccount({ namespace: 'emojivoto', name: 'web' })
  api.createPod({ namespace: 'emojivoto', name: 'web-1', serviceAccountName: 'web' })
  const directory = await mkdtemp(join(tmpdir(), 'meshid-'))
  const caFile = join(directory, 'ca.crt')
  const tokenFile = join(directory, 'token')
  await writeFile(caFile, api.caPem)
  await writeFile(tokenFile, api.callerToken)
  const reports: ClusterRequestReport[] = []
  const transport = createClusterTransport({
    host: api.host,
    port: api.port,
    caFile,
    tokenFile,
    observer: (report) => reports.push(report),
    ...options.transport,
  })
  return {
    api,
    transport,
    caFile,
    tokenFile,
    reports,
    async [Symbol.asyncDispose]() {
      transport[Symbol.dispose]()
      await api.close()
      await rm(directory, { recursive: true })
    },
  }
}
