import { startKubernetesApi } from '@meshid/testkit'
import { pods } from './pods.ts'

// A process of its own: a stand-in for the cluster's API server, which really signs and verifies tokens.
// It prints one JSON line with what a kubelet would know, and ends with SIGTERM.
const api = await startKubernetesApi()
for (const { namespace, serviceAccount, name } of pods) {
  api.createServiceAccount({ namespace, name: serviceAccount })
  api.createPod({ namespace, name, serviceAccountName: serviceAccount })
}
const { host, port, caPem, callerToken, kubeletToken } = api
process.stdout.write(
  `${JSON.stringify({ level: 'info', msg: 'ready', host, port, caPem, callerToken, kubeletToken })}\n`,
)
process.once('SIGTERM', () => void api.close())
